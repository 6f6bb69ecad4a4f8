-- 每个消课日：预付费合同当日消课金额合计（合同总课时不明的不计）。
-- Each day with lessons: what these consume of prepaid fees, where the contract's lessons are known.
-- grain: institution_id, day
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 日子 / the day; day
-- consumed_fen: 当日消课金额合计 / what lessons of the day consume; fen; unknown: 当日合同的总课时均不明 / the
--   contracts of the day state no lessons
SELECT institution_id, day, CAST(SUM(consumed_fen) AS BIGINT) AS consumed_fen
FROM lesson_value
GROUP BY institution_id, day
