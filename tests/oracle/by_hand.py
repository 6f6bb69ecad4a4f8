"""Worlds of a few rows for cases worked out by hand: what a case does not name is clean.

Money is in yuan here as the registers write it; the day judged is the last of July 2026.
"""

from collections.abc import Iterator
from datetime import date

from oracle.verdicts import Verdict
from oracle.verdicts_of_world import judge
from oracle.world import BankRow, Paper, World

AS_OF = date(2026, 7, 31)
FIRST = date(2026, 1, 1)
OLD, NEW = "A", "B"


def world() -> World:
    return World(as_of=AS_OF)


def school(made: World, uscc: str = OLD, opening: int = 100000, **facts: str) -> str:
    """An institution of arts in Shandong with one course and one fee account, seen from January."""
    made.tables["institutions"].append({
        "uscc": uscc, "name": f"机构{uscc}", "district": "370602", "subject": "arts",
        "nature": "non_profit", "custody": "bank_custody", "licence_until": "2030-12-31",
        "renewal_applied_on": "", "legal_representative": "赵校长", "related_parties": "",
        "supervised_from": "", "valid_from": "",
    } | facts)  # fmt: skip
    account(made, uscc, "fee", opening)
    made.tables["courses"].append({
        "course_id": f"KC{uscc}", "uscc": uscc, "title": "舞蹈班", "discipline": "舞蹈",
        "stage": "primary", "mode": "offline", "class_size": "12", "lesson_minutes": "45",
        "price_per_lesson": "1000.00", "starts_on": "",
    })  # fmt: skip
    made.covers[uscc] = (date(2020, 1, 1), AS_OF)
    return uscc


def account(made: World, uscc: str, kind: str, opening: int) -> None:
    number = f"{kind} {uscc}"
    made.tables["accounts"].append({
        "uscc": uscc, "account_no": number, "kind": kind, "bank": "", "opened_on": "",
        "closed_on": "", "minimum_balance": "", "statement_cycle": "",
    })  # fmt: skip
    made.bank[number] = []
    made.papers.append(Paper(number, FIRST, AS_OF, opening * 100, made.bank[number]))


def contract(made: World, number: str, paid_on: str = "2026-03-02", fee: int = 4000,
             uscc: str = OLD, **given: str) -> None:  # fmt: skip
    """Forty lessons by the hour, from the day of payment on."""
    made.tables["contracts"].append({
        "contract_no": number, "uscc": uscc, "course_id": f"KC{uscc}", "student": f"S{number}",
        "basis": "hours", "lessons": "40", "gift_lessons": "", "starts_on": paid_on, "ends_on": "",
        "fee": f"{fee}.00", "paid_on": paid_on, "other_fee": "", "renews": "", "channel": "",
        "payment": "prepaid", "ended_on": "", "settlement": "",
    } | given)  # fmt: skip


def charge(made: World, number: str, at: int, paid_on: str, amount: str, lessons: str = "10",
           starts_on: str = "", ends_on: str = "", due_on: str = "") -> None:  # fmt: skip
    (home,) = (row["uscc"] for row in made.tables["contracts"] if row["contract_no"] == number)
    made.tables["charges"].append({
        "contract_no": number, "charge_no": str(at), "due_on": due_on or paid_on,
        "amount": amount, "lessons": lessons, "starts_on": starts_on, "ends_on": ends_on,
        "paid_on": paid_on, "uscc": home,
    })  # fmt: skip


def lessons(made: World, number: str, day: str, count: int) -> None:
    (home,) = (row["uscc"] for row in made.tables["contracts"] if row["contract_no"] == number)
    made.tables["lessons"].append({
        "contract_no": number, "held_on": day, "lessons": str(count), "confirmed_on": "",
        "confirmed_by": "parent", "uscc": home,
    })  # fmt: skip


def refund(made: World, number: str, contract_no: str, day: str, amount: str = "") -> None:
    (home,) = (row["uscc"] for row in made.tables["contracts"] if row["contract_no"] == contract_no)
    made.tables["refunds"].append({
        "refund_no": number, "contract_no": contract_no, "uscc": home, "requested_on": day,
        "cause": "institution", "amount": amount,
    })  # fmt: skip


def succession(made: World, on: str, old: str = OLD, new: str = NEW) -> None:
    made.tables["successions"].append(
        {"from_uscc": old, "to_uscc": new, "on": on, "document": "承1号"}
    )


def book(made: World, day: str, yuan: int, memo: str = "", account_no: str = f"fee {OLD}",
         party: str = "王女士", party_no: str = "") -> None:  # fmt: skip
    """A row of an account, booked after all that were booked before."""
    row = BankRow(date.fromisoformat(day), yuan * 100, party, party_no, memo)
    made.bank[account_no].append(row)
    (paper,) = (each for each in made.papers if each.account_no == account_no)
    made.book_bank(account_no, paper.opening)


def verdicts(made: World, rule: str) -> dict[str, Verdict]:
    """What the oracle says under one rule, by the id of the subject."""
    return {verdict.id: verdict for verdict in judge(made) if verdict.rule == rule}


def outcomes(made: World, rule: str) -> dict[str, str]:
    return {id_: verdict.outcome for id_, verdict in verdicts(made, rule).items()}


def breaches(made: World, rule: str) -> Iterator[tuple[str, str, int | str | None]]:
    """(institution, id, measured) of each breach."""
    return ((verdict.uscc, verdict.id, verdict.measured)
            for verdict in verdicts(made, rule).values()
            if verdict.outcome == "breach")  # fmt: skip
