-- 截止日各机构:收费专用账户余额合计,与未消课负债加预收待核(应有资金)。
-- Per institution at as-of: balances of the fee accounts against the claims on them: unconsumed
-- liability and unexplained receipts. Low figures hold what is surely owed, the others also what
-- contracts of unknown consumption may still be worth.
-- grain: institution_id, law_id
WITH liability AS (
    SELECT institution_id, CAST(SUM(low_fen) AS BIGINT) AS low_fen,
           CAST(SUM(high_fen) AS BIGINT) AS high_fen, MIN(running_on) AS running_on
    FROM contract_position
    GROUP BY institution_id
)
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
