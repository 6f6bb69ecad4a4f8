-- 每名学员在一家机构的每个上课日:课时,按课程课时分钟合计的分钟,以及课时分钟不明的课时。
-- Each day on which a student had lessons at an institution: the lessons, the minutes of those whose
-- course is on file, and how many lessons are of courses that are not.
-- grain: institution_id, student, day
WITH daily AS (
    SELECT l.institution_id, c.student, l.held_on AS day,
           CAST(SUM(l.lessons) AS BIGINT) AS lessons,
           CAST(SUM(l.lessons * COALESCE(k.lesson_minutes, 0)) AS BIGINT) AS minutes,
           CAST(SUM(CASE WHEN k.lesson_minutes IS NULL THEN l.lessons ELSE 0 END) AS BIGINT)
               AS unknown_lessons,
           STRING_AGG(CAST(c.id AS TEXT), ',') AS contract_ids
    FROM scope AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    JOIN contract AS c ON c.id = l.contract_id
    LEFT JOIN course AS k ON k.institution_id = c.institution_id AND k.course_id = c.course_id
    WHERE l.held_on <= :as_of AND l.lessons > 0
    GROUP BY l.institution_id, c.student, l.held_on
)
SELECT d.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       o.uscc || '/' || d.student || '/{' || CAST(d.day AS TEXT) || '}' AS subject_id,
       d.day AS law_day, d.day AS on_day, d.day AS ended_on, d.student, d.day, d.lessons,
       d.minutes, d.unknown_lessons, d.contract_ids
FROM daily AS d
JOIN institution AS o ON o.id = d.institution_id
JOIN institution_fact AS i
  ON i.institution_id = d.institution_id AND d.day BETWEEN i.valid_from AND i.valid_to
