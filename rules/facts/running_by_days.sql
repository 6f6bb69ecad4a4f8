-- 每个有划出的日子：当日进行中、无消课记录的周期合同自起点起按天数估算的消课金额。
-- Every day with a release: what contracts by period without lessons that run on the day have consumed of
-- their days since the start, as an estimate.
-- grain: institution_id, day
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 有划出的日子 / the day with a release; day
-- fen: 按天数估算的消课金额 / what they have consumed; fen
SELECT f.institution_id, f.day,
       CAST(SUM(half_up(c.fee_fen * (f.day - c.starts_on + 1), c.ends_on - c.starts_on + 1)
                - c.before_fen) AS BIGINT) AS fen
FROM contract_by_days AS c
JOIN release_flow AS f
  ON f.institution_id = c.institution_id AND f.has_release = 1
 AND f.day >= larger(c.starts_on, c.start_on) AND f.day < c.stops_on
GROUP BY f.institution_id, f.day
