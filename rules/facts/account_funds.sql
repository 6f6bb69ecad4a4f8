-- 截止日每家机构每类账户(已开过户的):余额合计、流水未更新的账户数。已销户的余额为 0,视为已覆盖。
-- Per institution and kind, the accounts that were opened by as-of: what they hold, and how many
-- are not covered up to as-of. An account closed since holds nothing and leaves nothing unknown.
-- grain: institution_id, law_id, kind
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
