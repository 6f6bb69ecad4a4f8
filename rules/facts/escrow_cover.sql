-- 截止日各机构:收费专用账户余额合计与未消课负债。
-- Per institution at as-of: balances of the open fee accounts against the unconsumed liability.
WITH balance AS (
    SELECT institution_id, law_id, CAST(SUM(closing_fen) AS BIGINT) AS fen, COUNT(*) AS accounts,
           SUM(CASE WHEN covered_to IS NULL OR closing_fen IS NULL
                         OR :as_of - covered_to > stale_days THEN 1 ELSE 0 END) AS stale_accounts,
           MIN(covered_to + stale_days + 1) AS stale_on
    FROM account_standing
    WHERE kind = 'fee'
    GROUP BY institution_id, law_id
),
liability AS (
    SELECT institution_id, CAST(SUM(low_fen) AS BIGINT) AS low_fen,
           CAST(SUM(high_fen) AS BIGINT) AS high_fen, MIN(running_on) AS running_on
    FROM contract_position
    GROUP BY institution_id
)
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       n.uscc AS subject_id, CAST(:as_of AS BIGINT) AS law_day, CAST(:as_of AS BIGINT) AS on_day,
       CAST(NULL AS BIGINT) AS ended_on, n.custody,
       b.fen AS balance_fen, COALESCE(b.accounts, 0) AS accounts,
       COALESCE(b.stale_accounts, 0) AS stale_accounts, b.stale_on,
       COALESCE(y.low_fen, 0) AS liability_low_fen, COALESCE(y.high_fen, 0) AS liability_fen,
       y.running_on
FROM institution_as_of AS n
LEFT JOIN balance AS b ON b.institution_id = n.institution_id AND b.law_id = n.law_id
LEFT JOIN liability AS y ON y.institution_id = n.institution_id
