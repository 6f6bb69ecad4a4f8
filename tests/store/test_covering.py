"""Every table is covered by the chain, or stands here with the reason why it is not."""

from feewatch.store.covering import HISTORY, KEPT, STATEMENT
from feewatch.store.tables import metadata

#: Tables that no link of the chain vouches for, by why that is so.
NOT_COVERED = {
    "the chain itself": {"audit", "audit_head", "record_pass"},
    "worked out again from what is covered": {
        "account_coverage", "account_day", "check_result", "check_run", "cover_standing",
        "coverage", "gathered_entry", "holding", "institution_state", "match", "matter", "posted",
        "posted_district", "proposal_alert",
        "proven_coverage", "proven_link", "statement_link", "told_days", "white_hold",
    },
    "rows of the bank, covered with their statement": {"entry", "source_file"},
    "registers: each change is a row of register_change, which is covered": {
        "account", "approval", "charge", "clue", "contract", "course", "institution",
        "institution_fact", "lesson", "premises", "refund_request", "site", "succession",
    },
    "acts of these stand in the trail with what they say": {
        "advance_notice", "case_matter", "confirmation_item", "correction_request", "countersign",
        "decision_correction",
        "decision_objection", "grade", "grade_objection", "manual_match", "objection",
        "opening_statement", "paper", "quarantine_proposal", "recall", "rule_book",
        "gathered_edition", "gathering_refusal", "result_document", "role_request",
        "rule_book_file", "second_word", "self_report", "self_report_line",
        "transfer", "undertaking", "undertaking_item",
    },
    "plans and lists of rounds; what came of them is covered, acts stand in the trail": {
        "campaign", "campaign_member", "inspector_assignment", "meeting", "meeting_item",
        "pressure",
    },
    "of the machine, of log-ins and of the moment": {
        "api_token", "app_user", "change_mark", "desk_visit", "feed_cursor", "gathered_source",
        "job_run", "lease", "log_in_attempt", "log_in_session", "message", "outbox",
        "outside_identity", "paused_subscriber", "quota_use", "recovery_code", "result_parcel",
        "saved_view", "scheduled_job", "scheduler_pause", "second_factor", "separation",
        "serving_item", "serving_run", "submission",
    },
}  # fmt: skip


def test_every_table_is_covered_or_left_out_for_a_reason_and_none_is_both():
    covered = {*HISTORY, *KEPT, STATEMENT}
    left_out = [name for names in NOT_COVERED.values() for name in names]
    assert len(left_out) == len(set(left_out))
    assert covered & set(left_out) == set()
    tables = set(metadata.tables)
    assert tables - covered - set(left_out) == set(), "cover it, or say here why not"
    assert (covered | set(left_out)) - tables == set()
