"""All the oracle has to say of a world: every rule on every subject."""

from datetime import date

from oracle.opening import open_books
from oracle.rules_cases import case_rules
from oracle.rules_contracts import contract_rules
from oracle.rules_cover import cover_rules
from oracle.rules_data import data_rules
from oracle.rules_outflows import outflow_rules
from oracle.rules_patterns import pattern_rules
from oracle.rules_prices import price_rules
from oracle.rules_receipts import receipt_rules
from oracle.rules_refunds import refund_rules
from oracle.rules_split import split_rules
from oracle.rules_teaching import teaching_rules
from oracle.verdicts import BREACH, COMPLIANT, Verdict, Verdicts
from oracle.world import World

OF_INSTITUTIONS = (contract_rules, price_rules, receipt_rules, cover_rules, outflow_rules,
                   pattern_rules, data_rules, split_rules, refund_rules,
                   teaching_rules)  # fmt: skip


def judge(world: World) -> list[Verdict]:
    found = [*_quarantined(world), *case_rules(world)]
    for uscc in world.usccs():
        books = open_books(world, uscc)
        for rules in OF_INSTITUTIONS:
            found += rules(books)
    return found


def _quarantined(world: World) -> Verdicts:
    owners = {row["account_no"]: row["uscc"] for row in world.tables["accounts"]}
    for each in world.papers:
        if each.last < date(2021, 10, 29) or each.last > world.as_of:
            continue
        uscc = owners.get(each.account_no, "")
        subject = ("statement", each.sha256, each.last)
        if each.fault == "unregistered":
            yield Verdict("ACC-UNREG", "", *subject, BREACH, each.account_no, None, "orange")
        elif each.fault == "arithmetic":
            yield Verdict("DATA-BAL", uscc, *subject, BREACH, -each.off_by, 0, "orange")
        else:
            yield Verdict("DATA-BAL", uscc, *subject, COMPLIANT)
