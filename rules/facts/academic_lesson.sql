-- 学科类机构小学、初中课程的合同：法定生效后休息日上课的课时，以及因当地未录校历而不明的课时。
-- Contracts of primary and junior courses at academic institutions: lessons on days off, and those
-- of which nobody knows because no school calendar of the place is on file.
-- grain: contract_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 合同编号 / the number of the contract; text
-- law_day, on_day: 首次在休息日上课的日子，没有的取末次上课日 / the first day off with lessons, or the last day with
--   lessons; day
-- ended_on: 末次上课日 / the last day with lessons; day
-- law_id: 适用的规定 / the law in force there on that day; key
-- contract_id: 合同内部编号 / the row of the contract; key
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- stage: 学段 / the stage of the course; text; unknown: 课程未登记 / the course is not on file
-- off_lessons: 休息日上课的课时 / lessons on days off; lessons
-- unknown_lessons: 未录校历而不明的课时 / lessons of which no school calendar tells; lessons
-- provisional_lessons: 休息日课时中，依尚未公布的放假安排的 / those on days off that rest on holidays not announced
--   yet; lessons
-- held_on: 首次在休息日上课的日子，没有的取末次上课日 / the first day off with lessons, or the last day with lessons;
--   day
WITH taught AS (
    -- 每个上课日是否休息日 / each day with lessons, and whether it is a day off
    SELECT t.contract_id, t.institution_id AS register_id, t.held_on, t.lessons, k.stage, d.is_provisional,
           CASE WHEN d.is_off = 1 OR l.is_school_vacation = 1 THEN 1
                WHEN l.is_school_vacation = 0 THEN 0 END AS is_off
    FROM holder AS s
    JOIN lesson AS t
      ON t.institution_id = s.register_id AND t.held_on BETWEEN s.from_day AND s.to_day
    JOIN institution_fact AS i
      ON i.institution_id = s.institution_id AND t.held_on BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND t.held_on BETWEEN l.from_day AND l.to_day
    JOIN calendar_day AS d ON d.day = t.held_on
    JOIN contract AS c ON c.id = t.contract_id
    LEFT JOIN course AS k ON k.institution_id = c.institution_id AND k.course_id = c.course_id
    WHERE t.held_on <= :as_of AND t.lessons > 0 AND i.subject = 'academic'
      AND (k.stage IS NULL OR k.stage IN ('primary', 'junior'))
),
summed AS (
    -- 按合同合计 / added up by contract
    SELECT contract_id, register_id, stage,
           CAST(SUM(CASE WHEN is_off = 1 THEN lessons ELSE 0 END) AS BIGINT) AS off_lessons,
           CAST(SUM(CASE WHEN is_off IS NULL THEN lessons ELSE 0 END) AS BIGINT) AS unknown_lessons,
           CAST(SUM(CASE WHEN is_off = 1 AND is_provisional = 1 THEN lessons ELSE 0 END) AS BIGINT)
               AS provisional_lessons,
           COALESCE(MIN(CASE WHEN is_off = 1 THEN held_on END), MAX(held_on)) AS held_on,
           MAX(held_on) AS last_on
    FROM taught
    GROUP BY contract_id, register_id, stage
)
SELECT h.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       c.contract_no AS subject_id, t.held_on AS law_day, t.held_on AS on_day,
       t.last_on AS ended_on, l.law_id, t.contract_id, c.contract_no, c.course_id, t.stage,
       t.off_lessons, t.unknown_lessons, t.provisional_lessons, t.held_on
FROM summed AS t
JOIN contract AS c ON c.id = t.contract_id
JOIN tenure AS h
  ON h.register_id = t.register_id AND t.held_on BETWEEN h.from_day AND h.to_day
JOIN institution AS o ON o.id = h.institution_id
JOIN institution_fact AS i
  ON i.institution_id = h.institution_id AND t.held_on BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND t.held_on BETWEEN l.from_day AND l.to_day
