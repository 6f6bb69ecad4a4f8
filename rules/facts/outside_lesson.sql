-- 有消课的合同：截止日前在缴费前（预付）、开课前或结课后消课的课时，首次和末次这样消课的日子。
-- Contracts with lessons held up to as-of: how many before the fee was paid (prepaid contracts) or
-- before the first day, how many outside in all, after the last day included, and the first and last
-- such day. A first or last day that the contract does not state puts no lesson outside.
-- grain: contract_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 合同编号 / the number of the contract; text
-- law_day, on_day: 首次在起止日以外上课的日子，没有的取末次上课日 / the first day outside with lessons, or the last day
--   with lessons; day
-- ended_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- contract_id: 合同内部编号 / the row of the contract; key
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- fee_fen: 合同费用 / fee of the contract; fen
-- paid_on: 缴费日 / the day of payment; day; unknown: 先学后付，未填 / pay-after contracts may state none
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- ends_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- early_lessons: 缴费前、开课前的课时 / lessons before the fee or the first day; lessons
-- outside_lessons: 起止日以外的课时 / lessons outside in all; lessons
-- first_outside_on: 首次 / the first such day; day; unknown: 没有 / there is none
-- last_outside_on: 末次 / the last such day; day; unknown: 没有 / there is none
WITH taught AS (
    -- 每个上课日是否在起止日以外 / each day with lessons, and whether it lies outside
    SELECT l.contract_id, l.held_on, l.lessons,
           CASE WHEN (c.payment = 'prepaid' AND l.held_on < c.paid_on) OR l.held_on < c.starts_on
                THEN 1 ELSE 0 END AS is_early,
           CASE WHEN l.held_on > c.ends_on THEN 1 ELSE 0 END AS is_late
    FROM reach AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    JOIN contract AS c ON c.id = l.contract_id
    WHERE l.held_on <= :as_of AND l.lessons > 0
),
summed AS (
    -- 按合同合计 / added up by contract
    SELECT contract_id, MAX(held_on) AS last_on,
           CAST(SUM(is_early * lessons) AS BIGINT) AS early_lessons,
           CAST(SUM(CASE WHEN is_early + is_late > 0 THEN lessons ELSE 0 END) AS BIGINT)
               AS outside_lessons,
           MIN(CASE WHEN is_early + is_late > 0 THEN held_on END) AS first_outside_on,
           MAX(CASE WHEN is_early + is_late > 0 THEN held_on END) AS last_outside_on
    FROM taught
    GROUP BY contract_id
)
SELECT h.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       c.contract_no AS subject_id, COALESCE(t.first_outside_on, t.last_on) AS law_day,
       COALESCE(t.first_outside_on, t.last_on) AS on_day, c.ends_on AS ended_on,
       c.id AS contract_id, c.contract_no, c.course_id, c.fee_fen, c.paid_on, c.starts_on,
       c.ends_on, t.early_lessons, t.outside_lessons, t.first_outside_on, t.last_outside_on
FROM summed AS t
JOIN contract AS c ON c.id = t.contract_id
JOIN tenure AS h
  ON h.register_id = c.institution_id
 AND COALESCE(t.first_outside_on, t.last_on) BETWEEN h.from_day AND h.to_day
JOIN institution AS o ON o.id = h.institution_id
JOIN institution_fact AS i
  ON i.institution_id = h.institution_id
 AND COALESCE(t.first_outside_on, t.last_on) BETWEEN i.valid_from AND i.valid_to
