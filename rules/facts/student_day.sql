-- 每名学员在一家机构的每个上课日：课时，按课程课时分钟合计的分钟，以及课时分钟不明的课时。
-- Each day on which a student had lessons at an institution: the lessons, the minutes of those whose
-- course is on file, and how many lessons are of courses that are not.
-- grain: institution_id, student, day
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 信用代码/学员/日子 / credit code/student/day; text
-- law_day, on_day, ended_on: 上课日 / the day of the lessons; day
-- student: 学员标识 / the token of the student; text
-- day: 上课日 / the day of the lessons; day
-- lessons: 当日课时 / lessons of the day; lessons
-- minutes: 课程课时分钟已登记的分钟合计 / minutes of lessons whose course is on file; minutes
-- unknown_lessons: 课时分钟不明的课时 / lessons whose minutes are unknown; lessons
-- contract_ids: 当日的合同，内部编号以逗号相隔 / rows of the contracts, parted by commas; text
WITH daily AS (
    -- 学员当日全部合同的课时 / lessons of the day in all contracts of the student
    SELECT s.institution_id, c.student, l.held_on AS day,
           CAST(SUM(l.lessons) AS BIGINT) AS lessons,
           CAST(SUM(l.lessons * COALESCE(k.lesson_minutes, 0)) AS BIGINT) AS minutes,
           CAST(SUM(CASE WHEN k.lesson_minutes IS NULL THEN l.lessons ELSE 0 END) AS BIGINT)
               AS unknown_lessons,
           STRING_AGG(CAST(c.id AS TEXT), ',') AS contract_ids
    FROM tenure AS s
    JOIN lesson AS l
      ON l.institution_id = s.register_id AND l.held_on BETWEEN s.from_day AND s.to_day
    JOIN contract AS c ON c.id = l.contract_id
    LEFT JOIN course AS k ON k.institution_id = c.institution_id AND k.course_id = c.course_id
    WHERE l.held_on <= :as_of AND l.lessons > 0
    GROUP BY s.institution_id, c.student, l.held_on
)
SELECT d.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       o.uscc || '/' || day_subject(d.student, d.day) AS subject_id,
       d.day AS law_day, d.day AS on_day, d.day AS ended_on, d.student, d.day, d.lessons,
       d.minutes, d.unknown_lessons, d.contract_ids
FROM daily AS d
JOIN institution AS o ON o.id = d.institution_id
JOIN institution_fact AS i
  ON i.institution_id = d.institution_id AND d.day BETWEEN i.valid_from AND i.valid_to
