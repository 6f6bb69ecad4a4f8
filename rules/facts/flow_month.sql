-- 每家机构每月(专用账户、保证金账户)的收款、退费,以及此前三个月合计;当月、此前三个月流水是否完整。
-- Receipts and refunds of each institution by month, those of the three months before, and whether
-- the statements of its accounts cover the month, and those before it; from its closing on an
-- account is covered.
-- grain: institution_id, month, law_id
WITH daily AS (
    SELECT e.institution_id, e.booked_on AS day,
           SUM(CASE WHEN e.kind = 'receipt' THEN e.amount_fen ELSE 0 END) AS receipts_fen,
           SUM(CASE WHEN e.kind = 'refund' THEN -e.amount_fen ELSE 0 END) AS refunds_fen,
           SUM(CASE WHEN e.kind = 'refund' THEN 1 ELSE 0 END) AS refunds
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind IN ('receipt', 'refund') AND e.booked_on <= :as_of
    GROUP BY e.institution_id, e.booked_on
),
monthly AS (
    SELECT d.institution_id, k.month_no, CAST(SUM(d.receipts_fen) AS BIGINT) AS receipts_fen,
           CAST(SUM(d.refunds_fen) AS BIGINT) AS refunds_fen, CAST(SUM(d.refunds) AS BIGINT) AS refunds
    FROM daily AS d
    JOIN calendar_day AS k ON k.day = d.day
    GROUP BY d.institution_id, k.month_no
),
moving AS (
    SELECT m.institution_id, m.month_no, m.receipts_fen, m.refunds_fen, m.refunds,
           CAST(COALESCE(SUM(m.receipts_fen) OVER (PARTITION BY m.institution_id ORDER BY m.month_no
                         RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING), 0) AS BIGINT)
               AS before_receipts_fen,
           CAST(COALESCE(SUM(m.refunds_fen) OVER (PARTITION BY m.institution_id ORDER BY m.month_no
                         RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING), 0) AS BIGINT)
               AS before_refunds_fen
    FROM monthly AS m
),
measured AS (
    SELECT m.institution_id, m.receipts_fen, m.refunds_fen, m.refunds, m.before_receipts_fen,
           m.before_refunds_fen, m.month_no, n.month, n.from_day AS first_day, n.to_day, b.from_day
    FROM moving AS m
    JOIN calendar_month AS n ON n.month_no = m.month_no
    JOIN calendar_month AS b ON b.month_no = m.month_no - 3
),
-- from its opening to its closing each account is covered, and from the first day on there is one
seen AS (
    SELECT m.institution_id, m.month, m.receipts_fen, m.refunds_fen, m.refunds,
           m.before_receipts_fen, m.before_refunds_fen, m.to_day, COUNT(a.id) AS accounts,
           MAX(CASE WHEN COALESCE(a.opened_on, m.first_day) <= m.first_day THEN 1 ELSE 0 END)
           * MIN(CASE WHEN a.closed_on <= larger(m.first_day, COALESCE(a.opened_on, m.first_day))
                      OR EXISTS (
               SELECT 1 FROM account_coverage AS v
               WHERE v.account_id = a.id
                 AND v.to_day >= smaller(m.to_day, COALESCE(a.closed_on - 1, m.to_day))
                 AND v.from_day <= larger(m.first_day, COALESCE(a.opened_on, m.first_day))
           ) THEN 1 ELSE 0 END) AS is_month_known,
           MAX(CASE WHEN COALESCE(a.opened_on, m.from_day) <= m.from_day THEN 1 ELSE 0 END)
           * MIN(CASE WHEN a.opened_on >= m.first_day
                      OR a.closed_on <= larger(m.from_day, COALESCE(a.opened_on, m.from_day))
                      OR EXISTS (
               SELECT 1 FROM account_coverage AS v
               WHERE v.account_id = a.id
                 AND v.to_day >= smaller(m.first_day, COALESCE(a.closed_on, m.first_day)) - 1
                 AND v.from_day <= larger(m.from_day, COALESCE(a.opened_on, m.from_day))
           ) THEN 1 ELSE 0 END) AS is_before_known
    FROM measured AS m
    LEFT JOIN account AS a
      ON a.institution_id = m.institution_id AND a.kind IN ('fee', 'deposit')
     AND (a.opened_on IS NULL OR a.opened_on <= m.to_day)
    GROUP BY m.institution_id, m.month, m.receipts_fen, m.refunds_fen, m.refunds,
             m.before_receipts_fen, m.before_refunds_fen, m.to_day
)
SELECT m.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       o.uscc || '/' || m.month AS subject_id, m.to_day AS law_day, m.to_day AS on_day,
       m.to_day AS ended_on, l.law_id, m.month, m.receipts_fen, m.refunds_fen, m.refunds,
       m.before_receipts_fen, m.before_refunds_fen,
       m.accounts, m.is_month_known, m.is_before_known,
       -- looked up for the few months that matter only: it adds up every contract
       CASE WHEN m.refunds_fen * 3000000 > m.before_refunds_fen * l.drop_refund_share
                 AND m.receipts_fen * 3000000 < m.before_receipts_fen * l.drop_receipt_share
            THEN (SELECT MAX(CASE WHEN y.accounts > 0 AND y.stale_accounts = 0
                                       AND y.claims_low_fen > 0
                                       AND y.balance_fen < y.claims_low_fen
                                       AND y.custody IN ('bank_custody', 'both')
                                  THEN 1 ELSE 0 END)
                  FROM escrow_cover AS y WHERE y.institution_id = m.institution_id)
       END AS is_short
FROM seen AS m
JOIN institution AS o ON o.id = m.institution_id
JOIN institution_fact AS i
  ON i.institution_id = m.institution_id AND m.to_day BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND m.to_day BETWEEN l.from_day AND l.to_day
