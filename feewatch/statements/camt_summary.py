"""Compares what a camt message says all its entries come to (TxsSummry) with its entries."""

from collections.abc import Iterable, Mapping, Sequence

from feewatch.kernel.money import format_yuan, parse_yuan
from feewatch.kernel.text import Text
from feewatch.statements.columns import StatedRow

_ALL, _IN, _OUT = "TtlNtries", "TtlCdtNtries", "TtlDbtNtries"
_NET_AMOUNTS = (f"{_ALL}/TtlNetNtry/Amt", f"{_ALL}/TtlNetNtryAmt")
_NET_SIDES = (f"{_ALL}/TtlNetNtry/CdtDbtInd", f"{_ALL}/CdtDbtInd")

_Amounts = Sequence[tuple[int, bool]]


def compare_summary(
    texts: Mapping[str, Sequence[str]], rows: Iterable[StatedRow], pending: Sequence[int]
) -> Text | None:
    """Where count, sum or net differ from the entries; ``texts``: texts by their paths.

    Banks count what is taken back on its own side or on that of the original, and entries not
    booked yet among the others or not: one of these must agree in all.
    """
    if not texts:
        return None
    booked = [(row.amount_fen, row.reversal) for row in rows]
    with_pending = [*booked, *((fen, False) for fen in pending)]
    differing = [
        _first_differing(texts, amounts, by_mark=by_mark)
        for amounts in ([booked, with_pending] if pending else [booked])
        for by_mark in (False, True)
    ]
    return differing[0] if all(differing) else None


def _first_differing(
    texts: Mapping[str, Sequence[str]], amounts: _Amounts, *, by_mark: bool
) -> Text | None:
    for path, counted in (
        (_ALL, amounts),
        (_IN, _of_side(amounts, is_in=True, by_mark=by_mark)),
        (_OUT, _of_side(amounts, is_in=False, by_mark=by_mark)),
    ):
        stated = _first(texts, f"{path}/NbOfNtries")
        if stated is not None and stated != str(len(counted)):
            return _differs(f"{path}/NbOfNtries", stated, str(len(counted)))
        total = sum(abs(fen) for fen, _ in counted)
        stated = _first(texts, f"{path}/Sum")
        if stated is not None and _fen(stated) != total:
            return _differs(f"{path}/Sum", stated, format_yuan(total))
    return _net_differing(texts, sum(fen for fen, _ in amounts))


def _of_side(amounts: _Amounts, *, is_in: bool, by_mark: bool) -> _Amounts:
    return [each for each in amounts if ((each[0] > 0) != (by_mark and each[1])) == is_in]


def _net_differing(texts: Mapping[str, Sequence[str]], net: int) -> Text | None:
    amount = next((text for path in _NET_AMOUNTS if (text := _first(texts, path))), None)
    if amount is None:
        return None
    side = next((text for path in _NET_SIDES if (text := _first(texts, path))), None)
    stated = _fen(amount)
    sides = {"CRDT": (1,), "DBIT": (-1,)}.get(side or "", (1, -1))
    if stated is not None and any(sign * stated == net for sign in sides):
        return None
    return _differs("TtlNetNtry", f"{side or ''} {amount}".strip(), format_yuan(net))


def _first(by_path: Mapping[str, Sequence[str]], path: str) -> str | None:
    texts = by_path.get(path)
    return texts[0].strip() or None if texts else None


def _fen(text: str) -> int | None:
    whole, _, cents = text.partition(".")
    return parse_yuan(f"{whole}.{cents.rstrip('0')[:2] or '0'}" if len(cents) <= 5 else text)


def _differs(name: str, stated: str, counted: str) -> Text:
    return Text(
        f"控制合计（TxsSummry）{name} 为 {stated}，明细为 {counted}",
        f"TxsSummry states {name} as {stated}, the entries come to {counted}",
    )
