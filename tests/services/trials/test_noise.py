"""Which rule floods the office, and what became of its matters."""

from worlds.builder import School, build

from feewatch.kernel.days import parse_day
from feewatch.kernel.people import Scope
from feewatch.services.cases.steps import open_case, step
from feewatch.services.check.checking import run_check
from feewatch.services.people.users import add_user
from feewatch.services.trials.noise import noise_json, read_noise
from feewatch.store.cases import matters


def flood(app, folder):
    """Nine alerts of FEE-HOURS-60 in two counties; one of its matters is dismissed."""
    schools = [School(n, facts={"district": "370703" if n == 3 else "370702"}) for n in (1, 2, 3)]
    for each in schools:
        for _ in range(3):
            each.contract(lessons="61", fee="2000.00")
    build(app, schools, folder / "world")
    run_check(app, parse_day("2026-07-31"))
    add_user(app, "anna", "officer", password="correct horse", district="370700", actor="cli")
    with app.database.reading() as tx:
        first = matters.list_matters(tx, rule="FEE-HOURS-60", district="370702")[0]["id"]
    number = open_case(app, [first], actor="anna", reason="核实")
    step(app, number, "dismiss", actor="anna", reason="登记有误")


def test_alerts_matters_and_dismissals_by_rule_and_place(any_app, tmp_path):
    flood(any_app, tmp_path)
    hours = noise_json(next(e for e in read_noise(any_app, Scope()) if e.rule == "FEE-HOURS-60"))
    assert (hours["alerts"], hours["matters"], hours["dismissed"], hours["waiting"]) == (9, 3, 1, 2)
    assert hours["dismissed_share"] == "1.0000"
    assert [(p["district"], p["alerts"], p["dismissed"]) for p in hours["places"]] == [
        ("370702", 6, 1), ("370703", 3, 0),
    ]  # fmt: skip
    county = next(e for e in read_noise(any_app, Scope("370703")) if e.rule == "FEE-HOURS-60")
    assert (county.counts["alerts"], county.dismissed_share) == (3, None)


def test_only_presets_are_offered_for_trial_and_as_a_rule_file_writes_them(any_app, tmp_path):
    one = School(1)
    one.contract(paid_on="2026-07-01", arrives="", lessons="61")
    build(any_app, [one], tmp_path / "world")
    run_check(any_app, parse_day("2026-07-31"))
    presets = {
        each.rule: {preset.name: preset.value for preset in each.presets}
        for each in read_noise(any_app, Scope("370702"))
    }
    assert presets["ACC-OFF"]["acc_off_days"] == "3"
    assert presets["FEE-HOURS-60"] == {"is_either_limit_strict": "false"}  # 60 itself is law
