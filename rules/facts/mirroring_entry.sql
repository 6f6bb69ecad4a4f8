-- 可能一出一进的流水：专用账户、保证金账户的收支（退费、冲正、内部划转除外），按金额可查。
-- Entries that may mirror another, to be looked up by their amount: what fee and deposit accounts took in
-- and gave out, but for refunds, reversals and internal transfers.
-- grain: institution_id, amount_fen, entry_id
-- institution_id: 机构内部编号 / the row of the institution; key
-- entry_id: 流水内部编号 / the row of the entry; key
-- account_no: 账号 / the number of the account; text
-- statement_id: 对账单内部编号 / the row of the statement; key
-- seq: 在对账单中的次序 / its place in the statement; count
-- booked_on: 记账日 / the day on which it was booked; day
-- amount_fen: 金额，收为正 / the amount, above 0 for what came in; fen
-- party: 对方户名 / the counterparty; text; unknown: 缺失或被遮盖 / missing or masked
SELECT e.institution_id, e.id AS entry_id, a.account_no, e.statement_id, e.seq, e.booked_on, e.amount_fen,
       CASE WHEN POSITION('*' IN e.counterparty) > 0 THEN NULL ELSE e.counterparty END AS party
FROM scope AS s
JOIN entry AS e ON e.institution_id = s.institution_id
JOIN account AS a ON a.id = e.account_id AND a.kind IN ('fee', 'deposit')
WHERE e.merged_into IS NULL AND e.booked_on BETWEEN :since - 31 AND :as_of
  AND e.kind IN ('release', 'deposit_out', 'receipt', 'deposit_in', 'own', 'returned',
                 'charge', 'interest')
