-- 7 日划出合计超过界限的窗口：窗口前余额，是否超限，前一个超限的日子。
-- Windows of seven days whose outflows are over the limit: the balance before them, whether the share
-- is over its limit too, and the day before on which it was. Others need no balance.
-- grain: account_id, day, law_id
-- account_id: 账户内部编号 / the row of the account; key
-- day: 窗口末日 / last of the seven days; day
-- law_id: 适用的规定 / the law in force there on that day; key
-- before_fen: 窗口前余额 / the balance before them; fen; unknown: 没有流水覆盖前一日，也没有从首日起的对账单 / no statement
--   covers the day before, and none begins on the first day
-- is_over: 是否超限 / whether the day is over the limit; flag
-- earlier_on: 前一个是否超限相同的日子 / the day before of which the same is true; day; unknown: 没有 / there is none
WITH concerned AS (
    -- 有这样窗口的账户 / accounts with such a window
    SELECT w.account_id,
           -- the last balance before the first of the days that windows ask for
           (SELECT MAX(x.day) FROM account_day AS x
            WHERE x.account_id = w.account_id AND x.day <= :since - 13) AS last_day
    FROM (
        -- 每个账户一次 / each account once
        SELECT DISTINCT account_id FROM large_window
    ) AS w
),
opening AS (
    -- 同日开始的对账单取第一份 / of several that begin on one day the first tells the balance
    SELECT t.account_id, t.from_day, t.opening_fen,
           ROW_NUMBER() OVER (PARTITION BY t.account_id, t.from_day ORDER BY t.file_sha256, t.n)
               AS place
    FROM concerned AS k
    CROSS JOIN statement AS t
    WHERE t.account_id = k.account_id AND t.status = 'accepted' AND t.from_day >= :since - 12
),
day AS (
    -- 窗口、期初、期末合在同一天 / windows, opening and closing balances together on one day
    SELECT account_id, day, MAX(opening_fen) AS opening_fen,
           MAX(closing_fen) AS closing_fen
    FROM (
        -- 期初、期末各移到窗口的末日 / balances moved to the last day of the window
        SELECT account_id, day, CAST(NULL AS BIGINT) AS opening_fen,
               CAST(NULL AS BIGINT) AS closing_fen
        FROM large_window
        UNION ALL
        -- the window of a day begins six days before it, with the opening balance of that day
        SELECT account_id, from_day + 6, opening_fen, NULL
        FROM opening WHERE place = 1
        UNION ALL
        -- and the day before the window is the seventh, of which the closing balance counts
        SELECT d.account_id, d.day + 7, NULL, d.closing_fen
        FROM concerned AS k
        CROSS JOIN account_day AS d
        WHERE d.account_id = k.account_id AND d.day >= COALESCE(k.last_day, :since - 13)
    ) AS moved
    GROUP BY account_id, day
),
counted AS (
    -- 至今有过几个日终余额 / closing balances so far
    SELECT account_id, day, opening_fen, closing_fen,
           COUNT(closing_fen) OVER (PARTITION BY account_id ORDER BY day) AS closings
    FROM day
),
carried AS (
    -- 没有余额的日子沿用最近的 / the latest balance is carried on over days that have none
    SELECT account_id, day, opening_fen,
           MAX(closing_fen) OVER (PARTITION BY account_id, closings) AS closing_fen
    FROM counted
),
known AS (
    -- 窗口前余额：流水覆盖前一日的用日终余额 / the balance before a window: that of the end of the day before
    -- it where statements cover that day
    SELECT w.account_id, w.day, w.law_id, w.out_fen, w.out_large_share,
           COALESCE(CASE WHEN v.account_id IS NOT NULL THEN c.closing_fen END, c.opening_fen)
               AS before_fen
    FROM carried AS c
    JOIN large_window AS w ON w.account_id = c.account_id AND w.day = c.day
    LEFT JOIN account_coverage AS v
      ON v.account_id = w.account_id AND w.day - 7 BETWEEN v.from_day AND v.to_day
)
SELECT k.account_id, k.day, k.law_id, k.before_fen, k.is_over,
       LAG(k.day) OVER (PARTITION BY k.account_id, k.is_over ORDER BY k.day) AS earlier_on
FROM (
    -- 是否超限 / whether the day is over the limit
    SELECT account_id, day, law_id, before_fen,
           CASE WHEN out_fen * 1000000 > out_large_share * before_fen THEN 1 ELSE 0 END AS is_over
    FROM known
) AS k
