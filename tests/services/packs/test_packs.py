"""Packs are believed by a key, shown against what is in force, switched to, and taken back."""

import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner
from services.packs.conftest import EARLY, staff
from sqlalchemy import select
from worlds.builder import AS_OF, School, build

from feewatch.cli import main
from feewatch.config import People, RuleFolders
from feewatch.engine.folders import pack_folder, read_packs, rule_folders
from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import Refusal
from feewatch.publication.archive import pack_files, unpack_files
from feewatch.publication.keylist import build_revocations
from feewatch.publication.signing import Revocation, SigningKey, canonical, new_private_pem
from feewatch.services.backup.taking import back_up
from feewatch.services.check.checking import run_check
from feewatch.services.check.findings import list_findings
from feewatch.services.check.rulebook import rule_book
from feewatch.services.health.packs import look_at_packs
from feewatch.services.lists.keys import ensure_signing_key, export_keys
from feewatch.services.packs import installing, making, standing
from feewatch.services.packs.trust import GivenKeys
from feewatch.services.packs.verifying import verify_pack
from feewatch.store.tables.operations import audit

NOTHING = GivenKeys()


@contextmanager
def refused(code):
    """What stands inside is refused with this code."""
    with pytest.raises(Refusal) as refusal:
        yield refusal
    assert refusal.value.code == code


def install(app, content, given=NOTHING, actor="fa", **rest):
    return installing.install(app, content, given, actor=actor, **rest)


def months(app, place="370000"):
    values = rule_book(app).parameters["early_months_max"].values
    return next((each.value for each in values if each.jurisdiction == place), None)


def versions(app):
    return {name: each[-1].version for name, each in read_packs(app.config).installed.items()}


def acts(app):
    with app.database.reading() as tx:
        query = select(audit.c.actor, audit.c.action, audit.c.object).order_by(audit.c.id)
        return [tuple(row) for row in tx.execute(query) if row.action.startswith("rules.")]


def lines(differences):
    return [(each.kind, each.id, [line.en for line in each.details]) for each in differences]


def test_a_pack_is_shown_installed_replaced_and_taken_back(county, province):
    looked = install(county, province.pack("1"), province.given, dry_run=True)
    assert looked.state == "tried"
    assert lines(looked.outlook.differences) == [
        ("parameter", "early_months_max", ["370000 from 2026-01-01: none → 2 months (preset)"])
    ]
    assert looked.outlook.overridden == []
    assert (versions(county), months(county)) == ({}, None)
    assert install(county, province.pack("1"), province.given).state == "installed"
    assert (versions(county), months(county)) == ({"shandong": "1"}, 2)
    second = install(county, province.pack("1.1", 3))
    assert second.replaced == "1"
    assert months(county) == 3
    (told,) = standing.list_packs(county.config)
    assert (told.pack.version, told.replaced, told.is_whole) == ("1.1", "1", True)
    assert told.pack.key_id == province.key.id
    assert installing.roll_back(county, "shandong", actor="gu", reason="有误") == (
        "rolled_back",
        "1",
    )
    assert months(county) == 2
    installing.roll_back(county, "shandong", actor="gu", reason="有误")
    assert (versions(county), months(county)) == ({}, None)
    with refused("PACK-UNKNOWN"):
        installing.roll_back(county, "shandong", actor="gu", reason="有误")
    assert install(county, province.pack("1.1", 3)).state == "installed"  # its key is known still
    assert acts(county) == [
        ("fa", "rules.install", "shandong"),
        ("fa", "rules.install", "shandong"),
        ("gu", "rules.rollback", "shandong"),
        ("gu", "rules.rollback", "shandong"),
        ("fa", "rules.install", "shandong"),
    ]


def test_an_own_folder_stays_in_force_and_what_it_keeps_out_is_told(county, province):
    own = county.config.folder / "own" / "parameters"
    own.mkdir(parents=True)
    (own / "mine.toml").write_text(EARLY.format(months=6), "utf-8")
    app = replace(county, config=replace(county.config, rules=RuleFolders(["own"])))
    done = install(app, province.pack("1"), province.given)
    assert done.outlook.differences == []
    assert lines(done.outlook.overridden) == [
        (
            "parameter",
            "early_months_max",
            ["370000 from 2026-01-01: 2 months (preset) → 6 months (preset)"],
        )
    ]
    assert months(app) == 6
    assert [each.name for each in rule_folders(app.config)] == ["rules", "own"]


def test_packs_lie_over_the_shipped_book_in_order_of_their_names(county, province):
    install(county, province.pack("1", 2, name="b"), province.given)
    install(county, province.pack("1", 3, name="a"), province.given)
    assert months(county) == 2


def test_a_check_judges_by_the_pack_from_the_next_one_on(any_app, tmp_path, province):
    """Paid 46 days before the first lesson: early where one month is allowed, not where two are."""
    staff(any_app)
    school = School(1)
    early = school.contract(paid_on="2026-05-20", starts_on="2026-07-05")
    too_early = school.contract(paid_on="2026-05-02", starts_on="2026-07-05")
    build(any_app, [school], tmp_path / "world")

    def judged():
        run_check(any_app, parse_day(AS_OF))
        found = list_findings(any_app, parse_day(AS_OF), rules=["FEE-EARLY-NEW"])
        return {each.identity.subject_id.partition("/")[0]: each.outcome for each in found}

    assert judged() == {early: "breach", too_early: "breach"}
    install(any_app, province.pack("1"), province.given)
    assert judged() == {early: "compliant", too_early: "breach"}
    installing.roll_back(any_app, "shandong", actor="fa", reason="有误")
    assert judged() == {early: "breach", too_early: "breach"}


def test_no_key_is_believed_that_nobody_gave_by_hand(county, province):
    with refused("KEY-REQUIRED"):
        install(county, province.pack("1"))
    stranger = SigningKey(new_private_pem())
    with refused("PACK-SIGNATURE"):
        install(county, province.pack("1", key=stranger), province.given)
    assert not (county.config.var / "packs" / "shandong" / "keys.pem").exists()
    install(county, province.pack("1"), province.given)
    forged = province.pack("2", key=stranger)
    with refused("PACK-SIGNATURE"):
        install(county, forged)
    with refused("PACK-KEY-OTHER"):
        install(county, forged, GivenKeys(stranger.public_pem))
    assert versions(county) == {"shandong": "1"}
    install(county, forged, GivenKeys(stranger.public_pem, replaces=True))
    assert versions(county) == {"shandong": "2"}


def test_a_revoked_key_signs_nothing_more_and_is_remembered(county, province):
    fresh = SigningKey(new_private_pem())
    both = GivenKeys(fresh.public_pem + province.key.public_pem)
    revoked = build_revocations(
        "省教育厅", {province.key.id: Revocation(parse_day("2026-11-20"), "被盗")}, fresh
    )
    install(county, province.pack("1"), both)
    with refused("PACK-SIGNATURE"):
        install(county, province.pack("2"), GivenKeys(revoked=revoked))
    install(county, province.pack("2", key=fresh, revoked=revoked))
    with refused("PACK-SIGNATURE") as refusal:
        install(county, province.pack("3"))
    assert "revoked" in refusal.value.text.en
    with refused("PACK-SIGNATURE"):
        installing.roll_back(county, "shandong", actor="fa", reason="有误")
    assert versions(county) == {"shandong": "2"}


def test_a_list_given_by_hand_and_the_one_in_the_pack_both_count(county, province):
    """The one names another key than the other, and each is remembered."""
    newest, middle = SigningKey(new_private_pem()), SigningKey(new_private_pem())
    keys = newest.public_pem + middle.public_pem + province.key.public_pem
    by_hand, in_pack = (
        build_revocations("省教育厅", {key.id: Revocation(parse_day("2026-11-20"), "被盗")}, newest)
        for key in (middle, province.key)
    )
    content = province.pack("1", key=newest, revoked=in_pack)
    install(county, content, GivenKeys(keys, revoked=by_hand))
    for key in (middle, province.key):
        with refused("PACK-SIGNATURE"):
            install(county, province.pack("2", key=key))
    install(county, province.pack("2", key=newest))
    assert versions(county) == {"shandong": "2"}


def test_killed_while_keys_are_replaced_those_of_before_count(county, province):
    """Keys change in the same step as what is in force by them."""
    install(county, province.pack("1"), province.given)
    stranger = SigningKey(new_private_pem())
    pack, key = (county.config.folder / name for name in ("second.zip", "stranger.pem"))
    pack.write_bytes(province.pack("2", 3, key=stranger))
    key.write_bytes(stranger.public_pem)
    given = f"GivenKeys(Path({str(key)!r}).read_bytes(), replaces=True)"
    assert kill_installing(county, pack, given, "installing", "switch") == 9
    assert (versions(county), months(county)) == ({"shandong": "1"}, 2)
    with refused("PACK-SIGNATURE"):
        install(county, province.pack("3", key=stranger))
    install(county, pack.read_bytes(), GivenKeys(stranger.public_pem, replaces=True))
    with refused("PACK-SIGNATURE"):
        install(county, province.pack("3"))
    install(county, province.pack("3", key=stranger))
    assert versions(county) == {"shandong": "3"}


def test_keys_that_an_earlier_release_kept_beside_a_pack_go_on_counting(county, province):
    install(county, province.pack("1"), province.given)
    place = county.config.var / "packs" / "packs.json"
    state = json.loads(place.read_bytes())
    del state["keys"]
    place.write_text(json.dumps(state))
    install(county, province.pack("2"))
    assert json.loads(place.read_bytes())["keys"] == {"shandong": province.key.public_pem.decode()}


def verify(config, path, *rest):
    return CliRunner().invoke(main, ["--config", str(config), "verify", str(path), *rest, "--json"])


def test_a_pack_is_verified_without_being_installed(county, province, tmp_path):
    config = tmp_path / "feewatch.toml"
    config.write_text('[office]\nname = "潍城区教育局"\ndistrict = "370702"\n')
    pack, key = tmp_path / "pack.zip", tmp_path / "key.pem"
    pack.write_bytes(province.pack("1"))
    key.write_bytes(province.key.public_pem)
    asked = verify(config, pack)
    assert asked.exit_code == 1
    assert "KEY-REQUIRED" in asked.output
    done = verify(config, pack, "--key", str(key))
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["good"], told["kind"], told["checked"]) == (True, "rule pack", 1)
    assert "shandong 1" in told["notes"][0]["en"]
    pack.write_bytes(province.pack("1", key=SigningKey(new_private_pem())))
    (fault,) = json.loads(verify(config, pack, "--key", str(key)).stdout)["faults"]
    assert fault["code"] == "PACK-SIGNATURE"
    assert versions(county) == {}


def test_a_pack_is_verified_by_the_keys_that_are_kept_and_what_is_revoked(county, province):
    newest = SigningKey(new_private_pem())
    revoked = build_revocations(
        "省教育厅", {province.key.id: Revocation(parse_day("2026-11-20"), "被盗")}, newest
    )
    keys = GivenKeys(newest.public_pem + province.key.public_pem, revoked=revoked)
    install(county, province.pack("1", key=newest), keys)
    reports = [
        verify_pack(county.config, province.pack("2", key=key), None)
        for key in (newest, province.key)
    ]
    assert [report.is_good for report in reports] == [True, False]


def test_only_a_newer_version_of_the_same_office_replaces_one(county, province):
    install(county, province.pack("1.10"), province.given)
    for older in ("1.9", "1.10", "1.10.0", "1"):
        with refused("PACK-OLDER"):
            install(county, province.pack(older))
    with refused("PACK-ISSUER"):
        install(county, province.pack("2", district="320000"))
    installing.roll_back(county, "shandong", actor="fa", reason="有误")
    with refused("PACK-TAKEN"):
        install(county, province.pack("1.10", 9))


def test_a_pack_with_which_the_book_has_faults_changes_nothing(county, province):
    wrong = {"parameters/early.toml": EARLY.format(months='"two"').encode()}
    with refused("RULE-BOOK"):
        install(county, province.pack("1", files=wrong), province.given)
    assert not pack_folder(county.config, "shandong", "1").exists()
    assert versions(county) == {}


def test_a_version_that_was_changed_on_disk_is_told_and_not_gone_back_to(county, province):
    install(county, province.pack("1"), province.given)
    install(county, province.pack("2", 3))
    path = pack_folder(county.config, "shandong", "1") / "rules/parameters/early.toml"
    path.write_text(EARLY.format(months=12), "utf-8")
    with refused("PACK-DAMAGED"):
        installing.roll_back(county, "shandong", actor="fa", reason="有误")
    path = pack_folder(county.config, "shandong", "2") / "rules/parameters/early.toml"
    path.write_text(EARLY.format(months=12), "utf-8")
    assert [each.is_whole for each in standing.list_packs(county.config)] == [False]


def test_a_damaged_record_of_packs_is_no_empty_one(county, province):
    install(county, province.pack("1"), province.given)
    (county.config.var / "packs/packs.json").write_text("{}", "utf-8")
    with refused("PACKS-DAMAGED"):
        rule_book(county)


def test_a_record_of_packs_that_is_gone_is_no_empty_one(county, province):
    assert read_packs(county.config).installed == {}
    install(county, province.pack("1"), province.given)
    (county.config.var / "packs/packs.json").unlink()
    with refused("PACKS-DAMAGED"):
        rule_book(county)
    with refused("PACKS-DAMAGED"):
        install(county, province.pack("2"))


def test_a_signature_without_a_key_beside_the_good_one_changes_nothing(county, province):
    content = province.pack("1")
    document = json.loads(unpack_files(content, 10**9, 10**4)["manifest.json"])
    document["signatures"].insert(0, {"suite": "ed25519-sha256", "value": "00"})
    done = install(
        county, repacked(content, manifest__json=canonical(document)), province.given, dry_run=True
    )
    assert done.pack.key_id == province.key.id


def test_the_doctor_tells_of_packs_that_are_not_as_they_were_signed(county, province):
    install(county, province.pack("1"), province.given)
    assert list(look_at_packs(county)) == []
    (pack_folder(county.config, "shandong", "1") / "rules/rulebook").mkdir()
    assert list(look_at_packs(county)) == []
    (pack_folder(county.config, "shandong", "1") / "rules/holidays").mkdir()
    (pack_folder(county.config, "shandong", "1") / "rules/holidays/2027.toml").touch()
    (told,) = look_at_packs(county)
    assert told.about == "packs/shandong"
    (county.config.var / "packs/packs.json").write_text("[]", "utf-8")
    (told,) = look_at_packs(county)
    assert "packs.json" in told.text.en


def test_a_safety_copy_holds_the_packs_in_force(county, province, tmp_path):
    install(county, province.pack("1"), province.given)
    copy = back_up(county, tmp_path / "office.fwb", actor="gu")
    there = {"packs.json", "shandong/keys.pem", "shandong/1/manifest.json"}
    there |= {"shandong/1/rules/parameters/early.toml"}
    assert {f"var/packs/{each}" for each in there} <= copy.manifest.members.keys()


def test_who_keeps_no_rules_installs_none(county, province):
    with refused("ROLE"):
        install(county, province.pack("1"), province.given, actor="li")
    assert versions(county) == {}


def test_a_second_person_confirms_where_the_office_has_four_eyes(county, province):
    people = People(four_eyes_on_approvals=True)
    app = replace(county, config=replace(county.config, people=people))
    assert install(app, province.pack("1"), province.given).state == "waiting"
    assert (versions(app), months(app)) == ({}, None)
    with refused("PACK-WAITS"):
        install(app, province.pack("2"), province.given)
    with refused("SECOND-OFFICER"):
        installing.confirm(app, "shandong", actor="fa", reason="可")
    with refused("ROLE"):
        installing.confirm(app, "shandong", actor="li", reason="可")
    installing.confirm(app, "shandong", actor="gui", reason="可")
    assert months(app) == 2
    assert installing.roll_back(app, "shandong", actor="gui", reason="有误")[0] == "waiting"
    installing.refuse(app, "shandong", actor="fa", reason="无误")
    assert months(app) == 2
    installing.roll_back(app, "shandong", actor="gui", reason="有误")
    installing.confirm(app, "shandong", actor="fa", reason="确有误")
    assert versions(app) == {}
    install(app, province.pack("3"))
    installing.refuse(app, "shandong", actor="fa", reason="撤回")
    assert not pack_folder(app.config, "shandong", "3").exists()
    assert [act[:2] for act in acts(app)] == [
        ("fa", "rules.ask"), ("gui", "rules.install"), ("gui", "rules.ask"), ("fa", "rules.refuse"),
        ("gui", "rules.ask"), ("fa", "rules.rollback"), ("fa", "rules.ask"), ("fa", "rules.refuse"),
    ]  # fmt: skip


def test_what_was_laid_is_held_against_its_manifest_again_when_confirmed(county, province):
    people = People(four_eyes_on_approvals=True)
    app = replace(county, config=replace(county.config, people=people))
    install(app, province.pack("1"), province.given)
    path = pack_folder(app.config, "shandong", "1") / "rules/parameters/early.toml"
    path.write_text(EARLY.format(months=12), "utf-8")
    with refused("PACK-DAMAGED"):
        installing.confirm(app, "shandong", actor="gui", reason="可")
    assert versions(app) == {}


def repacked(content, **changed):
    files = unpack_files(content, 10**9, 10**4)
    return pack_files(files | {name.replace("__", "."): each for name, each in changed.items()})


def with_path(content, path):
    files = unpack_files(content, 10**9, 10**4)
    return pack_files(files | {path: b"x = 1\n"})


def with_suite(content, suite):
    manifest = unpack_files(content, 10**9, 10**4)["manifest.json"]
    return repacked(content, manifest__json=manifest.replace(b"ed25519-sha256", suite))


def with_byte(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def compressed(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in unpack_files(content, 10**9, 10**4).items():
            archive.writestr(name, each)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda content: content[: len(content) // 2], "PACK-FILE"),
        (lambda _: b"PK\x03\x04 nothing", "PACK-FILE"),
        (compressed, "PACK-FILE"),
        (lambda content: content + b"\0", "PACK-PACKED"),
        (lambda content: with_path(content, "../../keys/signing.pem"), "PACK-PATH"),
        (lambda content: with_path(content, "rules/../../escape.toml"), "PACK-PATH"),
        (lambda content: with_path(content, "/etc/passwd"), "PACK-PATH"),
        (lambda content: with_path(content, "rules/rulebook/a\\..\\b.toml"), "PACK-PATH"),
        (lambda content: with_path(content, "rules/plugins/run.py"), "PACK-PATH"),
        (lambda content: with_path(content, "rules/rulebook/MORE.toml"), "PACK-HASH"),
        (lambda content: repacked(content, rules__x=b""), "PACK-PATH"),
        (lambda content: with_suite(content, b"rsa-sha1-weaken"), "PACK-SIGNATURE"),
        (lambda content: with_suite(content, b"sm2-sm3"), "PACK-SIGNATURE"),
        (lambda content: content.replace(b'"version":"1"', b'"version":"9"'), "PACK-FILE"),
        (lambda content: content + b"\0" * (64 * 1024 * 1024), "PACK-SIZE"),
    ],
)
def test_a_spoilt_pack_is_refused_and_leaves_nothing(county, province, spoil, code):
    with refused(code):
        install(county, spoil(province.pack("1")), province.given)
    assert not list((county.config.var / "packs").rglob("*.toml"))
    assert versions(county) == {}


def test_no_byte_of_a_pack_can_be_changed_unseen(county, province):
    content = province.pack("1")
    for at in range(0, len(content), 61):
        with pytest.raises(Refusal) as refusal:
            install(county, with_byte(content, at), province.given, dry_run=True)
        assert refusal.value.code.startswith(("PACK-", "KEY-")), at


def test_a_signed_manifest_of_another_content_does_not_fit(county, province):
    one, other = province.pack("1"), province.pack("1", 7)
    swapped = repacked(one, manifest__json=unpack_files(other, 10**9, 10**4)["manifest.json"])
    with refused("PACK-HASH"):
        install(county, swapped, province.given)


def kill_installing(county, pack, given, module, function):
    """Install in a process that is gone as it comes to a function; what it ended with."""
    program = f"""
import os
from pathlib import Path
from feewatch.bootstrap import open_app
from feewatch.config import Config, Office
from feewatch.services.lists.keys import ensure_signing_key, export_keys
from feewatch.services.packs import installing, laying
from feewatch.services.packs.trust import GivenKeys
from feewatch.services.packs.verifying import verify_pack
{module}.{function} = lambda *_: os._exit(9)
app = open_app(Config(Path({str(county.config.folder)!r}), Office(district="370702")))
installing.install(app, Path({str(pack)!r}).read_bytes(), {given}, actor="fa")
"""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", program], env=paths, check=False).returncode


@pytest.mark.parametrize("killed_at", ["lay", "switch"])
def test_killed_before_the_switch_the_packs_of_before_are_in_force(county, province, killed_at):
    install(county, province.pack("1"), province.given)
    pack = county.config.folder / "second.zip"
    pack.write_bytes(province.pack("2", 3))
    at = ("laying", "write_through") if killed_at == "lay" else ("installing", "switch")
    assert kill_installing(county, pack, "GivenKeys()", *at) == 9
    assert pack_folder(county.config, "shandong", "2").exists() == (killed_at == "switch")
    assert (versions(county), months(county)) == ({"shandong": "1"}, 2)
    install(county, pack.read_bytes())
    assert (versions(county), months(county)) == ({"shandong": "2"}, 3)
    (told,) = standing.list_packs(county.config)
    assert told.is_whole


@pytest.fixture
def folder(tmp_path):
    """Rule data of one parameter."""
    (tmp_path / "data/parameters").mkdir(parents=True)
    (tmp_path / "data/parameters/early.toml").write_text(EARLY.format(months=2), "utf-8")
    return tmp_path / "data"


def test_an_office_packs_a_folder_that_was_reviewed_and_tried(county, folder):
    ensure_signing_key(county)
    text = EARLY.format(months=2).replace("370000", "320000")  # no scenario is of there
    (folder / "parameters/early.toml").write_text(text, "utf-8")
    made = making.make_pack(county, folder, "weifang", "2026.12", actor="fa")
    assert made.files == 1
    assert made.scenarios > 800
    install(county, made.content, GivenKeys(export_keys(county)))
    assert months(county, "320000") == 2
    assert acts(county) == [("fa", "rules.pack", "weifang"), ("fa", "rules.install", "weifang")]


@pytest.mark.long  # all scenarios of the book, once more
def test_a_folder_whose_rules_fail_a_scenario_is_not_signed(county, folder):
    """One month before the first lesson is what the shipped scenarios say of 370702."""
    ensure_signing_key(county)
    with refused("SCENARIOS") as refusal:
        making.make_pack(county, folder, "weifang", "1", actor="fa")
    assert "FEE-EARLY-NEW" in refusal.value.text.en
    assert acts(county) == []


def test_a_folder_with_a_stray_file_or_with_nothing_is_not_signed(county, folder):
    ensure_signing_key(county)
    with refused("ROLE"):
        making.make_pack(county, folder, "weifang", "1", actor="li")
    (folder / "paramters").mkdir()
    (folder / "paramters/early.toml").write_text("", "utf-8")
    with refused("RULE-BOOK"):
        making.make_pack(county, folder, "weifang", "1", actor="fa")
    (folder / "empty").mkdir()
    with refused("PACK-EMPTY"):
        making.make_pack(county, folder / "empty", "weifang", "1", actor="fa")


@pytest.mark.parametrize(
    ("name", "version", "code"),
    [
        ("../up", "1", "PACK-NAME"),
        ("Shan", "1", "PACK-NAME"),
        ("s" * 41, "1", "PACK-NAME"),
        ("", "1", "PACK-NAME"),
        ("s", "1.2.3.4.5", "PACK-VERSION"),
        ("s", "01", "PACK-VERSION"),
        ("s", "../1", "PACK-VERSION"),
        ("s", "1\n", "PACK-VERSION"),
    ],
)
def test_names_and_versions_are_such_as_folders_bear(province, name, version, code):
    with refused(code):
        province.pack(version, name=name)


def test_the_same_content_and_key_give_the_same_bytes(province):
    assert province.pack("1") == province.pack("1")


def test_more_than_a_pack_may_hold_is_neither_made_nor_read(county, province):
    many = {f"sources/a{number}.toml": b"" for number in range(2_000)}
    with refused("PACK-SIZE"):
        province.pack("1", files=many)
    with refused("PACK-FILE"):
        install(county, pack_files({f"rules/{path}": each for path, each in many.items()} |
                                   {"manifest.json": b"{}"}), province.given)  # fmt: skip
