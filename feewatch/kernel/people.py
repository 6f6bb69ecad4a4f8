"""People who use the product: their roles and the part of the world each may see."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from feewatch.kernel.places import NATION, covers
from feewatch.kernel.text import Text

#: Roles of the office, of an institution's person, and of a program.
ROLES: dict[str, Text] = {
    "viewer": Text("查看人员", "viewer"),
    "officer": Text("经办人员", "officer"),
    "reviewer": Text("复核人员", "reviewer"),
    "publisher": Text("发布人员", "publisher"),
    "rule_editor": Text("规则维护", "rule editor"),
    "administrator": Text("管理员", "administrator"),
    "system_admin": Text("系统管理员", "system administrator"),
    "security_admin": Text("安全管理员", "security administrator"),
    "audit_admin": Text("审计管理员", "audit administrator"),
    "inspector": Text("责任督学", "inspector"),
    "institution": Text("机构用户", "institution"),
    "api": Text("接口用户", "program"),
}
#: Those who work in the office and see its desk.
OFFICE = frozenset({"viewer", "officer", "reviewer", "publisher", "administrator"})
#: Those who take the steps of a case and sign what officers sign.
CASEWORKERS = ("officer", "reviewer")
#: Those who may ask to see accounts, payers and memos whole, for an open matter.
UNMASKERS = frozenset(CASEWORKERS)
#: Those who may decide on statements and lists.
DECIDERS = frozenset({"officer", "reviewer", "publisher", "administrator"})
#: 三员: in an office that separates them each does one thing and no business of the office; who was
#: ``administrator``, which is all three and more, is system administrator from then on.
THREE: dict[str, frozenset[str]] = {
    "system_admin": frozenset({"administrator", "system_admin"}),
    "security_admin": frozenset({"security_admin"}),
    "audit_admin": frozenset({"audit_admin"}),
}
#: Those who keep the installation: machine, configuration, scheduler, feeds, safety copies.
SYSTEM = frozenset({"administrator", "system_admin"})
#: Those who keep people, their roles and log-ins, tokens and keys.
SECURITY = frozenset({"administrator", "security_admin"})
#: Who may be of one department of the administration; the others are of the office as a whole.
DEPARTMENTAL = frozenset({"viewer", *CASEWORKERS, "publisher"})
#: Those who visit institutions: an inspector sees those that are theirs, an officer the place.
VISITORS = frozenset({"inspector", *CASEWORKERS})
#: Those who look into the audit trail and change nothing in it.
AUDITORS = frozenset({"administrator", "audit_admin"})
#: Administrators of any kind.
ADMINISTRATORS = SYSTEM | SECURITY | AUDITORS


def is_among(role: str, listed: Collection[str]) -> bool:
    """Whether a list of the configuration takes a role in; ``administrator``: those of any kind."""
    return role in listed or ("administrator" in listed and role in ADMINISTRATORS)


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be seen: a place with all below it, or one institution alone.

    ``department`` narrows matters and cases, with what hangs on them, to those of a department.
    """

    district: str = NATION
    institution_id: int | None = None
    department: str | None = None  # None: of every department

    def sees(
        self, district: str, institution_id: int | None, department: str | None = None
    ) -> bool:
        """Whether a record of this district and institution lies within the scope.

        ``department``: that of a matter or case; other records have none.
        """
        if self.institution_id is not None and self.institution_id != institution_id:
            return False
        if None not in (department, self.department) and department != self.department:
            return False
        return covers(self.district, district)

    def sees_case(self, row: Mapping[Any, Any]) -> bool:
        """Whether a row of a matter, an alert or a case lies within the scope."""
        return self.sees(row["district"], row["institution_id"], row["department"])

    def at(self, district: str) -> "Scope":
        """The same at another place."""
        return replace(self, district=district)


#: The scope of whoever may see everything.
NATIONWIDE = Scope()


@dataclass(frozen=True, slots=True)
class User:
    """One person or program that may log in."""

    id: int
    name: str
    role: str
    district: str | None
    institution_id: int | None
    password_hash: str
    disabled: bool
    session_epoch: int
    must_change: bool = False  # somebody else knows the password
    held_until: str | None = None  # somebody else reset the log-in: it decides nothing before
    held_by: str | None = None
    department: str | None = None  # of an office's person: matters and cases of it alone

    @property
    def scope(self) -> Scope:
        """The part of the world this person may see."""
        return Scope(self.district or NATION, self.institution_id, self.department)

    @property
    def sees_accounts(self) -> bool:
        """Whether account numbers, payers and memos are shown to the person whole, unasked.

        An institution sees its own; a program reads back what it sent. People of the office ask.
        """
        return self.role in ("institution", "api")

    @property
    def is_decider(self) -> bool:
        """Whether the person may decide on cases."""
        return self.role in DECIDERS
