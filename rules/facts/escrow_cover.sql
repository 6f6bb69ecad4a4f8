-- 截止日各机构：收费专用账户余额合计，与未消课负债加预收待核（应有资金）。
-- Per institution at as-of: balances of the fee accounts against the claims on them: unconsumed
-- liability and unexplained receipts. Low figures hold what is surely owed, the others also what
-- contracts of unknown consumption may still be worth.
-- grain: institution_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 机构的信用代码 / the credit code of the institution; text
-- law_day, on_day: 截止日 / as-of; day
-- ended_on: 不了结：是一种状态 / none: a state does not end; day; unknown: 总是 / always
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- balance_fen: 收费专用账户余额合计 / what the fee accounts hold; fen; unknown: 没有收费专用账户 / there is no fee
--   account
-- accounts: 账户数 / accounts on file that count here; count
-- open_accounts: 其中截止日在用的 / those of them open at as-of; count
-- stale_accounts: 其中流水未更新到截止日的 / those of them not covered up to as-of; count
-- stale_on: 第一个账户流水过期的日子 / the day on which the first of them becomes stale; day; unknown: 没有账户有流水
--   / no account has statements
-- liability_low_fen: 未消课负债下限 / unconsumed liability that is sure; fen
-- liability_fen: 未消课负债上限 / unconsumed liability at most; fen
-- unexplained_fen: 预收待核 / receipts that no contract explains; fen
-- claims_low_fen: 应有资金下限 / claims that are sure; fen
-- claims_fen: 应有资金上限 / claims at most; fen
-- running_on: 估算的合同下一个消课的日子 / the next day on which an estimated contract consumes; day; unknown:
--   没有 / there is none
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       n.uscc AS subject_id, CAST(:as_of AS BIGINT) AS law_day, CAST(:as_of AS BIGINT) AS on_day,
       CAST(NULL AS BIGINT) AS ended_on, n.custody,
       b.balance_fen, COALESCE(b.accounts, 0) AS accounts,
       COALESCE(b.open_accounts, 0) AS open_accounts,
       COALESCE(b.stale_accounts, 0) AS stale_accounts, b.stale_on,
       COALESCE(y.low_fen, 0) AS liability_low_fen, COALESCE(y.high_fen, 0) AS liability_fen,
       COALESCE(u.fen, 0) AS unexplained_fen,
       COALESCE(y.low_fen, 0) + COALESCE(u.fen, 0) AS claims_low_fen,
       COALESCE(y.high_fen, 0) + COALESCE(u.fen, 0) AS claims_fen, y.running_on
FROM institution_as_of AS n
LEFT JOIN account_funds AS b
  ON b.institution_id = n.institution_id AND b.law_id = n.law_id AND b.kind = 'fee'
LEFT JOIN liability AS y ON y.institution_id = n.institution_id
LEFT JOIN unexplained_money AS u ON u.institution_id = n.institution_id
