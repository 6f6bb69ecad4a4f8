-- 专用账户、保证金账户的 7 日划出合计与窗口前余额，每个有划出的日子及其后 6 日各一行。
-- Outflows of fee and deposit accounts over seven days and the balance before them, for each day
-- with an outflow and for the six days after it.
-- grain: account_id, day
-- account_id: 账户内部编号 / the row of the account; key
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 窗口末日 / last of the seven days; day
-- out_fen: 7 日划出合计 / outflows of the seven days; fen
-- before_fen: 窗口前余额 / the balance before them; fen; unknown: 没有流水覆盖前一日，也没有从首日起的对账单 / no statement
--   covers the day before, and none begins on the first day
WITH outflow AS (
    -- 每日划出 / outflows by day
    SELECT e.account_id, e.institution_id, e.booked_on AS day,
           CAST(SUM(-e.amount_fen) AS BIGINT) AS fen
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind IN ('release', 'deposit_out') AND e.booked_on <= :as_of
    GROUP BY e.account_id, e.institution_id, e.booked_on
),
step AS (
    -- 窗口的七天 / the seven days of a window
    SELECT 0 AS days UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
    UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
),
opening AS (
    -- 同日开始的对账单取第一份 / of several that begin on one day the first tells the balance
    SELECT t.account_id, t.institution_id, t.from_day, t.opening_fen,
           ROW_NUMBER() OVER (PARTITION BY t.account_id, t.from_day ORDER BY t.file_sha256, t.n)
               AS place
    FROM scope AS s
    JOIN statement AS t ON t.institution_id = s.institution_id
    WHERE t.status = 'accepted'
),
day AS (
    -- 划出、期初、期末合在同一天 / outflow, opening and closing balance of a window on one day
    SELECT account_id, institution_id, day, SUM(fen) AS fen, MAX(is_window) AS is_window,
           MAX(opening_fen) AS opening_fen, MAX(closing_fen) AS closing_fen
    FROM (
        -- 三种各移到窗口的末日 / each moved to the last day of its window
        -- an outflow makes windows of its own day and of the six days after it
        SELECT o.account_id, o.institution_id, o.day + step.days AS day,
               CASE WHEN step.days = 0 THEN o.fen ELSE 0 END AS fen, 1 AS is_window,
               CAST(NULL AS BIGINT) AS opening_fen, CAST(NULL AS BIGINT) AS closing_fen
        FROM outflow AS o
        CROSS JOIN step
        UNION ALL
        -- the window of a day begins six days before it, with the opening balance of that day
        SELECT account_id, institution_id, from_day + 6, 0, 0, opening_fen, NULL
        FROM opening WHERE place = 1
        UNION ALL
        -- and the day before the window is the seventh, of which the closing balance counts
        SELECT d.account_id, d.institution_id, d.day + 7, 0, 0, NULL, d.closing_fen
        FROM scope AS s
        JOIN account_day AS d ON d.institution_id = s.institution_id
    ) AS moved
    GROUP BY account_id, institution_id, day
),
seven AS (
    -- 七日之和；至今有过几个日终余额 / the sum of seven days, and closing balances so far
    SELECT account_id, institution_id, day, is_window, opening_fen, closing_fen,
           CAST(SUM(fen) OVER (PARTITION BY account_id ORDER BY day
                               RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS BIGINT) AS out_fen,
           COUNT(closing_fen) OVER (PARTITION BY account_id ORDER BY day) AS closings
    FROM day
),
carried AS (
    -- 没有余额的日子沿用最近的 / the latest balance is carried on over days that have none
    SELECT account_id, institution_id, day, is_window, out_fen, opening_fen,
           MAX(closing_fen) OVER (PARTITION BY account_id, closings) AS closing_fen
    FROM seven
)
SELECT w.account_id, w.institution_id, w.day, w.out_fen,
       COALESCE(CASE WHEN v.account_id IS NOT NULL THEN w.closing_fen END, w.opening_fen)
           AS before_fen
FROM carried AS w
LEFT JOIN account_coverage AS v
  ON v.account_id = w.account_id AND w.day - 7 BETWEEN v.from_day AND v.to_day
WHERE w.is_window = 1
