-- 学科类机构小学、初中课程的合同:法定生效后休息日上课的课时,以及因当地未录校历而不明的课时。
-- Contracts of primary and junior courses at academic institutions: lessons on days off, and those
-- of which nobody knows because no school calendar of the place is on file.
-- grain: contract_id, law_id
WITH taught AS (
    SELECT t.contract_id, t.institution_id, t.held_on, t.lessons, k.stage, d.is_provisional,
           CASE WHEN d.is_off = 1 OR l.is_school_vacation = 1 THEN 1
                WHEN l.is_school_vacation = 0 THEN 0 END AS is_off
    FROM scope AS s
    JOIN lesson AS t ON t.institution_id = s.institution_id
    JOIN institution_fact AS i
      ON i.institution_id = t.institution_id AND t.held_on BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND t.held_on BETWEEN l.from_day AND l.to_day
    JOIN calendar_day AS d ON d.day = t.held_on
    JOIN contract AS c ON c.id = t.contract_id
    LEFT JOIN course AS k ON k.institution_id = c.institution_id AND k.course_id = c.course_id
    WHERE t.held_on <= :as_of AND t.lessons > 0 AND i.subject = 'academic'
      AND (k.stage IS NULL OR k.stage IN ('primary', 'junior'))
),
summed AS (
    SELECT contract_id, institution_id, stage,
           CAST(SUM(CASE WHEN is_off = 1 THEN lessons ELSE 0 END) AS BIGINT) AS off_lessons,
           CAST(SUM(CASE WHEN is_off IS NULL THEN lessons ELSE 0 END) AS BIGINT) AS unknown_lessons,
           CAST(SUM(CASE WHEN is_off = 1 AND is_provisional = 1 THEN lessons ELSE 0 END) AS BIGINT)
               AS provisional_lessons,
           COALESCE(MIN(CASE WHEN is_off = 1 THEN held_on END), MAX(held_on)) AS held_on,
           MAX(held_on) AS last_on
    FROM taught
    GROUP BY contract_id, institution_id, stage
)
SELECT t.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       c.contract_no AS subject_id, t.held_on AS law_day, t.held_on AS on_day,
       t.last_on AS ended_on, l.law_id, t.contract_id, c.contract_no, c.course_id, t.stage,
       t.off_lessons, t.unknown_lessons, t.provisional_lessons, t.held_on
FROM summed AS t
JOIN contract AS c ON c.id = t.contract_id
JOIN institution AS o ON o.id = t.institution_id
JOIN institution_fact AS i
  ON i.institution_id = t.institution_id AND t.held_on BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND t.held_on BETWEEN l.from_day AND l.to_day
