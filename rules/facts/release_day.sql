-- 每个有划出的日子:自起算日累计已划出与累计可划出(同步消课,或按缴费日当地办法分期、完成后划出)。
-- Every day with a release: money released and money that may be, both cumulative from the first
-- day under supervision. What may be released is the value consumed, or what the schedule of the
-- place on the day the contract was paid gives; unknown_fen: the fees of contracts whose
-- consumption cannot be told.
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
scheduled AS (
    SELECT c.contract_id, c.institution_id, c.basis, c.total_lessons, c.starts_on, c.ends_on,
           c.ends_on - c.starts_on + 1 AS days, law.release_first_at AS first_at,
           law.release_second_at AS second_at, law.release_wait_working_days AS wait_days,
           half_up(c.fee_fen * law.release_first_share, 1000000) AS first_fen,
           half_up(c.fee_fen * larger(law.release_first_share, law.release_second_share), 1000000)
               AS second_fen,
           c.fee_fen
    FROM law
    JOIN institution_fact AS i ON i.district = law.district
    JOIN prepaid_contract AS c
      ON c.institution_id = i.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
         AND c.paid_on BETWEEN law.from_day AND law.to_day
    WHERE law.is_release_in_step = 0
),
consumed AS (
    SELECT d.institution_id, d.day, d.consumed_fen
    FROM lesson_day AS d
    JOIN beginning AS b ON b.institution_id = d.institution_id AND d.day >= b.start_on
    UNION ALL
    SELECT v.institution_id, v.day, -v.consumed_fen
    FROM scheduled AS s
    JOIN lesson_value AS v ON v.contract_id = s.contract_id
    JOIN beginning AS b ON b.institution_id = v.institution_id AND v.day >= b.start_on
),
unstated AS (
    SELECT u.institution_id, u.day, CAST(SUM(u.fee_fen) AS BIGINT) AS fen
    FROM (
        SELECT v.institution_id, v.contract_id, v.fee_fen, MIN(v.day) AS day
        FROM lesson_value AS v
        JOIN beginning AS b ON b.institution_id = v.institution_id AND v.day >= b.start_on
        WHERE v.total_lessons IS NULL
        GROUP BY v.institution_id, v.contract_id, v.fee_fen
    ) AS u
    GROUP BY u.institution_id, u.day
),
reached AS (
    SELECT s.contract_id,
           MIN(CASE WHEN v.upto * 1000000 >= s.total_lessons * s.first_at THEN v.day END)
               AS first_on,
           MIN(CASE WHEN v.upto * 1000000 >= s.total_lessons * s.second_at THEN v.day END)
               AS second_on,
           MIN(CASE WHEN v.upto >= s.total_lessons THEN v.day END) AS completed_on,
           0 AS is_estimated
    FROM scheduled AS s
    JOIN lesson_value AS v ON v.contract_id = s.contract_id AND v.total_lessons > 0
    GROUP BY s.contract_id
    UNION ALL
    SELECT s.contract_id,
           s.starts_on + floor_div(s.days * s.first_at + 999999, 1000000) - 1,
           s.starts_on + floor_div(s.days * s.second_at + 999999, 1000000) - 1,
           s.ends_on, 1
    FROM scheduled AS s
    WHERE s.basis = 'period' AND s.starts_on IS NOT NULL AND s.ends_on IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM lesson AS l
                      WHERE l.contract_id = s.contract_id AND l.held_on <= :as_of)
),
instalment AS (
    SELECT s.institution_id, d.first_on AS day, s.first_fen AS fen, d.is_estimated, s.second_fen
    FROM scheduled AS s
    JOIN reached AS d ON d.contract_id = s.contract_id
    UNION ALL
    SELECT s.institution_id, d.second_on, s.second_fen - s.first_fen, d.is_estimated, s.second_fen
    FROM scheduled AS s
    JOIN reached AS d ON d.contract_id = s.contract_id
    UNION ALL
    SELECT s.institution_id, CASE WHEN s.wait_days > 0 THEN w.day ELSE d.completed_on END,
           s.fee_fen - s.second_fen, d.is_estimated, s.second_fen
    FROM scheduled AS s
    JOIN reached AS d ON d.contract_id = s.contract_id
    LEFT JOIN calendar_day AS k ON k.day = d.completed_on AND s.wait_days > 0
    LEFT JOIN calendar_day AS w ON w.workday_no = k.workday_no + s.wait_days AND w.is_off = 0
),
due AS (
    SELECT n.institution_id, n.day,
           CAST(SUM(CASE WHEN n.second_fen > 0 THEN n.fen ELSE 0 END) AS BIGINT) AS instalment_fen,
           CAST(SUM(CASE WHEN n.second_fen > 0 THEN 0 ELSE n.fen END) AS BIGINT) AS completion_fen,
           CAST(SUM(n.fen * n.is_estimated) AS BIGINT) AS estimated_fen
    FROM instalment AS n
    JOIN beginning AS b ON b.institution_id = n.institution_id AND n.day >= b.start_on
    GROUP BY n.institution_id, n.day
),
daily AS (
    SELECT institution_id, day, SUM(released_fen) AS released_fen, MAX(has_release) AS has_release,
           SUM(consumed_fen) AS consumed_fen, SUM(unknown_fen) AS unknown_fen,
           SUM(instalment_fen) AS instalment_fen, SUM(completion_fen) AS completion_fen,
           SUM(due_estimated_fen) AS due_estimated_fen
    FROM (
        SELECT institution_id, day, released_fen, has_release, 0 AS consumed_fen,
               0 AS unknown_fen, 0 AS instalment_fen, 0 AS completion_fen,
               0 AS due_estimated_fen FROM flow
        UNION ALL
        SELECT institution_id, day, 0, 0, COALESCE(consumed_fen, 0), 0, 0, 0, 0 FROM consumed
        UNION ALL
        SELECT institution_id, day, 0, 0, 0, fen, 0, 0, 0 FROM unstated
        UNION ALL
        SELECT institution_id, day, 0, 0, 0, 0, instalment_fen, completion_fen, estimated_fen
        FROM due
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
               AS unknown_fen,
           CAST(SUM(instalment_fen) OVER (PARTITION BY institution_id ORDER BY day) AS BIGINT)
               AS instalment_fen,
           CAST(SUM(completion_fen) OVER (PARTITION BY institution_id ORDER BY day) AS BIGINT)
               AS completion_fen,
           CAST(SUM(due_estimated_fen) OVER (PARTITION BY institution_id ORDER BY day) AS BIGINT)
               AS due_estimated_fen
    FROM daily
),
untold AS (
    SELECT c.institution_id, c.fee_fen, c.starts_on, c.ends_on
    FROM prepaid_contract AS c
    WHERE c.basis = 'period' AND c.contract_id NOT IN (SELECT contract_id FROM reached)
      AND NOT EXISTS (SELECT 1 FROM lesson AS l
                      WHERE l.contract_id = c.contract_id AND l.held_on <= :as_of)
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
    JOIN untold AS c ON c.institution_id = r.institution_id
    WHERE r.has_release = 1
    GROUP BY r.institution_id, r.day
),
released AS (
    SELECT institution_id, day, CAST(SUM(released_fen) AS BIGINT) AS released_fen,
           CAST(SUM(consumed_fen) + SUM(in_step_estimated_fen) AS BIGINT) AS in_step_fen,
           CAST(SUM(instalment_fen) AS BIGINT) AS instalment_fen,
           CAST(SUM(completion_fen) AS BIGINT) AS completion_fen,
           CAST(SUM(in_step_estimated_fen) + SUM(due_estimated_fen) AS BIGINT) AS estimated_fen,
           CAST(SUM(unknown_fen) AS BIGINT) AS unknown_fen
    FROM (
        SELECT institution_id, day, released_fen, consumed_fen, 0 AS in_step_estimated_fen,
               unknown_fen, instalment_fen, completion_fen,
               due_estimated_fen
        FROM running WHERE has_release = 1
        UNION ALL
        SELECT institution_id, day, 0, 0, COALESCE(fen, 0), unknown_fen, 0, 0, 0 FROM estimated
    ) AS both_kinds
    GROUP BY institution_id, day
)
SELECT r.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.custody, o.uscc || '/{' || CAST(r.day AS TEXT) || '}' AS subject_id,
       r.day AS law_day, r.day AS on_day, r.day AS ended_on,
       r.released_fen, r.in_step_fen, r.instalment_fen, r.completion_fen,
       r.in_step_fen + r.instalment_fen + r.completion_fen AS releasable_fen,
       r.estimated_fen, r.unknown_fen,
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
