-- 截止日各机构：风险保证金余额与最近三个月预收费总额。
-- Per institution at as-of: deposit balance against the prepaid fees of the last three months.
-- grain: institution_id, law_id
-- matches: refund
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 机构的信用代码 / the credit code of the institution; text
-- law_day, on_day: 截止日 / as-of; day
-- ended_on: 不了结：是一种状态 / none: a state does not end; day; unknown: 总是 / always
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- balance_fen: 保证金余额合计 / what the deposit accounts hold; fen; unknown: 没有保证金账户 / there is no
--   deposit account
-- accounts: 账户数 / accounts on file that count here; count
-- open_accounts: 其中截止日在用的 / those of them open at as-of; count
-- stale_accounts: 其中流水未更新到截止日的 / those of them not covered up to as-of; count
-- stale_on: 第一个账户流水过期的日子 / the day on which the first of them becomes stale; day; unknown: 没有账户有流水
--   / no account has statements
-- fees_fen: 最近三个月的预收费 / fees prepaid in the last three months; fen
-- first_paid_on: 其中最早的缴费日 / the earliest day of payment among them; day; unknown: 没有 / there are
--   none
WITH recent AS (
    -- 最近三个月的预收费 / charges of the last three months
    SELECT g.contract_id, g.register_id, CAST(SUM(g.fee_fen) AS BIGINT) AS fen,
           MIN(g.paid_on) AS first_paid_on
    FROM prepaid_charge AS g
    WHERE g.paid_on > :as_of_less_3_months AND g.paid_on <= :as_of
    GROUP BY g.contract_id, g.register_id
),
paid AS (
    -- 这些合同截止日已缴的全部 / all that is paid of these contracts by as-of
    SELECT r.contract_id, CAST(SUM(g.fee_fen) AS BIGINT) AS fen
    FROM recent AS r
    JOIN prepaid_charge AS g ON g.contract_id = r.contract_id
    WHERE g.paid_on <= :as_of
    GROUP BY r.contract_id
),
refunded AS (
    -- 这些合同截止日已退的，逐份查找 / what was refunded of them by as-of, looked up one by one
    SELECT r.contract_id,
           (SELECT CAST(SUM(m.amount_fen) AS BIGINT) FROM match AS m
            WHERE m.contract_id = r.contract_id AND m.kind = 'refund' AND m.booked_on <= :as_of)
               AS fen
    FROM recent AS r
),
fees AS (
    -- 已全额退的不计，由截止日持有合同的机构承担 / but for what was refunded in full; of who holds the contract at as-of
    SELECT t.institution_id, CAST(SUM(r.fen) AS BIGINT) AS fen,
           MIN(r.first_paid_on) AS first_paid_on
    FROM recent AS r
    JOIN paid AS p ON p.contract_id = r.contract_id
    JOIN refunded AS b ON b.contract_id = r.contract_id
    JOIN tenure AS t
      ON t.register_id = r.register_id AND :as_of BETWEEN t.from_day AND t.to_day
    WHERE COALESCE(b.fen, 0) < p.fen
    GROUP BY t.institution_id
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
