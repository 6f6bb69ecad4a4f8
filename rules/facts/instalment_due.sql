-- 分期划出的合同：三期各自可以划出的日子和金额。按周期收费而无消课记录的按日历估算。
-- The three instalments of each contract under a schedule: from which day each may be released.
-- Contracts by period without lessons reach their parts by the calendar, which is an estimate.
-- grain: register_id, contract_id, part
-- contract_id: 合同内部编号 / the row of the contract; key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- part: 第几期 / 1, 2 or 3; count
-- day: 可以划出的日子 / the day from which it may be released; day; unknown: 尚未达到 / not reached yet
-- fen: 该期金额 / the money of the part; fen
-- is_estimated: 是否按日历估算 / whether it is an estimate by the calendar; flag
-- is_in_parts: 完成以前是否有分期 / whether there are parts before completion; flag
WITH counted AS (
    -- 合同达到各比例的日子 / the days on which a contract reaches its parts
    SELECT s.contract_id,
           MIN(CASE WHEN v.upto * 1000000 >= s.total_lessons * s.first_at THEN v.day END)
               AS first_on,
           MIN(CASE WHEN v.upto * 1000000 >= s.total_lessons * s.second_at THEN v.day END)
               AS second_on,
           MIN(CASE WHEN v.upto >= s.total_lessons THEN v.day END) AS completed_on,
           0 AS is_estimated
    FROM release_schedule AS s
    JOIN lesson_value AS v ON v.contract_id = s.contract_id AND v.total_lessons > 0
    GROUP BY s.contract_id
    UNION ALL
    -- day n of a period of d days is the first on which n / d reaches the part
    SELECT s.contract_id,
           s.starts_on + floor_div((s.ends_on - s.starts_on + 1) * s.first_at + 999999, 1000000) - 1,
           s.starts_on + floor_div((s.ends_on - s.starts_on + 1) * s.second_at + 999999, 1000000) - 1,
           s.ends_on, 1
    FROM release_schedule AS s
    WHERE s.basis = 'period' AND s.starts_on IS NOT NULL AND s.ends_on IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM lesson AS l
                      WHERE l.contract_id = s.contract_id AND l.held_on <= :as_of)
),
reached AS (
    -- 结清以后的不再达到 / what it had not reached when it was settled it does not reach
    SELECT n.contract_id, n.is_estimated,
           CASE WHEN s.settled_on <= n.first_on THEN NULL ELSE n.first_on END AS first_on,
           CASE WHEN s.settled_on <= n.second_on THEN NULL ELSE n.second_on END AS second_on,
           CASE WHEN s.settled_on <= n.completed_on THEN NULL ELSE n.completed_on END
               AS completed_on
    FROM counted AS n
    JOIN release_schedule AS s ON s.contract_id = n.contract_id
)
SELECT s.contract_id, s.register_id, 1 AS part, d.first_on AS day, s.first_fen AS fen,
       d.is_estimated, CASE WHEN s.second_fen > 0 THEN 1 ELSE 0 END AS is_in_parts
FROM release_schedule AS s
JOIN reached AS d ON d.contract_id = s.contract_id
UNION ALL
SELECT s.contract_id, s.register_id, 2, d.second_on, s.second_fen - s.first_fen,
       d.is_estimated, CASE WHEN s.second_fen > 0 THEN 1 ELSE 0 END
FROM release_schedule AS s
JOIN reached AS d ON d.contract_id = s.contract_id
UNION ALL
-- the rest is released when the contract is completed, in some places so many working days later
SELECT s.contract_id, s.register_id, 3,
       CASE WHEN s.wait_days > 0 THEN w.day ELSE d.completed_on END, s.fee_fen - s.second_fen,
       d.is_estimated, CASE WHEN s.second_fen > 0 THEN 1 ELSE 0 END
FROM release_schedule AS s
JOIN reached AS d ON d.contract_id = s.contract_id
LEFT JOIN calendar_day AS k ON k.day = d.completed_on AND s.wait_days > 0
LEFT JOIN calendar_day AS w ON w.workday_no = k.workday_no + s.wait_days AND w.is_off = 0
