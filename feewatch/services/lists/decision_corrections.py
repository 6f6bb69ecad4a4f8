"""Slips of the pen in decisions: asked to be corrected by one person, confirmed by another.

Two persons mend how a decision reads. Whom it is about, what it imposed and that it is shown at all
took three, and takes three anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from feewatch.bootstrap import App
from feewatch.casework.messages import own_decision
from feewatch.credit.decisions import IN_FORCE, Decision
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.text import Text
from feewatch.services.lists.decision_frames import hold_against
from feewatch.services.lists.decision_papers import Form, plain
from feewatch.services.lists.decisions import must_be_another, rows_of
from feewatch.services.messages import tell
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Record, Transaction
from feewatch.store.lists import decisions
from feewatch.store.people.users import find_institution_id

#: Who may have a clerical error corrected, and who may confirm it.
CORRECTORS = ("officer", "reviewer", "publisher")
#: What is no slip of the pen: whom a decision is about, and what was imposed.
FIXED = frozenset({"list", "sanctions", "uscc", "premises", "name", "former_name", "district"})
_OF_REGISTER = frozenset({"name", "former_name", "district"})
_PARTY = ("list", "uscc", "name", "district", "premises_no")


def ask_correction(
    app: App, document: str, changes: Mapping[str, Any], *, actor: str, reason: str
) -> Decision:
    """A clerical error of a decision in force as it should read; another person confirms it.

    ``changes``: values by key of the form; what was imposed is not clerical.

    Raises: DecisionFaultsError, NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    require_reason(reason)
    if not changes or FIXED & {*changes}:
        raise InvalidInputError(
            "CORRECTION-KEYS",
            "更正须写明改动的项；名单、处罚种类和当事人不能更正，只能变更或撤销后由三人重新办理",
            "a correction names what it changes; list, sanctions and party are no slip of the pen: "
            "change or revoke the decision, and three persons decide anew",
        )
    with app.database.transaction() as tx:
        row = _only_in_force(tx, document)
        get_acting(tx, actor, CORRECTORS, row["district"])
        if decisions.find_open_correction(tx, row["id"]) is not None:
            raise ConflictError(
                "CORRECTION-WAITS", "已有更正待确认", "another correction waits to be confirmed"
            )
        form = _merged(row["form"], changes)
        corrected = _held(app, tx, row, form)
        differing = {
            key: [row["form"].get(key), form[key]]
            for key in form
            if row["form"].get(key) != form[key]
        }
        values = {"form": form, "changes": differing, "reason": reason, "asked_by": actor}
        decisions.ask_correction(tx, row["id"], **values)
        detail = {"changes": differing, "reason": reason}
        audit.record(tx, actor=actor, action="decision.correct", object=document, detail=detail)
    return corrected


def confirm_correction(
    app: App, document: str, *, actor: str, reason: str, accept: bool = True
) -> Decision:
    """The second person's word on a correction; confirmed, the decision reads as corrected.

    Raises: NotFoundError, ConflictError, ForbiddenError, DecisionFaultsError.
    """
    require_reason(reason)
    with app.database.transaction() as tx:
        row = _only_in_force(tx, document)
        person = get_acting(tx, actor, CORRECTORS, row["district"])
        waiting = decisions.find_open_correction(tx, row["id"])
        if waiting is None:
            raise NotFoundError(
                "CORRECTION-UNKNOWN", f"{document} 没有待确认的更正", "no correction waits"
            )
        must_be_another(person, waiting["asked_by"])
        decisions.decide_correction(tx, waiting["id"], "confirmed" if accept else "refused", actor)
        decision = decisions.as_decision(row)
        if accept:
            decision = _held(app, tx, row, waiting["form"])
            decisions.rewrite(tx, row["id"], decision, waiting["form"])
            decisions.add_event(
                tx, row["id"], "corrected", today(), reason, actor, {"changes": waiting["changes"]}
            )
            _tell(tx, row)
        detail = {"accept": accept, "reason": reason, "changes": waiting["changes"]}
        audit.record(tx, actor=actor, action="decision.confirm", object=document, detail=detail)
    return decision


def _held(app: App, tx: Transaction, row: Record, form: Form) -> Decision:
    # the party stays as three persons had it: no name that the register has since is taken
    form = {key: value for key, value in form.items() if key not in _OF_REGISTER}
    held = hold_against(
        app, tx, form, row["document"], imported=row["imported"], own=row["advance_notice_id"] or 0
    )
    corrected = replace(held.decision, **{name: row[name] for name in _PARTY})
    _refuse_shown(decisions.as_decision(row), corrected)
    return corrected


def _refuse_shown(before: Decision, corrected: Decision) -> None:
    """Nothing, unless what is not to be shown any more, or never was, would be.

    Raises: InvalidInputError.
    """
    if corrected.last_day is None:
        return
    last = before.last_day
    if last is None or (last < today() and last < corrected.last_day):
        raise InvalidInputError(
            "CORRECTION-SHOWS",
            "该决定未公示或公示期已届满，不能经更正（二人办理）重新公示",
            "the decision is not shown, or no more: a correction by two persons cannot show it",
        )


def _tell(tx: Transaction, row: Record) -> None:
    institution = find_institution_id(tx, row["uscc"]) if row["uscc"] else None
    if institution is not None:
        text = Text(
            f"对您的决定 {row['document']} 已更正", f"the decision {row['document']} was corrected"
        )
        tell(
            tx, to_institution=institution, kind="decision_corrected", object=row["document"][:60],
            text=text, address=own_decision(row["id"]),
        )  # fmt: skip


def _only_in_force(tx: Transaction, document: str) -> Record:
    """The one decision in force of a document.

    Raises: NotFoundError, ConflictError where there is none or several.
    """
    live = [row for row in rows_of(tx, document) if row["status"] == IN_FORCE]
    if len(live) != 1:
        raise ConflictError(
            "DECISION-ENDED" if not live else "DECISION-SEVERAL",
            f"决定 {document} 没有生效" if not live else f"{document} 有多条登记，请逐条撤销后重报",
            f"decision {document} is not in force"
            if not live
            else f"{document} stands for several entries: revoke and propose them anew",
        )
    return live[0]


def _merged(form: Form, changes: Mapping[str, Any]) -> dict[str, Any]:
    """A form with changed values; those of the basis as ``basis.level`` or a whole table."""
    merged = {**form, "basis": dict(form.get("basis", {}))}
    for key, value in plain(changes).items():
        table, _, inner = key.partition(".")
        if inner and table == "basis" and isinstance(merged["basis"], dict):
            merged["basis"][inner] = value
        else:
            merged[key] = value
    return merged
