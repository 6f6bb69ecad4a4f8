-- 每个有划出的日子:自起算日累计已划出与累计已消课。
-- Every day with a release: money released and value consumed, both cumulative from the first day
-- under supervision; unknown_fen: the fees of contracts whose consumption cannot be told.
WITH beginning AS (
    SELECT s.institution_id, COALESCE(i.supervised_from, MIN(v.from_day)) AS start_on
    FROM scope AS s
    JOIN institution_fact AS i
      ON i.institution_id = s.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
    JOIN account AS a ON a.institution_id = s.institution_id AND a.kind = 'fee'
    JOIN account_coverage AS v ON v.account_id = a.id
    GROUP BY s.institution_id, i.supervised_from
),
flow AS (
    SELECT e.institution_id, e.booked_on AS day, CAST(SUM(-e.amount_fen) AS BIGINT) AS released_fen,
           MAX(CASE WHEN e.kind = 'release' THEN 1 ELSE 0 END) AS has_release
    FROM beginning AS b
    JOIN entry AS e ON e.institution_id = b.institution_id AND e.booked_on >= b.start_on
    JOIN account AS a ON a.id = e.account_id AND a.kind = 'fee'
    WHERE e.merged_into IS NULL AND e.kind IN ('release', 'own', 'returned')
      AND e.booked_on <= :as_of
    GROUP BY e.institution_id, e.booked_on
),
held AS (
    SELECT c.institution_id, c.contract_id, l.held_on AS day, c.fee_fen, c.total_lessons, l.lessons,
           CAST(SUM(l.lessons) OVER (PARTITION BY l.contract_id ORDER BY l.held_on) AS BIGINT)
               AS upto
    FROM prepaid_contract AS c
    JOIN lesson AS l ON l.contract_id = c.contract_id
    WHERE l.held_on <= :as_of
),
consumed AS (
    SELECT h.institution_id, h.day,
           CAST(SUM(
               smaller(h.fee_fen, half_up(h.fee_fen * h.upto, h.total_lessons))
               - smaller(h.fee_fen, half_up(h.fee_fen * (h.upto - h.lessons), h.total_lessons))
           ) AS BIGINT) AS consumed_fen
    FROM held AS h
    JOIN beginning AS b ON b.institution_id = h.institution_id AND h.day >= b.start_on
    GROUP BY h.institution_id, h.day
),
unstated AS (
    SELECT u.institution_id, u.day, CAST(SUM(u.fee_fen) AS BIGINT) AS fen
    FROM (
        SELECT h.institution_id, h.contract_id, h.fee_fen, MIN(h.day) AS day
        FROM held AS h
        JOIN beginning AS b ON b.institution_id = h.institution_id AND h.day >= b.start_on
        WHERE h.total_lessons IS NULL
        GROUP BY h.institution_id, h.contract_id, h.fee_fen
    ) AS u
    GROUP BY u.institution_id, u.day
),
daily AS (
    SELECT institution_id, day, SUM(released_fen) AS released_fen, MAX(has_release) AS has_release,
           SUM(consumed_fen) AS consumed_fen, SUM(unknown_fen) AS unknown_fen
    FROM (
        SELECT institution_id, day, released_fen, has_release, 0 AS consumed_fen,
               0 AS unknown_fen FROM flow
        UNION ALL
        SELECT institution_id, day, 0, 0, COALESCE(consumed_fen, 0), 0 FROM consumed
        UNION ALL
        SELECT institution_id, day, 0, 0, 0, fen FROM unstated
    ) AS moved
    GROUP BY institution_id, day
),
running AS (
    SELECT institution_id, day, has_release,
           CAST(SUM(released_fen) OVER (PARTITION BY institution_id ORDER BY day) AS BIGINT)
               AS released_fen,
           CAST(SUM(consumed_fen) OVER (PARTITION BY institution_id ORDER BY day) AS BIGINT)
               AS consumed_fen,
           CAST(SUM(unknown_fen) OVER (PARTITION BY institution_id ORDER BY day) AS BIGINT)
               AS unknown_fen
    FROM daily
),
estimated AS (
    SELECT r.institution_id, r.day, CAST(SUM(
               half_up(c.fee_fen * smaller(larger(r.day - c.starts_on + 1, 0),
                                           c.ends_on - c.starts_on + 1),
                       c.ends_on - c.starts_on + 1)
               - half_up(c.fee_fen * smaller(larger(b.start_on - c.starts_on, 0),
                                             c.ends_on - c.starts_on + 1),
                         c.ends_on - c.starts_on + 1)
           ) AS BIGINT) AS fen,
           SUM(CASE WHEN c.starts_on IS NULL OR c.ends_on IS NULL THEN c.fee_fen ELSE 0 END)
               AS unknown_fen
    FROM running AS r
    JOIN beginning AS b ON b.institution_id = r.institution_id
    JOIN prepaid_contract AS c ON c.institution_id = r.institution_id AND c.basis = 'period'
    WHERE r.has_release = 1
      AND NOT EXISTS (SELECT 1 FROM lesson AS l
                      WHERE l.contract_id = c.contract_id AND l.held_on <= :as_of)
    GROUP BY r.institution_id, r.day
),
released AS (
    SELECT institution_id, day, CAST(SUM(released_fen) AS BIGINT) AS released_fen,
           CAST(SUM(consumed_fen) + SUM(estimated_fen) AS BIGINT) AS consumed_fen,
           CAST(SUM(estimated_fen) AS BIGINT) AS estimated_fen,
           CAST(SUM(unknown_fen) AS BIGINT) AS unknown_fen
    FROM (
        SELECT institution_id, day, released_fen, consumed_fen, 0 AS estimated_fen,
               unknown_fen
        FROM running WHERE has_release = 1
        UNION ALL
        SELECT institution_id, day, 0, 0, COALESCE(fen, 0), unknown_fen FROM estimated
    ) AS both_kinds
    GROUP BY institution_id, day
)
SELECT r.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.custody, o.uscc || '/{' || CAST(r.day AS TEXT) || '}' AS subject_id,
       r.day AS law_day, r.day AS on_day, r.day AS ended_on,
       r.released_fen, r.consumed_fen, r.estimated_fen, r.unknown_fen,
       CASE WHEN EXISTS (SELECT 1 FROM lesson AS l
                         WHERE l.institution_id = r.institution_id AND l.held_on <= :as_of)
            THEN 1 ELSE 0 END AS has_lessons,
       CASE WHEN EXISTS (SELECT 1 FROM coverage AS v
                         WHERE v.institution_id = r.institution_id AND v.register = 'lessons'
                           AND r.day BETWEEN v.from_day AND v.to_day)
            THEN 1 ELSE 0 END AS is_covered
FROM released AS r
JOIN institution AS o ON o.id = r.institution_id
JOIN institution_fact AS i
  ON i.institution_id = r.institution_id AND r.day BETWEEN i.valid_from AND i.valid_to
