"""Three editions of a made-up district on disk, signed with a fresh key."""

from types import SimpleNamespace

import pytest

from feewatch.engine.loader import load_rule_book
from feewatch.kernel.days import parse_day
from feewatch.kernel.text import Text
from feewatch.publication.chain import CHAIN_FILE, ChainEntry, extend_chain
from feewatch.publication.edition import arrange, build, compare
from feewatch.publication.folder import switch_latest, write_edition, write_timestamp
from feewatch.publication.signing import SigningKey, new_private_pem, read_public_keys, sha256

BLACK = {
    "uscc": "",
    "name": "=HYPERLINK(某小区无证点)",
    "document": "教罚字1号",
    "decided_on": "2026-05-01",
    "authority": "示例区教育局",
    "basis": {"document": "条例", "level": "local_regulation", "clause": "第五条"},
    "class": "general",
    "publish_from": "2026-06-01",
    "last_day": "2026-11-01",
    "earliest_repair": None,
    "reason": "<b>无证办学</b>",
}
CUT_OFFS = ("2026-06-30", "2026-07-31", "2026-08-31")


def lists_of(size):
    names = [{"uscc": f"{n:018d}", "name": f"机构{n}", "subject": "academic"} for n in range(size)]
    return arrange({"white": names, "black": [BLACK], "notice": []})


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """The folder of editions, the folder of the district, its keys."""
    root, key = tmp_path_factory.mktemp("editions"), SigningKey(new_private_pem())
    before, previous, told, entries = {}, None, Text("理由", "reason"), []
    for number, cut_off in enumerate(CUT_OFFS, 1):
        lists = lists_of(number)
        document = build(
            kind="regular",
            office="示例区教育局",
            district="370702",
            number=number,
            cut_off=parse_day(cut_off),
            rule_book="rb1",
            previous_sha256=previous,
            lists=lists,
            unrated=[],
            changes=compare(before, lists, lambda *_: told, lambda *_: told),
            meanings=load_rule_book().meanings_json(),
        )
        signed = key.sign(document)
        before, previous = lists, sha256(signed)
        write_edition(root, document, signed, key)
        write_timestamp(root, "370702", number, previous, parse_day(cut_off), key)
        entries.append(ChainEntry("370702", number, parse_day(cut_off), previous))
        extend_chain(root / "370702" / CHAIN_FILE, "示例区教育局", entries, key)
        switch_latest(root, "370702", number)
    district = root / "370702"
    return SimpleNamespace(
        root=root, district=district, key=key, keys=read_public_keys(key.public_pem)
    )
