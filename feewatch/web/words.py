"""What every template may call upon: words, figures, and what the person before it may do."""

import re
from typing import Any

from flask import g, request

from feewatch.casework.answers import OUTCOMES
from feewatch.casework.cases import SETTLED, steps_from
from feewatch.casework.proposals import MARK, shown_key
from feewatch.casework.standing import in_words
from feewatch.credit.grades import NOT_GRADED
from feewatch.credit.lists import UNRATED, unrated_word
from feewatch.kernel.clock import today
from feewatch.kernel.numbers import read_whole
from feewatch.kernel.people import AUDITORS, CASEWORKERS, OFFICE, ROLES, SECURITY, SYSTEM, UNMASKERS
from feewatch.rounds.findings import BESIDE_THE_BOOK
from feewatch.services import messages
from feewatch.services.cases import paper_register
from feewatch.services.check.rulebook import rule_book
from feewatch.services.corrections.reading import line_of
from feewatch.services.desk.today import count_marks
from feewatch.services.people.api_tokens import TOKEN_ROLES
from feewatch.store.pages import PageRows
from feewatch.web.access import installation, whole_user
from feewatch.web.formats import places
from feewatch.web.forms import LAST_PAGE
from feewatch.web.labels import label
from feewatch.web.language import chosen_half, language, say, t
from feewatch.web.sights import named_subject, sees, shown_account, shown_memo, shown_payer

_OF_THE_DESK = re.compile(r"/desk/((?:cases|alerts)/[\w-]+)")
#: Lists that are given out as files too.
EXPORTED = frozenset(
    {
        "audit.listed", "cases.board", "confirmations.listed", "corrections.listed",
        "desk.alerts", "desk.inbox", "grades.listed",
        "district.covered", "gathered.merged",
        "matching.unmatched", "monitoring.early_warning", "monitoring.noise",
        "places.listed_clues", "places.premises", "quarantine.listed", "records.files",
        "records.institutions", "records.statements", "round_desk.listed", "round_desk.planned",
        "self_reports.listed", "supervision.grouped",
        "supervision.listed_campaigns", "supervision.listed_draws", "supervision.listed_meetings",
        "supervision.pressed", "today.missing", "white.listed",
    }
)  # fmt: skip


def words() -> dict[str, object]:
    """The names that templates know."""
    return {
        "t": chosen_half(),
        "language": language(),
        "label": label,
        "office": installation().config.office,
        "user": whole_user(),
        "unrated": UNRATED,
        "unrated_word": unrated_word,
        "not_graded": NOT_GRADED,
        "own_address": own_address,
        "all_roles": ROLES,
        "office_roles": OFFICE,
        "auditors": AUDITORS,
        "system_roles": SYSTEM,
        "security_roles": SECURITY,
        "case_roles": CASEWORKERS,
        "token_roles": TOKEN_ROLES,
        "steps_from": steps_from,
        "days_left": days_left,
        "days_to": days_to,
        "today": today,
        "is_settled": SETTLED.__contains__,
        "standing_line": in_words,
        "shown_account": shown_account,
        "shown_payer": shown_payer,
        "shown_memo": shown_memo,
        "sees": sees,
        "unmaskers": UNMASKERS,
        "named_subject": named_subject,
        "turned": turned,
        "correction_mark": MARK,
        "correction_line": correction_line,
        "marks": marks,
        "shown_key": shown_key,
        "rule_title": rule_title,
        "unread": unread,
        "objection_outcomes": OUTCOMES,
        "settled_states": SETTLED,
        "exported": EXPORTED,
        "papers_of": papers_of,
        "paper_kinds": paper_kinds,
    }


def own_address(address: str) -> str:
    """The institution's own page of what stands on a page of the office; empty: it has none."""
    found = _OF_THE_DESK.fullmatch(address)
    return f"/own/{found[1]}" if found else ""


def marks() -> dict[str, int]:
    """What waits, by name, for the marks of the menu; counted once a request."""
    if "marks" not in g:
        g.marks = count_marks(installation(), g.user)
    counts: dict[str, int] = g.marks
    return counts


def place_name(code: str) -> str:
    """A district as pages show it: name and code, or the code alone."""
    return places(installation().config.places)(code)


def rule_title(name: str) -> str:
    """The title of a rule; its name where the book no longer has it."""
    if "rules" not in g:  # whether the book changed is asked once a request
        g.rules = rule_book(installation()).rules
    rule = g.rules.get(name)
    title = rule.title if rule else BESIDE_THE_BOOK.get(name)
    return say(title) if title else name


def days_left(case: Any) -> int | None:
    """Days to the deadline of a case, below zero once it is past; None where none runs."""
    if case.deadline is None or case.state in SETTLED:
        return None
    return int(case.deadline - today())


def days_to(day: int, state: str) -> int | None:
    """Days to a deadline in a case of this state, below zero once past; None: it does not run."""
    return None if state in SETTLED else day - today()


def turned() -> str:
    """The part of a title that tells a further page of a list from its first."""
    number = read_whole(request.args.get("page", "1"), LAST_PAGE)
    if number in (None, 0, 1):
        return ""
    return t(f" · 第 {number} 页", f" · page {number}")


def unread() -> int:
    """How many messages of the person are not read; asked once for a page."""
    user = getattr(g, "user", None)
    if user is None:
        return 0
    if "unread" not in g:
        g.unread = messages.count_unread(installation(), user)
    return int(g.unread)


def papers_of(case: str) -> PageRows:
    """The papers of a case that the person may see."""
    return paper_register.list_of_case(installation(), g.user.scope, case)


def paper_kinds(case: Any) -> list[str]:
    """The kinds of paper that can be made of a case now."""
    return paper_register.list_kinds(installation(), case)


def correction_line(row: Any) -> str:
    """What a proposal would change, on one line."""
    return say(line_of(row))
