-- 每笔退费申请：应退金额、最迟应退日（开课前按工作日、开课后按自然日）、实际退足日，流水是否覆盖。
-- Every refund requested: what is due, the last day for it (working days before the first lesson,
-- calendar days after it), the day on which it was paid in full, and whether statements cover that.
-- grain: institution_id, refund_no, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 退费申请编号 / the number of the refund request; text
-- law_day, on_day, ended_on: 申请日 / the day of the request; day
-- contract_id: 合同内部编号 / the row of the contract; key
-- contract_no: 合同编号 / the number of the contract; text
-- refund_no: 退费申请编号 / the number of the refund request; text
-- requested_on: 申请日 / the day of the request; day
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- due_fen: 应退金额 / what is due; fen; unknown: 已消课金额不明 / what is consumed is unknown
-- first_limit_on: 最迟应退日（开课日不明的取较早的） / the last day for it, the earlier one where the first lesson
--   is unknown; day; unknown: 日历未及 / beyond the calendar
-- limit_on: 最迟应退日（开课日不明的取较晚的） / the last day for it, the later one where the first lesson is
--   unknown; day; unknown: 日历未及 / beyond the calendar
-- refunded_fen: 截止日已退金额 / what was refunded by as-of; fen
-- refunded_on: 退足的日子 / the day on which it was paid in full; day; unknown: 尚未退足，或应退金额不明 / not yet,
--   or what is due is unknown
-- fee_accounts: 该日前开户的收费专用账户 / fee accounts opened by then; count
-- accounts: 该日前开户的专用账户、保证金账户 / fee and deposit accounts opened by then; count
-- covered_accounts: 其中流水覆盖申请日至该日的 / those whose statements cover the request to that day; count
WITH asked AS (
    -- 申请日的期限规定 / the terms in force on the day of the request
    SELECT r.refund_id, r.institution_id, r.contract_id, r.refund_no, r.requested_on,
           r.contract_no, r.starts_on, r.ends_on, i.name AS institution_name, i.district,
           i.supervised_from, l.law_id, l.refund_working_days, l.refund_days,
           e.day AS early_on, r.requested_on + l.refund_days AS late_on,
           p.due_fen, p.refunded_fen, p.refunded_on
    FROM asked_refund AS r
    JOIN refund_progress AS p ON p.refund_id = r.refund_id
    JOIN institution_fact AS i
      ON i.institution_id = r.institution_id AND r.requested_on BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND r.requested_on BETWEEN l.from_day AND l.to_day
    LEFT JOIN calendar_day AS k ON k.day = r.requested_on
    LEFT JOIN calendar_day AS e
      ON e.workday_no = k.workday_no + l.refund_working_days AND e.is_off = 0
),
termed AS (
    -- 开课前按工作日，开课后按自然日 / working days before the first lesson, calendar days after
    SELECT a.*,
           CASE WHEN a.starts_on IS NULL THEN smaller(a.early_on, a.late_on)
                WHEN a.requested_on < a.starts_on THEN a.early_on ELSE a.late_on END AS first_limit_on,
           CASE WHEN a.starts_on IS NULL THEN larger(a.early_on, a.late_on)
                WHEN a.requested_on < a.starts_on THEN a.early_on ELSE a.late_on END AS limit_on
    FROM asked AS a
)
SELECT t.institution_id, o.uscc, t.institution_name, t.district, t.supervised_from, t.law_id,
       t.refund_no AS subject_id, t.requested_on AS law_day, t.requested_on AS on_day,
       t.requested_on AS ended_on, t.contract_id, t.contract_no, t.refund_no, t.requested_on,
       t.starts_on, t.due_fen, t.first_limit_on, t.limit_on,
       t.refunded_fen, t.refunded_on,
       (SELECT COUNT(*) FROM account AS a
        WHERE a.institution_id = t.institution_id AND a.kind = 'fee'
          AND (a.opened_on IS NULL OR a.opened_on <= t.limit_on)) AS fee_accounts,
       (SELECT COUNT(*) FROM account AS a
        WHERE a.institution_id = t.institution_id AND a.kind IN ('fee', 'deposit')
          AND (a.opened_on IS NULL OR a.opened_on <= t.limit_on)) AS accounts,
       (SELECT COUNT(DISTINCT a.id) FROM account AS a
        LEFT JOIN account_coverage AS v ON v.account_id = a.id
        WHERE a.institution_id = t.institution_id AND a.kind IN ('fee', 'deposit')
          AND (a.opened_on IS NULL OR a.opened_on <= t.limit_on)
          AND (a.closed_on <= larger(t.requested_on, COALESCE(a.opened_on, t.requested_on))
               OR (v.from_day <= larger(t.requested_on, COALESCE(a.opened_on, t.requested_on))
                   AND v.to_day >= smaller(t.limit_on, COALESCE(a.closed_on - 1, t.limit_on))))
       ) AS covered_accounts
FROM termed AS t
JOIN institution AS o ON o.id = t.institution_id
