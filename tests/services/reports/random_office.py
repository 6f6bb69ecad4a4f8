"""An office drawn by chance, laid straight into the tables: all that a report counts, and more."""

import json
import random

from sqlalchemy import insert

from feewatch.kernel.days import FIRST_DAY, LAST_DAY, format_day, parse_day
from feewatch.store.tables import casework, ledger, papers, places, publication, registers

PLACES = ("370702", "370703", "320104")
FIRST, LAST = parse_day("2026-05-20"), parse_day("2026-08-10")
WALK = ("open", "triage", "notify", "start", "submit", "accept", "close", "recheck", "reopen")
STATES = {
    "open": "open", "triage": "triaged", "notify": "notified", "start": "rectifying",
    "submit": "submitted", "return": "returned", "accept": "accepted", "close": "closed",
    "recheck": "rechecked", "reopen": "reopened", "dismiss": "dismissed",
}  # fmt: skip
RULES = ("FEE-SPAN-3M", "ACC-OFF", "BAL-COVER", "DATA-GAP", "PRICE-GUIDE")


class RandomOffice:
    """Fills an empty office."""

    def __init__(self, tx, seed):
        self.tx, self.dice = tx, random.Random(seed)
        self.number = 0
        for key in range(1, 15):
            self.institution(key)
        self.statement()
        for key in range(1, 15):
            self.money(key)
        for key in range(1, 41):
            self.matter(key)
        for key in range(1, 26):
            self.case(key)
        self.campaign()
        self.editions()

    def put(self, table, **values):
        self.tx.execute(insert(table).values(**values))

    def day(self, first=FIRST, last=LAST):
        return self.dice.randint(first, last)

    def moment(self, day):
        hours, minutes = self.dice.choice((0, 23)), self.dice.choice((0, 59))
        return f"{format_day(day)}T{hours:02}:{minutes:02}:59+08:00"

    def maybe(self, value, share=0.5):
        return value if self.dice.random() < share else None

    def institution(self, key):
        pick = self.dice.choice
        self.put(registers.institution, id=key, uscc=f"52370702{key:010}")
        until = self.maybe(self.day(FIRST - 60, LAST + 300), 0.8)
        moved = self.maybe(self.day(), 0.3)
        for first, last in ((FIRST_DAY, (moved or LAST_DAY + 1) - 1), (moved, LAST_DAY)):
            if first is None:
                continue
            self.put(
                registers.institution_fact, institution_id=key, valid_from=first, valid_to=last,
                name=f"机构{key}", district=pick(PLACES), nature="for_profit",
                subject=pick(("academic", "academic", "arts", "sports")),
                custody=pick(("bank_custody", "both", "risk_deposit")), licence_until=until,
                renewal_applied_on=until and self.maybe(until + pick((-30, 5)), 0.4),
            )  # fmt: skip
        if self.dice.random() < 0.3:
            self.put(
                registers.approval, institution_id=key,
                kind=pick(("closure", "closure", "bank_change")),
                document=f"批{key}", from_day=self.day(),
            )  # fmt: skip
        if key > 12:
            on = self.day()
            self.put(
                places.succession, institution_id=key, to_institution_id=key - 12, to_uscc="",
                on_day=on,
            )  # fmt: skip
            for holder, first, last in ((key, FIRST_DAY, on - 1), (key - 12, on, LAST_DAY)):
                self.put(
                    places.holding, institution_id=key, holder_id=holder, from_day=first,
                    to_day=last,
                )  # fmt: skip

    def statement(self):
        self.put(
            ledger.statement, id=1, file_sha256="0" * 64, n=1, account_no="0", currency="CNY",
            from_day=FIRST, to_day=LAST, entries=0, status="accepted", problems=[], recorded_at="",
        )  # fmt: skip

    def money(self, key):
        for kind in ("fee", "fee", "deposit", "settlement"):
            if self.dice.random() < 0.8:
                self.account(key, kind)
        if self.dice.random() < 0.8:
            self.put(
                registers.coverage, institution_id=key, register="contracts", from_day=FIRST,
                to_day=LAST, declared=True, told_by="office",
            )  # fmt: skip
            for _ in range(self.dice.randint(0, 6)):
                self.contract(key)

    def account(self, key, kind):
        self.number += 1
        account = self.number
        self.put(
            registers.account, id=account, account_no=f"62{account:08}", institution_id=key,
            bank="行", kind=kind, imported_on=FIRST,
            opened_on=self.maybe(self.day(FIRST - 100, FIRST + 40)),
            closed_on=self.maybe(self.day(FIRST + 50, LAST), 0.15),
            statement_cycle=self.maybe(self.dice.choice(("daily", "weekly", "monthly"))),
        )  # fmt: skip
        day = FIRST - 10
        while day < LAST:
            last = min(day + self.dice.randint(5, 60), LAST)
            if self.dice.random() < 0.8:
                self.put(
                    ledger.account_coverage, account_id=account, institution_id=key, from_day=day,
                    to_day=last,
                )  # fmt: skip
                for on in {day, last}:
                    self.put(
                        ledger.account_day, account_id=account, day=on, institution_id=key,
                        closing_fen=self.dice.randint(0, 900_000), entries=1, statement_id=1,
                    )  # fmt: skip
            day = last + self.dice.randint(2, 6)
        for _ in range(2):
            self.entry(account, key, "receipt", self.dice.randint(1, 200_000))

    def entry(self, account, key, kind, fen):
        matched = self.dice.choice((0, abs(fen), abs(fen) // 2))
        booked = self.day()
        made = self.tx.execute(
            insert(ledger.entry).values(
                account_id=account, institution_id=key, statement_id=1, line=1, seq=0,
                booked_on=booked, amount_fen=fen, reversal_mark=False, filled=0, n=1, kind=kind,
                matched_fen=matched,
            ).returning(ledger.entry.c.id)
        )  # fmt: skip
        return made.scalar_one(), booked, matched

    def contract(self, key):
        self.number += 1
        number, total = self.number, self.dice.choice((None, 30, 48))
        starts = self.day(FIRST - 60, LAST)
        fee = self.dice.randint(10_000, 500_000)
        settled = self.maybe("refunded", 0.1)
        self.put(
            registers.contract, id=number, institution_id=key, contract_no=f"HT{number}",
            course_id="K", student="s", basis=self.dice.choice(("hours", "period", "both")),
            lessons=total, total_lessons=total, gift_lessons=0, starts_on=starts,
            ends_on=self.maybe(starts + self.dice.randint(20, 90), 0.9), fee_fen=fee,
            paid_on=self.day(FIRST - 60, LAST), payment="prepaid", settlement=settled,
            ended_on=settled and self.day(),
        )  # fmt: skip
        if self.dice.random() < 0.3:
            for turn in (1, 2):
                self.put(
                    places.charge, institution_id=key, contract_id=number, charge_no=str(turn),
                    due_on=starts, amount_fen=fee // 2 if turn == 1 else fee - fee // 2,
                    paid_on=self.maybe(self.day(), 0.8), turn=turn,
                )  # fmt: skip
        for on in self.dice.sample(range(FIRST, LAST), self.dice.choice((0, 3, 9))):
            self.put(
                registers.lesson, contract_id=number, institution_id=key, held_on=on,
                lessons=self.dice.randint(1, 4),
            )  # fmt: skip

    def matter(self, key):
        pick = self.dice.choice
        institution = pick([None, *range(1, 15)])
        opened, severity = self.day(), pick(("red", "orange", "yellow", "notice"))
        shared = {
            "institution_id": institution, "uscc": "", "district": pick(PLACES),
            "rule": pick(RULES),
            "authority": pick(("law", "preset")), "severity": severity,
            "status": pick(("open", "in_case", "closed", "withdrawn")),
            "historic": self.dice.random() < 0.15, "opened_at": self.moment(opened),
        }  # fmt: skip
        self.put(
            casework.matter, id=key, cause="", alerts=2, first_day=opened, last_day=opened,
            sum_fen=self.maybe(self.dice.randint(1, 10**9), 0.8), **shared,
        )  # fmt: skip
        for n in (1, 2):
            self.put(
                casework.alert, **shared | {"status": pick(("open", "withdrawn"))}, id=f"{key}-{n}",
                matter_id=key, institution_name="", rule_version="", subject_kind="contract",
                subject_id="", on_day=opened, measured=1, unit="fen", is_state=False, frozen={},
                opened_as_of=opened, recovered_on=self.maybe(self.day(), 0.7),
            )  # fmt: skip

    def case(self, key):
        pick, district = self.dice.choice, self.dice.choice(PLACES)
        walk = WALK[: self.dice.randint(1, len(WALK))]
        if self.dice.random() < 0.15:
            walk = ("open", "dismiss")
        elif len(walk) > 5 and self.dice.random() < 0.4:
            walk = (*walk[:5], "return", *walk[4:])
        days = sorted(self.day() for _ in walk)
        closed = [on for on, step in zip(days, walk, strict=True) if step == "close"]
        self.put(
            casework.case_file, id=key, number=f"{district}-2026-{key:04}",
            institution_id=pick([None, *range(1, 15)]), uscc="", district=district,
            state=STATES[walk[-1]], severity=pick(("red", "yellow")), escalated=False,
            deadline_provisional=False, opened_at=self.moment(days[0]),
            recheck_on=self.day(closed[0], LAST + 40) if closed else None,
            recurred_on=self.maybe(self.day(closed[0], LAST), 0.4) if closed else None,
        )  # fmt: skip
        for matter in {key, key + 25} if key <= 15 else {key}:
            self.put(casework.case_matter, case_file_id=key, matter_id=matter)
        state = ""
        for on, step in zip(days, walk, strict=True):
            dated = step in ("notify", "return", "reopen")
            self.event(key, on, step, state, STATES[step], self.day(on, on + 30) if dated else None)
            state = STATES[step]
            if self.dice.random() < 0.1:
                self.event(key, on, "escalate", state, state, None)
            if step in ("close", "recheck") and self.dice.random() < 0.5:
                self.event(key, self.day(on, LAST), "recur", state, state, None)
        self.papers_of(key, district)
        for _ in range(self.dice.randint(0, 2)):
            made = self.day()
            answered = self.maybe(self.day(made, LAST))
            self.put(
                casework.objection, case_file_id=key, text="", made_by="",
                made_at=self.moment(made),
                outcome=answered and pick(("upheld", "partly", "rejected")),
                answered_at=answered and self.moment(answered),
            )  # fmt: skip
            self.put(
                casework.undertaking, case_file_id=key, kind="other", text="", due_on=self.day(),
                made_by="", made_at=self.moment(made), done_on=self.maybe(self.day()),
            )  # fmt: skip

    def event(self, key, on, step, before, after, deadline):
        self.put(
            casework.case_event, case_file_id=key, at=self.moment(on), actor="", step=step,
            from_state=before, to_state=after, reason="", deadline=deadline,
            document=self.dice.choice(("order", "hint", None)) if step == "notify" else None,
        )  # fmt: skip

    def papers_of(self, key, district):
        kinds = (
            "supervision_order",
            "rectification_order",
            "hint_letter",
            "transfer_letter",
            "closing_form",
        )
        for kind in self.dice.sample(kinds, self.dice.choice((0, 0, 1, 2))):
            self.number += 1
            voided = self.maybe(self.moment(LAST), 0.2)
            self.put(
                papers.paper, id=self.number, kind=kind, number=f"文{self.number}", series=kind,
                year=2026, ordinal=self.number, district=district, case_file_id=key, content={},
                template_sha256="", sha256="", made_by="", made_at=self.moment(self.day()),
                voided_at=voided,
            )  # fmt: skip
            if self.dice.random() < 0.6:
                self.put(
                    papers.paper_service, paper_id=self.number, served_on=self.day(), way="post",
                    recipient="", note="", recorded_by="", recorded_at="",
                )  # fmt: skip

    def campaign(self):
        pick = self.dice.choice
        for n in range(30):
            on, disposal = self.day(), pick(("open", "completed", "closed", "transferred"))
            self.put(
                places.premises, premises_no=f"CS{n}", district=pick(PLACES), address="",
                found_on=on,
                state=pick(("unlicensed", "no_licence", "licensed")), disposal=disposal,
                disposed_on=None if disposal == "open" else self.maybe(self.day(on, LAST), 0.8),
            )  # fmt: skip
            self.put(
                places.clue, clue_no=f"XS{n}", received_on=on, district=pick(PLACES), text="",
                source=pick(("12345", "visit")),
                state=pick(("open", "linked", "unfounded", "closed")),
                answered_on=self.maybe(self.day(on, LAST)),
            )  # fmt: skip

    def editions(self):
        for district in PLACES:
            for number, on in enumerate(sorted(self.day() for _ in range(5)), 1):
                lists = {
                    name: [{"uscc": str(n)} for n in range(self.dice.randint(0, 4))]
                    for name in ("white", "black")
                }
                delta = [
                    {"list": self.dice.choice(("white", "black")), "uscc": "1", "reason": {},
                     "change": self.dice.choice(("added", "removed", "changed"))}
                    for _ in range(self.dice.randint(0, 4))
                ]  # fmt: skip
                document = {"district": district, "number": number, "lists": lists, "delta": delta}
                self.put(
                    publication.edition, district=district, number=number, cut_off=on, sha256="",
                    content_sha256="", rule_book="", counts={}, document=json.dumps(document),
                    published_at="",
                )  # fmt: skip
