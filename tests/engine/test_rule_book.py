"""The rule book: what is shipped is whole, what is broken is named in full, the nearest law wins."""

import datetime as dt
import re
import shutil
from itertools import pairwise

import pytest

from feewatch.engine.book import InForce, Parameter, ParameterValue
from feewatch.engine.expressions import faults
from feewatch.engine.law import lay_out, lay_out_prices, nearest
from feewatch.engine.lint import expressions, names_of
from feewatch.engine.loader import SHIPPED, load_rule_book, read_rule_book
from feewatch.kernel.days import FIRST_DAY, LAST_DAY, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.places import ancestry
from feewatch.kernel.text import Text

BOOK = load_rule_book()
CHECKED = dt.date(2026, 1, 1)


def test_the_shipped_book_has_no_fault():
    assert read_rule_book([SHIPPED])[1] == []


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=lambda rule: rule.id)
def test_every_rule_claims_only_what_was_read(rule):
    for block in rule.in_force:
        certainties = {BOOK.certainty_of(reference) for reference in block.basis}
        assert certainties <= {"V1", "V2"}
        assert bool(certainties) == (block.authority != "preset")
        assert {BOOK.certainty_of(reference) for reference in block.would_apply} <= {"V1", "V2"}


#: What a cure asks for first: an explanation, a check, the missing record. Never money at once.
FIRST_ASKED = (
    "说明", "先核对", "核对", "查明", "补报", "补传", "上传", "请银行", "实地核查", "督促", "提醒",
    "当面了解",
)  # fmt: skip


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=lambda rule: rule.id)
def test_a_cure_asks_before_it_orders(rule):
    assert rule.cure.zh.startswith(FIRST_ASKED)
    assert not re.search("立即|全额|重新签订|申请学科类", rule.cure.zh)


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=lambda rule: rule.id)
def test_every_expression_is_on_the_white_list(rule):
    names, lists = names_of(rule, BOOK.facts[rule.fact], BOOK)
    assert [fault for _, text in expressions(rule) for fault in faults(text, names, lists)] == []


# broken files: (file, what to replace, by what, words of the fault)
BROKEN = [
    ("rulebook/FEE-CAP-5000.toml", 'unit = "fen"', 'unit = "yuan"', "unit: must be one of"),
    ("rulebook/FEE-CAP-5000.toml", 'fact = "charged"', 'fact = "nothing"', "no fact nothing"),
    ("rulebook/FEE-CAP-5000.toml", "fee_fen > prepaid_fee_max", "fee > 5000", "unknown column fee"),
    ("rulebook/FEE-CAP-5000.toml", "fee_fen > prepaid_fee_max", "fee_fen / 2 > 1", "Div is not allowed"),
    ("rulebook/FEE-CAP-5000.toml", 'level = "orange"', 'level = "pink"', "not 'pink'"),
    ("rulebook/FEE-CAP-5000.toml", 'subject = "charge"', 'subject = "charge"\nsubjekt = 1', "unknown key subjekt"),
    ("rulebook/FEE-CAP-5000.toml", 'breach = "fee_fen > prepaid_fee_max"', "", "breach is missing"),
    ("rulebook/FEE-CAP-5000.toml", 'id = "FEE-CAP-5000"', 'id = "FEE-CAP"', "named after the id"),
    ("rulebook/FEE-CAP-5000.toml", 'source = "shandong-2025"', 'source = "hearsay"', "unknown source hearsay"),
    ("rulebook/FEE-CAP-5000.toml", "{measured:yuan}", "{betrag:yuan}", "unknown name betrag"),
    ("rulebook/FEE-CAP-5000.toml", 'parameters = ["prepaid_fee_max"]', 'parameters = ["cap"]', "unknown parameter cap"),
    ("rulebook/FEE-CAP-5000.toml", "from = 2022-12-29", 'from = "2022-12-29"', "from: must be a date"),
    ("parameters/limits.toml", "value = 60", 'value = "60"', "a value in the unit lessons"),
    ("parameters/limits.toml", 'source = "prepaid-2021"', "", "needs source or preset"),
    ("parameters/monitoring.toml", "value = 0.01", "value = 0.0000001", "a value in the unit ratio"),
    ("parameters/guided_prices.csv", "110000,北京市,compulsory", "110000,北京市,all", "stage: must be one of compulsory"),
    ("facts/receipt.sql", "SELECT", "SELEC", "cannot be read|does not parse|must be one SELECT"),
    ("coverage.toml", 'source = "henan-2022"', 'source = "hearsay"', "unknown source hearsay"),
    ("coverage.toml", '"FEE-NO-LOAN"', '"FEE-NO"', "no rule FEE-NO in the book"),
    ("coverage.toml", '"FEE-NO-LOAN"', '"FEE-CAP-5000"', "FEE-NO-LOAN rests on prepaid-2021 （二）: say how far"),
    ("coverage.toml", 'article = "培训时间"', 'article = "培训时刻"', "non-academic-2022 has no article 培训时刻 on file"),
    ("coverage.toml", 'rules = ["FEE-NO-LOAN"]', "rules = []", "checked and partly name rules"),
    ("coverage.toml", 'status = "none"', 'status = "never"', "must be one of checked, partly, none, not 'never'"),
    ("coverage.toml", "since = ", "sinse = ", "unknown key sinse"),
    ("coverage.toml", "[[articles]]", "[[articles]", "cannot be read"),
    ("rulebook/BAL-MIN.toml", "title = ", "title = = ", "cannot be read"),
    ("rulebook/BAL-MIN.toml", "{gap:yuan}", "{gap:yaun}", "no form yaun; allowed: yuan"),
    ("rulebook/BAL-MIN.toml", "{gap:yuan}", "{gap!r:yuan}", "no form yuan"),
    ("rulebook/BAL-MIN.toml", "{gap:yuan}", "{gap:yuan", "does not parse"),
    ("rulebook/BAL-MIN.toml", "gap = ", "closing_fen = ", "the name closing_fen is taken"),
    ("rulebook/BAL-MIN.toml", "gap = ", '"gap;" = ', "the name gap; is taken or no plain name"),
    ("rulebook/BAL-MIN.toml", '"closing_fen"', '"quotient(closing_fen, 2)"', "measured: quotient stands only"),
    ("rulebook/BAL-MIN.toml", '"closing_fen <', '"quotient(1, 2) <', "only as the whole expression"),
    ("rulebook/BAL-MIN.toml", 'breach = "closing_fen < minimum_balance_fen"', 'breach = "quotient(1, 2)"', "breach: quotient stands only"),
    ("rulebook/BAL-MIN.toml", "000000", "37", "a division code of six digits, not '37'"),
    ("rulebook/BAL-MIN.toml", "from = 2020-01-01", "from = 2020-01-01\nto = 2019-12-31", "to lies before from"),
    ("rulebook/BAL-MIN.toml", "核实后补足", "逾期的处以罚款", "a cure threatens no sanction: 罚款"),
    ("rulebook/BAL-MIN.toml", "核实后补足", "见 parameters/limits.toml", "an inner name in a text: parameters/limits.toml"),
    ("rulebook/BAL-MIN.toml", "核实后补足", "见 minimum_balance", "an inner name in a text: minimum_balance"),
    ("rulebook/REL-SYNC.toml", "410000", "460000", "460000 overlaps from 2022-04-02 on"),
    ("rulebook/FLOW-DROP.toml", 'amount = "refunds_fen"', 'amount = "is_short"', "is_short tells of as-of: a severity alone"),
    ("rulebook/ACC-OFF.toml", '"acc_off_days", ', "", "uses the parameter acc_off_days: name it"),
    ("rulebook/BAL-COVER.toml", '"stale_days_weekly", ', "", "uses the parameter stale_days_weekly: name it"),
    ("rulebook/FEE-NO-LOAN.toml", "{measured}", "{lender_words}", "unknown name lender_words"),
    ("rulebook/OUT-PERSON.toml", "{payee:party}", "{payee}", "payee is personal: a calculation may only show it as {payee:party}"),
    ("parameters/limits.toml", 'jurisdiction = "370000"', "", "000000 overlaps from 2025-11-05 on"),
    ("parameters/guided_prices.csv", "offline,10,35,60", "offline,9,35,60", "two prices of 110000 overlap"),
    ("parameters/guided_prices.csv", "110000,北京市,compulsory,offline,1,9,80,0.10,45,2022-02-21,,,V2,in_force,,beijing-price-2022,收费标准", "110000,北京市", "columns must be"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "rules")


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN, ids=[each[3] for each in BROKEN])
def test_a_broken_file_is_named_with_what_is_allowed(folder, file, old, new, words):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = read_rule_book([folder])[1]
    said = "\n".join(f"{each.file} {each.column}: {each.message.en}" for each in found)
    assert any(each in said for each in words.split("|")), said
    assert all(each.message.zh for each in found)


@pytest.mark.parametrize("file", ["rulebook/X.tml", "rulebok/FEE-CAP-5000.toml", "facts/x.toml"])
def test_a_file_that_would_be_passed_over_is_named(folder, file):
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text("", encoding="utf-8")
    (fault,) = read_rule_book([folder])[1]
    assert (fault.file, fault.code) == (file, "RULE-FILE")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidInputError, match=r"no folder .*nowhere"):
        load_rule_book([tmp_path / "nowhere"])


@pytest.mark.parametrize("file", ["parameters/guided_prices.csv", "facts/receipt.sql"])
def test_a_file_in_another_encoding_is_named(folder, file):
    (folder / file).write_bytes("价格".encode("gb18030"))
    assert "is not UTF-8" in " ".join(each.message.en for each in read_rule_book([folder])[1])


def test_an_office_copy_of_the_prices_replaces_them(tmp_path):
    text = (SHIPPED / "parameters" / "guided_prices.csv").read_text(encoding="utf-8")
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "guided_prices.csv").write_text(
        text.replace("unconfirmed", "in_force"), encoding="utf-8"
    )
    book = load_rule_book([tmp_path])
    assert len(book.prices) == len(BOOK.prices)
    assert {price.status for price in book.prices} == {"in_force", "expired"}


def test_two_faults_are_both_reported(folder):
    path = folder / "rulebook" / "FEE-CAP-5000.toml"
    text = path.read_text(encoding="utf-8").replace('unit = "fen"', 'unit = "yuan"')
    path.write_text(text.replace('level = "orange"', 'level = "pink"'), encoding="utf-8")
    assert len(read_rule_book([folder])[1]) == 2


def test_an_office_folder_replaces_a_rule_of_the_same_name(tmp_path):
    text = (SHIPPED / "rulebook" / "FEE-CAP-5000.toml").read_text(encoding="utf-8")
    (tmp_path / "rulebook").mkdir()
    (tmp_path / "rulebook" / "FEE-CAP-5000.toml").write_text(
        text.replace('level = "orange"', 'level = "red"'), encoding="utf-8"
    )
    book = load_rule_book([tmp_path])
    assert book.rules["FEE-CAP-5000"].severity[0].level == "red"
    assert book.version != BOOK.version
    assert len(book.rules) == len(BOOK.rules)


def value(place, first, last, number):
    days = parse_day(first) if first else FIRST_DAY, parse_day(last) if last else LAST_DAY
    return ParameterValue(place, *days, number, None, "", CHECKED)


VALUES = (
    value("000000", "2021-01-01", None, 10),
    value("370000", "2022-01-01", "2022-12-31", 20),
    value("370700", "2022-06-01", None, 30),
)


@pytest.mark.parametrize(
    ("district", "day", "number"),
    [
        ("370702", "2020-12-31", None),
        ("370702", "2021-01-01", 10),
        ("370702", "2021-12-31", 10),
        ("370702", "2022-01-01", 20),
        ("370702", "2022-05-31", 20),
        ("370702", "2022-06-01", 30),
        ("370102", "2022-12-31", 20),
        ("370102", "2023-01-01", 10),
        ("110108", "2022-06-01", 10),
    ],
)
def test_the_nearest_place_wins_on_the_subjects_own_day(district, day, number):
    found = nearest(VALUES, ancestry(district), parse_day(day))
    assert (found.value if found else None) == number


def test_spans_of_a_rule_never_overlap_and_hold_the_value_of_each_day():
    rule = BOOK.rules["FEE-HOURS-60"]
    block = InForce("000000", parse_day("2021-06-01"), LAST_DAY, "preset", (), None)
    rule = type(rule)(**{**vars(rule), "parameters": ("x",), "in_force": (block,)})
    parameter = Parameter("x", Text("x", "x"), "lessons", VALUES)
    variants, spans = lay_out(rule, {"x": parameter}, ["370702", "110108"])
    for district in ("370702", "110108"):
        mine = sorted(span for span in spans if span.district == district)
        assert mine[0].from_day == parse_day("2021-06-01")
        assert all(a.to_day + 1 == b.from_day for a, b in pairwise(mine))
        for span in mine:
            for day in (span.from_day, span.to_day):
                wanted = nearest(VALUES, ancestry(district), day)
                assert variants[span.variant].values == (wanted,)


@pytest.mark.parametrize(("day", "decides"), [("2023-01-14", True), ("2023-01-15", False)])
def test_an_expired_price_decides_to_its_last_day(day, decides):
    found = [
        each
        for each in lay_out_prices(BOOK.prices, ["422801"])
        if each.from_day <= parse_day(day) <= each.to_day and each.mode == "offline"
    ]
    assert bool(found) == decides


@pytest.mark.parametrize("file", ["rulebook/FEE-X.toml", "facts/endless.sql", "holidays/2031.toml"])
def test_a_file_that_never_ends_is_not_read(folder, file):
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).symlink_to("/dev/zero")
    (fault,) = read_rule_book([folder])[1]
    assert (fault.file, fault.code) == (file, "RULE-FILE")
