-- 有消课的合同:截止日累计消课课时,以及首次超出合同课时的日子。
-- Contracts with lessons held: how many up to as-of, and the day on which they ran over.
-- grain: contract_id
WITH held AS (
    SELECT l.contract_id, CAST(SUM(l.lessons) AS BIGINT) AS lessons, MAX(l.held_on) AS last_on
    FROM scope AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    WHERE l.held_on <= :as_of
    GROUP BY l.contract_id
),
running AS (
    SELECT l.contract_id, l.held_on, c.total_lessons,
           CAST(SUM(l.lessons) OVER (PARTITION BY l.contract_id ORDER BY l.held_on) AS BIGINT)
               AS upto
    FROM held AS h
    JOIN contract AS c ON c.id = h.contract_id
    JOIN lesson AS l ON l.contract_id = h.contract_id
    WHERE h.lessons > c.total_lessons AND l.held_on <= :as_of
),
exceeded AS (
    SELECT r.contract_id, MIN(r.held_on) AS held_on
    FROM running AS r
    WHERE r.upto > r.total_lessons
    GROUP BY r.contract_id
),
attended AS (
    SELECT c.id AS contract_id, c.institution_id, c.contract_no, c.course_id, c.total_lessons,
           c.ends_on, c.fee_fen, h.lessons AS lessons_held,
           COALESCE(v.held_on, h.last_on) AS held_on
    FROM held AS h
    JOIN contract AS c ON c.id = h.contract_id
    LEFT JOIN exceeded AS v ON v.contract_id = h.contract_id
)
SELECT a.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.contract_no AS subject_id, a.held_on AS law_day, a.held_on AS on_day,
       a.ends_on AS ended_on, a.contract_id, a.contract_no, a.course_id, a.total_lessons,
       a.lessons_held, a.fee_fen, a.held_on
FROM attended AS a
JOIN institution AS o ON o.id = a.institution_id
JOIN institution_fact AS i
  ON i.institution_id = a.institution_id AND a.held_on BETWEEN i.valid_from AND i.valid_to
