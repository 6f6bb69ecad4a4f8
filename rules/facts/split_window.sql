-- 每个缴费日起往前若干日内，同一学员同一课程（或学科）每份合同的各次收费合计。
-- For each day of payment of a student for one course (or one discipline): what each contract adds
-- to the sums of the days up to it, its charges of those days together. Lessons that charges do not
-- state are no more, together, than those of their contract. What was charged before a contract moved
-- to the institution is added up with what it charges itself: all are of contracts it holds on the day.
-- grain: institution_id, student, by_discipline, split_key, day, law_id, contract_id
-- institution_id: 机构内部编号 / the row of the institution; key
-- student: 学员标识 / the token of the student; text
-- by_discipline: 是否按学科合计 / whether a discipline is added up; flag
-- split_key: 课程编号或学科 / the course, or the discipline; text
-- day: 缴费日 / the day of payment; day
-- law_id: 适用的规定 / the law in force there on that day; key
-- split_days: 合计的天数 / days that are added up; days
-- fee_max_fen: 一次收费的金额上限 / most money charged at once; fen; unknown: 当地当日无上限 / no such limit there
--   on that day
-- prepaid_lessons_max: 一次收费的课时上限 / most lessons charged at once; lessons
-- discipline: 学科 / the discipline of the course; text; unknown: 课程未登记或未填 / the course is not on
--   file or states none
-- contract_id: 合同内部编号 / the row of the contract; key
-- course_id: 课程编号 / the course of the contract; text
-- charges: 收费次数 / how many charges; count
-- sure_charges: 其中确定计入的 / those that surely count; count
-- fees_fen: 确定计入的费用 / fees of those; fen
-- low_fen, high_fen: 计入金额限额的费用，确定的和至多的 / what counts against the money limit, surely and at most; fen
-- low_before_fen, high_before_fen: 同上，当日以前的 / the same before that day; fen
-- low_lessons, high_lessons: 计入的课时，确定的和至多的 / lessons that count, surely and at most; lessons
-- low_before_lessons, high_before_lessons: 同上，当日以前的 / the same before that day; lessons
-- unknown_renewals: 剩余课时不明的续费次数 / renewals of which lessons left are unknown; count
-- unknown_limits: 本身是否超限不明的次数 / charges that may be over a limit by themselves; count
-- unknown_lessons: 确定计入而课时不明的次数 / charges that surely count and state no lessons; count
-- first_paid_on: 其中最早的缴费日 / the earliest day of payment among them; day
-- ended_on: 其中最晚的末日 / the latest last day of them; day; unknown: 均未填 / none states one
WITH day AS (
    -- 每个缴费日 / each day of payment
    SELECT institution_id, student, by_discipline, split_key, paid_on AS day, law_id, split_days,
           fee_max_fen, prepaid_lessons_max, MAX(discipline) AS discipline
    FROM splittable_charge
    WHERE is_own = 1
    GROUP BY institution_id, student, by_discipline, split_key, paid_on, law_id, split_days,
             fee_max_fen, prepaid_lessons_max
),
summed AS (
    -- 每份合同至当日若干日内的合计 / sums of each contract in the days up to it
    SELECT d.institution_id, d.student, d.by_discipline, d.split_key, d.day, d.law_id, d.split_days,
           d.fee_max_fen, d.prepaid_lessons_max, d.discipline, b.contract_id, b.course_id,
           b.contract_lessons, COUNT(*) AS charges, SUM(b.is_sure) AS sure_charges,
           CAST(SUM(b.is_sure * b.fee_fen) AS BIGINT) AS fees_fen,
           CAST(SUM(b.is_sure * b.capped_fen) AS BIGINT) AS low_fen,
           CAST(SUM(b.capped_fen) AS BIGINT) AS high_fen,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.is_sure * b.capped_fen ELSE 0 END) AS BIGINT)
               AS low_before_fen,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.capped_fen ELSE 0 END) AS BIGINT)
               AS high_before_fen,
           CAST(SUM(b.is_sure * COALESCE(b.lessons, 0)) AS BIGINT) AS low_lessons,
           CAST(SUM(b.most_lessons) AS BIGINT) AS most_lessons,
           CAST(SUM(COALESCE(b.lessons, 0)) AS BIGINT) AS stated_lessons,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.is_sure * COALESCE(b.lessons, 0) ELSE 0 END)
                AS BIGINT) AS low_before_lessons,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN b.most_lessons ELSE 0 END) AS BIGINT)
               AS most_before_lessons,
           CAST(SUM(CASE WHEN b.paid_on < d.day THEN COALESCE(b.lessons, 0) ELSE 0 END) AS BIGINT)
               AS stated_before_lessons,
           SUM(CASE WHEN b.is_counted IS NULL THEN 1 ELSE 0 END) AS unknown_renewals,
           SUM(CASE WHEN b.is_counted = 1 THEN 1 - b.is_sure ELSE 0 END) AS unknown_limits,
           SUM(CASE WHEN b.is_sure = 1 AND b.lessons IS NULL THEN 1 ELSE 0 END) AS unknown_lessons,
           MIN(b.paid_on) AS first_paid_on, MAX(b.ended_on) AS ended_on
    FROM day AS d
    JOIN splittable_charge AS b
      ON b.institution_id = d.institution_id AND b.student = d.student
     AND b.by_discipline = d.by_discipline AND b.split_key = d.split_key
     AND b.paid_on BETWEEN d.day - d.split_days AND d.day
     AND d.day BETWEEN b.held_from AND b.held_to
    GROUP BY d.institution_id, d.student, d.by_discipline, d.split_key, d.day, d.law_id,
             d.split_days, d.fee_max_fen, d.prepaid_lessons_max, d.discipline, b.contract_id,
             b.course_id, b.contract_lessons
)
SELECT institution_id, student, by_discipline, split_key, day, law_id, split_days, fee_max_fen,
       prepaid_lessons_max, discipline, contract_id, course_id, charges, sure_charges, fees_fen,
       low_fen, high_fen, low_before_fen, high_before_fen, low_lessons,
       CASE WHEN most_lessons <= contract_lessons OR contract_lessons IS NULL THEN most_lessons
            WHEN stated_lessons > contract_lessons THEN stated_lessons ELSE contract_lessons END
           AS high_lessons,
       low_before_lessons,
       CASE WHEN most_before_lessons <= contract_lessons OR contract_lessons IS NULL
            THEN most_before_lessons
            WHEN stated_before_lessons > contract_lessons THEN stated_before_lessons
            ELSE contract_lessons END AS high_before_lessons,
       unknown_renewals, unknown_limits, unknown_lessons, first_paid_on, ended_on
FROM summed
