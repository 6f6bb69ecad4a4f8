-- 每家机构自起点起每日：同步划出的合同当日消课金额。
-- Per institution and day from its start: what lessons of the day consume of the contracts released
-- in step. Those under a schedule have a row with nothing.
-- grain: institution_id, day
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 日子 / the day; day
-- consumed_fen: 当日消课金额（同步划出的合同） / what lessons of the day consume of contracts released in step;
--   fen
SELECT v.institution_id, v.day,
       CAST(SUM(CASE WHEN s.contract_id IS NULL THEN COALESCE(v.consumed_fen, 0) ELSE 0 END)
            AS BIGINT) AS consumed_fen
FROM lesson_value AS v
JOIN supervision_start AS b ON b.institution_id = v.institution_id AND v.day >= b.start_on
LEFT JOIN release_schedule AS s ON s.contract_id = v.contract_id
WHERE v.day >= :since
GROUP BY v.institution_id, v.day
