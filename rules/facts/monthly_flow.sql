-- 每家机构每月（专用账户、保证金账户）的收款、退费，以及此前三个月合计。
-- Receipts and refunds of each institution by month, and those of the three months before.
-- grain: institution_id, month_no
-- institution_id: 机构内部编号 / the row of the institution; key
-- receipts_fen: 当月收款 / receipts of the month; fen
-- refunds_fen: 当月退费 / refunds of the month; fen
-- refunds: 当月退费笔数 / number of refunds; count
-- before_receipts_fen: 前三个月收款合计 / receipts of the three months before; fen
-- before_refunds_fen: 前三个月退费合计 / refunds of the three months before; fen
-- month_no: 月份序号：年 × 12 + 月 − 1 / the number of the month: year × 12 + month − 1; count
-- month: 月份 / the calendar month, YYYY-MM; text
-- first_day: 当月首日 / first day of the month; day
-- to_day: 当月末日 / last day of the month; day
-- from_day: 三个月前的首日 / first day of the three months before; day
WITH daily AS (
    -- 每日收款、退费 / receipts and refunds by day
    SELECT e.institution_id, e.booked_on AS day,
           SUM(CASE WHEN e.kind = 'receipt' THEN e.amount_fen ELSE 0 END) AS receipts_fen,
           SUM(CASE WHEN e.kind = 'refund' THEN -e.amount_fen ELSE 0 END) AS refunds_fen,
           SUM(CASE WHEN e.kind = 'refund' THEN 1 ELSE 0 END) AS refunds
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind IN ('receipt', 'refund')
      -- the three months before the one of the first day looked at begin no earlier
      AND e.booked_on BETWEEN :since - 124 AND :as_of
    GROUP BY e.institution_id, e.booked_on
),
monthly AS (
    -- 按月合计 / added up by month
    SELECT d.institution_id, k.month_no, CAST(SUM(d.receipts_fen) AS BIGINT) AS receipts_fen,
           CAST(SUM(d.refunds_fen) AS BIGINT) AS refunds_fen, CAST(SUM(d.refunds) AS BIGINT) AS refunds
    FROM daily AS d
    JOIN calendar_day AS k ON k.day = d.day
    GROUP BY d.institution_id, k.month_no
),
moving AS (
    -- 前三个月之和 / those of the three months before
    SELECT m.institution_id, m.month_no, m.receipts_fen, m.refunds_fen, m.refunds,
           CAST(COALESCE(SUM(m.receipts_fen) OVER (PARTITION BY m.institution_id ORDER BY m.month_no
                         RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING), 0) AS BIGINT)
               AS before_receipts_fen,
           CAST(COALESCE(SUM(m.refunds_fen) OVER (PARTITION BY m.institution_id ORDER BY m.month_no
                         RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING), 0) AS BIGINT)
               AS before_refunds_fen
    FROM monthly AS m
)
SELECT m.institution_id, m.receipts_fen, m.refunds_fen, m.refunds, m.before_receipts_fen,
       m.before_refunds_fen, m.month_no, n.month, n.from_day AS first_day, n.to_day, b.from_day
FROM moving AS m
JOIN calendar_month AS n ON n.month_no = m.month_no
JOIN calendar_month AS b ON b.month_no = m.month_no - 3
WHERE n.to_day >= :since
