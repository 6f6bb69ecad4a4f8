-- 分次收费的每次：到账合计首次付足它的日子。
-- Each charge of a contract in charges whose money has arrived in full: the day on which receipts
-- matched to the contract, which pay its charges in the order of the days due, came up to it.
-- grain: contract_id, charge_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号 / the row of the charge; key
-- arrived_on: 付足的日子 / the day on which it was paid in full; day
WITH daily AS (
    -- 分次收费的合同每日到账 / receipts of contracts in charges by day
    SELECT m.contract_id, m.booked_on, SUM(m.amount_fen) AS fen
    FROM match AS m
    WHERE m.kind = 'receipt' AND m.booked_on <= :as_of
      AND m.contract_id IN (SELECT contract_id FROM prepaid_charge WHERE charge_id > 0)
    GROUP BY m.contract_id, m.booked_on
),
running AS (
    -- 逐日累计 / added up day by day
    SELECT contract_id, booked_on,
           CAST(SUM(fen) OVER (PARTITION BY contract_id ORDER BY booked_on) AS BIGINT) AS upto
    FROM daily
)
SELECT g.contract_id, g.charge_id, MIN(r.booked_on) AS arrived_on
FROM prepaid_charge AS g
JOIN running AS r ON r.contract_id = g.contract_id AND r.upto >= g.before_fen + g.fee_fen
WHERE g.charge_id > 0
GROUP BY g.contract_id, g.charge_id
