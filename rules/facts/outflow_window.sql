-- 专用账户、保证金账户的 7 日划出合计与窗口前余额;连续超限的日子只留第一天。
-- Outflows of fee and deposit accounts over seven days against the balance before them; of a run
-- of days over the limit only the first stands.
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
day AS (
    SELECT o.account_id, o.institution_id, o.day + p.days AS day,
           SUM(CASE WHEN p.days = 0 THEN o.fen ELSE 0 END) AS fen
    FROM outflow AS o
    CROSS JOIN step AS p
    GROUP BY o.account_id, o.institution_id, o.day + p.days
),
seven AS (
    SELECT account_id, institution_id, day,
           CAST(SUM(fen) OVER (PARTITION BY account_id ORDER BY day
                               RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS BIGINT) AS out_fen
    FROM day
),
measured AS (
    SELECT w.account_id, w.institution_id, w.day, w.out_fen, l.law_id, l.out_large_share,
           l.out_large_fen, i.name AS institution_name, i.district, i.supervised_from,
           CASE WHEN w.out_fen > l.out_large_fen THEN COALESCE(
               (SELECT d.closing_fen FROM account_day AS d
                WHERE d.account_id = w.account_id AND d.day <= w.day - 7
                  AND EXISTS (SELECT 1 FROM account_coverage AS v
                              WHERE v.account_id = w.account_id
                                AND w.day - 7 BETWEEN v.from_day AND v.to_day)
                ORDER BY d.day DESC LIMIT 1),
               (SELECT t.opening_fen FROM statement AS t
                WHERE t.account_id = w.account_id AND t.status = 'accepted'
                  AND t.from_day = w.day - 6
                ORDER BY t.file_sha256, t.n LIMIT 1)
           ) END AS before_fen
    FROM seven AS w
    JOIN institution_fact AS i
      ON i.institution_id = w.institution_id AND w.day BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND w.day BETWEEN l.from_day AND l.to_day
),
marked AS (
    SELECT m.*,
           CASE WHEN m.out_fen > m.out_large_fen
                     AND m.out_fen * 1000000 > m.out_large_share * m.before_fen
                THEN 1 ELSE 0 END AS is_over
    FROM measured AS m
),
run AS (
    SELECT m.*, LAG(m.day) OVER (PARTITION BY m.account_id, m.is_over ORDER BY m.day) AS earlier
    FROM marked AS m
),
subject AS (
    SELECT r.*
    FROM run AS r
    WHERE r.is_over = 0 OR r.earlier IS NULL OR r.day - r.earlier > 6
),
ahead AS (
    SELECT r.account_id, r.day, y.released_fen - y.releasable_fen AS fen, y.releasable_fen
    FROM subject AS r
    JOIN release_day AS y ON y.institution_id = r.institution_id AND y.on_day = r.day
    WHERE r.is_over = 1 AND y.custody IN ('bank_custody', 'both') AND y.has_lessons = 1 AND y.is_covered = 1
)
SELECT r.institution_id, o.uscc, r.institution_name, r.district, r.supervised_from, r.law_id,
       a.account_no || '/{' || CAST(r.day AS TEXT) || '}' AS subject_id,
       r.day AS law_day, r.day AS on_day, r.day AS ended_on,
       a.id AS account_id, a.account_no, r.day, r.out_fen, r.before_fen,
       y.fen AS ahead_fen, y.releasable_fen
FROM subject AS r
JOIN account AS a ON a.id = r.account_id
JOIN institution AS o ON o.id = r.institution_id
LEFT JOIN ahead AS y ON y.account_id = r.account_id AND y.day = r.day
