-- 每个消课日:预付费合同当日消课金额合计(合同总课时不明的不计)。
-- Each day with lessons: what these consume of prepaid fees, where the contract's lessons are known.
-- grain: institution_id, day
SELECT institution_id, day, CAST(SUM(consumed_fen) AS BIGINT) AS consumed_fen
FROM lesson_value
GROUP BY institution_id, day
