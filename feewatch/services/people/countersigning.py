"""复核: what may excuse a breach is asked for by one officer and counts once another confirms it.

So it is in an office whose three administrators are separate, and wherever the configuration says
so; elsewhere one officer's word counts at once, as it always did. Carries nothing out itself.
"""

from collections.abc import Mapping
from typing import Any

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.people import CASEWORKERS
from feewatch.kernel.text import Text
from feewatch.services.messages import tell_office
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.people import countersigns, separation
from feewatch.store.people.messages import find_place

#: What may be asked for.
KINDS: dict[str, Text] = {
    "approvals": Text("登记备案批准", "put approvals on the register"),
    "match": Text("人工匹配", "match money by hand"),
    "unmatch": Text("撤销人工匹配", "undo a match by hand"),
    "coverage": Text("核实机构自报的登记覆盖", "let declared days of a register count"),
    "hold": Text("白名单暂缓期间保留", "keep a white place on hold"),
}
STATES: dict[str, Text] = {
    "waiting": Text("待复核", "waits for another officer"),
    "confirmed": Text("已复核", "confirmed"),
    "refused": Text("未通过", "refused"),
}
#: The page of all that waits.
PAGE = "/desk/countersigns/"


def waits(number: int) -> Text:
    """That an act waits under a number."""
    return Text(
        f"已提请复核（编号 {number}），另一人确认后生效",
        f"waits for another officer under number {number} and counts once confirmed",
    )


def is_wanted(app: App, tx: Transaction) -> bool:
    """Whether such acts wait for a second officer in this office."""
    return app.config.people.four_eyes_on_approvals or separation.has_begun(tx)


def ask(
    tx: Transaction,
    kind: str,
    name: str,
    institution_id: int,
    content: Mapping[str, Any],
    *,
    actor: str,
    reason: str,
) -> int:
    """Let an act wait, and tell those who may confirm it; the number under which it waits.

    ``name`` says on what: of one kind, one act on it waits at a time.

    Raises: ConflictError where one does.
    """
    countersigns.lock(tx, institution_id)
    earlier = countersigns.find_waiting(tx, kind, name)
    if earlier is not None:
        raise ConflictError(
            "COUNTERSIGN-WAITS",
            f"同一事项已提请复核（编号 {earlier['id']}）",
            f"the same waits for another officer already, under number {earlier['id']}",
        )
    key = countersigns.add(
        tx, kind=kind, object=name, institution_id=institution_id, content=dict(content),
        reason=reason, asked_by=actor,
    )  # fmt: skip
    told = {"kind": kind, "content": dict(content), "reason": reason}
    audit.record(tx, actor, "countersign.ask", str(key), told)
    place = find_place(tx, institution_id, today())
    words = KINDS[kind]
    for role in CASEWORKERS:
        tell_office(
            tx, district=place.district, role=role, but=actor, kind="countersign", object=str(key),
            text=Text(
                f"{actor} 提请复核（编号 {key}）：{words.zh}，{place.name}",
                f"{actor} asks another officer to confirm ({key}): {words.en}, {place.name}",
            ),
            address=PAGE,
        )  # fmt: skip
    return key
