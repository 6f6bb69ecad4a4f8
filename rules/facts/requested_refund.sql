-- 每笔退费申请:应退金额、最迟应退日(开课前按工作日、开课后按自然日)、实际退足日,流水是否覆盖。
-- Every refund requested: what is due, the last day for it (working days before the first lesson,
-- calendar days after it), the day on which it was paid in full, and whether statements cover that.
-- grain: institution_id, refund_no, law_id
WITH asked AS (
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
       (SELECT COUNT(*) FROM account AS a
        WHERE a.institution_id = t.institution_id AND a.kind IN ('fee', 'deposit')
          AND (a.opened_on IS NULL OR a.opened_on <= t.limit_on)
          AND (a.closed_on <= larger(t.requested_on, COALESCE(a.opened_on, t.requested_on))
               OR EXISTS (
              SELECT 1 FROM account_coverage AS v
              WHERE v.account_id = a.id
                AND v.from_day <= larger(t.requested_on, COALESCE(a.opened_on, t.requested_on))
                AND v.to_day >= smaller(t.limit_on, COALESCE(a.closed_on - 1, t.limit_on))))
       ) AS covered_accounts
FROM termed AS t
JOIN institution AS o ON o.id = t.institution_id
