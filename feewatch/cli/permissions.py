"""What every command needs: who may, whether ``--as`` names them, how their scope narrows it.

One table for the whole command line. A command that is not named here is refused to everybody, and
a test walks the tree of commands so that none is forgotten. Services ask again for the record that
is meant: the place and the institution of a case, a statement, a decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from feewatch.casework.cases import OPENING_STEPS, STEPS
from feewatch.kernel.people import (
    ADMINISTRATORS,
    AUDITORS,
    CASEWORKERS,
    DECIDERS,
    OFFICE,
    SECURITY,
    SYSTEM,
    UNMASKERS,
    VISITORS,
)
from feewatch.kernel.text import Text
from feewatch.services.lists.decision_objections import PARTIES
from feewatch.services.lists.decisions import PROPOSERS
from feewatch.services.packs.governing import KEEPERS_OF_RULES, PACKERS
from feewatch.services.province.asking import ASKERS

Roles = frozenset[str]

#: What ``--as`` is to a command.
PERSON: dict[str, Text] = {
    "required": Text("必须指明", "required"),
    "once_administered": Text("有管理员后必须指明", "required once there is an administrator"),
    "optional": Text("可不指明，即由操作人员办理", "may be left out: the operator acts"),
    "none": Text("与人员无关", "of no meaning"),
}
#: How the scope of the person who is named narrows a command.
SCOPES: dict[str, Text] = {
    "place": Text("仅限其辖区或本机构", "the person's places or institution alone"),
    "office": Text("辖区须含本机关", "the scope has to take in the office"),
    "none": Text("不涉及辖区", "nothing of any place"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """What one command needs."""

    roles: Roles
    person: str  # of PERSON
    scope: str  # of SCOPES
    #: It changes something of the office, so that it goes on record with its operator.
    acts: bool


def _decides(*roles: str, scope: str = "place") -> Permission:
    return Permission(frozenset(roles), "required", scope, acts=True)


def _administers(roles: Roles) -> Permission:
    return Permission(roles, "once_administered", "office", acts=True)


def _runs(roles: Roles, scope: str = "place") -> Permission:
    return Permission(roles, "optional", scope, acts=True)


def _reads(roles: Roles = OFFICE, scope: str = "place") -> Permission:
    return Permission(roles, "optional", scope, acts=False)


_PROGRAMS = frozenset({"institution", "api"})
_REGISTRARS = frozenset({"officer", "reviewer", "administrator"})
_LAWYERS = OFFICE | {"rule_editor"}
_OF_OFFICE_OR_OWN = OFFICE | _PROGRAMS
_CASEWORK = _decides(*CASEWORKERS)
_DECISION = _decides("officer", "reviewer", "publisher")
_HEAD = _decides(*SYSTEM, scope="office")
_STEERS = _decides("publisher", *SYSTEM, scope="office")
_KEEPS_RULES = _decides(*KEEPERS_OF_RULES, scope="office")
_KEYS = Permission(SECURITY | {"publisher"}, "once_administered", "none", acts=True)
#: Needs nobody and tells nothing of what the office holds.
OPEN = Permission(frozenset(), "none", "none", acts=False)

#: By the words of the command, and of what it is asked to do where that makes a difference.
PERMISSIONS: Mapping[str, Permission] = {
    "init": Permission(SYSTEM, "optional", "none", acts=False),  # puts itself on record
    "backup": _runs(SYSTEM, "none"),
    "backup --verify": OPEN,
    "backup --with-keys": _KEYS,
    # all that an office has, payers in clear
    "export parquet": _runs(SYSTEM, "office"),
    "export findings": _runs(SYSTEM, "office"),
    "recheck": OPEN,
    "restore": Permission(SYSTEM, "optional", "none", acts=False),  # puts itself on record
    "serve": _runs(SYSTEM, "none"),
    "scheduler": _runs(SYSTEM, "none"),
    "user add": _administers(SECURITY),
    "user disable": _administers(SECURITY),
    "user mail": _administers(SECURITY),
    "user reset": _administers(SECURITY),
    "user department": _decides(*SECURITY, scope="office"),
    "user role": _decides(*SECURITY, scope="office"),
    "user requests": _reads(SECURITY | SYSTEM, "office"),
    "user confirm": _decides(*SECURITY, *SYSTEM, scope="office"),
    "user refuse": _decides(*SECURITY, *SYSTEM, scope="office"),
    "user reset-factor": _administers(SECURITY),
    "user link": _administers(SECURITY),
    "user unlink": _administers(SECURITY),
    "user token": _administers(SECURITY),
    "user tokens": _administers(SECURITY),
    "user revoke": _administers(SECURITY),
    "separation show": _reads(ADMINISTRATORS, "office"),
    "separation ask": _decides(*ADMINISTRATORS, scope="office"),
    "separation confirm": _decides(*ADMINISTRATORS, scope="office"),
    "separation refuse": _decides(*ADMINISTRATORS, scope="office"),
    "import": _runs(_REGISTRARS | _PROGRAMS),
    "ingest": _runs(DECIDERS | _PROGRAMS),
    "templates": OPEN,
    "files seal": _runs(SYSTEM, "none"),
    "files status": _reads(SYSTEM, "none"),
    "tokenize": _runs(_REGISTRARS | _PROGRAMS),
    "profiles list": OPEN,
    "profiles samples": OPEN,
    "dialects list": OPEN,
    "dialects test": OPEN,
    "dialects new": OPEN,
    "selfcheck": _reads(_PROGRAMS | {*CASEWORKERS}),
    "feed pull": _runs(SYSTEM, "office"),
    "gather": _runs(SYSTEM | {"publisher"}, "office"),
    "sent-back list": _reads(),
    "sent-back ask": _decides(*ASKERS),
    "sent-back save": _reads(),
    "sent-back take": _decides(*ASKERS),
    "sent-back answer": _decides(*ASKERS),
    "restatements": _reads(),
    "ecny": _reads(),
    "quarantine list": _reads(),
    "quarantine show": _reads(),
    "quarantine release": _decides(*DECIDERS),
    "quarantine reject": _decides(*DECIDERS),
    "match list": _reads(),
    "match set": _CASEWORK,
    "match undo": _CASEWORK,
    "transfers list": _reads(),
    "transfers send": _CASEWORK,
    "transfers bundle": _CASEWORK,
    "transfers receive": _CASEWORK,
    "transfers return": _CASEWORK,
    "transfers withdraw": _CASEWORK,
    "transfers receipt": _CASEWORK,
    "confirmations list": _reads(),
    "confirmations draw": _CASEWORK,
    "confirmations ask": _CASEWORK,
    "confirmations letter": _decides(*DECIDERS),
    "confirmations answer": _CASEWORK,
    "confirmations confirm": _CASEWORK,
    "coverage list": _reads(),
    "coverage confirm": _CASEWORK,
    "opening show": _reads(),
    "opening add": _CASEWORK,
    "opening sign": _decides("reviewer"),
    "check": _runs(DECIDERS),
    "check --force": _HEAD,
    "check --take-back": _HEAD,
    "findings": _runs(OFFICE),
    "ledger": _reads(_OF_OFFICE_OR_OWN),
    "alerts": _reads(_OF_OFFICE_OR_OWN),
    "explain": _reads(),
    "case": _CASEWORK,
    "case STEP": _decides(*{role for step in STEPS.values() for role in step.roles}),
    "case list": _reads(),
    "case show": _reads(),
    "papers list": _reads(),
    "papers show": _reads(),
    "papers serve": _CASEWORK,
    "papers void": _CASEWORK,
    "papers serve-many": _CASEWORK,
    "papers templates": OPEN,
    "papers fields": OPEN,
    "report ledger": _reads(),
    "report monthly": _reads(),
    "report trace": _reads(),
    "report issue": _decides(*DECIDERS),
    "report results": _reads(),
    "report push": _decides(*DECIDERS),
    "clues list": _reads(),
    "clues act": _CASEWORK,
    "clues answers": _reads(),
    "inspectors list": _reads(),
    "inspectors assign": _CASEWORK,
    "inspectors release": _CASEWORK,
    "inspectors missing": _reads(),
    "plan": _reads(),
    "visit add": _decides(*VISITORS),
    "visits list": _reads(OFFICE | VISITORS),
    "visits show": _reads(OFFICE | VISITORS),
    "visits record": _decides(*VISITORS),
    "checklists list": _reads(OFFICE | VISITORS),
    "checklists show": _reads(OFFICE | VISITORS),
    "groups list": _reads(),
    "groups move": _CASEWORK,
    "draws list": _reads(),
    "draws show": _reads(),
    "draws make": _CASEWORK,
    "campaigns list": _reads(),
    "campaigns show": _reads(),
    "campaigns open": _CASEWORK,
    "campaigns dispose": _CASEWORK,
    "meetings list": _reads(),
    "meetings show": _reads(),
    "meetings hold": _CASEWORK,
    "meetings close": _CASEWORK,
    "pressing list": _reads(),
    "pressing press": _CASEWORK,
    "pressing lift": _CASEWORK,
    "selfreport list": _reads(),
    "selfreport show": _reads(),
    "selfreport form": Permission(_PROGRAMS, "required", "place", acts=False),
    "selfreport answer": _decides(*_PROGRAMS),
    "proposals list": _reads(_OF_OFFICE_OR_OWN),
    "proposals show": _reads(_OF_OFFICE_OR_OWN),
    "proposals accept": _CASEWORK,
    "proposals refuse": _CASEWORK,
    "proposals ask": _CASEWORK,
    "proposals withdraw": _decides(*_PROGRAMS),
    "proposals voucher": _decides(*_PROGRAMS),
    "countersign list": _reads(),
    "countersign confirm": _CASEWORK,
    "countersign refuse": _CASEWORK,
    "decision propose": _decides(*PROPOSERS),
    "decision add": _decides(*PROPOSERS),
    "decision review": _decides("reviewer"),
    "decision approve": _decides("publisher"),
    "decision refuse": _decides("reviewer", "publisher"),
    "decision correct": _DECISION,
    "decision change": _decides(*DECIDERS),
    "decision revoke": _decides(*DECIDERS),
    "decision void": _decides(*DECIDERS),
    "decision repair": _decides(*DECIDERS),
    "decision list": _reads(),
    "decision show": _reads(),
    "decision notice": _decides(*PROPOSERS),
    "decision notices": _reads(),
    "decision drop": _CASEWORK,
    "decision object": _decides(*PARTIES, *CASEWORKERS),
    "decision withdraw": _decides(*PARTIES),
    "decision objections": _reads(),
    "decision answer": _CASEWORK,
    "decision export": _DECISION,
    "decision reported": _DECISION,
    "decision owed": _reads(),
    "holds list": _reads(),
    "holds decide": _CASEWORK,
    "white list": _reads(),
    "white show": _reads(),
    "grades compute": _CASEWORK,
    "grades compute --dry-run": _reads(),
    "grades compare": _reads(),
    "grades show": _reads(_OF_OFFICE_OR_OWN),
    "grades red": _reads(),
    "grades tell": _CASEWORK,
    "grades object": _CASEWORK,  # on paper
    "grades answer": _CASEWORK,
    "grades set": _CASEWORK,
    "grades correct": _CASEWORK,
    "grades confirm": _decides("reviewer"),
    "grades redraw": _CASEWORK,
    "publish": _decides("publisher"),
    "publish --dry-run": _reads(),
    "publish --force": _decides("administrator", scope="office"),
    "publish --second": _decides("publisher", "reviewer"),
    "recall": _decides("publisher"),
    "recalls list": _reads(),
    "recalls lift": _decides("publisher"),
    "standing-order": _decides("publisher", "administrator"),
    "verify": OPEN,
    "subscribers list": _reads(OFFICE | SYSTEM, "office"),
    "subscribers secret": _decides(*SECURITY, scope="office"),
    "subscribers pause": _STEERS,
    "subscribers resume": _STEERS,
    "subscribers replay": _STEERS,
    "key init": _KEYS,
    "key rotate": _KEYS,
    "key revoke": _decides("publisher", *SECURITY, scope="none"),
    "key list": _reads(SECURITY | {"publisher"}, "none"),
    "key export": OPEN,
    "rules list": OPEN,
    "rules show": OPEN,
    "rules facts": OPEN,
    "rules diff": OPEN,
    "rules lint": OPEN,
    "rules test": OPEN,
    "rules backtest": _reads(_LAWYERS),
    "rules noise": _reads(_LAWYERS),
    "rules shadow": _reads(_LAWYERS),
    "rules pack": _decides(*PACKERS, scope="office"),
    "rules packs": _reads(_LAWYERS | SYSTEM, "office"),
    "rules install": _KEEPS_RULES,
    "rules rollback": _KEEPS_RULES,
    "rules confirm": _KEEPS_RULES,
    "rules refuse": _KEEPS_RULES,
    "scheduler pause": _STEERS,
    "scheduler resume": _STEERS,
    "scheduler status": _reads(OFFICE | SYSTEM, "office"),
    "doctor": _reads(SYSTEM, "office"),
    "retention plan": _reads(SECURITY | AUDITORS, "office"),
    "retention propose": _decides(*SECURITY, *AUDITORS, scope="office"),
    "retention erase": _decides(*SECURITY, *AUDITORS, scope="office"),
    "retention run": _decides(*SECURITY, *AUDITORS, scope="office"),
    "retention drop": _decides(*SECURITY, *AUDITORS, scope="office"),
    "retention list": _reads(SECURITY | AUDITORS, "office"),
    "unmask ask": _decides(*UNMASKERS),
    # one's own asks, or all of them: of whom, if nobody is named?
    "unmask list": Permission(UNMASKERS | AUDITORS, "required", "place", acts=False),
    "audit verify": _reads(AUDITORS, "office"),
    "audit export": _reads(AUDITORS, "office"),
    "audit anchor": _runs(AUDITORS, "office"),
    "audit prune": _decides(*AUDITORS, scope="office"),
    "demo": OPEN,
    "simulate": OPEN,
    "bench": OPEN,
    "bundle": OPEN,
}


def _which_case(given: Mapping[str, Any]) -> str:
    """A step of a case that institutions take too is declared apart from what officers do."""
    head, *more = given["words"]
    if head in ("list", "show"):
        return f"case {head}"
    is_step = len(more) == 1 and more[0] in STEPS and more[0] not in OPENING_STEPS
    return "case STEP" if is_step else "case"


def _flag(*flags: str) -> Callable[[Mapping[str, Any]], str]:
    """The first flag that is given makes another act of a command."""

    def choose(given: Mapping[str, Any]) -> str:
        return next((f"--{flag}" for flag in flags if given[flag.replace("-", "_")]), "")

    return choose


_ACTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "backup": _flag("verify", "with-keys"),
    "check": _flag("take-back", "force"),
    "grades compute": _flag("dry-run"),
    "publish": _flag("dry-run", "second", "force"),
}


def act_of(command: str, given: Mapping[str, Any]) -> str:
    """The words under which a command, with the options given, is declared."""
    if command == "case":
        return _which_case(given)
    choose = _ACTS.get(command)
    return f"{command} {choose(given)}".rstrip() if choose else command
