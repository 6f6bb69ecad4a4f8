"""The figures of a report worked out by hand: loops over raw tables, no query of the product."""

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from sqlalchemy import select

from feewatch.store.tables import metadata

EPOCH = date(1970, 1, 1)
SETTLED = {"closed", "rechecked", "dismissed", "transferred"}
STALE = {"weekly": 14, "monthly": 38}
RECEIVED = ("supervision_order", "rectification_order", "hint_letter", "transfer_letter")


def number(text):
    return (date.fromisoformat(text[:10]) - EPOCH).days


def iso(day):
    return (EPOCH + timedelta(day)).isoformat()


class Raw:
    """All tables as rows."""

    def __init__(self, tx):
        self.tables = {
            name: [dict(row) for row in tx.execute(select(table)).mappings()]
            for name, table in metadata.tables.items()
        }
        self.by_id = {
            name: {row["id"]: row for row in rows if "id" in row}
            for name, rows in self.tables.items()
        }

    def __getitem__(self, name):
        return self.tables[name]


class ByHand:
    """One period of one place; ``place`` is the beginning of its codes."""

    def __init__(self, raw, first, last, place=""):
        self.raw, self.first, self.last, self.place = raw, first, last, place
        self.values = {}
        self.parts = defaultdict(Counter)
        self.histories = defaultdict(list)
        for event in sorted(raw["case_event"], key=lambda event: event["id"]):
            self.histories[event["case_file_id"]].append(event)
        self.case_of = {row["matter_id"]: row["case_file_id"] for row in raw["case_matter"]}
        self.facts = {
            row["institution_id"]: row
            for row in raw["institution_fact"]
            if row["valid_from"] <= last <= row["valid_to"]
        }
        for work in (
            self.problems, self.steps, self.papers, self.cases, self.rest_of_cases, self.accounts,
            self.institutions, self.campaign, self.lists, self.money, self.rounds,
        ):  # fmt: skip
            work()

    def here(self, district):
        return district.startswith(self.place)

    def within(self, day):
        return day is not None and self.first <= day <= self.last

    def at(self, moment):
        return moment is not None and self.within(number(moment))

    def by_then(self, moment):
        return moment is not None and number(moment) <= self.last

    def part(self, figure, word, value, count=1):
        self.parts[f"{figure}:{word}={value}"]["n"] += count

    def count(self, figure, rows, **words):
        rows = list(rows)
        self.values[figure] = len(rows)
        for word, read in words.items():
            for row in rows:
                self.part(figure, word, read(row))

    def amount(self, figure, amounts):
        told = [each for each in amounts if each is not None]
        self.values[figure] = sum(told) if told or not amounts else None

    # --- matters and cases -------------------------------------------------------------------

    def state(self, case_id):
        """State and deadline of a case on the last day."""
        state = deadline = None
        for event in self.histories[case_id]:
            if self.by_then(event["at"]):
                if event["from_state"] != event["to_state"]:
                    state = event["to_state"]
                if event["deadline"] is not None:
                    deadline = event["deadline"]
        return state, deadline

    def took(self, case_id, step, test):
        return [e for e in self.histories[case_id] if e["step"] == step and test(e["at"])]

    def problems(self):
        new = [
            m for m in self.raw["matter"] if self.at(m["opened_at"]) and self.here(m["district"])
        ]
        stands = [m for m in new if m["status"] != "withdrawn"]
        present = [m for m in stands if not m["historic"]]
        confirmed = [
            m for m in present if self.took(self.case_of.get(m["id"]), "notify", self.by_then)
        ]
        self.count(
            "problems.found", present, severity=lambda m: m["severity"],
            rules=lambda m: m["rule"].split("-")[0], district=lambda m: m["district"],
        )  # fmt: skip
        self.amount("problems.found.fen", [m["sum_fen"] for m in present])
        self.count("problems.confirmed", confirmed)
        self.values["problems.suspected"] = len(present) - len(confirmed)
        self.values["problems.withdrawn"] = len(new) - len(stands)
        self.values["problems.historic"] = len(stands) - len(present)

    def is_over(self, matter):
        return all(
            a["recovered_on"] is not None and a["recovered_on"] <= self.last
            for a in self.raw["alert"]
            if a["matter_id"] == matter["id"] and a["status"] != "withdrawn"
        )

    def steps(self):
        cases = [c for c in self.raw["case_file"] if self.here(c["district"])]
        events = [(c, e) for c in cases for e in self.histories[c["id"]] if self.at(e["at"])]
        for figure, step in (
            ("cases.opened", "open"), ("answers.received", "submit"),
            ("answers.returned", "return"),
            ("cases.escalated", "escalate"), ("cases.dismissed", "dismiss"),
            ("cases.accepted", "accept"), ("rechecks.done", "recheck"),
            ("cases.reopened", "reopen"), ("cases.recurred", "recur"),
        ):  # fmt: skip
            self.count(figure, [e for _, e in events if e["step"] == step])
        again = [e for _, e in events if e["step"] == "reopen" and e["from_state"] == "rechecked"]
        self.count("rechecks.failed", again)
        closings = [c for c, e in events if e["step"] == "close"]
        self.count("cases.closed", closings, district=lambda c: c["district"])
        matters = defaultdict(list)
        for matter_id, case_id in self.case_of.items():
            matter = self.raw.by_id["matter"][matter_id]
            taken = {e["step"] for e in self.histories[case_id] if self.at(e["at"])}
            if self.here(matter["district"]):
                for step in taken | ({"rectified"} if taken & {"accept", "close"} else set()):
                    matters[step].append((matter, case_id))
        self.count("problems.notified", matters["notify"])
        ended = [m for m, c in matters["notify"] if self.state(c)[0] in ("closed", "rechecked")]
        self.count("problems.notified.ended", ended)
        self.count("problems.rectified", matters["rectified"])
        self.count("problems.closed", matters["close"])
        self.count(
            "problems.closed.standing", [m for m, _ in matters["close"] if not self.is_over(m)]
        )
        self.amount("problems.closed.fen", [m["sum_fen"] for m, _ in matters["close"]])

    def papers(self):
        standing = [p for p in self.raw["paper"] if p["voided_at"] is None]
        new = [p for p in standing if self.at(p["made_at"]) and self.here(p["district"])]
        for figure, kind in (
            ("papers.rectification", "rectification_order"), ("papers.hint", "hint_letter"),
            ("papers.transfer", "transfer_letter"),
        ):  # fmt: skip
            self.count(figure, [p for p in new if p["kind"] == kind])
        served = {s["paper_id"] for s in self.raw["paper_service"] if s["served_on"] <= self.last}
        unserved = [p for p in new if p["kind"] in RECEIVED and p["id"] not in served]
        self.count("papers.unserved", unserved)
        papered = {
            p["case_file_id"]
            for p in standing
            if p["kind"] in RECEIVED[:3] and self.by_then(p["made_at"])
        }
        orders = [
            p["district"] for p in new if p["kind"] == "supervision_order" and p["case_file_id"]
        ]
        for case in self.raw["case_file"]:
            if self.here(case["district"]) and case["id"] not in papered:
                notices = self.took(case["id"], "notify", self.at)
                orders += [case["district"] for e in notices if e["document"] != "hint"]
        self.count("orders.issued", orders, district=lambda district: district)

    def cases(self):
        running, overdue, due, missed = [], [], [], []
        for case in self.raw["case_file"]:
            state, deadline = self.state(case["id"])
            if state is None or not self.here(case["district"]):
                continue
            if state not in SETTLED:
                running.append(case)
                if deadline is not None and deadline < self.last:
                    overdue.append(case)
            asked = case["recheck_on"]
            if self.within(asked):
                due.append(case)
            if asked is not None and asked <= self.last and state == "closed":
                missed.append(case)
        self.count("cases.running", running)
        self.count("cases.overdue", overdue, district=lambda case: case["district"])
        self.count("rechecks.due", due)
        self.count("rechecks.missed", missed)

    def rest_of_cases(self):
        cases = {c["id"]: c for c in self.raw["case_file"] if self.here(c["district"])}
        objections = [o for o in self.raw["objection"] if o["case_file_id"] in cases]
        answered = [
            o for o in objections if self.at(o["answered_at"]) and self.by_then(o["made_at"])
        ]
        self.count("objections.made", [o for o in objections if self.at(o["made_at"])])
        self.count("objections.answered", answered)
        self.count(
            "objections.upheld", [o for o in answered if o["outcome"] in ("upheld", "partly")]
        )
        waiting = [
            o
            for o in objections
            if self.by_then(o["made_at"]) and not self.by_then(o["answered_at"])
        ]
        self.count("objections.waiting", waiting)
        due = [
            u
            for u in self.raw["undertaking"]
            if u["case_file_id"] in cases and self.within(u["due_on"])
        ]
        self.count("undertakings.due", due)
        missed = [u for u in due if u["done_on"] is None or u["done_on"] > self.last]
        self.count("undertakings.missed", missed)

    # --- accounts and institutions -----------------------------------------------------------

    def accounts(self):
        covered = defaultdict(set)
        for row in self.raw["account_coverage"]:
            first, last = max(row["from_day"], self.first), min(row["to_day"], self.last)
            covered[row["account_id"]] |= set(range(first, last + 1))
        balances = defaultdict(list)
        for row in self.raw["account_day"]:
            if row["day"] <= self.last:
                balances[row["account_id"]].append((row["day"], row["closing_fen"]))
        held = []
        for account in self.raw["account"]:
            fact = self.facts.get(account["institution_id"])
            if account["kind"] in ("fee", "deposit") and fact and self.here(fact["district"]):
                held.append(account)
        gaps = []
        for account in held:
            days = [
                day
                for day in range(self.first, self.last + 1)
                if (account["opened_on"] or day) <= day
                and not (account["closed_on"] or day + 1) <= day
            ]
            if days:
                missing = [day for day in days if day not in covered[account["id"]]]
                gaps.append((len(days), len(missing)))
        self.count("coverage.accounts", gaps)
        self.count("coverage.whole", [g for g in gaps if not g[1]])
        self.count("coverage.none", [g for g in gaps if g[1] == g[0]])
        self.count("coverage.part", [g for g in gaps if 0 < g[1] < g[0]])
        self.values["coverage.missing_days"] = sum(g[1] for g in gaps)
        for kind in ("fee", "deposit"):
            known, unknown = [], 0
            for account in held:
                is_open = (account["opened_on"] or self.last) <= self.last
                is_open &= account["closed_on"] is None or account["closed_on"] > self.last
                if account["kind"] == kind and is_open:
                    if self.last in covered[account["id"]]:
                        known.append(
                            max(balances[account["id"]])[1] if balances[account["id"]] else None
                        )
                    else:
                        unknown += 1
            told = [fen for fen in known if fen is not None]
            self.values[f"balances.{kind}"] = sum(told) if told else None
            self.values[f"balances.{kind}.unknown"] = unknown

    def is_closed(self, key, day):
        closed = any(
            a["institution_id"] == key and a["kind"] == "closure" and a["from_day"] <= day
            for a in self.raw["approval"]
        )
        return closed or any(
            s["institution_id"] == key and s["on_day"] <= day for s in self.raw["succession"]
        )

    def institutions(self):
        standing = [
            f for key, f in self.facts.items()
            if self.here(f["district"]) and not self.is_closed(key, self.last)
        ]  # fmt: skip
        self.count(
            "institutions.standing", standing, subject=lambda f: f["subject"],
            custody=lambda f: f["custody"],
        )  # fmt: skip
        self.count("institutions.academic", [f for f in standing if f["subject"] == "academic"])
        ended = [
            f for f in standing
            if f["licence_until"] is not None and f["licence_until"] < self.last
            and (f["renewal_applied_on"] is None or f["renewal_applied_on"] > f["licence_until"])
        ]  # fmt: skip
        self.count("institutions.licence_ended", ended)
        unknown = [f for f in standing if f["licence_until"] is None]
        self.count("institutions.licence_unknown", unknown)
        self.months()
        self.closures()

    def months(self):
        day = EPOCH + timedelta(self.last)
        ends = [self.last]
        for _ in range(11):
            day = day.replace(day=1) - timedelta(1)
            ends.append((day - EPOCH).days)
        for end in ends:
            rows = [
                f for f in self.raw["institution_fact"]
                if f["valid_from"] <= end <= f["valid_to"] and f["subject"] == "academic"
                and self.here(f["district"]) and not self.is_closed(f["institution_id"], end)
            ]  # fmt: skip
            if rows:
                self.part("academic", "month", iso(end)[:7], len(rows))

    def closures(self):
        def fact_on(key, day):
            return next(
                (f for f in self.raw["institution_fact"] if f["institution_id"] == key
                 and f["valid_from"] <= day <= f["valid_to"] and self.here(f["district"])), None,
            )  # fmt: skip

        closed = [
            f for a in self.raw["approval"] if a["kind"] == "closure" and self.within(a["from_day"])
            if (f := fact_on(a["institution_id"], a["from_day"]))
        ]  # fmt: skip
        merged = [
            f for s in self.raw["succession"] if self.within(s["on_day"])
            if (f := fact_on(s["institution_id"], s["on_day"]))
        ]  # fmt: skip
        ended = [
            f for f in self.raw["institution_fact"]
            if self.within(f["licence_until"])
            and f["valid_from"] <= f["licence_until"] <= f["valid_to"]
            and self.here(f["district"])
            and (f["renewal_applied_on"] is None or f["renewal_applied_on"] > f["licence_until"])
        ]  # fmt: skip
        self.count("closures.approved", closed, subject=lambda f: f["subject"])
        self.count("closures.succession", merged)
        self.count("closures.licence", ended)
        academic = [f for f in closed + merged + ended if f["subject"] == "academic"]
        self.count("closures.academic", academic)

    # --- premises, clues, lists --------------------------------------------------------------

    def campaign(self):
        premises = [p for p in self.raw["premises"] if self.here(p["district"])]
        found = [p for p in premises if self.within(p["found_on"])]
        settled = [p for p in premises if p["disposal"] != "open" and self.within(p["disposed_on"])]
        self.count("premises.found", found, state=lambda p: p["state"])
        self.count("premises.settled", settled, disposal=lambda p: p["disposal"])
        waiting = [
            p for p in premises if p["found_on"] <= self.last and p["state"] != "licensed"
            and (p["disposal"] == "open" or (p["disposed_on"] or 0) > self.last)
        ]  # fmt: skip
        self.count("premises.waiting", waiting)
        clues = [c for c in self.raw["clue"] if self.here(c["district"])]
        received = [c for c in clues if self.within(c["received_on"])]
        self.count("clues.received", received, source=lambda c: c["source"])
        self.count("clues.answered", [c for c in clues if self.within(c["answered_on"])])
        waiting = [
            c for c in clues if c["received_on"] <= self.last
            and (c["answered_on"] > self.last if c["answered_on"] is not None
                 else c["state"] in ("open", "linked"))
        ]  # fmt: skip
        self.count("clues.waiting", waiting)

    def whole_months(self):
        """First and last day of the calendar months that lie wholly in the period."""
        day = (EPOCH + timedelta(self.first)).replace(day=1)
        while (day - EPOCH).days <= self.last:
            following = (day + timedelta(31)).replace(day=1)
            first, last = (day - EPOCH).days, (following - EPOCH).days - 1
            if self.first <= first and last <= self.last:
                yield first, last
            day = following

    def rounds(self):
        visits = [v for v in self.raw["visit"] if self.within(v["visited_on"])]
        visits = [v for v in visits if self.here(v["district"])]
        failed = {r["visit_id"] for r in self.raw["visit_result"] if r["result"] == "fail"}
        self.count("visits.made", visits, visit=lambda v: v["kind"])
        self.count("visits.unannounced", [v for v in visits if v["kind"] == "unannounced"])
        self.count("visits.found", [v for v in visits if v["id"] in failed])
        own = [
            a for a in self.raw["inspector_assignment"]
            if (fact := self.facts.get(a["institution_id"])) and self.here(fact["district"])
        ]  # fmt: skip
        running = [
            a for a in own
            if a["from_day"] <= self.last and (a["to_day"] is None or a["to_day"] >= self.last)
        ]  # fmt: skip
        self.count("inspectors.standing", {a["inspector"] for a in running})
        owed = [
            any(v["institution_id"] == a["institution_id"] and first <= v["visited_on"] <= last
                for v in self.raw["visit"])
            for first, last in self.whole_months()
            for a in own
            if not a["is_substitute"] and a["from_day"] <= first
            and (a["to_day"] is None or a["to_day"] >= last)
        ]  # fmt: skip
        self.count("visits.owed", owed)
        self.count("visits.missed", [made for made in owed if not made])
        held = {m["id"]: m for m in self.raw["meeting"] if self.here(m["district"])}
        items = [i for i in self.raw["meeting_item"] if i["meeting_id"] in held]
        on = {key: m["held_on"] for key, m in held.items()}
        self.count("meetings.held", [m for m in held.values() if self.within(m["held_on"])])
        self.count("meetings.items", [i for i in items if self.within(on[i["meeting_id"]])])
        self.count("meetings.closed", [i for i in items if self.within(i["closed_on"])])
        late = [
            i for i in items if on[i["meeting_id"]] <= self.last and i["due_on"] < self.last
            and (i["closed_on"] is None or i["closed_on"] > self.last)
        ]  # fmt: skip
        self.count("meetings.late", late)
        pressed = [p for p in self.raw["pressure"] if self.within(p["on_day"])]
        for kind in ("circular", "listed", "answerable"):
            chosen = [p for p in pressed if p["kind"] == kind and self.here(p["district"])]
            self.count(f"pressed.{kind}", chosen)

    def lists(self):
        editions = [
            (e, json.loads(e["document"])) for e in self.raw["edition"]
            if e["cut_off"] <= self.last and self.here(e["district"])
        ]  # fmt: skip
        changes = [c for e, d in editions if e["cut_off"] >= self.first for c in d["delta"]]
        for figure, change in (("lists.added", "added"), ("lists.removed", "removed")):
            rows = [c for c in changes if c["change"] == change]
            self.count(figure, rows, list=lambda c: c["list"])
        latest = {}
        for e, d in editions:
            if e["number"] > latest.get(e["district"], (0, None))[0]:
                latest[e["district"]] = (e["number"], d)
        standing = [
            name for _, d in latest.values() for name, rows in d["lists"].items() for _ in rows
        ]
        self.count("lists.standing", standing, list=lambda name: name)

    # --- money -------------------------------------------------------------------------------

    def holder(self, key):
        rows = [h for h in self.raw["holding"] if h["institution_id"] == key]
        if not rows:
            return key
        return next(
            (h["holder_id"] for h in rows if h["from_day"] <= self.last <= h["to_day"]), None
        )

    def owed(self):
        """By institution what it surely owes and at most owes."""
        charges, held, refunds = defaultdict(list), defaultdict(list), Counter()
        for row in self.raw["charge"]:
            charges[row["contract_id"]].append(row)
        for row in self.raw["lesson"]:
            if row["held_on"] <= self.last:
                held[row["contract_id"]].append(row["lessons"])
        for row in self.raw["match"]:
            if row["kind"] == "refund" and row["booked_on"] <= self.last:
                refunds[row["contract_id"]] += row["amount_fen"]
        assert not [o for o in self.raw["opening_statement"] if o["signed_by"]]
        owed = defaultdict(lambda: [0, 0])
        for contract in self.raw["contract"]:
            if contract["payment"] != "prepaid":
                continue
            key, fee = contract["id"], contract["fee_fen"]
            parts = [(c["amount_fen"], c["paid_on"]) for c in charges[key]] or [
                (fee, contract["paid_on"])
            ]
            paid = [fen for fen, on in parts if on is not None and on <= self.last]
            ended = contract["settlement"] and contract["ended_on"]
            holder = self.holder(contract["institution_id"])
            if not paid or (ended is not None and ended and ended <= self.last) or holder is None:
                continue
            used = self.consumed(contract, held[key])
            left = sum(paid) - refunds[key]
            low, high = (0, left) if used is None else (left - used, left - used)
            owed[holder][0] += max(low, 0)
            owed[holder][1] += max(high, 0)
        return owed

    def consumed(self, contract, lessons):
        fee, total = contract["fee_fen"], contract["total_lessons"]
        if lessons:
            if not total:
                return None
            return min(fee, int(Fraction(fee * sum(lessons), total) + Fraction(1, 2)))
        if contract["basis"] != "period":
            return 0
        if contract["starts_on"] is None or contract["ends_on"] is None:
            return None
        days = contract["ends_on"] - contract["starts_on"] + 1
        gone = min(max(self.last - contract["starts_on"] + 1, 0), days)
        return int(Fraction(fee * gone, days) + Fraction(1, 2))

    def unexplained(self):
        sums = Counter()
        for entry in self.raw["entry"]:
            if entry["merged_into"] is None and entry["booked_on"] <= self.last:
                if entry["kind"] == "receipt":
                    sums[entry["institution_id"]] += entry["amount_fen"] - entry["matched_fen"]
                elif entry["kind"] == "refund":
                    sums[entry["institution_id"]] += entry["amount_fen"] + entry["matched_fen"]
        return sums

    def fund(self, key):
        """Fee accounts on file, whether one is stale, and what they hold."""
        accounts = stale = balance = 0
        for account in self.raw["account"]:
            if account["institution_id"] != key or account["kind"] != "fee":
                continue
            if account["opened_on"] is not None and account["opened_on"] > self.last:
                continue
            accounts += 1
            if account["closed_on"] is not None and account["closed_on"] <= self.last:
                continue
            told = [
                min(c["to_day"], self.last) for c in self.raw["account_coverage"]
                if c["account_id"] == account["id"] and c["from_day"] <= self.last
            ]  # fmt: skip
            days = [
                (d["day"], d["closing_fen"]) for d in self.raw["account_day"]
                if d["account_id"] == account["id"] and d["day"] <= self.last
            ]  # fmt: skip
            limit = STALE.get(account["statement_cycle"], 7)
            stale += not told or not days or self.last - max(told) > limit
            balance += max(days)[1] if days else 0
        return accounts, stale, balance

    def money(self):
        owed, unexplained = self.owed(), self.unexplained()
        registered = {
            c["institution_id"] for c in self.raw["coverage"] if c["register"] == "contracts"
        }
        sums, verdicts, liabilities, seen = Counter(), Counter(), [], []
        for key, fact in self.facts.items():
            if not self.here(fact["district"]):
                continue
            low, high = owed[key]
            extra = max(0, unexplained[key])
            seen.append(extra)
            if key in registered or high:
                liabilities.append(high)
            accounts, stale, balance = self.fund(key)
            verdict = "undetermined"
            if not high + extra:
                verdict = "nothing_owed" if key in registered else "undetermined"
            elif fact["custody"] != "risk_deposit" and accounts and not stale:
                if low + extra > balance:
                    verdict = "short"
                elif balance >= high + extra:
                    verdict = "covered"
            verdicts[verdict] += 1
            if verdict in ("short", "covered"):
                sums["balance"] += balance
                sums["claims"] += high + extra
                sums["shortfall"] += max(0, high + extra - balance)
        for verdict in ("short", "covered", "nothing_owed", "undetermined"):
            self.values[f"money.{verdict}"] = verdicts[verdict]
        self.values["money.liability"] = sum(liabilities) if liabilities else None
        self.values["money.unexplained"] = sum(seen) if seen else None
        judged = verdicts["short"] + verdicts["covered"]
        self.values["money.judged.balance"] = sums["balance"] if judged else None
        self.values["money.judged.claims"] = sums["claims"] if judged else None
        self.values["money.shortfall"] = sums["shortfall"] if judged else None
        share = Decimal(sums["balance"]) / Decimal(sums["claims"]) if sums["claims"] else None
        self.values["money.cover"] = (
            None if share is None else str(share.quantize(Decimal("0.0001"), ROUND_HALF_UP))
        )

    def everything(self):
        """Every figure and every part of one that is not nothing."""
        return self.values | {key: counted["n"] for key, counted in self.parts.items()}
