-- 每家机构自起点起每日：同步划出的合同当日消课金额，以及当日起消课金额不明的合同费用。
-- Per institution and day from its start: what lessons of the day consume of the contracts released
-- in step, and the fees of contracts with a first lesson on that day whose lessons are unknown.
-- grain: institution_id, day
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 日子 / the day; day
-- consumed_fen: 当日消课金额（同步划出的合同） / what lessons of the day consume of contracts released in step;
--   fen
-- unknown_fen: 当日起消课金额不明的合同费用 / fees of contracts unknown from that day on; fen
SELECT m.institution_id, m.day, CAST(SUM(m.consumed_fen) AS BIGINT) AS consumed_fen,
       CAST(SUM(m.unknown_fen) AS BIGINT) AS unknown_fen
FROM (
    -- 同步的加，分期的减，不明的另计 / in step, less those under a schedule, the unknown apart
    -- what all lessons of the day consume
    SELECT d.institution_id, d.day, COALESCE(d.consumed_fen, 0) AS consumed_fen, 0 AS unknown_fen
    FROM lesson_day AS d
    JOIN supervision_start AS b ON b.institution_id = d.institution_id AND d.day >= b.start_on
    WHERE d.day >= :since
    UNION ALL
    -- less those of contracts under a schedule
    SELECT v.institution_id, v.day, -COALESCE(v.consumed_fen, 0), 0
    FROM release_schedule AS s
    JOIN lesson_value AS v ON v.contract_id = s.contract_id AND v.day >= :since
    JOIN supervision_start AS b ON b.institution_id = v.institution_id AND v.day >= b.start_on
    UNION ALL
    -- from its first lesson on, what a contract that states no lessons consumes is unknown
    SELECT v.institution_id, MIN(v.day), 0, v.fee_fen
    FROM lesson_value AS v
    JOIN supervision_start AS b ON b.institution_id = v.institution_id AND v.day >= b.start_on
    WHERE v.total_lessons IS NULL
    GROUP BY v.institution_id, v.contract_id, v.fee_fen
    HAVING MIN(v.day) >= :since
) AS m
GROUP BY m.institution_id, m.day
