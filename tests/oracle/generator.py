"""Random small worlds whose days and figures sit on and around the limits of the catalogue."""

import random
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from oracle import records
from oracle.calendar_days import plus, plus_months
from oracle.elements import CHARGES, ENDINGS, LANDED, SUCCESSIONS
from oracle.generator_money import Till
from oracle.generator_teaching import refunds, teach
from oracle.generator_terms import charge, end, hand_over, succeed
from oracle.records import SchoolDays
from oracle.rules_prices import price_for
from oracle.world import Case, World, yuan

DISTRICTS = (
    "110105", "120101", "310101", "320102", "320205", "330302", "350203", "370602", "370702",
    "371002", "370102", "410102", "422801", "440304", "460105", "510104", "630102", "130102",
)  # fmt: skip
LAW_DAYS = (
    date(2021, 10, 29), date(2022, 1, 1), date(2022, 1, 15), date(2022, 2, 14), date(2022, 2, 21),
    date(2022, 12, 29), date(2023, 1, 15), date(2025, 11, 5),
)  # fmt: skip
DISCIPLINES = ("数学", "语文", "物理", "道德与法治", "舞蹈", "编程", "篮球", "戏剧英语")
TITLES = (
    "基础班", "提高班", "思维训练", "国学启蒙", "幼小衔接班", "基础班", "戏剧英语", "戏剧英语口语",
    "趣味历史",
    "物理实验营", "三年级语文同步", "数 学", "剑桥少儿英语戏剧", "表演班",
)  # fmt: skip
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def make_world(seed: int, elements: frozenset[str] = LANDED) -> World:
    rng = random.Random(seed)
    world = World(as_of=date(2026, 7, 25) + timedelta(rng.randint(0, 20)), elements=elements)
    numbers = [number + 100 * seed for number in range(1, rng.randint(6, 9) + 1)]
    makers = [_Maker(world, rng, number) for number in numbers]
    tied = makers[:2] if SUCCESSIONS in elements else []
    if tied:
        succeed(world, rng, *(maker.uscc for maker in tied))
    for maker in tied:
        maker.make_registers()
    hand_over(world, rng)
    for maker in makers:
        if maker not in tied:
            maker.make_registers()
        Till(world, rng, maker.uscc).fill()
    world.school_days = _school_days(rng)
    world.enrolment = _enrolment(rng, world.as_of)
    world.cases = _cases(world, rng)
    return world


def _school_days(rng: random.Random) -> list[SchoolDays]:
    """Terms and vacations of some provinces, with cities that differ; a few leave days open."""
    provinces = sorted({f"{each[:2]}0000" for each in DISTRICTS})
    cities = sorted({f"{each[:4]}00" for each in DISTRICTS})
    found = []
    for place in [*rng.sample(provinces, 9), *rng.sample(cities, 4)]:
        ends = date(2026, 7, 10) + timedelta(rng.randint(-9, 9))
        found.append(SchoolDays(place, date(2026, 3, 2), ends, vacation=False))
        begins = plus(ends, rng.choice((1, 1, 3)))
        found.append(SchoolDays(place, begins, date(2026, 8, 31), vacation=True))
    return found


def _enrolment(rng: random.Random, as_of: date) -> list[tuple[str, date, date]]:
    """Weeks in which pupils enrol, of some provinces and cities, near the end."""
    places = sorted(
        {f"{each[:2]}0000" for each in DISTRICTS} | {f"{each[:4]}00" for each in DISTRICTS}
    )
    sunday = plus(as_of, -as_of.weekday() - 1)
    found = []
    for place in rng.sample(places, 12):
        last = plus(sunday, -7 * rng.choice((0, 1, 2)))
        found.append((place, plus(last, -6 - 7 * rng.choice((0, 1))), last))
    return found


def _cases(world: World, rng: random.Random) -> list[Case]:
    """Cases of two institutions, their deadlines around as-of."""
    found = []
    for n, uscc in enumerate(rng.sample(world.usccs(), 2)):
        state = rng.choice(("notified", "rectifying", "submitted", "returned", "accepted",
                            "closed", "rechecked", "reopened"))  # fmt: skip
        deadline = plus(world.as_of, -rng.choice((0, 1, 1, 2, 3, 4, 12)))
        found.append(Case(uscc, state, deadline, f"case {n}"))
    return found


def credit_code(number: int) -> str:
    """A credit code with the check character of GB 32100."""
    body = f"52370702{number:09d}"
    total = sum(ALPHABET.index(c) * 3**at for at, c in enumerate(body))
    return body + ALPHABET[-total % 31]


class _Maker:
    """Makes one institution with all that belongs to it."""

    def __init__(self, world: World, rng: random.Random, number: int) -> None:
        self.world, self.rng, self.number = world, rng, number
        self.uscc = credit_code(number)
        self.as_of = world.as_of

    def make_registers(self) -> None:
        """All but the money; what is not among the elements of the world draws no number."""
        elements = self.world.elements
        if self.uscc not in self.world.complete and self.chance(0.12):
            self.world.fell_silent[self.uscc] = plus(self.as_of, -self.rng.choice((30, 31)))
        self.institution()
        self.accounts()
        self.courses()
        self.contracts()
        if CHARGES in elements:
            charge(self.world, self.rng, self.uscc)
        teach(self.world, self.rng, self.uscc)
        if ENDINGS in elements:
            end(self.world, self.rng, self.uscc)
        refunds(self.world, self.rng, self.uscc)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def institution(self) -> None:
        pick, row = self.rng.choice, dict.fromkeys(
            ("licence_no", "renewal_applied_on", "supervised_from", "valid_from"), "")  # fmt: skip
        until = pick(("2026-06-15", "2026-06-30", "2023-10-14", "2028-12-31", "2028-12-31", ""))
        if until and self.chance(0.5):
            row["renewal_applied_on"] = str(plus(date.fromisoformat(until), -pick((29, 30, 31))))
        if self.chance(0.4):
            row["supervised_from"] = f"2026-0{pick((4, 5, 6))}-{self.rng.randint(1, 28):02d}"
        row |= {
            "uscc": self.uscc, "name": f"校外培训{self.number}号", "district": pick(DISTRICTS),
            "subject": pick(("academic",) * 4 + ("arts", "sports", "science", "other")),
            "nature": pick(("non_profit", "for_profit")),
            "custody": pick(("bank_custody", "bank_custody", "risk_deposit", "both")),
            "licence_until": until, "legal_representative": f"赵校长{self.number}",
            "related_parties": pick(("", f"钱股东;孙家商贸{self.number}")),
        }  # fmt: skip
        self.world.tables["institutions"].append(row)
        if self.chance(0.3):
            self.world.tables["institutions"].append(row | self._change())

    def _change(self) -> dict[str, str]:
        pick = self.rng.choice
        changed = pick((
            {"district": pick(DISTRICTS)}, {"subject": pick(("academic", "arts"))},
            {"custody": pick(("bank_custody", "risk_deposit", "both"))},
            {"nature": pick(("non_profit", "for_profit"))}, {"licence_until": "2029-12-31"},
            {"legal_representative": "李接任"},
        ))  # fmt: skip
        return changed | {"valid_from": f"2026-0{pick((5, 6, 7))}-{self.rng.randint(1, 28):02d}"}

    def accounts(self) -> None:
        custody = self.world.rows("institutions", self.uscc)[0]["custody"]
        kinds = ["fee"] if custody != "risk_deposit" or self.chance(0.6) else []
        kinds += ["fee"] if self.chance(0.25) else []
        kinds += ["deposit"] if custody != "bank_custody" or self.chance(0.25) else []
        kinds += ["settlement"] if self.chance(0.5) else []
        if self.chance(0.08):
            kinds = kinds[1:]
        for n, kind in enumerate(kinds):
            opened = self.rng.choice(("", "2026-01-01", "2026-05-20"))
            self.world.tables["accounts"].append({
                "uscc": self.uscc, "account_no": f"6222{self.number:06d}{n:05d}", "kind": kind,
                "bank": "示例银行", "opened_on": opened or ("2026-02-01" if kind != "fee" else ""),
                "closed_on": str(plus(self.as_of, self.rng.choice((-50, -30, -20, -9, 0, 1))))
                if self.chance(0.2) else "",
                "minimum_balance": "20000.00" if self.chance(0.4) else "",
                "statement_cycle": self.rng.choice(("", "daily", "weekly", "monthly")),
            })  # fmt: skip

    def courses(self) -> None:
        facts = records.institution(self.world.rows("institutions", self.uscc)[0])
        for n in range(self.rng.randint(2, 5)):
            pick = self.rng.choice
            row = {
                "course_id": f"KC{self.number}{n}", "uscc": self.uscc, "title": pick(TITLES),
                "discipline": pick(DISCIPLINES),
                "stage": pick(("primary", "primary", "junior", "junior", "senior", "preschool")),
                "mode": pick(("offline",) * 5 + ("online",)),
                "class_size": pick(("1", "9", "10", "11", "12", "20", "21", "30", "31", "34", "35",
                                    "36", "")),
                "lesson_minutes": pick(("45", "45", "30", "40", "60", "90")),
                "price_per_lesson": yuan(self.rng.randint(3000, 15000)),
                "starts_on": pick(("", "2026-06-01", "2022-02-20", "2022-02-21", "2022-01-01",
                                   str(self.as_of), "2025-09-01")),
            }  # fmt: skip
            limit = self._limit(facts.district, row, records.read(row["starts_on"]) or self.as_of)
            if limit is not None and self.chance(0.7):
                row["price_per_lesson"] = yuan(floor(limit) + pick((0, 1)))
            self.world.tables["courses"].append(row)

    def _limit(self, district: str, row: dict[str, str], day: date) -> Fraction | None:
        """The highest price of one lesson of a course in fen, where a price is on file."""
        price = price_for(district, records.course(row), day)
        return price and price.limit * int(row["lesson_minutes"]) / price.minutes

    def _paid_on(self) -> date:
        pick = self.rng.choice
        kind = self.rng.random()
        if kind < 0.12:
            return plus(pick(LAW_DAYS), pick((-1, 0)))
        if kind < 0.30:
            return plus(self.as_of, -pick((0, 2, 3, 4, 7, 89, 90, 91)))
        if kind < 0.40:
            return plus(plus_months(self.as_of, -3), pick((0, 1)))
        return date(2026, 4, 20) + timedelta(self.rng.randint(0, 90))

    def _fee(self, course: dict[str, str] | None, paid: date, total: int) -> int:
        pick = self.rng.choice
        kind = self.rng.random()
        if kind < 0.25:
            return 500000 + pick((-1, 0, 1))
        if course and kind < 0.6:
            rows = [records.institution(row) for row in self.world.rows("institutions", self.uscc)]
            limit = self._limit(rows[0].district, course, paid)
            if limit is not None:
                return max(floor(limit * total) + pick((0, 1)), 1)
        if course and kind < 0.85:
            return (records.fen(course["price_per_lesson"]) + 1) * total + pick((0, 1))
        return self.rng.randint(30000, 700000)

    def contracts(self) -> None:
        courses = self.world.rows("courses", self.uscc)
        numbers: list[str] = []
        for n in range(self.rng.randint(6, 14)):
            number = numbers[-1] + "A" if n % 6 == 5 else f"HT{self.number:04d}{n:02d}"
            course = self.rng.choice(courses) if self.chance(0.96) else None
            row = self._contract(number, course)
            row["renews"] = self.rng.choice([*numbers, "HT-NONE"]) if self.chance(0.3) else ""
            self.world.tables["contracts"].append(row)
            numbers.append(number)
        for n in range(self.rng.choice((0, 1, 2, 3))):
            self._piece(f"FH{self.number:04d}{n:02d}")

    def _piece(self, number: str) -> None:
        """One more contract of a student within about thirty days of another, and about a limit."""
        pick, rows = self.rng.choice, self.world.rows("contracts", self.uscc)
        row = pick(rows)
        courses = [each for each in self.world.rows("courses", self.uscc)
                   if each["course_id"] == row["course_id"]] * 3  # fmt: skip
        courses += [each for each in self.world.rows("courses", self.uscc)
                    if courses and each["discipline"] == courses[0]["discipline"]]  # fmt: skip
        paid = plus(date.fromisoformat(row["paid_on"]), pick((0, 1, 10, 29, 30, 31)))
        if paid > self.world.ends(self.uscc):
            return
        part = row | {"contract_no": number, "paid_on": str(paid), "payment": "prepaid",
                      "basis": pick(("hours", "hours", row["basis"])), "gift_lessons": "",
                      "course_id": pick(courses)["course_id"] if courses else row["course_id"],
                      "renews": pick(("", "", row["contract_no"]))}  # fmt: skip
        part["fee"] = yuan(max(500000 - records.fen(row["fee"]) + pick((0, 1)), 10000))
        if row["lessons"]:
            together = int(row["lessons"]) + int(row["gift_lessons"] or 0)
            part["lessons"] = str(max(60 + pick((0, 1)) - together, 5))
        self.world.tables["contracts"].append(part)

    def _contract(self, number: str, course: dict[str, str] | None) -> dict[str, str]:
        pick, paid = self.rng.choice, min(self._paid_on(), self.world.ends(self.uscc))
        lessons, gift = pick((12, 30, 40, 59, 60, 61)), pick((0, 0, 1, 2, 8))
        starts = pick((plus(plus_months(paid, 1), pick((-1, 0, 1, 2))),
                       plus(paid, self.rng.randint(-3, 20))))  # fmt: skip
        ends = pick((plus(plus_months(starts, 3), pick((-2, -1, 0, 1))),
                     plus(starts, self.rng.randint(20, 80))))  # fmt: skip
        return {
            "contract_no": number, "uscc": self.uscc,
            "course_id": course["course_id"] if course else "KC-UNKNOWN",
            "student": f"S{self.number}X{self.rng.randint(0, 5)}",
            "basis": pick(("hours", "hours", "period", "both")),
            "lessons": "" if self.chance(0.06) else str(lessons), "gift_lessons": str(gift or ""),
            "starts_on": "" if self.chance(0.06) else str(starts),
            "ends_on": "" if self.chance(0.06) else str(ends),
            "fee": yuan(self._fee(course, paid, lessons + gift)), "paid_on": str(paid),
            "other_fee": pick(("", "", "0.00", "0.01", "50.00")), "renews": "", "channel": "",
            "payment": "pay_after" if self.chance(0.1) else "prepaid",
        }  # fmt: skip
