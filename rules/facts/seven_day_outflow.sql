-- 专用账户、保证金账户的 7 日划出合计，每个有划出的日子及其后 6 日各一行。
-- Outflows of fee and deposit accounts over seven days, for each day with an outflow and for the six
-- days after it.
-- grain: account_id, day
-- account_id: 账户内部编号 / the row of the account; key
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 窗口末日 / last of the seven days; day
-- out_fen: 7 日划出合计 / outflows of the seven days; fen
WITH outflow AS (
    -- 每日划出 / outflows by day
    SELECT e.account_id, e.institution_id, e.booked_on AS day,
           CAST(SUM(-e.amount_fen) AS BIGINT) AS fen
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind IN ('release', 'deposit_out')
      -- a run of days over the limit looks six days back, and its windows six more
      AND e.booked_on BETWEEN :since - 12 AND :as_of
    GROUP BY e.account_id, e.institution_id, e.booked_on
),
step AS (
    -- 窗口的七天 / the seven days of a window
    SELECT 0 AS days UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
    UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
)
-- what flows out on a day counts in the windows that end on it and on the six days after it
SELECT o.account_id, o.institution_id, o.day + step.days AS day,
       CAST(SUM(o.fen) AS BIGINT) AS out_fen
FROM outflow AS o
CROSS JOIN step
GROUP BY o.account_id, o.institution_id, o.day + step.days
