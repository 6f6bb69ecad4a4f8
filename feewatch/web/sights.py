"""What of a row its reader sees whole: by their role, or as they asked with an open matter."""

from typing import Any

from flask import g

from feewatch.casework.subjects import OF_ACCOUNT, subject_in_words
from feewatch.services.audit.unmasking import FIELDS, Sights, read_sights
from feewatch.services.cases.desk import AlertFile
from feewatch.services.cases.evidence_lines import Sight, describe_evidence
from feewatch.web.access import installation
from feewatch.web.formats import masked_account, masked_name, masked_subject
from feewatch.web.language import say


def sights() -> Sights:
    """What the person sees whole, asked once a request."""
    if "sights" not in g:
        g.sights = read_sights(installation(), g.user)
    found: Sights = g.sights
    return found


def sees(field: str, number: str | None = None, uscc: str | None = None) -> bool:
    """Whether accounts, payers or memos of an account's or institution's rows are shown whole."""
    return g.get("user") is not None and sights().sees(field, number=number, uscc=uscc)


def shown_account(number: str | None, own: str | None = None) -> str:
    """An account number as the person may see it; ``own``: the account whose row names it."""
    return number if number and sees("accounts", own or number) else masked_account(number)


def shown_payer(name: str | None, own: str | None) -> str:
    """Who paid into or out of an account, as the person may see it."""
    return (name or "—") if sees("payers", own) else masked_name(name)


def shown_memo(memo: str | None, own: str | None) -> str:
    """The words of a payment, where the person may see them."""
    return memo if memo and sees("memos", own) else ""


def named_subject(alert: Any) -> str:
    """The subject of an alert or a simulated outcome in words, masked for lookers-on."""
    kind, subject = alert.subject_kind, alert.subject_id
    return say(subject_in_words(kind, subject, is_masked=not _sees_subject(kind, subject)))


def _sees_subject(kind: str, subject: str) -> bool:
    return kind not in OF_ACCOUNT or sees("accounts", subject.partition("/")[0])


def shown_subject(alert: Any) -> str:
    """The id of the subject of an alert, masked in the same way."""
    kind, name = alert.subject_kind, alert.subject_id
    return name if _sees_subject(kind, name) else masked_subject(kind, name)


def shown_record(row: dict[str, Any]) -> str:
    """The id of a record of evidence, masked in the same way."""
    kind, name = str(row.get("record", "")), str(row.get("id", ""))
    return name if _sees_subject(kind, name) else masked_subject(kind, name)


def told_evidence(found: AlertFile) -> dict[str, Any]:
    """What the table of evidence of an alert is filled with: its lines, how many are left out."""
    uscc, subject = found.alert.uscc, found.alert.subject_id.partition("/")[0]
    sight = Sight(**{field: sees(field, subject, uscc) for field in FIELDS})
    lines = describe_evidence(found.evidence, sight)
    hidden = len(found.alert.frozen["evidence"]) - len(found.evidence)
    return {"evidence": lines, "hidden": hidden}
