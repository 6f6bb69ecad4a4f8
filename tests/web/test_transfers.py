"""移送: a case with its evidence goes to another department, which answers for it."""

import io
import json
import shutil
import zipfile

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from sqlalchemy import insert, select

from feewatch.casework.identity import alert_id
from feewatch.cli import main
from feewatch.engine.findings import Identity
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError, Refusal
from feewatch.kernel.people import Scope
from feewatch.publication import bundle
from feewatch.publication.archive import pack_files, unpack_files
from feewatch.publication.signing import (
    SigningKey,
    canonical,
    new_private_pem,
    read_public_keys,
    sha256,
)
from feewatch.services.cases import steps
from feewatch.services.cases.listing import list_cases
from feewatch.services.intake.attachments import read_attachments
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.people.api_tokens import issue_token
from feewatch.services.transfers import answering, reading, sending
from feewatch.store.cases import cases
from feewatch.store.people import users
from feewatch.store.tables.casework import alert, case_event, matter
from feewatch.store.tables.operations import user
from feewatch.store.tables.papers import message
from feewatch.web.api import description
from tests.web.conftest import LUZHI

MATTER = 50
PDF = b"%PDF-1.7 receipt"
#: What is made of a bundle's content.
_MADE = {"signatures", "files", "format"}


@pytest.fixture
def offices(app):
    """A person of education, one of market regulation; a matter whose alert is truly named."""
    with app.database.transaction() as tx:
        (hash_,) = tx.scalars(select(user.c.password_hash).where(user.c.name == "officer"))
        for name, department in [("jiao", "education"), ("shi", "market")]:
            users.add(tx, name, "officer", "370702", None, hash_)
            users.change(tx, name, department=department)
        (row,) = tx.execute(select(matter).where(matter.c.id == 1)).mappings()
        tx.execute(insert(matter).values(dict(row) | {"id": MATTER}))
        (row,) = tx.execute(select(alert).where(alert.c.matter_id == 1)).mappings()
        parts = ("rule", "uscc", "subject_kind", "subject_id", "on_day")
        named = alert_id(Identity(*(row[part] for part in parts)))
        tx.execute(insert(alert).values(dict(row) | {"id": named, "matter_id": MATTER}))
    return app


@pytest.fixture
def sent(offices):
    """A case that the education department handed to market regulation: its number and key."""
    number = steps.open_case(offices, [MATTER], actor="jiao", reason="核实", then="triage")
    return number, sending.send(offices, number, "market", actor="jiao", reason="价格问题")


@pytest.fixture
def packed(offices, sent):
    """The bytes of its bundle, and the public key of the office."""
    _, content = reading.load_bundle(offices, Scope(), sent[1])
    return content, get_signing_key(offices).public_pem


def state_of(app, number):
    with app.database.reading() as tx:
        row = cases.get_case(tx, number)
    return row["state"], row["department"], row["owner"]


def scope_of(app, name):
    with app.database.reading() as tx:
        return users.find_by_name(tx, name).scope


def verified(tmp_path, content, pem, *more):
    """What the command says on a machine that has neither the database nor the keys."""
    machine = tmp_path / "elsewhere"
    shutil.rmtree(machine, ignore_errors=True)
    machine.mkdir()
    (machine / "evidence.zip").write_bytes(content)
    (machine / "office.pem").write_bytes(pem)
    (machine / "feewatch.toml").write_text("")
    config = ["--config", str(machine / "feewatch.toml"), "verify", str(machine / "evidence.zip")]
    done = CliRunner().invoke(
        main, [*config, "--key", str(machine / "office.pem"), "--json", *more]
    )
    assert not (machine / "var" / "feewatch.db").exists()
    return done.exit_code, json.loads(done.output)


def test_a_case_waits_until_the_other_department_takes_it_over(offices, sent):
    number, key = sent
    assert state_of(offices, number) == ("transferred", "education", "jiao")
    with pytest.raises(ConflictError):
        steps.step(offices, number, "notify", actor="jiao", reason="督办")
    for name in ("jiao", "officer"):  # nobody answers for another department
        with pytest.raises(ForbiddenError):
            answering.receive(offices, key, actor=name)
    answering.receive(offices, key, actor="shi", note="已收")
    assert state_of(offices, number) == ("triaged", "market", "shi")
    with offices.database.reading() as tx:
        assert tx.scalar(select(matter.c.department).where(matter.c.id == MATTER)) == "market"
        assert {*tx.scalars(select(alert.c.department).where(alert.c.matter_id == MATTER))} == {
            "market"
        }
        moves = [*tx.scalars(select(case_event.c.step).order_by(case_event.c.id))]
    assert moves[-2:] == ["transfer", "receive"]
    with pytest.raises(NotFoundError):  # who handed it over reads it, and acts no more
        steps.step(offices, number, "notify", actor="jiao", reason="督办")
    assert reading.get_transfer(offices, scope_of(offices, "jiao"), key).state == "received"
    steps.step(offices, number, "notify", actor="shi", reason="督办")
    with pytest.raises(ConflictError):
        answering.receive(offices, key, actor="shi")


def test_one_that_is_sent_back_is_as_it_was(offices, sent):
    number, key = sent
    answering.send_back(offices, key, actor="shi", reason="不属本部门职责")
    assert state_of(offices, number) == ("triaged", "education", "jiao")
    second = sending.send(offices, number, "culture", actor="jiao", reason="改送")
    rows = reading.list_transfers(offices, scope_of(offices, "jiao"))
    assert [(row.id, row.state) for row in rows] == [(second, "sent"), (key, "returned")]
    assert len({row.number for row in rows}) == 2  # each letter is of one transfer
    assert reading.list_transfers(offices, scope_of(offices, "shi")) == rows[1:]


def test_a_person_outside_answers_on_paper(offices):
    number = steps.open_case(offices, [MATTER], actor="jiao", reason="核实")
    key = sending.send(offices, number, None, actor="jiao", reason="涉嫌犯罪", unit="公安局")
    (file,) = read_attachments([("回执.pdf", PDF)])

    def receipt(**changes):
        given = answering.Receipt("公安局 王某", today(), "公受〔2026〕3号", file)
        return given._replace(**changes)

    for wrong in ({"by": " "}, {"on": today() - 1}, {"on": today() + 1}):
        with pytest.raises(Refusal):
            answering.record_receipt(offices, key, receipt(**wrong), actor="jiao", reason="收到")
    with pytest.raises(NotFoundError):  # it is none of theirs
        answering.record_receipt(offices, key, receipt(), actor="shi", reason="收到")
    answering.record_receipt(offices, key, receipt(), actor="jiao", reason="收到")
    assert state_of(offices, number) == ("transferred", "education", "jiao")
    row = reading.get_transfer(offices, Scope(), key)
    assert (row.state, row.received_by, row.receipt_no) == (
        "received", "公安局 王某", "公受〔2026〕3号",
    )  # fmt: skip
    assert reading.load_receipt(offices, Scope(), key)[:2] == ("回执.pdf", PDF)


@pytest.mark.parametrize(
    ("to", "unit", "code"),
    [("education", "", "TRANSFER-OWN"), ("tax", "", "DEPARTMENT"), (None, " ", "TRANSFER-UNIT")],
)
def test_a_case_goes_to_another_department_or_to_a_unit_that_is_named(offices, to, unit, code):
    number = steps.open_case(offices, [MATTER], actor="jiao", reason="核实")
    with pytest.raises(Refusal) as refused:
        sending.send(offices, number, to, actor="jiao", reason="移", unit=unit)
    assert refused.value.code == code
    assert state_of(offices, number)[0] == "open"


def test_a_bundle_is_verified_where_there_is_no_database(packed, sent, tmp_path):
    code, report = verified(tmp_path, *packed)
    assert (code, report["good"], report["faults"], report["kind"]) == (0, True, [], "evidence")
    assert any(sent[0] in note["zh"] for note in report["notes"])
    with zipfile.ZipFile(io.BytesIO(packed[0])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    alerts, rows = json.loads(parts["alerts.json"]), json.loads(parts["evidence.json"])
    assert [row["source"] for row in rows if row["alert"] == alerts[0]["id"]] == [
        {"file_sha256": "ab" * 32, "line": 7}, {"record": "contract", "id": "HT1"},
    ]  # fmt: skip
    assert rows[0]["rows"][0]["memo"] == "往来款"
    assert alerts[0]["basis"][0]["number"] == "教监管函〔2021〕2号"
    assert alerts[0]["calculation"]["zh"].startswith("余额")
    assert {"case.open", "paper.made"} & {row["action"] for row in json.loads(parts["audit.json"])}
    (paper,) = json.loads(parts["papers.json"])
    assert paper["kind"] == "transfer_letter"
    assert parts[paper["file"]][:2] == b"PK"
    assert "余额 300000 分" in parts["index.html"].decode()


def test_the_same_case_gives_the_same_bundle_byte_for_byte(offices, packed):
    content, _ = packed
    files = unpack_files(content, bundle.MOST_BYTES, 1000)
    manifest = json.loads(files.pop("manifest.json"))
    head = {
        name: manifest[name] for name in manifest if name not in ("signatures", "files", "format")
    }
    assert bundle.build_bundle(head, files, get_signing_key(offices)) == content


def repacked(content, change, *, method=zipfile.ZIP_STORED):
    """A bundle with other files, packed as feewatch packs them, or by another method."""
    files = unpack_files(content, bundle.MOST_BYTES, 1000)
    change(files)
    if method == zipfile.ZIP_STORED:
        return pack_files(files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    return packed.getvalue()


def many_files():
    return {f"papers/{number}": b"" for number in range(20_001)}


def edit(name, old, new):
    def change(files):
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


def resign(pem):
    """All hashes set right again, signed by a key that nobody trusts."""

    def change(files):
        edit("alerts.json", b"300000", b"800000")(files)
        manifest = json.loads(files["manifest.json"])
        manifest["files"]["alerts.json"] = sha256(files["alerts.json"])
        del manifest["signatures"]
        files["manifest.json"] = SigningKey(pem).sign(manifest)

    return change


@pytest.mark.parametrize(
    ("alter", "code"),
    [
        (lambda it: it[:-1], "BUNDLE-FILE"),
        (lambda it: it + b"\0", "BUNDLE-PACKED"),
        (lambda it: b"MZ" + it, "BUNDLE-PACKED"),
        (lambda it: it.replace(b"\x50\x4b\x03\x04", b"\x50\x4b\x03\x05", 1), "BUNDLE-FILE"),
        (lambda it: repacked(it, lambda _: None, method=zipfile.ZIP_DEFLATED), "BUNDLE-FILE"),
        (lambda it: repacked(it, edit("alerts.json", b"300000", b"800000")), "BUNDLE-HASH"),
        (lambda it: repacked(it, edit("evidence.json", b'"line":7', b'"line":8')), "BUNDLE-HASH"),
        (lambda it: repacked(it, edit("audit.json", b'"jiao"', b'"shi"')), "BUNDLE-HASH"),
        (lambda it: repacked(it, edit("manifest.json", b"market", b"sports")), "BUNDLE-SIGNATURE"),
        (lambda it: repacked(it, lambda files: files.pop("papers/1.docx")), "BUNDLE-FILE"),
        (lambda it: repacked(it, lambda files: files.pop("manifest.json")), "BUNDLE-FILE"),
        (lambda it: repacked(it, lambda files: files.update(more=b"x")), "BUNDLE-FILE"),
        (lambda it: repacked(it, lambda files: files.update(many_files())), "BUNDLE-FILE"),
        (lambda _: b"", "BUNDLE-FILE"),
        (lambda _: b"PK\x03\x04 no archive", "BUNDLE-FILE"),
    ],
)  # fmt: skip
def test_a_bundle_that_was_altered_is_refused(packed, tmp_path, alter, code):
    content, pem = packed
    altered = alter(content)
    assert altered != content
    exit_code, report = verified(tmp_path, altered, pem)
    assert (exit_code, report["good"]) == (1, False)
    assert code in {fault["code"] for fault in report["faults"]}


def test_a_bundle_signed_by_another_key_is_refused(packed, tmp_path):
    content, pem = packed
    altered = repacked(content, resign(new_private_pem()))
    exit_code, report = verified(tmp_path, altered, pem)
    assert exit_code == 1
    assert {fault["code"] for fault in report["faults"]} == {"BUNDLE-SIGNATURE"}


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("alerts.json", lambda part: part[0].update(id="A" + "0" * 15), "BUNDLE-ALERT"),
        ("alerts.json", lambda part: part[0]["evidence"].pop(), "BUNDLE-EVIDENCE"),
        ("evidence.json", lambda part: part.pop(), "BUNDLE-EVIDENCE"),
        ("papers.json", lambda part: part[0].update(sha256="0" * 64), "BUNDLE-PAPER"),
        ("audit.json", lambda part: part[0].update(actor="nobody"), "BUNDLE-AUDIT"),
        ("audit.json", lambda part: part[0].pop("hash"), "BUNDLE-CONTENT"),
        ("alerts.json", lambda part: part.append(None), "BUNDLE-CONTENT"),
    ],
)  # fmt: skip
def test_even_what_is_signed_has_to_agree_with_itself(offices, packed, name, change, code):
    files = unpack_files(packed[0], bundle.MOST_BYTES, 1000)
    manifest = json.loads(files.pop("manifest.json"))
    part = json.loads(files[name])
    change(part)
    files[name] = canonical(part)
    head = {key: manifest[key] for key in manifest.keys() - _MADE}
    made = bundle.build_bundle(head, files, get_signing_key(offices))
    report = bundle.verify_bundle(made, read_public_keys(packed[1]))
    assert code in {fault.code for fault in report.faults}


def test_programs_read_transfers_and_answer_for_their_department(offices, sent, as_user):
    number, key = sent
    shi = as_user("shi")
    (item,) = shi.get("/api/v1/transfers?state=sent").json["items"]
    assert (item["case"], item["from"], item["to"], item["uscc"]) == (
        number, "education", "market", LUZHI,
    )  # fmt: skip
    assert shi.get(f"/api/v1/transfers/{key}").json == item
    got = shi.get(f"/api/v1/transfers/{key}/bundle")
    assert sha256(got.data) == item["bundle_sha256"]
    assert as_user("viewer").get(f"/desk/transfers/{key}/bundle").status_code == 403
    assert shi.get("/api/v1/transfers/99").status_code == 404


def test_who_sent_it_takes_it_back_while_it_waits_and_the_other_reads_it_no_more(offices, sent):
    number, key = sent
    for name in ("shi", "nanjing"):
        with pytest.raises((ForbiddenError, NotFoundError)):
            answering.withdraw(offices, key, actor=name, reason="误送")
    with pytest.raises(Refusal):
        answering.withdraw(offices, key, actor="jiao", reason=" ")
    assert answering.withdraw(offices, key, actor="jiao", reason="误送") == number
    assert state_of(offices, number) == ("triaged", "education", "jiao")
    assert reading.get_transfer(offices, scope_of(offices, "jiao"), key).state == "withdrawn"
    assert reading.list_transfers(offices, scope_of(offices, "shi")) == []
    with pytest.raises(NotFoundError):
        reading.load_bundle(offices, scope_of(offices, "shi"), key)
    assert list_cases(offices, person="shi") == []
    with pytest.raises(NotFoundError):
        answering.receive(offices, key, actor="shi")
    with pytest.raises(ConflictError):
        answering.withdraw(offices, key, actor="jiao", reason="再撤")
    with offices.database.reading() as tx:
        told = tx.execute(
            select(message.c.text).join(user, user.c.id == message.c.user_id)
            .where(user.c.name == "shi").order_by(message.c.id)
        )  # fmt: skip
        texts = [row.text["zh"] for row in told]
    assert [("已移送" in text, "撤回" in text) for text in texts] == [(True, False), (False, True)]
    second = sending.send(offices, number, "market", actor="jiao", reason="更正后再送")
    assert state_of(offices, number)[0] == "transferred"
    assert second != key


def test_what_was_received_is_taken_back_by_nobody(offices, sent):
    answering.receive(offices, sent[1], actor="shi")
    with pytest.raises(ConflictError) as refused:
        answering.withdraw(offices, sent[1], actor="jiao", reason="误送")
    assert refused.value.code == "TRANSFER-ANSWERED"


@pytest.fixture
def post(offices, visitor):
    """What the API answers to a program of a person."""

    def call(name, path, scopes=("read", "decide"), **body):
        word = issue_token(offices, name, actor="x", scopes=list(scopes))
        headers = {"Authorization": f"Bearer {word}"}
        answer = visitor.post(f"/api/v1/transfers/{path}", json=body, headers=headers)
        return answer.status_code, answer.json

    return call


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("received", ("triaged", "market")), ("returned", ("triaged", "education"))],
)
def test_a_program_answers_for_its_department(offices, sent, post, outcome, state):
    number, key = sent
    body = {"outcome": outcome, "reason": "已阅"}
    assert post("shi", f"{key}/answer", scopes=["read"], **body)[0] == 403
    assert post("jiao", f"{key}/answer", **body)[1]["code"] == "TRANSFER-DEPARTMENT"
    assert post("shi", f"{key}/answer", outcome="lost", reason="x")[1]["code"] == "OUTCOME"
    status, told = post("shi", f"{key}/answer", **body)
    assert (status, told["state"], told["answer"], told["received_by"]) == (
        200, outcome, "已阅", "shi",
    )  # fmt: skip
    schema = description()["components"]["schemas"]["Transfer"]
    Draft202012Validator(schema | {"components": description()["components"]}).validate(told)
    assert state_of(offices, number)[:2] == state
    assert post("shi", f"{key}/answer", **body)[0] == 409
    assert post("jiao", f"{key}/withdraw", reason="误")[0] == 409


def test_a_program_takes_a_transfer_back(offices, sent, post):
    number, key = sent
    assert post("shi", f"{key}/withdraw", reason="误送")[0] == 403
    status, told = post("jiao", f"{key}/withdraw", reason="误送")
    assert (status, told["state"], told["received_by"]) == (200, "withdrawn", None)
    assert state_of(offices, number)[0] == "triaged"


def test_commands_send_take_back_receive_and_record_a_receipt(offices, tmp_path):
    app = offices
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")
    (tmp_path / "回执.pdf").write_bytes(PDF)
    number = steps.open_case(app, [MATTER], actor="jiao", reason="核实", then="triage")

    def run(person, *words, code=0):
        config = ["--config", str(tmp_path / "feewatch.toml"), "--as", person, "transfers"]
        done = CliRunner().invoke(main, [*config, *words])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    def keys(person):
        lines = run(person, "list", "--json").splitlines()
        return {row["id"]: row["state"] for row in map(json.loads, lines)}

    run("jiao", "send", number, "--to", "market", "--reason", "价格")
    (key,) = keys("shi")
    run("jiao", "withdraw", str(key), "--reason", "误送")
    assert (keys("shi"), keys("jiao")) == ({}, {key: "withdrawn"})
    run("jiao", "send", number, "--to", "market", "--reason", "价格")
    (second,) = keys("shi")
    assert "TRANSFER-DEPARTMENT" in run("jiao", "receive", str(second), "--reason", "x", code=1)
    run("shi", "bundle", str(second), "--out", str(tmp_path / "evidence.zip"))
    run("shi", "return", str(second), "--reason", "不属职责")
    run("jiao", "send", number, "--unit", "公安局", "--reason", "涉嫌犯罪")
    third = max(keys("jiao"))
    given = ("--by", "公安局 王某", "--on", format_day(today()), "--reason", "已收")
    run("jiao", "receipt", str(third), str(tmp_path / "回执.pdf"), *given)
    assert keys("jiao") == {key: "withdrawn", second: "returned", third: "received"}
    code, report = verified(
        tmp_path, (tmp_path / "evidence.zip").read_bytes(), get_signing_key(app).public_pem
    )
    assert (code, report["good"]) == (0, True)
