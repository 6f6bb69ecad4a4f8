"""Every refusal around decisions, notices, holds, recalls, editions, keys and subscribers.

As a shell hears it: one line with a stable code, exit 1, and nothing changed.
"""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, text

from feewatch.bootstrap import open_app
from feewatch.cli import main
from feewatch.config import load_config
from feewatch.kernel.clock import SHANGHAI, fixed
from feewatch.kernel.days import parse_day
from feewatch.store.tables.publication import second_word
from tests.cli.test_publication import CONFIG, DECISION

PREMISES = """\
premises_no,district,address,found_on,name,state
CS1,370702,示例路2号,2026-04-03,某小区无证点,unlicensed
CS2,370702,示例路3号,2026-04-03,某街道无证点,unlicensed
CS3,370702,示例路4号,2026-04-03,某广场无证点,unlicensed
"""
NOTICE = """\
premises = "CS3"
number = "教罚告字〔2026〕第9号"
authority = "示例区教育局"
served_on = 2026-07-20
way = "direct"
sanctions = ["closed"]
facts = "无证办学"
file = "decision.pdf"
record = "notice.pdf"

[basis]
document = "山东省条例"
level = "local_regulation"
clause = "第五条"
"""
SUBSCRIBER = """
[[publication.subscribers]]
name = "portal"
url = "https://portal.example.cn/hook"
secret_file = "secret"
"""
IN_FORCE, PROPOSED, ENDED = (f"教罚字〔2026〕第{n}号" for n in (1, 2, 3))
WHY = ("--reason", "核实")
PEOPLE = {
    "li": "officer", "liu": "officer", "zhao": "reviewer", "sun": "reviewer", "wang": "publisher",
    "qian": "publisher", "gu": "administrator",
}  # fmt: skip
NOON = dt.datetime(2026, 8, 3, 12, tzinfo=SHANGHAI)


class Shell:
    """An office with decisions in every state, one edition, and a shell at noon of 3 August."""

    def __init__(self, path):
        self.path, self.config = path, path / "feewatch.toml"
        self.config.write_text(CONFIG + SUBSCRIBER, encoding="utf-8")
        (path / "secret").write_text("whsec_" + "c2hhcmVkIHNlY3JldCBvZiAyNCBieXRlcw==\n")
        (path / "premises.csv").write_text(PREMISES, encoding="utf-8")
        (path / "empty.toml").write_text("", encoding="utf-8")
        (path / "none.pdf").write_bytes(b"")
        for name in ("decision.pdf", "notice.pdf"):
            (path / name).write_bytes(b"%PDF-1.7 " + name.encode())
        for number in (1, 2, 3):
            form = DECISION.replace("CS1", f"CS{number}").replace("第1号", f"第{number}号")
            (path / f"{number}.toml").write_text(form, encoding="utf-8")
        (path / "notice.toml").write_text(NOTICE, encoding="utf-8")
        self.make()

    def run(self, *words, user="wang", moment=NOON):
        acting = ["--as", user] if user else []
        words = [str(word).replace("{path}", str(self.path)) for word in words]
        with fixed(moment):
            return CliRunner().invoke(main, ["--config", str(self.config), *acting, *words])

    def do(self, *words, **options):
        done = self.run(*words, **options)
        assert done.exit_code == 0, done.output

    def make(self):
        self.do("init", user=None)
        for name, role in PEOPLE.items():
            self.do("user", "add", name, "--role", role, user=None)
        self.do("import", "premises", "{path}/premises.csv", user=None)
        for number in (1, 2, 3):
            self.do("decision", "propose", f"{{path}}/{number}.toml", user="li")
        for document in (IN_FORCE, ENDED):
            self.do("decision", "review", document, *WHY, user="zhao")
            self.do("decision", "approve", document, *WHY)
        self.do("decision", "void", ENDED, *WHY, "--on", "2026-08-01")
        self.do("publish", "--as-of", "2026-07-31")
        self.do("publish", "--as-of", "2026-08-02")
        self.do("decision", "notice", "{path}/notice.toml", user="li")
        answer = ("decision", "answer", "1", "rejected", *WHY)
        self.do("decision", "object", "教罚告字〔2026〕第9号", "--kind", "defence", *WHY, user="li")
        self.do(*answer, user="li")
        self.do("decision", "object", IN_FORCE, "--kind", "objection", *WHY, user="li")
        self.do("decision", "correct", IN_FORCE, "--set", "date=2026-06-02", *WHY, user="li")

    def rows(self):
        """How many rows every table has that a refusal must not touch."""
        app = open_app(load_config(self.config))
        tables = (
            "decision",
            "decision_event",
            "advance_notice",
            "edition",
            "recall",
            "second_word",
        )
        with app.database.reading() as tx:
            counts = [tx.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables]
        app.database.dispose()
        return counts


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    return Shell(tmp_path_factory.mktemp("office"))


RECALL = ("recall", "370702", "--list", "black", "--entry")
#: What is typed, by whom, and the code of the refusal.
REFUSALS = [
    (("decision", "propose", "{path}/1.toml"), "li", "DECISION-EXISTS"),
    (("decision", "propose", "{path}/1.toml"), "wang", "ROLE"),
    (("decision", "propose", "{path}/empty.toml"), "li", "DECISION-FILE"),
    (("decision", "propose", "{path}/absent.toml"), "li", "DECISION-FILE"),
    (("decision", "add", "{path}/1.toml"), "li", "DECISION-IMPORTED"),
    (("decision", "review", PROPOSED, *WHY), "wang", "ROLE"),
    (("decision", "review", PROPOSED, "--reason", " "), "zhao", "REASON-REQUIRED"),
    (("decision", "review", "无此号", *WHY), "zhao", "DECISION-UNKNOWN"),
    (("decision", "review", IN_FORCE, *WHY), "zhao", "DECISION-STATE"),
    (("decision", "approve", PROPOSED, *WHY), "wang", "DECISION-STATE"),
    (("decision", "refuse", IN_FORCE, *WHY), "zhao", "DECISION-STATE"),
    (("decision", "show", "无此号"), "li", "DECISION-UNKNOWN"),
    (("decision", "revoke", PROPOSED, *WHY), "wang", "DECISION-ENDED"),
    (("decision", "revoke", ENDED, *WHY), "wang", "DECISION-ENDED"),
    (("decision", "revoke", IN_FORCE, *WHY, "--on", "2026-05-31"), "wang", "DECISION-DAY"),
    (("decision", "repair", IN_FORCE, *WHY, "--acceptance", "X1"), "wang", "REPAIR-TOO-EARLY"),
    (("decision", "repair", IN_FORCE, *WHY, "--acceptance", " "), "wang", "REPAIR-NUMBER"),
    (("decision", "correct", IN_FORCE, *WHY), "li", "CORRECTION-KEYS"),
    (("decision", "correct", IN_FORCE, "--set", "date", *WHY), "li", "CORRECTION-KEYS"),
    (("decision", "correct", IN_FORCE, "--set", "list=notice", *WHY), "li", "CORRECTION-KEYS"),
    (("decision", "correct", IN_FORCE, "--set", "facts=x", *WHY), "liu", "CORRECTION-WAITS"),
    (("decision", "correct", IN_FORCE, "--confirm", *WHY), "li", "DECISION-OTHER-PERSON"),
    (("decision", "correct", PROPOSED, "--confirm", *WHY), "zhao", "DECISION-ENDED"),
    (("decision", "notice", "{path}/empty.toml"), "li", "ADVANCE-NOTICE-FILE"),
    (("decision", "notice", "{path}/notice.toml"), "li", "ADVANCE-NOTICE-EXISTS"),
    (("decision", "drop", "77", *WHY), "li", "ADVANCE-NOTICE-UNKNOWN"),
    (("decision", "object", "无此号", "--kind", "defence", *WHY), "li", "DECISION-UNKNOWN"),
    (("decision", "object", IN_FORCE, "--kind", "defence", *WHY), "li", "OBJECTION-STATE"),
    (("decision", "object", IN_FORCE, "--kind", "objection", *WHY), "li", "OBJECTION-WAITS"),
    (("decision", "object", ENDED, "--kind", "objection", *WHY), "li", "OBJECTION-STATE"),
    (
        ("decision", "object", PROPOSED, "--kind", "hearing", *WHY, "--on", "2026-08-04"),
        "li",
        "OBJECTION-DAY",
    ),
    (
        ("decision", "object", "教罚告字〔2026〕第9号", "--kind", "defence", "--correction", *WHY),
        "li",
        "OBJECTION-KIND",
    ),
    (("decision", "object", PROPOSED, "--kind", "objection", "--correction", *WHY), "li",
     "CORRECTION-UNKNOWN"),
    (("decision", "object", PROPOSED, "--kind", "defence", "--reason", "言" * 2001), "li",
     "TOO-LONG"),
    (("decision", "answer", "1", "upheld", *WHY), "li", "OBJECTION-ANSWERED"),
    (("decision", "answer", "77", "upheld", *WHY), "li", "OBJECTION-UNKNOWN"),
    (("decision", "answer", "2", "granted", *WHY), "li", "OBJECTION-OUTCOME"),
    (("decision", "withdraw", "2", *WHY), "li", "ROLE"),
    (("holds", "decide", "52370702651728628K", "keep", *WHY), "li", "HOLD-UNKNOWN"),
    (("publish", "--as-of", "2026-08-01"), "wang", "CUT-OFF-PAST"),
    (("publish", "--as-of", "2026-08-04"), "wang", "AS-OF-FUTURE"),
    (("publish", "--as-of", "2026-08-03"), "li", "ROLE"),
    (("publish", "--as-of", "2026-08-03", "--district", "110108"), "wang", "PLACE"),
    (("publish", "--as-of", "2026-08-03", "--second", *WHY), "qian", "SECOND-NONE"),
    (("publish", "--second"), "qian", "REASON-REQUIRED"),
    ((*RECALL, "某小区", *WHY), "wang", "ENTRY-UNKNOWN"),
    ((*RECALL, "某小区无证点", *WHY), "li", "ROLE"),
    ((*RECALL, "某小区无证点", "--reason", " "), "wang", "REASON-REQUIRED"),
    (("recall", "110108", "--edition", "1", *WHY), "wang", "PLACE"),
    (("recall", "370702", "--edition", "1", *WHY), "wang", "RECALL-LATEST"),
    (("recalls", "lift", "77", *WHY), "wang", "RECALL-UNKNOWN"),
    (("standing-order", "give", *WHY), "li", "ROLE"),
    (("key", "init"), "wang", "KEY-EXISTS"),
    (("key", "revoke", "0" * 16, *WHY), "wang", "KEY-UNKNOWN"),
    (("subscribers", "replay", "nobody", *WHY), "wang", "SUBSCRIBER-UNKNOWN"),
    (("subscribers", "replay", "portal", "--from", "9", *WHY), "wang", "REPLAY-NONE"),
    (("subscribers", "resume", "portal", *WHY), "wang", "PUSH-RUNS"),
    (("subscribers", "secret", "portal"), "gu", "SECRET-EXISTS"),
    (("subscribers", "pause", "portal", *WHY), "li", "ROLE"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "user", "code"), REFUSALS,
    ids=[f"{place}-{words[0]}-{code}" for place, (words, _, code) in enumerate(REFUSALS)],
)  # fmt: skip
def test_a_refusal_is_one_line_with_its_code_and_changes_nothing(shell, words, user, code):
    before = shell.rows()
    done = shell.run(*words, user=user)
    assert (done.exit_code, done.stderr.partition(":")[0]) == (1, code), done.output
    assert done.stderr.count("\n") == 1
    assert shell.rows() == before


def test_what_waits_for_a_second_word_is_not_agreed_to_by_the_first(shell):
    app = open_app(load_config(shell.config))
    row = {
        "district": "370702", "base_number": 2, "cut_off": parse_day("2026-08-02"), "digest": "d",
        "leaving": {"white": {"entries": [], "size": 3}}, "first_by": "wang",
        "asked_at": NOON.isoformat(),
    }  # fmt: skip
    with app.database.transaction() as tx:
        tx.execute(insert(second_word).values(row))
    app.database.dispose()
    refused = shell.run("publish", "--second", *WHY)
    assert (refused.exit_code, refused.stderr.partition(":")[0]) == (1, "SECOND-SAME")


def test_a_pause_and_a_recall_are_made_and_lifted_once(shell):
    shell.do("subscribers", "pause", "portal", *WHY)
    assert "PUSH-PAUSED" in shell.run("subscribers", "pause", "portal", *WHY).stderr
    shell.do("subscribers", "resume", "portal", *WHY)
    shell.run(*RECALL, "某小区无证点", *WHY)
    (row,) = [
        row
        for row in map(json.loads, shell.run("recalls", "list", "--json").stdout.splitlines())
        if row["cause"] == "recall"
    ]
    assert "RECALL-SAME" in shell.run("recalls", "lift", row["id"], *WHY).stderr
    shell.do("recalls", "lift", row["id"], *WHY, user="qian")
    assert "RECALL-LIFTED" in shell.run("recalls", "lift", row["id"], *WHY, user="qian").stderr
    fallen = [
        row
        for row in map(json.loads, shell.run("recalls", "list", "--json").stdout.splitlines())
        if row["cause"] == "decision"
    ]
    for row in fallen:
        assert "RECALL-FINAL" in shell.run("recalls", "lift", row["id"], *WHY).stderr
