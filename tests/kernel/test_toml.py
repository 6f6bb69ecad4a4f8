"""One fault has one code and one wording, whichever kind of file it stands in."""

import pytest

from feewatch.config import load_config
from feewatch.credit.decision_form import EXAMPLE, read_decision
from feewatch.credit.decision_frame import DecisionFrame, Registered
from feewatch.engine.coverage import read_coverage
from feewatch.engine.loader import load_rule_book, read_rule_book
from feewatch.kernel.days import FIRST_DAY
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.toml import Table, parse_toml, read_toml
from feewatch.ledger.channels import load_channels
from feewatch.registry.profile_file import load_profiles
from feewatch.statements.dialects import parse_dialect


def refusal(load):
    with pytest.raises(InvalidInputError) as refused:
        load()
    return refused.value.text.en


def of_layout(text):
    faults = []
    parse_dialect(text, "mine.toml", faults)
    return "\n".join(f"{fault.file}: {fault.column}: {fault.message.en}" for fault in faults)


def of_decision(text):
    values = parse_toml(EXAMPLE, "mine.toml", []) | parse_toml(text, "mine.toml", [])
    terms, registered = load_rule_book().credit_terms, Registered("x", "370702")
    frame = DecisionFrame(terms, FIRST_DAY, {}, lambda served: served, registered)
    faults = read_decision(values, frame, "mine.toml")[1]
    return "\n".join(f"{fault.file}: {fault.column}: {fault.message.en}" for fault in faults)


@pytest.fixture
def say(tmp_path):
    """What is said of a text as each kind of file."""

    def of_rules(text):
        (tmp_path / "rules/rulebook").mkdir(parents=True)
        (tmp_path / "rules/rulebook/mine.toml").write_text(text, encoding="utf-8")
        faults = read_rule_book([tmp_path / "rules"])[1]
        return "\n".join(f"{fault.file}: {fault.column}: {fault.message.en}" for fault in faults)

    def of_coverage(text):
        (tmp_path / "coverage.toml").write_text(text, encoding="utf-8")
        faults = []
        read_coverage(tmp_path, faults)
        return "\n".join(f"mine.toml: {fault.column}: {fault.message.en}" for fault in faults)

    def of_file(load, text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return refusal(lambda: load(path))

    return {
        "configuration": lambda text: of_file(load_config, text),
        "channels": lambda text: of_file(load_channels, text),
        "profile": lambda text: of_file(lambda path: load_profiles([path.parent]), text),
        "layout": of_layout,
        "decision": of_decision,
        "rule": of_rules,
        "coverage": of_coverage,
    }


KINDS = ("configuration", "channels", "profile", "layout", "decision", "rule", "coverage")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_key_is_named_with_the_file_and_what_is_allowed(say, kind):
    said = say[kind]("colour = 'red'")
    assert "mine.toml: colour: unknown key colour; allowed: " in said


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("configuration", "office = 3", "office"), ("channels", "channels = 3", "channels"),
        ("profile", "constants = 3", "constants"), ("layout", "columns = 3", "columns"),
        ("decision", "basis = 3", "basis"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_said_alike(say, kind, text, key):
    assert f"mine.toml: {key}: must be a table, not 3" in say[kind](text)


@pytest.mark.parametrize(
    ("kind", "key"),
    [("profile", "id"), ("layout", "id"), ("rule", "id"), ("coverage", "articles")],
)
def test_what_is_missing_is_said_alike(say, kind, key):
    assert f"mine.toml: {key}: {key} is missing" in say[kind]("")


def test_all_six_faults_of_a_configuration_are_named_in_one_pass(tmp_path):
    path = tmp_path / "feewatch.toml"
    path.write_text(
        "[office]\nnmae = 'x'\ndistrict = 370702\n[web]\nport = true\nthreads = 1.5\n"
        "[[feeds]]\nname = 'x'\nurl = 'x'\n[rules]\nfolders = [1]\n",
        encoding="utf-8",
    )
    said = refusal(lambda: load_config(path))
    keys = ("office.nmae", "office.district", "web.port", "web.threads", "feeds[1].secret_file")
    for key in (*keys, "rules.folders"):
        assert f"feewatch.toml: {key}: " in said


def table(text, faults):
    made = read_toml(text, "mine.toml", faults)
    assert isinstance(made, Table)
    return made


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a = 2026-01-31T00:00:00", lambda t: t.date("a")),
        ("a = true", lambda t: t.whole("a")),
        ("a = 1", lambda t: t.flag("a")),
        ("a = true", lambda t: t.number("a")),
        ("a = ' '", lambda t: t.filled("a")),
        ("a = ['x', ' ']", lambda t: t.words("a")),
        ("a = []", lambda t: t.words("a", required=True)),
        ("a = [1, 9]", lambda t: t.wholes("a", range(3))),
        ("a = {zh = 'x'}", lambda t: t.bilingual("a")),
        ("a = {zh = 'x', en = ' '}", lambda t: t.bilingual("a")),
        ("a = '３７0702'", lambda t: t.place("a")),
        ("a = [1]", lambda t: t.tables("a")),
    ],
)
def test_a_value_of_another_kind_is_refused_with_itself(text, read):
    faults = []
    read(table(text, faults))
    ((code, column),) = [(fault.code, fault.column) for fault in faults]
    assert (code, column) == ("KEY-VALUE", "a")
    assert ", not " in faults[0].message.en


@pytest.mark.parametrize("content", [b"a = ", b"a = '\xb5\xa5'"])
def test_what_is_no_toml_in_utf8_is_refused_with_its_file(content):
    faults = []
    assert read_toml(content, "mine.toml", faults) is None
    assert [(fault.code, fault.file) for fault in faults] == [("TOML-SYNTAX", "mine.toml")]


def test_a_byte_order_mark_is_no_part_of_a_file():
    assert read_toml(b"\xef\xbb\xbfa = 1", "mine.toml", []).whole("a") == 1
