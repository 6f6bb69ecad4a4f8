"""A day sent again with other rows: both kept, the difference told on page and command line."""

import json

import pytest
from click.testing import CliRunner
from worlds import builder
from worlds.builder import School, build

from feewatch.cli import main
from feewatch.kernel.errors import NotFoundError
from feewatch.kernel.people import Scope
from feewatch.services.intake.recording import ingest
from feewatch.services.intake.restatements import list_restatements

EVERYWHERE = Scope("000000", None)


def school(*entries):
    school = School(1, opening="100.00", period=("2026-07-01", "2026-07-31"))
    school.entries = list(entries)
    return school


WANG = ("2026-07-10", "10.00", "王女士", "学费")
LI = ("2026-07-20", "20.00", "李先生", "学费")
ZHAO = ("2026-07-20", "30.00", "赵女士", "学费")


@pytest.fixture
def send_again(any_app, tmp_path):
    """Puts a first version on file, then another of the same days."""

    def send(first, again):
        build(any_app, [first], tmp_path / "world")
        builder._statement(again, tmp_path / "again.csv")
        (taken,) = ingest(any_app, [tmp_path / "again.csv"], actor="test")
        assert taken.status == "accepted"
        return list_restatements(any_app, EVERYWHERE, first.uscc)

    return send


def told(restated):
    return [
        (
            each.kind,
            each.before and (each.before["line"], each.before["amount_fen"]),
            each.after and (each.after["line"], each.after["amount_fen"]),
            each.changed,
        )
        for each in restated.rows
    ]


def test_a_row_added_and_a_row_missing_are_told_with_their_lines(send_again):
    (added,) = send_again(school(WANG), school(WANG, LI))
    assert told(added) == [("added", None, (5, 2000), ())]
    assert (added.earlier.file_name, added.later.file_name) == ("1.csv", "again.csv")


def test_a_row_that_is_gone_is_missing(send_again):
    (gone,) = send_again(school(WANG, LI), school(WANG))
    assert told(gone) == [("missing", (5, 2000), None, ())]


def test_a_changed_amount_is_one_changed_row(send_again):
    (restated,) = send_again(school(WANG, LI), school(WANG, (LI[0], "21.00", *LI[2:])))
    assert told(restated) == [("changed", (5, 2000), (5, 2100), ("amount_fen", "balance_fen"))]


def test_the_same_rows_again_are_no_restatement(send_again):
    longer = school(WANG, LI)
    longer.period = ("2026-07-01", "2026-08-01")
    assert send_again(school(WANG, LI), longer) == []


def test_rows_after_one_put_between_differ_in_balance_alone(send_again):
    (restated,) = send_again(school(WANG, LI), school(WANG, ZHAO, LI))
    assert told(restated) == [
        ("changed", (5, 2000), (6, 2000), ("balance_fen",)),
        ("added", None, (5, 3000), ()),
    ]


def test_what_one_version_does_not_tell_is_no_change(send_again):
    """The payer is missing in the first version, the memo differs: the memo alone changed."""
    first = school(("2026-07-10", "10.00", "", "学费"))
    (restated,) = send_again(first, school(("2026-07-10", "10.00", "王女士", "书费")))
    assert told(restated) == [("changed", (4, 1000), (4, 1000), ("memo",))]


def test_another_district_does_not_see_it(any_app, send_again):
    send_again(school(WANG), school(WANG, LI))
    with pytest.raises(NotFoundError):
        list_restatements(any_app, Scope("320100"), School(1).uscc)


def test_the_command_tells_it_in_lines_and_json(any_app, send_again, monkeypatch):
    send_again(school(WANG, LI), school(WANG, (LI[0], "21.00", *LI[2:])))
    monkeypatch.setattr("feewatch.cli.session.Session.app", any_app)
    shown = CliRunner().invoke(main, ["restatements", School(1).uscc])
    assert shown.exit_code == 0
    assert "again.csv" in shown.output
    assert "20.00 → 21.00" in shown.output
    (told,) = (
        CliRunner().invoke(main, ["restatements", School(1).uscc, "--json"]).output.splitlines()
    )
    assert json.loads(told)["rows"][0]["changed"] == ["amount_fen", "balance_fen"]
