-- 每家机构每月（专用账户、保证金账户）的收款、退费，以及此前三个月合计；当月、此前三个月流水是否完整。
-- Receipts and refunds of each institution by month, those of the three months before, and whether
-- the statements of its accounts cover the month, and those before it; from its closing on an
-- account is covered.
-- grain: institution_id, month, law_id
-- reach: 0
-- today: is_short
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 信用代码/月份 / credit code/month; text
-- law_day, on_day, ended_on: 当月末日 / last day of the month; day
-- law_id: 适用的规定 / the law in force there on that day; key
-- month: 月份 / the calendar month, YYYY-MM; text
-- receipts_fen: 当月收款 / receipts of the month; fen
-- refunds_fen: 当月退费 / refunds of the month; fen
-- refunds: 当月退费笔数 / number of refunds; count
-- before_receipts_fen: 前三个月收款合计 / receipts of the three months before; fen
-- before_refunds_fen: 前三个月退费合计 / refunds of the three months before; fen
-- accounts: 当月末前开户的专用账户、保证金账户 / fee and deposit accounts opened by the end of the month; count
-- is_month_known: 流水是否覆盖当月 / whether statements cover the month; flag
-- is_before_known: 流水是否覆盖前三个月 / whether they cover the three months before; flag
-- is_short: 余额是否低于应有资金 / whether the cover is short as well; flag; unknown: 收款、退费未达界限，不查 / receipts
--   and refunds are not beyond the shares: not looked up
WITH seen AS (
    -- 每个账户自开户至销户均有流水，且自首日起已有账户 / from its opening to its closing each
    -- account is covered, and from the first day on there is one
    SELECT m.institution_id, m.month, m.receipts_fen, m.refunds_fen, m.refunds,
           m.before_receipts_fen, m.before_refunds_fen, m.to_day, COUNT(a.id) AS accounts,
           MAX(CASE WHEN COALESCE(a.opened_on, m.first_day) <= m.first_day THEN 1 ELSE 0 END)
           * MIN(CASE WHEN a.closed_on <= larger(m.first_day, COALESCE(a.opened_on, m.first_day))
                      OR EXISTS (
               SELECT 1 FROM account_coverage AS v
               WHERE v.account_id = a.id
                 AND v.to_day >= smaller(m.to_day, COALESCE(a.closed_on - 1, m.to_day))
                 AND v.from_day <= larger(m.first_day, COALESCE(a.opened_on, m.first_day))
           ) THEN 1 ELSE 0 END) AS is_month_known,
           MAX(CASE WHEN COALESCE(a.opened_on, m.from_day) <= m.from_day THEN 1 ELSE 0 END)
           * MIN(CASE WHEN a.opened_on >= m.first_day
                      OR a.closed_on <= larger(m.from_day, COALESCE(a.opened_on, m.from_day))
                      OR EXISTS (
               SELECT 1 FROM account_coverage AS v
               WHERE v.account_id = a.id
                 AND v.to_day >= smaller(m.first_day, COALESCE(a.closed_on, m.first_day)) - 1
                 AND v.from_day <= larger(m.from_day, COALESCE(a.opened_on, m.from_day))
           ) THEN 1 ELSE 0 END) AS is_before_known
    FROM monthly_flow AS m
    LEFT JOIN account AS a
      ON a.institution_id = m.institution_id AND a.kind IN ('fee', 'deposit')
     AND (a.opened_on IS NULL OR a.opened_on <= m.to_day)
    GROUP BY m.institution_id, m.month, m.receipts_fen, m.refunds_fen, m.refunds,
             m.before_receipts_fen, m.before_refunds_fen, m.to_day
)
SELECT m.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       o.uscc || '/' || m.month AS subject_id, m.to_day AS law_day, m.to_day AS on_day,
       m.to_day AS ended_on, l.law_id, m.month, m.receipts_fen, m.refunds_fen, m.refunds,
       m.before_receipts_fen, m.before_refunds_fen,
       m.accounts, m.is_month_known, m.is_before_known,
       -- looked up for the few months that matter only: it adds up every contract
       CASE WHEN m.refunds_fen * 3000000 > m.before_refunds_fen * l.drop_refund_share
                 AND m.receipts_fen * 3000000 < m.before_receipts_fen * l.drop_receipt_share
            THEN (SELECT MAX(CASE WHEN y.accounts > 0 AND y.stale_accounts = 0
                                       AND y.claims_low_fen > 0
                                       AND y.balance_fen < y.claims_low_fen
                                       AND y.custody IN ('bank_custody', 'both')
                                  THEN 1 ELSE 0 END)
                  FROM escrow_cover AS y WHERE y.institution_id = m.institution_id)
       END AS is_short
FROM seen AS m
JOIN institution AS o ON o.id = m.institution_id
JOIN institution_fact AS i
  ON i.institution_id = m.institution_id AND m.to_day BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND m.to_day BETWEEN l.from_day AND l.to_day
