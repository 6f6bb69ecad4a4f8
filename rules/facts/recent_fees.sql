-- 截止日各机构：近 90 日预收费总额与在用的专用账户、保证金账户数。
-- Per institution at as-of: prepaid fees of the last 90 days, and its open accounts by kind.
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
-- fees_fen: 近 90 日预收费 / fees prepaid in the last 90 days; fen
-- first_paid_on: 其中最早的缴费日 / the earliest day of payment among them; day; unknown: 没有 / there are
--   none
-- fee_accounts: 在用收费专用账户 / open fee accounts; count
-- deposit_accounts: 在用保证金账户 / open deposit accounts; count
WITH fees AS (
    -- 近 90 日预收费 / fees of the last ninety days
    SELECT t.institution_id, CAST(SUM(g.fee_fen) AS BIGINT) AS fen,
           MIN(g.paid_on) AS first_paid_on
    FROM tenure AS t
    JOIN prepaid_charge AS g ON g.register_id = t.register_id
    WHERE :as_of BETWEEN t.from_day AND t.to_day AND g.paid_on BETWEEN :as_of - 90 AND :as_of
    GROUP BY t.institution_id
),
open_account AS (
    -- 在用账户 / accounts open at as-of
    SELECT a.institution_id, SUM(CASE WHEN a.kind = 'fee' THEN 1 ELSE 0 END) AS fee_accounts,
           SUM(CASE WHEN a.kind = 'deposit' THEN 1 ELSE 0 END) AS deposit_accounts
    FROM scope AS s
    JOIN account AS a ON a.institution_id = s.institution_id
    WHERE (a.opened_on IS NULL OR a.opened_on <= :as_of)
      AND (a.closed_on IS NULL OR a.closed_on > :as_of)
    GROUP BY a.institution_id
)
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       n.uscc AS subject_id, CAST(:as_of AS BIGINT) AS law_day, CAST(:as_of AS BIGINT) AS on_day,
       CAST(NULL AS BIGINT) AS ended_on, n.custody,
       COALESCE(f.fen, 0) AS fees_fen, f.first_paid_on,
       COALESCE(a.fee_accounts, 0) AS fee_accounts,
       COALESCE(a.deposit_accounts, 0) AS deposit_accounts
FROM institution_as_of AS n
LEFT JOIN fees AS f ON f.institution_id = n.institution_id
LEFT JOIN open_account AS a ON a.institution_id = n.institution_id
