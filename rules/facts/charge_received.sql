-- 每次预收费（见 prepaid_charge）至截止日已匹配的到账；没有到账的不在其中。
-- What is matched by as-of to each charge of prepaid money (see prepaid_charge); one without receipts is not among them.
-- grain: contract_id, charge_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- fen: 已匹配的到账 / receipts matched; fen
-- last_on: 最后一笔到账的日子 / the day of the last receipt; day
SELECT c.contract_id, c.charge_id, CAST(SUM(m.amount_fen) AS BIGINT) AS fen, MAX(m.booked_on) AS last_on
FROM prepaid_charge AS c
-- SQLite begins with the charges, where it is told to / 先读收费，再读匹配
CROSS JOIN match AS m
WHERE c.paid_on >= :since AND m.contract_id = c.contract_id
  AND COALESCE(m.charge_id, 0) = c.charge_id AND m.kind = 'receipt' AND m.booked_on <= :as_of
GROUP BY c.contract_id, c.charge_id
