"""Random lives of institutions with proposals, confirmations and successions, lived twice.

Two installations are told the same in the same order. One looks at what changed alone, the other
judges everything anew each time: after every check both say the same, alert by alert.
"""

import pytest
from services.intake.test_histories import AS_OF, History, alerts, day, hand_in_and_accept, outcomes

from feewatch.kernel.clock import today
from feewatch.kernel.people import Scope
from feewatch.services.check.checking import run_check
from feewatch.services.corrections.deciding import decide
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.corrections.reading import list_all_proposals
from feewatch.services.intake import confirmations
from feewatch.services.intake.recording import ingest
from feewatch.services.people.acting import find_person
from feewatch.services.registers.importing import import_registers
from feewatch.store.check import checks
from feewatch.store.people import users
from feewatch.store.tables.checks import check_result

STEPS = 18


class Life(History):
    """A history in which institutions type statements and merge, and the bank is asked."""

    def __init__(self, seed, folder):
        super().__init__(seed, folder)
        first, second, third = self.schools
        self.successions = [(first, second), (second, third)]
        self.random.shuffle(self.successions)
        self.successions = self.successions[: self.random.choice((1, 1, 2))]
        for school in self.schools:
            self.sign(school)

    def step(self):
        school = self.random.choice(self.schools)
        more = (self.ask, self.ask, self.propose, self.decide, self.confirm, self.confirm)
        if self.random.random() < 0.5:
            self.random.choice((*more, self.succeed))(school)
        else:
            super().step()

    def bank(self, school):
        """A month of the account: the office's word, or the institution's own."""
        super().bank(school)
        kind, path = self.uploads[-1] if self.uploads else ("", None)
        if kind == "statement" and self.random.random() < 0.5:
            (of,) = (s for s in self.schools if s.account_no in path.read_text(encoding="utf-8"))
            self.uploads[-1] = (f"told {of.uscc}", path)

    def ask(self, school):
        """The institution corrects a contract; whether it must wait is told by the product."""
        if school.contracts:
            row = self.random.choice(school.contracts)
            row |= {"fee": f"{self.random.randint(1, 60)}00.00"}
            self.register("contracts", [row])
            self.uploads[-1] = (f"ask {school.uscc}", self.uploads[-1][1])

    def decide(self, _):
        self.act("decide " + self.random.choice(("accept", "accept", "refuse")))

    def confirm(self, school):
        """The bank is asked about what the institution told, or about some days of it."""
        first = self.random.randint(1, 20)
        days = self.random.choice(("", f" 2026-06-{first:02d} 2026-07-{first:02d}"))
        told = [what.split()[1] for what, _ in self.uploads if what.startswith("told ")]
        uscc = self.random.choice(told) if told else school.uscc
        word = self.random.choice(("agrees", "agrees", "agrees", "differs"))
        self.act(f"confirm {uscc} {word}{days}")

    def succeed(self, _):
        if self.successions:
            old, new = self.successions.pop()
            row = {"from_uscc": old.uscc, "to_uscc": new.uscc, "on": self.any_day()}
            self.register("successions", [row | {"document": f"承{len(self.successions)}号"}])

    def act(self, what):
        self.uploads.append((what, None))


def take_in(app, uploads):
    for what, path in uploads:
        kind, *rest = what.split()
        if kind == "statement":
            assert {each.as_json()["status"] for each in ingest(app, [path], actor="test")} == {
                "accepted"
            }
        elif kind == "told":
            (outcome,) = ingest(app, [path], actor=person(app, *rest))
            assert outcome.as_json()["status"] == "accepted", outcome
        elif kind == "by":
            hand_in_and_accept(app, rest[0], path)
        elif kind == "ask":
            of = find_person(app, person(app, *rest))
            hand_in(app, of, "contracts", path.name, path.read_bytes(), reason="笔误")
        elif kind == "decide":
            decide_all(app, *rest)
        elif kind == "confirm":
            confirm_told(app, *rest)
        else:
            assert import_registers(app, what, path, actor="test").as_json()["bad"] == 0


def person(app, uscc):
    """The name of an institution's user, who is made where absent."""
    with app.database.transaction() as tx:
        if users.find_by_name(tx, uscc) is None:
            users.add(tx, uscc, "institution", None, checks.find_institution(tx, uscc), "x")
        for name in ("li", "gao"):
            if users.find_by_name(tx, name) is None:
                users.add(tx, name, "officer", "000000", None, "x")
    return uscc


def decide_all(app, word):
    waiting = [each.row.id for each in list_all_proposals(app, Scope(), "open")]
    if waiting:
        decide(app, waiting, word, actor="li", reason="已核对")


def confirm_told(app, uscc, word, first="", last=""):
    """Ask the bank about all of an institution, and put its answer on record, twice signed."""
    person(app, uscc)
    days = (day(first), day(last)) if first else None
    rows = confirmations.read_desk(app, Scope()).unconfirmed
    if days is not None:
        rows = [each for each in rows if any(a <= days[1] and days[0] <= b for a, b in each.left)]
    keys = [each.row.id for each in rows if each.row.uscc == uscc]
    if not keys:
        return
    for number in confirmations.ask(app, keys, actor="li", reason="核对", days=days):
        answer = {"actor": "li", "on": today(), "content": b"%PDF"}
        if confirmations.answer(app, number, word, **answer) == "proposed":
            confirmations.confirm(app, number, actor="gao")


def standing(app):
    """All that is said of the alerts, but for the time of day at which they were made."""
    return [{key: value for key, value in alert.items() if key != "opened_at"}
            for alert in sorted(alerts(app), key=lambda alert: alert["id"])]  # fmt: skip


def counted(app):
    """(institution, rule) -> what is kept of it."""
    names = ("evaluated", "breaches", "undetermined", "reasons")
    with app.database.reading() as tx:
        rows = [*tx.execute(check_result.select()).mappings()]
    return {
        (row["institution_id"], row["rule"]): [row[name] for name in names]
        for row in rows
        if row["evaluated"]
    }


def live(one, twin, folder, seed, steps=STEPS):
    """Live a life in both, the second judging everything each time."""
    life, taken, as_of = Life(seed, folder), 0, day("2026-05-20")
    for step in range(steps):
        life.step()
        is_last = step == steps - 1
        if not is_last and life.random.random() > 0.4:
            continue
        new, taken = life.uploads[taken:], len(life.uploads)
        as_of = max(as_of, AS_OF) if is_last else as_of
        as_of += life.random.randint(0, 18)
        for app in (one, twin):
            take_in(app, new)
        run_check(one, as_of)
        run_check(twin, as_of, full=True)
        assert outcomes(one, as_of) == outcomes(twin, as_of), new
        assert standing(one) == standing(twin), new
        assert counted(one) == counted(twin), new
    report = run_check(one, as_of, full=True)
    assert (report.opened, report.withdrawn, report.recovered) == (0, 0, 0)
    assert standing(one) == standing(twin)


@pytest.mark.parametrize(("seed", "database"), [(0, "sqlite"), (1, "postgres")])
def test_what_changed_alone_and_everything_anew_say_the_same(homes, tmp_path, seed, database):
    live(homes(database), homes(database), tmp_path / "uploads", seed, steps=STEPS // 2)


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("seed", range(20))
def test_twenty_lives_are_the_same_judged_by_what_changed(homes, tmp_path, seed, database):
    live(homes(database), homes(database), tmp_path / "uploads", seed)


def test_the_lives_hold_all_that_they_are_about(tmp_path):
    """No proof is empty: each kind of event is in several of the twenty lives."""
    counts = dict.fromkeys(("told", "by", "ask", "decide", "confirm", "successions"), 0)
    for seed in range(20):
        life = Life(seed, tmp_path / str(seed))
        for _ in range(STEPS):
            life.step()
        kinds = {what.split()[0] for what, _ in life.uploads}
        counts |= {kind: count + (kind in kinds) for kind, count in counts.items()}
    assert min(counts.values()) >= 6, counts
