-- 截止日各机构登记册上最近一次合同或消课的日子。
-- Per institution the last day up to as-of of which its registers tell: with a contract, or a lesson.
-- grain: institution_id
-- kept: data
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 最近一次合同或消课的日子 / the last day with a contract or a lesson; day
SELECT g.institution_id, MAX(g.day) AS day
FROM (
    -- 合同的，消课的 / that of contracts and that of lessons
    SELECT t.institution_id, MAX(c.paid_on) AS day
    FROM tenure AS t
    JOIN contract AS c
      ON c.institution_id = t.register_id AND c.paid_on BETWEEN t.from_day AND t.to_day
    WHERE c.paid_on <= :as_of
    GROUP BY t.institution_id
    UNION ALL
    SELECT t.institution_id, MAX(l.held_on)
    FROM tenure AS t
    JOIN lesson AS l
      ON l.institution_id = t.register_id AND l.held_on BETWEEN t.from_day AND t.to_day
    WHERE l.held_on <= :as_of
    GROUP BY t.institution_id
) AS g
GROUP BY g.institution_id
