-- 同一学员在同一机构、同一课程(或同一学科)若干日内分次缴费的合计;本身即超限的合同、剩余课时
-- 不多时的续费不计。每个缴费日一行,标明该日是否使合计由限内变为超限。
-- What a student of an institution paid for one course (or one discipline) within some days, by day
-- of payment: contracts over a limit by themselves and renewals of almost finished contracts are
-- left out. A day is over where it takes the sum over a limit; low sums hold what surely counts,
-- high ones also contracts of which nobody knows whether they are over a limit by themselves.
-- grain: institution_id, student, by_discipline, split_key, day, law_id
WITH keyed AS (
    SELECT w.*, 0 AS by_discipline, w.course_id AS split_key FROM splittable_contract AS w
    UNION ALL
    SELECT w.*, 1, w.discipline FROM splittable_contract AS w
    WHERE w.discipline IS NOT NULL
),
day AS (
    SELECT institution_id, student, by_discipline, split_key, paid_on AS day, law_id, split_days,
           fee_max_fen, prepaid_lessons_max, MAX(discipline) AS discipline
    FROM keyed
    GROUP BY institution_id, student, by_discipline, split_key, paid_on, law_id, split_days,
             fee_max_fen, prepaid_lessons_max
),
summed AS (
    SELECT d.institution_id, d.student, d.by_discipline, d.split_key, d.day, d.law_id, d.split_days,
           d.fee_max_fen, d.prepaid_lessons_max, d.discipline,
           CAST(SUM(b.is_sure * b.capped_fen) AS BIGINT) AS low_fen,
           CAST(SUM(b.capped_fen) AS BIGINT) AS high_fen,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.is_sure * b.capped_fen ELSE 0 END) AS BIGINT)
               AS low_before_fen,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.capped_fen ELSE 0 END) AS BIGINT)
               AS high_before_fen,
           CAST(SUM(b.is_sure * COALESCE(b.lessons, 0)) AS BIGINT) AS low_lessons,
           CAST(SUM(COALESCE(b.lessons, b.prepaid_lessons_max)) AS BIGINT) AS high_lessons,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.is_sure * COALESCE(b.lessons, 0) ELSE 0 END)
                AS BIGINT) AS low_before_lessons,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN COALESCE(b.lessons, b.prepaid_lessons_max)
                         ELSE 0 END) AS BIGINT) AS high_before_lessons,
           CAST(SUM(b.is_sure * b.fee_fen) AS BIGINT) AS fees_fen,
           SUM(b.is_sure) AS contracts,
           SUM(CASE WHEN b.is_counted IS NULL THEN 1 ELSE 0 END) AS unknown_renewals,
           SUM(CASE WHEN b.is_counted = 1 THEN 1 - b.is_sure ELSE 0 END) AS unknown_limits,
           MIN(b.paid_on) AS first_paid_on, MAX(b.ends_on) AS ended_on,
           STRING_AGG(CASE WHEN b.is_sure = 1 THEN CAST(b.contract_id AS TEXT) END, ',')
               AS contract_ids
    FROM day AS d
    JOIN keyed AS b
      ON b.institution_id = d.institution_id AND b.student = d.student
     AND b.by_discipline = d.by_discipline AND b.split_key = d.split_key
     AND b.paid_on BETWEEN d.day - d.split_days AND d.day
    GROUP BY d.institution_id, d.student, d.by_discipline, d.split_key, d.day, d.law_id,
             d.split_days, d.fee_max_fen, d.prepaid_lessons_max, d.discipline
    -- one contract is no split, and one course alone is looked at as such
    HAVING COUNT(*) > 1 AND (d.by_discipline = 0 OR MIN(b.course_id) <> MAX(b.course_id))
),
crossed AS (
    SELECT s.*,
           CASE WHEN s.fee_max_fen IS NULL OR s.high_fen <= s.fee_max_fen
                     OR s.low_before_fen > s.fee_max_fen THEN 0
                WHEN s.low_fen > s.fee_max_fen AND s.high_before_fen <= s.fee_max_fen THEN 1
           END AS is_over_fen,
           CASE WHEN s.high_lessons <= s.prepaid_lessons_max
                     OR s.low_before_lessons > s.prepaid_lessons_max THEN 0
                WHEN s.low_lessons > s.prepaid_lessons_max
                     AND s.high_before_lessons <= s.prepaid_lessons_max THEN 1
           END AS is_over_lessons
    FROM summed AS s
),
-- what one course alone shows is not told again of its discipline
seen AS (
    SELECT c.*,
           MAX(CASE WHEN c.by_discipline = 0 AND (c.is_over_fen = 1 OR c.is_over_lessons = 1)
                    THEN 1 ELSE 0 END)
               OVER (PARTITION BY c.institution_id, c.student, c.day, c.discipline) AS is_course_over
    FROM crossed AS c
)
SELECT x.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       o.uscc || '/' || x.student || '/' || x.split_key || '/{' || CAST(x.day AS TEXT) || '}'
           AS subject_id,
       x.day AS law_day, x.day AS on_day, x.ended_on, x.law_id, x.student, x.split_key,
       x.by_discipline, x.day, x.first_paid_on, x.split_days, x.contracts, x.contract_ids,
       x.fees_fen, x.fee_max_fen, x.low_fen, x.low_lessons, x.prepaid_lessons_max AS lessons_max,
       x.unknown_renewals, x.unknown_limits, x.is_over_fen, x.is_over_lessons,
       CASE WHEN x.is_over_fen = 1 THEN 1 WHEN x.is_over_lessons = 1 THEN 0
            WHEN x.fee_max_fen IS NOT NULL THEN 1 ELSE 0 END AS is_in_fen
FROM seen AS x
JOIN institution AS o ON o.id = x.institution_id
JOIN institution_fact AS i
  ON i.institution_id = x.institution_id AND x.day BETWEEN i.valid_from AND i.valid_to
WHERE x.by_discipline = 0 OR x.is_course_over = 0
