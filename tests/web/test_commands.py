"""Every command declares who may, lets them in, and shows or changes nothing of a foreign place."""

import shutil
import subprocess
import sys
import zlib
from collections import Counter
from importlib import import_module

import pytest
from click.testing import CliRunner

from feewatch.bootstrap import open_app
from feewatch.cli import list_commands, main
from feewatch.cli.catalogue import COMMANDS_OF
from feewatch.cli.permissions import OPEN, PERMISSIONS, act_of
from feewatch.cli.session import Session
from feewatch.config import Config
from feewatch.kernel.clock import today
from feewatch.kernel.days import format_day
from feewatch.kernel.errors import Refusal
from feewatch.services.cases import steps
from feewatch.store.people import users
from tests.web.commands import CALLS, FOREIGN, FOREIGN_SIGNS, WITHOUT_END, calls_of

#: log-in name -> role, of the small world; the last two are of another place or institution.
PEOPLE = {
    "viewer": "viewer",
    "officer": "officer",
    "reviewer": "reviewer",
    "publisher": "publisher",
    "rule_editor": "rule_editor",
    "administrator": "administrator",
    "system": "system_admin",
    "security": "security_admin",
    "auditor": "audit_admin",
    "inspector": "inspector",
    "luzhi": "institution",
    "program": "api",
    "nanjing": "officer",
    "weicheng": "institution",
}
#: Refused because of who asks, not of what is asked.
NOT_ADMITTED = {"ROLE", "USER-UNKNOWN", "USER-REQUIRED", "PLACE", "COMMAND-UNDECLARED"}
CONTRACTS = (
    "机构统一社会信用代码,合同编号,学员标识,课程编号,收费方式,课时数,收费金额,收费日期\n"
    "{},HT1,S1,KC1,按课时,40,4000,2026-05-10\n"
)


def test_every_command_is_declared_and_nothing_else_is():
    flags = {name for name in PERMISSIONS if " --" in name or name.startswith("case ")}
    commands = {words for words, _ in list_commands()}
    assert set(PERMISSIONS) - flags == commands
    assert {name.split(" --")[0].split(" ")[0] for name in flags} <= {
        name.split(" ")[0] for name in commands
    }


def test_every_module_makes_the_commands_by_whose_names_it_is_imported():
    for module, names in COMMANDS_OF.items():
        made = import_module(f"feewatch.cli.{module}").COMMANDS
        assert tuple(command.name for command in made) == names


def test_a_command_does_not_load_the_site_and_the_benchmarks():
    loads = (
        "import sys\nfrom feewatch.cli import main\nmain(['check', '-h'], standalone_mode=False)"
    )
    asked = f"{loads}\nprint(sorted({{'feewatch.bench', 'feewatch.web.site'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_that_is_not_open_to_all_is_called_in_the_matrix():
    closed = {act for act, permission in PERMISSIONS.items() if permission is not OPEN}
    assert closed == {*CALLS, *WITHOUT_END}


def test_a_command_that_is_not_declared_is_refused(tmp_path):
    with pytest.raises(Refusal) as refused:
        Session(tmp_path / "x.toml", "anybody").admit("secret new command", None)
    assert refused.value.code == "COMMAND-UNDECLARED"


def test_what_a_command_is_asked_to_do_makes_another_act_of_it():
    assert act_of("case", {"words": ("list",)}) == "case list"
    assert act_of("case", {"words": ("370702-2026-0001", "submit")}) == "case STEP"
    assert act_of("case", {"words": ("M1", "dismiss")}) == "case"
    assert act_of("publish", {"dry_run": False, "second": False, "force": True}) == (
        "publish --force"
    )
    assert act_of("publish", {"dry_run": False, "second": False, "force": False}) == "publish"


@pytest.fixture
def world(app, tmp_path):
    """The small world with a case of each place, and files to hand in."""
    (tmp_path / "feewatch.toml").write_text("", encoding="utf-8")
    for person, matter in (("officer", 2), ("nanjing", 4)):
        number = steps.open_case(app, [matter], actor=person, reason="核实", then="triage")
        steps.step(app, number, "notify", actor=person, reason="限期整改")
    (tmp_path / "noise.bin").write_bytes(b"\x00\x01noise")
    (tmp_path / "decision.toml").write_text("document = 'X'\n", encoding="utf-8")
    for uscc, district in (("52370702651728628K", "370702"), (FOREIGN["uscc"], "320104")):
        (tmp_path / f"visit-{district}.toml").write_text(
            f'uscc = "{uscc}"\non = {format_day(today())}\nkind = "monthly"\nnote = "走访"\n',
            encoding="utf-8",
        )
        (tmp_path / f"contracts-{district}.csv").write_text(
            CONTRACTS.format(uscc), encoding="utf-8"
        )
    app.database.dispose()
    return tmp_path


def fresh(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cell")
    shutil.copytree(world, folder, dirs_exist_ok=True)
    return folder


def call(folder, person, words):
    """The exit code, the code of a refusal, and what was printed."""
    named = ["--as", person] if person else []
    arguments = ["--config", str(folder / "feewatch.toml"), *named, *words]
    done = CliRunner().invoke(main, arguments, input="a long and unusual word 77\n")
    assert done.exception is None or isinstance(done.exception, SystemExit), (
        arguments, done.exception,
    )  # fmt: skip
    assert done.exit_code in (0, 1), (arguments, done.output)
    return done.exit_code, done.stderr.partition(":")[0].splitlines()[-1:], done.stdout


def expect(act, person):
    """Whether a person, or the operator, is let in."""
    permission = PERMISSIONS[act]
    if person is None:
        return permission.person == "optional"
    return PEOPLE[person] in permission.roles


def judge(act, person, is_foreign, outcome, scope_of):
    """What is wrong with a cell, and whether it was allowed."""
    status, code, printed = outcome
    refused = bool(code) and code[0] in NOT_ADMITTED
    may = expect(act, person)
    sees_all = person is None or scope_of[person].sees("320104", 3)
    if not may:
        return (None if refused else f"let in: {outcome}"), False
    shown = [sign for sign in FOREIGN_SIGNS if sign in printed]
    if shown and not sees_all:
        return f"shows {shown}", True
    if is_foreign and not sees_all:
        return (None if status == 1 or not printed.strip() else f"allowed: {outcome}"), False
    is_office = PERMISSIONS[act].scope == "office"
    if is_office and person == "nanjing":
        return (None if refused else f"let in: {outcome}"), False
    if refused and (code[0] != "PLACE" or person not in ("nanjing", "weicheng")):
        return f"denied: {outcome}", False
    return None, not refused


def try_cells(world, tmp_path_factory, capsys, share):
    """Every cell whose number is among the first of ``share``; every act has some."""
    app = open_app_of(world)
    with app.database.reading() as tx:
        scope_of = {name: users.find_by_name(tx, name).scope for name in PEOPLE}
    app.database.dispose()
    counts, wrong = Counter(), []
    for act in CALLS:
        folder = None
        for person in (*PEOPLE, None):
            for words, is_foreign in calls_of(act, "{folder}"):
                cell = f"{act}/{person}/{is_foreign}"
                if zlib.crc32(cell.encode()) % share:
                    continue
                folder = folder or fresh(world, tmp_path_factory)
                filled = [word.replace("{folder}", str(folder)) for word in words]
                outcome = call(folder, person, filled)
                fault, allowed = judge(act, person, is_foreign, outcome, scope_of)
                counts["cells"] += 1
                counts["allowed" if allowed else "denied"] += 1
                if fault:
                    wrong.append((cell, fault))
        if folder is not None:
            shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\ncommands: {dict(counts)} wrong {len(wrong)}")
    assert wrong == []


def open_app_of(world):
    return open_app(Config(folder=world))


def test_a_share_of_the_cells_of_commands_by_person_and_place(world, tmp_path_factory, capsys):
    try_cells(world, tmp_path_factory, capsys, 29)


@pytest.mark.long
def test_every_cell_of_commands_by_person_and_place(world, tmp_path_factory, capsys):
    try_cells(world, tmp_path_factory, capsys, 1)


@pytest.mark.parametrize("act", WITHOUT_END)
def test_a_process_without_end_is_begun_by_the_operator_or_an_administrator(world, act):
    for person, role in PEOPLE.items():
        session = Session(world / "feewatch.toml", person)
        try:
            session.admit(act, PERMISSIONS[act])
            admitted = True
        except Refusal:
            admitted = False
        session.close()
        assert admitted == (role in ("administrator", "system_admin")), person
