"""Forms of results: shipped ones load, unknown values stay empty, faulty ones are named."""

import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.registry.handing_back import FIELDS, SHIPPED, load_back_forms

MINE = """
id = "mine"
content = "answers"
title = { zh = "甲", en = "A" }
proven = true
source = { zh = "对方模板", en = "their template" }
days = "Y年M月D日"
[columns]
"号" = "clue_no"
"结果" = "state"
"日" = "answered_on"
[words.state]
closed = "办结"
"""
ROW = {"clue_no": "RX1", "state": "closed", "answered_on": parse_day("2026-07-08")}


def test_every_shipped_form_loads_and_none_claims_to_be_proven():
    forms = load_back_forms()
    assert len(forms) == len(list(SHIPPED.glob("*.toml")))
    assert not any(form.proven for form in forms.values())
    assert {form.content for form in forms.values()} == set(FIELDS)


def test_a_form_of_the_office_says_columns_words_and_days(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    form = load_back_forms([tmp_path])["mine"]
    rows = [ROW, ROW | {"state": "open", "answered_on": None}]
    assert form.table(rows) == [
        ["号", "结果", "日"], ["RX1", "办结", "2026年07月08日"], ["RX1", "open", ""],
    ]  # fmt: skip
    assert form.write([ROW], "csv").decode("utf-8-sig").splitlines()[1] == "RX1,办结,2026年07月08日"


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('"号" = "clue_no"', '"号" = "case"', "columns.号: case: one of clue_no"),
        ("[words.state]", "[words.rule]", "words.rule: rule: one of"),
        ('content = "answers"', 'content = "gossip"', "content: must be"),
        ('days = "Y年M月D日"', 'days = "D.M.Y"', "days: must be"),
        ("proven = true", "proven = true\nextra = 1", "unknown key extra"),
        ("[columns]", "[columns", "cannot be read"),
    ],
)
def test_a_faulty_form_is_refused_with_its_key(tmp_path, good, bad, words):
    (tmp_path / "mine.toml").write_text(MINE.replace(good, bad), encoding="utf-8")
    with pytest.raises(InvalidInputError) as refused:
        load_back_forms([tmp_path])
    assert words in refused.value.text.en
