"""Attacks 10, 12, 14–17, 21 and 22 of the review, tried again on the shell and the site."""

import shutil

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from feewatch.cli import main
from feewatch.services.cases import steps
from feewatch.store.people import users
from feewatch.store.tables.casework import matter
from feewatch.store.tables.operations import audit, user

DECISION = "document = '潍城罚〔2026〕9号'\nclass = 'serious'\nlist = 'black'\n"


@pytest.fixture
def run(app, tmp_path):
    """Runs a command as somebody: the code of its refusal, or nothing, and what it printed."""
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")
    (tmp_path / "d.toml").write_text(DECISION, encoding="utf-8")

    def call(name, *words):
        given = ["--config", str(tmp_path / "feewatch.toml"), "--as", name, *words]
        done = CliRunner().invoke(main, given, input="a long and unusual word 77\n")
        assert done.exit_code in (0, 1), done.output
        return done.stderr.partition(":")[0] if done.exit_code else "", done.output

    return call


@pytest.mark.parametrize("name", ["publisher", "administrator", "system", "security", "auditor"])
def test_attack_10_one_person_puts_a_name_on_the_black_list(run, tmp_path, name):
    code, _ = run(name, "decision", "add", str(tmp_path / "d.toml"), "--imported")
    assert code == "ROLE"
    assert run(name, "decision", "approve", "潍城罚〔2026〕9号", "--reason", "x")[0] != ""


@pytest.mark.parametrize("name", ["officer", "reviewer"])
def test_attack_12_one_officer_buries_a_red_matter_in_a_case_opened_to_dismiss_it(app, run, name):
    code, _ = run(name, "case", "M1", "dismiss", "--reason", "无事")
    with app.database.reading() as tx:
        assert tx.scalar(select(matter.c.status).where(matter.c.id == 1)) == "open"
    assert code


def test_attack_12_nor_by_giving_the_case_to_a_colleague_and_taking_it_back(app):
    number = steps.open_case(app, [1], actor="officer", reason="核实", then="triage")
    from_other = pytest.raises(Exception, match="立案者以外")
    with from_other:
        steps.step(app, number, "dismiss", actor="officer", reason="无事")
    steps.step(app, number, "dismiss", actor="reviewer", reason="复核无误")


@pytest.mark.parametrize("name", ["viewer", "nobody-of-this-name", "officer", "nanjing"])
def test_attack_14_publish_keys_and_people_by_whoever_types_a_name(app, run, name):
    acts = (
        ("publish", "--as-of", "2026-07-14"),
        ("key", "rotate"),
        ("user", "add", "evil", "--role", "administrator", "--password-stdin"),
        ("user", "reset", "reviewer", "--password-stdin"),
        ("user", "role", name, "--role", "administrator", "--reason", "x"),
    )
    for words in acts:
        assert run(name, *words)[0] in ("ROLE", "USER-UNKNOWN"), words
    with app.database.reading() as tx:
        assert users.find_by_name(tx, "evil") is None


def test_attack_14_a_security_administrator_alone_makes_nobody_who_decides(app, run):
    def keep(*words):
        return run("security", "user", *words)[0]

    assert keep("add", "evil", "--role", "publisher", "--password-stdin") == ""
    assert run("evil", "publish", "--as-of", "2026-07-14")[0] == "USER-UNKNOWN"
    assert keep("confirm", "evil") == "SECOND-OFFICER"
    assert keep("reset", "evil", "--password-stdin") == "ROLE-WAITS"
    assert keep("role", "viewer", "--role", "publisher", "--reason", "x") == ""
    assert run("viewer", "publish", "--as-of", "2026-07-14")[0] == "ROLE"
    assert keep("token", "officer", "--scope", "decide") == "TOKEN-OWN"


def test_attack_15_another_s_name_leaves_the_user_of_the_machine_on_record(app, run):
    assert run("administrator", "scheduler", "pause", "publication", "--reason", "x")[0] == ""
    with app.database.reading() as tx:
        query = select(audit.c.actor, audit.c.way, audit.c.origin).order_by(audit.c.id.desc())
        row = tx.execute(query.limit(1)).one()
    assert (row.actor, row.way, bool(row.origin)) == ("administrator", "shell", True)


def test_attack_16_out_of_scope_barred_and_of_another_role(app, run):
    with app.database.transaction() as tx:
        users.change(tx, "reviewer", disabled=True)
    assert run("nanjing", "case", "open", "M2", "--reason", "x")[0] == "MATTER-UNKNOWN"
    assert run("reviewer", "case", "open", "M2", "--reason", "x")[0] == "USER-UNKNOWN"
    assert run("viewer", "case", "open", "M2", "--reason", "x")[0] == "ROLE"


def test_attack_17_reading_is_narrowed_to_the_person_named(run):
    for words in (("alerts", "--json"), ("quarantine", "list"), ("explain", "A0red")):
        code, printed = run("nanjing", *words)
        assert code or "52370702651728628K" not in printed, words


def test_attack_21_fields_that_no_form_has_change_nothing(app, as_user):
    extra = {"actor": "reviewer", "district": "320100", "role": "administrator"}
    as_user("officer").post(
        "/desk/matters/2/case", data=extra | {"step": "triage", "reason": "核实"}
    )
    as_user("viewer").post("/account/mail", data=extra | {"mail": "", "password": "correct horse"})
    with app.database.reading() as tx:
        row = tx.execute(select(matter.c.severity, matter.c.district).where(matter.c.id == 2)).one()
        roles = dict(tx.execute(select(user.c.name, user.c.role)).all())
    assert tuple(row) == ("orange", "370702")
    assert (roles["officer"], roles["viewer"]) == ("officer", "viewer")


@pytest.mark.parametrize("name", ["system", "security", "auditor"])
def test_attack_22_no_administrator_registers_what_excuses_a_breach(app, run, tmp_path, name):
    shutil.copy(tmp_path / "d.toml", tmp_path / "approvals.csv")
    for words in (
        ("import", "approvals", str(tmp_path / "approvals.csv")),
        ("match", "undo", "1", "--reason", "x"),
        ("holds", "decide", "52370702651728628K", "keep", "--reason", "x"),
        ("quarantine", "release", "a" * 64 + "#1", "--reason", "x"),
        ("proposals", "accept", "1", "--reason", "x"),
    ):
        assert run(name, *words)[0] == "ROLE", words
