"""Whether an edition of another office holds what editions hold, and nothing else.

A signature says who speaks, not that what is said may be shown: unknown parts, entries that count
otherwise than their list says and numbers of persons are refused, not passed on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from feewatch.credit.lists import LISTS
from feewatch.kernel.credit_code import is_credit_code
from feewatch.kernel.text import Text
from feewatch.registry.personal import has_number_of_a_person

_DOCUMENT = frozenset({
    "format", "kind", "office", "district", "number", "cut_off", "rule_book", "previous_sha256",
    "lists", "counts", "unrated", "delta", "signatures",
})  # fmt: skip
#: The first format had none of these.
_SINCE = frozenset({"meanings"})
_KINDS = frozenset({"regular", "correction", "removals"})
_PROVEN = frozenset({"uscc", "name", "subject", "see", "grade", "period"})
_DECIDED = frozenset({
    "uscc", "name", "document", "decided_on", "authority", "basis", "class", "publish_from",
    "last_day", "earliest_repair", "reason", "see",
})  # fmt: skip
_UNRATED = frozenset({"uscc", "name", "state"})
_BASIS = frozenset({"document", "level", "clause"})
_LONGEST = 4000


def find_content_fault(document: Mapping[str, Any]) -> Text | None:
    """What a signed edition holds that none may hold; None where it is as editions are."""
    try:
        return next(_faults(document), None)
    except (KeyError, TypeError, AttributeError):
        return Text("内容不是版次的格式", "it has not the form of an edition")


def _faults(document: Mapping[str, Any]) -> Iterator[Text]:
    unknown = document.keys() - _DOCUMENT - _SINCE
    lacking = _DOCUMENT - document.keys()
    if unknown or lacking:
        listed = ", ".join(sorted(unknown | lacking))
        yield Text(f"不认识或缺少：{listed}", f"not known, or lacking: {listed}")
    if document["kind"] not in _KINDS:
        yield Text(f"不认识的类别 {document['kind']}", f"unknown kind {document['kind']}")
    if document["lists"].keys() != document["counts"].keys() or document["lists"].keys() - LISTS:
        yield Text("名单与计数不符，或名单不认识", "lists and counts differ, or a list is unknown")
    for name, entries in document["lists"].items():
        if document["counts"][name] != len(entries):
            yield Text(f"{name} 的条数与计数不符", f"{name} has another number than it says")
        for entry in entries:
            yield from _of_entry(entry, _DECIDED if "document" in entry else _PROVEN)
    for entry in document["unrated"]:
        yield from _of_entry(entry, _UNRATED)
    for change in document["delta"]:
        yield from _of_texts(change)


def _of_entry(entry: Mapping[str, Any], allowed: frozenset[str]) -> Iterator[Text]:
    unknown = entry.keys() - allowed
    uscc, name = entry["uscc"], entry["name"]
    if unknown:
        listed = ", ".join(sorted(unknown))
        yield Text(f"条目含不认识的内容 {listed}", f"an entry holds {listed}, which is unknown")
    if not isinstance(name, str) or not name.strip():
        yield Text("条目没有名称", "an entry has no name")
    if uscc != "" and not is_credit_code(uscc):
        yield Text(f"{uscc} 不是统一社会信用代码", f"{uscc} is no credit code")
    basis = entry.get("basis", {})
    if basis.keys() - _BASIS:
        yield Text("条目的依据含不认识的内容", "the basis of an entry holds what is unknown")
    yield from _of_texts(entry)


def _of_texts(part: Mapping[str, Any]) -> Iterator[Text]:
    for text in _texts({key: value for key, value in part.items() if key != "uscc"}):
        if len(text) > _LONGEST:
            yield Text(f"条目的文字超过 {_LONGEST} 字", f"a text is longer than {_LONGEST}")
        elif has_number_of_a_person(text):
            yield Text("条目含公民身份号码或电话号码", "an entry holds a number of a person")


def _texts(value: Any) -> Iterator[str]:
    """Every text of an entry; what is neither text nor nothing nor a table of texts is none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif value is not None:
        raise TypeError(type(value).__name__)
