"""Tells a check why a breach is gone: who set what right since the last check, or what came."""

from collections.abc import Iterator
from functools import cached_property

from feewatch.casework.endings import (
    UNEXPLAINED,
    Arrival,
    Correction,
    Ending,
    explain_ending,
    who_and_when,
)
from feewatch.engine.findings import Identity
from feewatch.kernel.days import format_day, parse_day
from feewatch.kernel.text import Text
from feewatch.registry.kinds import KINDS
from feewatch.registry.wording import change_in_words
from feewatch.store.cases import endings
from feewatch.store.cases.endings import LastCheck
from feewatch.store.database import Record, Transaction
from feewatch.store.intake.successors import in_order

#: Kinds of subjects and records whose ids are numbers of registers.
_NAMING = frozenset({"contract", "charge", "course", "refund", "refund_request"})


class Endings:
    """Looks up, institution by institution, what may have ended the alerts of one check."""

    def __init__(self, tx: Transaction, rule_book: str) -> None:
        self._tx, self._rule_book = tx, rule_book
        self._known: dict[int, _Since | None] = {}

    def explain(self, alert_id: str, identity: Identity, is_gone: bool) -> Ending:
        """What explains that an alert on record is no breach any more."""
        alert = endings.list_rests(self._tx, [alert_id])[alert_id]
        since = self._since(alert["institution_id"])
        if since is None:
            return UNEXPLAINED
        return explain_ending(
            alert_id, identity, _names_of(alert), since.corrections, since.arrivals,
            is_gone=is_gone,
        )  # fmt: skip

    def _since(self, institution_id: int | None) -> "_Since | None":
        if institution_id is None:
            return None
        if institution_id not in self._known:
            last = endings.find_last_check(self._tx, institution_id)
            known = _Since(self._tx, institution_id, last, self._rule_book) if last else None
            self._known[institution_id] = known
        return self._known[institution_id]


class _Since:
    """What happened to one institution's facts since its last check."""

    def __init__(
        self, tx: Transaction, institution_id: int, last: LastCheck, rule_book: str
    ) -> None:
        self._tx, self._last = tx, last
        self._tied = in_order(tx, [institution_id])  # by successions: their rows are its too
        self._rule_book = rule_book

    @cached_property
    def corrections(self) -> list[Correction]:
        """What was set right."""
        return [*self._of_book(), *self._of_rows(), *self._of_matches(), *self._of_statements()]

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """What came."""
        rows = [arrival for kind in endings.ARRIVING for arrival in self._new_rows(kind)]
        return [*rows, *self._new_statements()]

    def _of_book(self) -> Iterator[Correction]:
        before, now = self._last.rule_book, self._rule_book
        if before != now:
            old = (before or "")[:12]
            line = Text(f"规则库 {old} → {now[:12]}", f"rule book {old} → {now[:12]}")
            yield Correction(line, frozenset(), of_all=True)

    def _of_rows(self) -> Iterator[Correction]:
        for row in endings.list_changes(self._tx, self._tied, self._last.seen):
            kind = KINDS[row.kind]
            cancels = "recorded_on" in row.before
            what = change_in_words(kind, row.before, row.after, cancels=cancels)
            who = who_and_when(row.actor, row.at)
            alert_ids: frozenset[str] = frozenset()
            if row.proposal_id is None:
                how = Text(f"更正{kind.zh} {row.key}", f"corrected {kind.name} {row.key}")
            else:
                alert_ids = frozenset(endings.list_alerts_of(self._tx, row.proposal_id))
                how = Text(
                    f"采纳 {row.proposed_by} 的提请 {row.proposal_id}：{kind.zh} {row.key}",
                    f"accepted proposal {row.proposal_id} of {row.proposed_by}: "
                    f"{kind.name} {row.key}",
                )
            line = Text(f"{who.zh}{how.zh}，{what.zh}", f"{who.en}{how.en}, {what.en}")
            yield Correction(line, _names_in(row.key), alert_ids)

    def _of_matches(self) -> Iterator[Correction]:
        for row in endings.list_matches(self._tx, self._tied, self._last.seen):
            who, number = who_and_when(row.actor, row.at), row.contract_no
            line = Text(
                f"{who.zh}人工匹配至合同 {number}", f"{who.en}matched money to contract {number}"
            )
            yield Correction(line, frozenset({number}))

    def _of_statements(self) -> Iterator[Correction]:
        seen = self._last.seen
        for row in endings.list_read_again(self._tx, self._tied, seen):
            who, name = who_and_when(row.actor, row.at), f"{row.file_sha256[:12]}#{row.n}"
            line = Text(
                f"{who.zh}重新处理对账单 {name}", f"{who.en}had statement {name} read again"
            )
            yield Correction(line, frozenset(), of_all=True)
        for row in endings.list_statements(self._tx, self._tied, seen):
            if row.retells is not None:
                who, name = (
                    who_and_when(row.actor, row.received_at),
                    f"{row.file_sha256[:12]}#{row.n}",
                )
                line = Text(
                    f"{who.zh}报送的对账单 {name} 重述了此前的流水",
                    f"{who.en}handed in statement {name}, which tells of the same days again",
                )
                yield Correction(line, frozenset(), days=(row.from_day, row.to_day))

    def _new_rows(self, kind: str) -> Iterator[Arrival]:
        rows = endings.list_new_rows(self._tx, kind, self._tied, self._last.seen)
        senders = endings.list_imports(self._tx, kind, self._last.seen) if rows else []
        for row in rows:
            own = row.get("told_by") == "institution"
            told = [each for each in senders if not own or each.institution_id is not None]
            contract_no = row.get("contract_no")
            number = row.get(_NUMBERS.get(kind, ""), "")
            name = "/".join(str(each) for each in (contract_no, number) if each)
            if kind == "lessons":
                name = f"{contract_no} {format_day(row['tells_of'])}"
            yield Arrival(
                KINDS[kind].zh,
                name,
                "、".join(dict.fromkeys(each.actor for each in told)),
                told[-1].at[:10] if told else "",
                row["tells_of"] is not None and self._is_judged(row["tells_of"]),
                frozenset({contract_no} if contract_no else ()),
            )

    def _new_statements(self) -> Iterator[Arrival]:
        for row in endings.list_statements(self._tx, self._tied, self._last.seen):
            name, late = f"{row.file_sha256[:12]}#{row.n}", self._is_judged(row.from_day)
            at = row.received_at[:10]
            yield Arrival("对账单", name, row.actor, at, late, frozenset())

    def _is_judged(self, day: int) -> bool:
        return self._last.as_of is not None and day <= self._last.as_of


_NUMBERS = {"charges": "charge_no", "refunds": "refund_no", "approvals": "document",
            "accounts": "bank", "courses": "course_id"}  # fmt: skip


def _names_of(alert: Record) -> frozenset[str]:
    """The numbers of registers that an alert names."""
    named = [(alert["subject_kind"], alert["subject_id"])]
    named += [
        (each["record"], str(each["id"]))
        for each in alert["frozen"]["evidence"]
        if "record" in each
    ]
    return frozenset(part for kind, name in named if kind in _NAMING for part in name.split("/"))


def _names_in(key: str) -> frozenset[str]:
    """The numbers in the key of a register row, without the days."""
    return frozenset(part for part in key.split("/") if part and parse_day(part) is None)
