-- 每份预付费合同与已匹配到账款项之差,以及缴费日起若干日内专用账户流水是否齐全。
-- What of each prepaid contract's fee has not reached the fee accounts, and whether their
-- statements cover the days in which it should have; each account is asked of its own days.
-- grain: contract_id, law_id
WITH received AS (
    SELECT m.contract_id, CAST(SUM(m.amount_fen) AS BIGINT) AS fen, MAX(m.booked_on) AS last_on
    FROM scope AS s
    JOIN match AS m ON m.institution_id = s.institution_id
    WHERE m.kind = 'receipt' AND m.booked_on <= :as_of
    GROUP BY m.contract_id
),
owed AS (
    SELECT c.*, COALESCE(r.fen, 0) AS received_fen, r.last_on AS last_receipt_on,
           i.name AS institution_name, i.district, i.supervised_from, l.law_id, l.acc_off_days,
           COALESCE(w.day, c.paid_on + l.acc_off_days) AS due_on
    FROM prepaid_contract AS c
    JOIN institution_fact AS i
      ON i.institution_id = c.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND c.paid_on BETWEEN l.from_day AND l.to_day
    LEFT JOIN received AS r ON r.contract_id = c.contract_id
    LEFT JOIN calendar_day AS k ON k.day = c.paid_on AND l.is_acc_off_in_working_days = 1
    LEFT JOIN calendar_day AS w ON w.workday_no = k.workday_no + l.acc_off_days AND w.is_off = 0
)
SELECT c.institution_id, o.uscc, c.institution_name, c.district, c.supervised_from,
       c.contract_no AS subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.contract_id, c.contract_no, c.paid_on, c.channel, c.fee_fen,
       c.received_fen, c.fee_fen - c.received_fen AS shortfall_fen, c.last_receipt_on,
       c.law_id, c.acc_off_days, c.due_on,
       CASE WHEN c.fee_fen > c.received_fen THEN (
           SELECT COUNT(*) FROM account AS a
           WHERE a.institution_id = c.institution_id AND a.kind = 'fee'
             AND (a.opened_on IS NULL OR a.opened_on <= c.due_on)
       ) ELSE 0 END AS accounts,
       CASE WHEN c.fee_fen > c.received_fen THEN (
           SELECT COUNT(*) FROM account AS a
           WHERE a.institution_id = c.institution_id AND a.kind = 'fee'
             AND (a.opened_on IS NULL OR a.opened_on <= c.due_on)
             AND (a.closed_on <= larger(c.paid_on, COALESCE(a.opened_on, c.paid_on))
                  OR EXISTS (
                 SELECT 1 FROM account_coverage AS v
                 WHERE v.account_id = a.id
                   AND v.from_day <= larger(c.paid_on, COALESCE(a.opened_on, c.paid_on))
                   AND v.to_day >= smaller(c.due_on, COALESCE(a.closed_on - 1, c.due_on))))
       ) ELSE 0 END AS covered_accounts,
       CASE WHEN c.fee_fen > c.received_fen THEN (
           SELECT CAST(SUM(e.amount_fen - e.matched_fen) AS BIGINT) FROM entry AS e
           WHERE e.institution_id = c.institution_id AND e.kind = 'receipt'
             AND e.merged_into IS NULL
             AND e.booked_on BETWEEN c.paid_on AND c.due_on
       ) ELSE 0 END AS unmatched_fen
FROM owed AS c
JOIN institution AS o ON o.id = c.institution_id
