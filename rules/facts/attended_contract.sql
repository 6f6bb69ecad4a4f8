-- 有消课的合同：截止日累计消课课时，以及首次超出合同课时的日子。
-- Contracts with lessons held: how many up to as-of, and the day on which they ran over.
-- grain: contract_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 合同编号 / the number of the contract; text
-- law_day, on_day: 首次超出合同课时的日子，没有的取末次上课日 / the day on which lessons ran over, or the last day with
--   lessons; day
-- ended_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- contract_id: 合同内部编号 / the row of the contract; key
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- total_lessons: 总课时（含赠送） / lessons of the contract, gifts included; lessons; unknown: 合同未填课时 / the
--   contract states no lessons
-- lessons_held: 截止日累计上课课时 / lessons held by as-of; lessons
-- fee_fen: 合同费用 / fee of the contract; fen
-- held_on: 首次超出合同课时的日子，没有的取末次上课日 / the day on which lessons ran over, or the last day with lessons;
--   day
WITH held AS (
    -- 每份合同累计课时；SQLite 以此为起点 / lessons of each contract in all; SQLite begins with them
    SELECT l.contract_id, CAST(SUM(l.lessons) AS BIGINT) AS lessons, MAX(l.held_on) AS last_on
    FROM reach AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    WHERE l.held_on <= :as_of
    GROUP BY l.contract_id
),
running AS (
    -- 只看超出的合同：逐日累计 / of those that ran over, lessons day by day
    SELECT l.contract_id, l.held_on, c.total_lessons,
           CAST(SUM(l.lessons) OVER (PARTITION BY l.contract_id ORDER BY l.held_on) AS BIGINT)
               AS upto
    FROM held AS h
    CROSS JOIN contract AS c
    CROSS JOIN lesson AS l
    WHERE c.id = h.contract_id AND h.lessons > c.total_lessons
      AND l.contract_id = h.contract_id AND l.held_on <= :as_of
),
exceeded AS (
    -- 首次超出的日子 / the day on which they ran over
    SELECT r.contract_id, MIN(r.held_on) AS held_on
    FROM running AS r
    WHERE r.upto > r.total_lessons
    GROUP BY r.contract_id
),
attended AS (
    -- 全部有消课的合同 / all contracts with lessons
    SELECT c.id AS contract_id, c.institution_id AS register_id, c.contract_no, c.course_id, c.total_lessons,
           c.ends_on, c.fee_fen, h.lessons AS lessons_held,
           COALESCE(v.held_on, h.last_on) AS held_on
    FROM held AS h
    CROSS JOIN contract AS c
    LEFT JOIN exceeded AS v ON v.contract_id = h.contract_id
    WHERE c.id = h.contract_id
)
SELECT t.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.contract_no AS subject_id, a.held_on AS law_day, a.held_on AS on_day,
       a.ends_on AS ended_on, a.contract_id, a.contract_no, a.course_id, a.total_lessons,
       a.lessons_held, a.fee_fen, a.held_on
FROM attended AS a
JOIN tenure AS t
  ON t.register_id = a.register_id AND a.held_on BETWEEN t.from_day AND t.to_day
JOIN institution AS o ON o.id = t.institution_id
JOIN institution_fact AS i
  ON i.institution_id = t.institution_id AND a.held_on BETWEEN i.valid_from AND i.valid_to
