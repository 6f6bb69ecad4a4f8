-- 截止日每家机构每类账户（已开过户的）：余额合计、流水未更新的账户数。已销户的余额为 0，视为已覆盖。
-- Per institution and kind, the accounts that were opened by as-of: what they hold, and how many
-- are not covered up to as-of. An account closed since holds nothing and leaves nothing unknown.
-- grain: institution_id, law_id, kind
-- institution_id: 机构内部编号 / the row of the institution; key
-- law_id: 适用的规定 / the law in force there on that day; key
-- kind: 账户类别：fee 收费专用，deposit 风险保证金，settlement 结算 / kind of account: fee, deposit or settlement;
--   text
-- accounts: 截止日前开过户的 / accounts opened by as-of; count
-- open_accounts: 其中截止日在用的 / those of them open at as-of; count
-- balance_fen: 余额合计，已销户的为 0 / what they hold, closed ones nothing; fen
-- stale_accounts: 其中流水未更新到截止日的 / those of them not covered up to as-of; count
-- stale_on: 第一个账户流水过期的日子 / the day on which the first of them becomes stale; day; unknown: 没有账户有流水
--   / no account has statements
SELECT n.institution_id, n.law_id, a.kind, COUNT(*) AS accounts,
       COUNT(t.account_id) AS open_accounts,
       CAST(SUM(COALESCE(t.closing_fen, 0)) AS BIGINT) AS balance_fen,
       SUM(CASE WHEN t.account_id IS NULL THEN 0
                WHEN t.covered_to IS NULL OR t.closing_fen IS NULL
                     OR :as_of - t.covered_to > t.stale_days THEN 1 ELSE 0 END) AS stale_accounts,
       MIN(t.covered_to + t.stale_days + 1) AS stale_on
FROM institution_as_of AS n
JOIN account AS a ON a.institution_id = n.institution_id
LEFT JOIN account_standing AS t ON t.account_id = a.id AND t.law_id = n.law_id
WHERE a.opened_on IS NULL OR a.opened_on <= :as_of
GROUP BY n.institution_id, n.law_id, a.kind
