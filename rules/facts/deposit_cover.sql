-- 截止日各机构:风险保证金余额与最近三个月预收费总额。
-- Per institution at as-of: deposit balance against the prepaid fees of the last three months.
-- grain: institution_id, law_id
WITH fees AS (
    SELECT institution_id, CAST(SUM(fee_fen) AS BIGINT) AS fen, MIN(paid_on) AS first_paid_on
    FROM contract_position
    WHERE paid_on > :as_of_less_3_months AND refunded_fen < fee_fen
    GROUP BY institution_id
)
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       n.uscc AS subject_id, CAST(:as_of AS BIGINT) AS law_day, CAST(:as_of AS BIGINT) AS on_day,
       CAST(NULL AS BIGINT) AS ended_on, n.custody,
       b.balance_fen, COALESCE(b.accounts, 0) AS accounts,
       COALESCE(b.open_accounts, 0) AS open_accounts,
       COALESCE(b.stale_accounts, 0) AS stale_accounts, b.stale_on,
       COALESCE(f.fen, 0) AS fees_fen, f.first_paid_on
FROM institution_as_of AS n
LEFT JOIN account_funds AS b
  ON b.institution_id = n.institution_id AND b.law_id = n.law_id AND b.kind = 'deposit'
LEFT JOIN fees AS f ON f.institution_id = n.institution_id
