-- 同一学员在同一机构、同一课程（或同一学科）若干日内各次缴费（几份合同，或一份合同的几次收费）的合计；本身即超限的、
-- 剩余课时不多时的续费不计。每个缴费日一行，标明该日是否使合计由限内变为超限。
-- What a student of an institution paid for one course (or one discipline) within some days, by day
-- of payment, by several contracts or charges of one: those over a limit by themselves and renewals of almost finished contracts are
-- left out. A day is over where it takes the sum over a limit; low sums hold what surely counts,
-- high ones also what nobody knows to be within the limits by itself.
-- grain: institution_id, student, by_discipline, split_key, day, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 信用代码/学员/课程或学科/日子 / credit code/student/course or discipline/day; text
-- law_day, on_day: 缴费日 / the day of payment; day
-- ended_on: 其中最晚的结课日 / the latest last day of them; day; unknown: 均未填 / none states one
-- law_id: 适用的规定 / the law in force there on that day; key
-- student: 学员标识 / the token of the student; text
-- split_key: 课程编号或学科 / the course, or the discipline; text
-- by_discipline: 是否按学科合计 / whether a discipline is added up; flag
-- day: 缴费日 / the day of payment; day
-- first_paid_on: 其中最早的缴费日 / the earliest day of payment among them; day; unknown: 没有 / there are
--   none
-- split_days: 合计的天数 / days that are added up; days
-- charges: 确定计入的收费次数 / charges that surely count; count
-- contracts: 其合同份数 / contracts they belong to; count
-- contract_ids: 这些合同，内部编号以逗号相隔 / rows of those, parted by commas; text; unknown: 没有 / there are
--   none
-- fees_fen: 确定计入的费用合计 / fees of those; fen
-- fee_max_fen: 一次收费的金额上限 / most money charged at once; fen; unknown: 当地当日无上限 / no such limit there
--   on that day
-- low_fen: 确定计入限额的费用 / what surely counts against the money limit; fen
-- low_lessons: 确定计入的课时 / lessons that surely count; lessons
-- lessons_max: 一次收费的课时上限 / most lessons charged at once; lessons
-- unknown_renewals: 剩余课时不明的续费次数 / renewals of which lessons left are unknown; count
-- unknown_limits: 本身是否超限不明的次数 / charges that may be over a limit by themselves; count
-- unknown_lessons: 确定计入而课时不明的次数 / charges that surely count and state no lessons; count
-- is_over_fen: 是否使费用合计由限内变为超限 / whether the day takes the fees over the limit; flag; unknown:
--   因不明的合同不能确定 / for contracts of which it is unknown
-- is_over_lessons: 是否使课时合计由限内变为超限 / whether the day takes the lessons over the limit; flag;
--   unknown: 因不明的合同不能确定 / for contracts of which it is unknown
-- is_in_fen: 以金额还是课时表示 / whether it is told in money, not in lessons; flag
WITH summed AS (
    -- 各份合同合计 / the contracts added up
    SELECT w.institution_id, w.student, w.by_discipline, w.split_key, w.day, w.law_id, w.split_days,
           w.fee_max_fen, w.prepaid_lessons_max, w.discipline,
           CAST(SUM(w.low_fen) AS BIGINT) AS low_fen, CAST(SUM(w.high_fen) AS BIGINT) AS high_fen,
           CAST(SUM(w.low_before_fen) AS BIGINT) AS low_before_fen,
           CAST(SUM(w.high_before_fen) AS BIGINT) AS high_before_fen,
           CAST(SUM(w.low_lessons) AS BIGINT) AS low_lessons,
           CAST(SUM(w.high_lessons) AS BIGINT) AS high_lessons,
           CAST(SUM(w.low_before_lessons) AS BIGINT) AS low_before_lessons,
           CAST(SUM(w.high_before_lessons) AS BIGINT) AS high_before_lessons,
           CAST(SUM(w.fees_fen) AS BIGINT) AS fees_fen,
           CAST(SUM(w.sure_charges) AS BIGINT) AS charges,
           SUM(CASE WHEN w.sure_charges > 0 THEN 1 ELSE 0 END) AS contracts,
           CAST(SUM(w.unknown_renewals) AS BIGINT) AS unknown_renewals,
           CAST(SUM(w.unknown_limits) AS BIGINT) AS unknown_limits,
           CAST(SUM(w.unknown_lessons) AS BIGINT) AS unknown_lessons,
           MIN(w.first_paid_on) AS first_paid_on, MAX(w.ended_on) AS ended_on,
           STRING_AGG(CASE WHEN w.sure_charges > 0 THEN CAST(w.contract_id AS TEXT) END, ',')
               AS contract_ids
    FROM split_window AS w
    GROUP BY w.institution_id, w.student, w.by_discipline, w.split_key, w.day, w.law_id,
             w.split_days, w.fee_max_fen, w.prepaid_lessons_max, w.discipline
    -- one charge is no split, and one course alone is looked at as such
    HAVING SUM(w.charges) > 1 AND (w.by_discipline = 0 OR MIN(w.course_id) <> MAX(w.course_id))
),
crossed AS (
    -- 当日是否使合计超限 / whether the day takes the sum over a limit
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
seen AS (
    -- 单门课程已显出的，不按学科重复 / what one course shows is not told again of its discipline
    SELECT c.*,
           MAX(CASE WHEN c.by_discipline = 0 AND (c.is_over_fen = 1 OR c.is_over_lessons = 1)
                    THEN 1 ELSE 0 END)
               OVER (PARTITION BY c.institution_id, c.student, c.day, c.discipline) AS is_course_over
    FROM crossed AS c
)
SELECT x.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       o.uscc || '/' || x.student || '/' || day_subject(x.split_key, x.day) AS subject_id,
       x.day AS law_day, x.day AS on_day, x.ended_on, x.law_id, x.student, x.split_key,
       x.by_discipline, x.day, x.first_paid_on, x.split_days, x.charges, x.contracts,
       x.contract_ids,
       x.fees_fen, x.fee_max_fen, x.low_fen, x.low_lessons, x.prepaid_lessons_max AS lessons_max,
       x.unknown_renewals, x.unknown_limits, x.unknown_lessons, x.is_over_fen, x.is_over_lessons,
       CASE WHEN x.is_over_fen = 1 THEN 1 WHEN x.is_over_lessons = 1 THEN 0
            WHEN x.fee_max_fen IS NOT NULL THEN 1 ELSE 0 END AS is_in_fen
FROM seen AS x
JOIN institution AS o ON o.id = x.institution_id
JOIN institution_fact AS i
  ON i.institution_id = x.institution_id AND x.day BETWEEN i.valid_from AND i.valid_to
WHERE x.by_discipline = 0 OR x.is_course_over = 0
