-- 有消课的合同:截止日前在缴费前(预付)、开课前或结课后消课的课时,首次和末次这样消课的日子。
-- Contracts with lessons held up to as-of: how many before the fee was paid (prepaid contracts) or
-- before the first day, how many outside in all, after the last day included, and the first and last
-- such day. A first or last day that the contract does not state puts no lesson outside.
-- grain: contract_id
WITH taught AS (
    SELECT l.contract_id, l.held_on, l.lessons,
           CASE WHEN (c.payment = 'prepaid' AND l.held_on < c.paid_on) OR l.held_on < c.starts_on
                THEN 1 ELSE 0 END AS is_early,
           CASE WHEN l.held_on > c.ends_on THEN 1 ELSE 0 END AS is_late
    FROM scope AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    JOIN contract AS c ON c.id = l.contract_id
    WHERE l.held_on <= :as_of AND l.lessons > 0
),
summed AS (
    SELECT contract_id, MAX(held_on) AS last_on,
           CAST(SUM(is_early * lessons) AS BIGINT) AS early_lessons,
           CAST(SUM(CASE WHEN is_early + is_late > 0 THEN lessons ELSE 0 END) AS BIGINT)
               AS outside_lessons,
           MIN(CASE WHEN is_early + is_late > 0 THEN held_on END) AS first_outside_on,
           MAX(CASE WHEN is_early + is_late > 0 THEN held_on END) AS last_outside_on
    FROM taught
    GROUP BY contract_id
)
SELECT c.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       c.contract_no AS subject_id, COALESCE(t.first_outside_on, t.last_on) AS law_day,
       COALESCE(t.first_outside_on, t.last_on) AS on_day, c.ends_on AS ended_on,
       c.id AS contract_id, c.contract_no, c.course_id, c.fee_fen, c.paid_on, c.starts_on,
       c.ends_on, t.early_lessons, t.outside_lessons, t.first_outside_on, t.last_outside_on
FROM summed AS t
JOIN contract AS c ON c.id = t.contract_id
JOIN institution AS o ON o.id = c.institution_id
JOIN institution_fact AS i
  ON i.institution_id = c.institution_id
 AND COALESCE(t.first_outside_on, t.last_on) BETWEEN i.valid_from AND i.valid_to
