"""Every page of a whole demonstration is opened, by every role, in both languages: none fails."""

from collections.abc import Collection, Mapping

import pytest
from flask import Flask

from feewatch.kernel import clock
from feewatch.kernel.people import OFFICE
from feewatch.services.demo import shown_at
from feewatch.store.tables.casework import case_file, matter
from feewatch.store.tables.registers import institution
from feewatch.web.access import ANYONE, entry_of
from tests.web.leaks import leaks_of
from tests.web.town import Town
from tests.web.walking import Tally, Walk

LANGUAGES = ("zh", "en")
#: Who walks in English too where time is short: one of each side; the rest differ in buttons.
IN_ENGLISH = ("public", "institution", "officer")
ROLES = ("public", "institution", "inspector", *sorted(OFFICE), "rule_editor")
#: Who opens every page of a kind; of other kinds each role opens a few.
WHOLE = {
    "desk.alert": OFFICE,
    "desk.matter": {"officer"},
    "cases.show": {"officer", "viewer"},
    "records.institution": {"officer"},
    "public.institution": {"public"},
    "public.lists": {"public"},
    "public.edition": {"public"},
    "institution.alert": {"institution"},
    "institution.case": {"institution"},
}
#: So many pages of any other kind, with each of its arguments: where time is short, and else.
FEW, MORE = 1, 3


def test_no_page_of_a_demonstration_fails(town, capsys):
    """Every alert by an officer and a looker-on, English by one of each side."""
    walks = [(role, "zh") for role in ROLES] + [(role, "en") for role in IN_ENGLISH]
    whole = WHOLE | {"desk.alert": {"officer", "viewer"}}
    check(town, capsys, walks, whole, FEW)


@pytest.mark.long
def test_no_page_of_a_whole_demonstration_fails(town, capsys):
    """Every alert by every role of the office, everybody in both languages."""
    check(town, capsys, [(role, words) for role in ROLES for words in LANGUAGES], WHOLE, MORE)


def check(town, capsys, walks, whole, few):
    """No page fails, each role meets each kind it may enter, each alert, matter and case is met."""
    with clock.fixed(shown_at()):
        tallies = {(role, words): walk(town, role, words, whole, few) for role, words in walks}
    with capsys.disabled():
        report(tallies)
    assert [fault for tally in tallies.values() for fault in tally.faults] == []
    for (role, words), tally in tallies.items():
        rare = set() if is_whole("desk.alert", role, words, whole) else RARE
        assert unopened(town.site, role, tally) <= rare | LEADS_ON.get(role, set()), (role, words)
    for role in whole["desk.alert"]:
        assert set(town.alerts()) <= tallies[role, "zh"].opened
    by_anyone = set().union(*(tally.opened for tally in tallies.values()))
    assert {f"/desk/matters/{key}" for key in town.keys(matter.c.id)} <= by_anyone
    assert {f"/desk/cases/{key}" for key in town.keys(case_file.c.number)} <= by_anyone
    codes = town.keys(institution.c.uscc)
    assert {f"/desk/institutions/{code}" for code in codes} <= by_anyone


def is_whole(kind: str, role: str, language: str, whole: Mapping[str, Collection[str]]) -> bool:
    """Whether all pages of a kind are opened: in English by one of the office alone."""
    return role in whole.get(kind, ()) and (language == "zh" or role not in OFFICE - {"officer"})


def walk(
    town: Town, role: str, language: str, whole: Mapping[str, Collection[str]], few: int
) -> Tally:
    def most(kind: str) -> int:
        return 10_000 if is_whole(kind.partition("?")[0], role, language, whole) else few

    browser, start = town.enter(role)
    leaks = leaks_of(town, town.own if role == "institution" else "")
    assert leaks.inside(f"向{min(leaks.names)}支付 {min(leaks.accounts)}".encode()), (
        "or it finds none"
    )
    alerts = town.alerts() if role in OFFICE and most("desk.alert") > few else []
    return Walk(town.site, browser, role, language, most, leaks.inside).go(["/", start, *alerts])


def unopened(site: Flask, role: str, tally: Tally) -> set[str]:
    """Kinds of pages that a role may enter and no link led to."""
    opened = {kind.partition("?")[0] for kind in tally.kinds}
    mine = {
        rule.endpoint
        for rule in site.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.endpoint.startswith("api.")
        and (entry_of(site, rule.endpoint) == ANYONE or role in entry_of(site, rule.endpoint))
    }
    return mine - opened - NOT_OFFERED - (set() if role == "public" else {"account.login"})


#: An answer to a form, what only ``feewatch verify`` reads, the language, which a walk keeps, an
#: old address, the second step of a log-in, what a person had computed, and files of what the town
#: has none of: objections with files, old bad rows, an identity provider; the state of a clue,
#: whose number is told once.
NOT_OFFERED = {
    "registers.look", "registers.rejects", "public.timestamp", "account.language", "papers.many",
    "public.key_list", "editions.preview", "grades.paper", "own_grades.paper",
    "asking.clue", "computing.show",
    "registers.old_rejects", "account.second_step",
    "account.to_provider", "account.from_provider",
    "health.alive", "health.figures", "health.ready",  # machines ask
    "round_desk.photo",  # of few visits; an inspector opens the same one at another address
    "rounds.token", "rounds.worker",  # a script asks
    # of an office that gathers others, or is gathered
    "gathered.listed", "gathered.show", "gathered.merged", "gathered.disagreements",
    "gathered.grouped", "sent_back.listed", "sent_back.show", "sent_back.form",
    "sent_back.document",
}  # fmt: skip


#: What sends a role on to its own page, and stands in none of its menus.
LEADS_ON = {"inspector": {"today.home"}}
#: Only some alerts lead there: the row of a statement that evidence names.
RARE = {"quarantine.line"}


def report(tallies: dict[tuple[str, str], Tally]) -> None:
    """Print what was walked."""
    total = {
        name: sum(getattr(tally, name) for tally in tallies.values()) for name in ("pages", "files")
    }
    kinds = set().union(*(tally.kinds for tally in tallies.values()))
    faults = sum(len(tally.faults) for tally in tallies.values())
    print(
        f"\nwalk: {total['pages']} pages and {total['files']} files opened "
        f"in {len(tallies)} walks, {len(kinds)} kinds, {faults} failures"
    )
    for (role, words), tally in tallies.items():
        print(
            f"  {role:<14}{words}  pages {tally.pages:>4}  files {tally.files:>3}  "
            f"links {len(tally.offered):>5}  failures {len(tally.faults)}"
        )
    for tally in tallies.values():
        print(*(f"    {fault}" for fault in tally.faults[:20]), sep="\n", end="")
