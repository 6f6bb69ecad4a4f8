"""Builds the whole district from a seed and writes it: registers, bank files, expected breaches."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from feewatch.demo import formats
from feewatch.demo.enrolment import enrol, found, open_account, teach
from feewatch.demo.model import (
    AS_OF,
    COVERED_FROM,
    FIRST_DAY,
    Contract,
    Expected,
    PlannedCase,
    School,
    day,
)
from feewatch.demo.money import (
    collect,
    keep_accounts,
    make_mistake,
    refund,
    release,
    settle,
    spend,
    sweep,
)
from feewatch.demo.plants_charges import merge
from feewatch.demo.registers import RegisterFile, write_registers
from feewatch.demo.scenarios import Scenario, schools
from feewatch.demo.statements import BankFile, bank_files
from feewatch.kernel.days import format_day

SCHOOLS, CONTRACTS_EACH = 120, 40


@dataclass(frozen=True)
class World:
    """The written district: where its files lie and what must be found in them."""

    folder: Path
    registers: tuple[RegisterFile, ...]
    statements: Path
    expected: frozenset[Expected]
    schools: tuple[School, ...]
    cases: tuple[tuple[School, PlannedCase], ...]  # in the order in which they are opened

    @property
    def entries(self) -> int:
        """Rows of all accounts, each counted once."""
        return sum(len(a.entries) for s in self.schools for a in s.accounts)

    @property
    def contracts(self) -> int:
        """Contracts of all schools."""
        return sum(len(s.contracts) for s in self.schools)


def build(
    seed: int, folder: Path, *, count: int = SCHOOLS, contracts_each: int = CONTRACTS_EACH
) -> World:
    """Make the district of a seed and write its files under a folder: same seed, same bytes."""
    made: list[School] = []
    files: list[BankFile] = []
    cases: list[tuple[School, PlannedCase]] = []
    scenarios = schools(count)
    by_chance = [Random(f"{seed}/{n}") for n in range(len(scenarios))]  # noqa: S311 - made up
    for n, (scenario, rng) in enumerate(zip(scenarios, by_chance, strict=True)):
        made.append(make_school(rng, n, scenario, contracts_each))
        if scenario.succeeds:
            merge(Random(f"{seed}/{n}/merger"), made[-2], made[-1])  # noqa: S311 - the same
    for school, scenario, rng in zip(made, scenarios, by_chance, strict=True):
        own = bank_files(rng, school)
        for plant in scenario.file:
            plant(rng, school, own)
        files += own
        if scenario.case:
            cases.append((school, scenario.case))
    rng = Random(f"{seed}/files")  # noqa: S311 - the same
    rng.shuffle(files)
    expected = {each for school in made for each in school.truth()}
    own_word = [file for file in files if file.told_by == "institution"]
    files = [file for file in files if file.told_by != "institution"]
    expected.update(_write_statements(rng, files, folder / "statements"))
    for uscc in sorted({file.uscc for file in own_word}):
        own = [file for file in own_word if file.uscc == uscc]
        expected.update(_write_statements(rng, own, folder / "own-word" / uscc))
    expected.update(_overdue(cases))
    rng = Random(f"{seed}/places")  # noqa: S311 - the same
    registers = write_registers(rng, made, folder / "registers")
    world = World(folder, tuple(registers), folder / "statements", frozenset(expected), tuple(made),
                  tuple(cases))  # fmt: skip
    _write_truth(world, seed)
    return world


def make_school(rng: Random, n: int, scenario: Scenario, count: int) -> School:
    """One school with its four months, step by step."""
    school = found(rng, n, scenario.custody, scenario.subject)
    for plant in scenario.before:
        plant(rng, school)
    enrol(rng, school, count)
    for plant in scenario.sign:
        plant(rng, school)
    teach(rng, school)
    collect(rng, school)
    _pay_back(rng, school, scenario)
    release(rng, school)
    spend(rng, school)
    if scenario.two_accounts:
        open_account(rng, school, "fee")
        sweep(rng, school)
    if scenario.honest and n % 2 and school.fee_account:
        make_mistake(rng, school.fee_account, 7_000_00 + rng.randint(11, 99))
    keep_accounts(rng, school)
    for plant in scenario.book:
        plant(rng, school)
    settle(rng, school)
    if scenario.honest:
        _set_safe_minimum(school)
    for plant in scenario.set:
        plant(rng, school)
    return school


def _pay_back(rng: Random, school: School, scenario: Scenario) -> None:
    """Refunds: those a plant wants, and two of an honest school."""
    for contract in school.contracts:
        if contract.cancelled:
            refund(rng, school, contract, full=True)
        elif contract.short_fen is not None:
            refund(rng, school, contract, short_fen=contract.short_fen)
    if scenario.honest:
        for contract in [c for c in school.contracts if _can_be_refunded(c)][:2]:
            refund(rng, school, contract)


def _can_be_refunded(contract: Contract) -> bool:
    return (
        contract.starts_on < day("2026-06-07")  # paid back before July: few enrol in summer
        and contract.basis == "hours"
        and len(contract.payments or ()) == 1
        and f"{contract.contract_no}," not in str(contract.payments)
    )


def _set_safe_minimum(school: School) -> None:
    """A minimum balance that is reached to the fen and never undercut."""
    account = school.fee_account
    if account is not None:
        account.minimum_fen = min(account.closings().values())


def _write_statements(rng: Random, files: Sequence[BankFile], folder: Path) -> Iterable[Expected]:
    places = [folder / name for name in ("a", "b/银行回传", "b/补报", "c")]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    number = 0
    for file in files:
        content = formats.render(file)
        for _ in range(file.copies):
            suffix = rng.choice(formats.SUFFIXES[file.style])
            (rng.choice(places) / f"{number:04d}{suffix}").write_bytes(content)
            number += 1
        sha256 = hashlib.sha256(content).hexdigest()
        for rule, n in file.expected:
            subject = f"{sha256}#{n}" if len(file.statements) > 1 else sha256
            on = format_day(file.statements[n - 1].to_day)
            yield Expected(rule, file.uscc, "statement", subject, on)


def _overdue(cases: Iterable[tuple[School, PlannedCase]]) -> Iterable[Expected]:
    """CASE-OVERDUE on the cases whose last day is over; numbered by place and year as opened."""
    opened = Counter[str]()
    for school, case in cases:
        opened[school.district] += 1
        if case.deadline < AS_OF:
            number = f"{school.district}-2026-{opened[school.district]:04d}"
            on = format_day(case.deadline)
            yield Expected("CASE-OVERDUE", school.uscc, "case", number, on)


def _write_truth(world: World, seed: int) -> None:
    truth = {
        "seed": seed,
        "as_of": format_day(AS_OF),
        "covers": f"{format_day(COVERED_FROM)}..{format_day(AS_OF)}",
        "statements_from": format_day(FIRST_DAY),
        "breaches": [
            {"rule": e.rule, "uscc": e.uscc, "subject": {"kind": e.kind, "id": e.id}, "on": e.on}
            for e in sorted(world.expected)
        ],
    }
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (world.folder / "expected.json").write_text(text + "\n", encoding="utf-8")
