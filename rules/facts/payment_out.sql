-- 专用账户的划出和保证金账户的支付（退费、手续费除外）：收款方、摘要缺失或被遮盖时为空（不可判定）。
-- Releases of fee accounts and payments out of deposit accounts that are neither refunds nor bank
-- charges; a payee or memo that is missing or masked is NULL: unknown.
-- grain: entry_id
-- reach: 0
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 账号/日子/金额/序号 / account/day/amount/number; text
-- law_day, on_day, ended_on: 记账日 / the day on which it was booked; day
-- entry_id: 流水内部编号 / the row of the entry; key
-- booked_on: 记账日 / the day on which it was booked; day
-- amount_fen: 支付金额 / what was paid; fen
-- legal_representative: 法定代表人 / the legal representative; text; unknown: 未登记 / not registered
-- related_parties: 关联方，未登记为空文 / related parties, empty where none is registered; text
-- payee: 收款方 / the payee; text; unknown: 缺失或被遮盖 / missing or masked
-- memo: 摘要 / the memo; text; unknown: 缺失或被遮盖 / missing or masked
SELECT e.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       entry_subject(a.account_no, e.booked_on, e.amount_fen, e.n) AS subject_id,
       e.booked_on AS law_day, e.booked_on AS on_day, e.booked_on AS ended_on,
       e.id AS entry_id, e.booked_on, -e.amount_fen AS amount_fen,
       i.legal_representative, COALESCE(i.related_parties, '') AS related_parties,
       CASE WHEN POSITION('*' IN e.counterparty) > 0 THEN NULL ELSE e.counterparty END AS payee,
       CASE WHEN POSITION('*' IN e.memo) > 0 THEN NULL ELSE e.memo END AS memo
FROM scope AS s
JOIN entry AS e ON e.institution_id = s.institution_id AND e.booked_on >= :since
JOIN account AS a ON a.id = e.account_id
JOIN institution AS o ON o.id = e.institution_id
JOIN institution_fact AS i
  ON i.institution_id = e.institution_id AND e.booked_on BETWEEN i.valid_from AND i.valid_to
WHERE e.merged_into IS NULL AND e.kind IN ('release', 'deposit_out')
