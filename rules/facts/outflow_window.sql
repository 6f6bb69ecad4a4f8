-- 专用账户、保证金账户的 7 日划出合计与窗口前余额；连续超限的日子只留第一天。
-- Outflows of fee and deposit accounts over seven days against the balance before them; of a run
-- of days over the limit only the first stands.
-- grain: account_id, day, law_id
WITH outflow AS (
    SELECT e.account_id, e.institution_id, e.booked_on AS day,
           CAST(SUM(-e.amount_fen) AS BIGINT) AS fen
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind IN ('release', 'deposit_out') AND e.booked_on <= :as_of
    GROUP BY e.account_id, e.institution_id, e.booked_on
),
step AS (
    SELECT 0 AS days UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
    UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
),
-- of several accepted statements that begin on one day the first one tells the opening balance
opening AS (
    SELECT t.account_id, t.institution_id, t.from_day, t.opening_fen,
           ROW_NUMBER() OVER (PARTITION BY t.account_id, t.from_day ORDER BY t.file_sha256, t.n)
               AS place
    FROM scope AS s
    JOIN statement AS t ON t.institution_id = s.institution_id
    WHERE t.status = 'accepted'
),
day AS (
    SELECT account_id, institution_id, day, SUM(fen) AS fen, MAX(is_window) AS is_window,
           MAX(opening_fen) AS opening_fen, MAX(closing_fen) AS closing_fen
    FROM (
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
    SELECT account_id, institution_id, day, is_window, opening_fen, closing_fen,
           CAST(SUM(fen) OVER (PARTITION BY account_id ORDER BY day
                               RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS BIGINT) AS out_fen,
           COUNT(closing_fen) OVER (PARTITION BY account_id ORDER BY day) AS closings
    FROM day
),
-- the latest closing balance is carried on over the days that have none of their own
carried AS (
    SELECT account_id, institution_id, day, is_window, out_fen, opening_fen,
           MAX(closing_fen) OVER (PARTITION BY account_id, closings) AS closing_fen
    FROM seven
),
measured AS (
    SELECT w.account_id, w.institution_id, w.day, w.out_fen, l.law_id, l.out_large_share,
           l.out_large_fen,
           CASE WHEN w.out_fen > l.out_large_fen
                THEN COALESCE(CASE WHEN v.account_id IS NOT NULL THEN w.closing_fen END,
                              w.opening_fen)
           END AS before_fen
    FROM carried AS w
    JOIN institution_fact AS i
      ON i.institution_id = w.institution_id AND w.day BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND w.day BETWEEN l.from_day AND l.to_day
    LEFT JOIN account_coverage AS v
      ON v.account_id = w.account_id AND w.day - 7 BETWEEN v.from_day AND v.to_day
    WHERE w.is_window = 1
),
run AS (
    SELECT m.account_id, m.institution_id, m.day, m.out_fen, m.law_id, m.before_fen, m.is_over,
           LAG(m.day) OVER (PARTITION BY m.account_id, m.is_over ORDER BY m.day) AS earlier
    FROM (
        SELECT account_id, institution_id, day, out_fen, law_id, before_fen,
               CASE WHEN out_fen > out_large_fen
                         AND out_fen * 1000000 > out_large_share * before_fen
                    THEN 1 ELSE 0 END AS is_over
        FROM measured
    ) AS m
)
SELECT r.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       r.law_id,
       a.account_no || '/{' || CAST(r.day AS TEXT) || '}' AS subject_id,
       r.day AS law_day, r.day AS on_day, r.day AS ended_on,
       a.id AS account_id, a.account_no, r.day, r.out_fen, r.before_fen,
       y.released_fen - y.releasable_fen AS ahead_fen, y.releasable_fen
FROM run AS r
JOIN account AS a ON a.id = r.account_id
JOIN institution AS o ON o.id = r.institution_id
JOIN institution_fact AS i
  ON i.institution_id = r.institution_id AND r.day BETWEEN i.valid_from AND i.valid_to
LEFT JOIN release_day AS y
  ON r.is_over = 1 AND y.institution_id = r.institution_id AND y.on_day = r.day
 AND y.custody IN ('bank_custody', 'both') AND y.has_lessons = 1 AND y.is_covered = 1
WHERE r.is_over = 0 OR r.earlier IS NULL OR r.day - r.earlier > 6
