-- 截止日各机构全部预付费合同的未消课负债合计（见 contract_position）。
-- What an institution owes at as-of for all prepaid contracts together (see contract_position).
-- grain: institution_id
-- kept: data, running_on
-- institution_id: 机构内部编号 / the row of the institution; key
-- low_fen: 未消课负债下限合计 / unconsumed liability that is sure; fen
-- high_fen: 未消课负债上限合计 / unconsumed liability at most; fen
-- running_on: 估算的合同下一个消课的日子 / the next day on which an estimated contract consumes; day; unknown:
--   没有 / there is none
SELECT institution_id, CAST(SUM(low_fen) AS BIGINT) AS low_fen,
       CAST(SUM(high_fen) AS BIGINT) AS high_fen, MIN(running_on) AS running_on
FROM contract_position
GROUP BY institution_id
