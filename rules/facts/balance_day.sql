-- 设有最低余额的账户，每个有发生额日子的日终余额。
-- Closing balance of each day with entries of the accounts that have a minimum balance.
-- grain: account_id, on_day
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 账号/日子 / account/day; text
-- law_day, on_day, ended_on: 有发生额的日子 / the day with entries; day
-- closing_fen: 日终余额 / balance at the end of the day; fen
-- minimum_balance_fen: 约定的最低余额 / the minimum balance agreed; fen
-- account_no: 账号 / the number of the account; text
-- account_id: 账户内部编号 / the row of the account; key
-- statement_id: 该余额所在对账单的内部编号 / the row of the statement whose balance it is; key
SELECT d.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       day_subject(a.account_no, d.day) AS subject_id,
       d.day AS law_day, d.day AS on_day, d.day AS ended_on,
       d.closing_fen, a.minimum_balance_fen, a.account_no, a.id AS account_id, d.statement_id
FROM scope AS s
JOIN account AS a ON a.institution_id = s.institution_id AND a.minimum_balance_fen IS NOT NULL
JOIN account_day AS d ON d.account_id = a.id AND d.entries > 0
JOIN institution AS o ON o.id = d.institution_id
JOIN institution_fact AS i
  ON i.institution_id = d.institution_id AND d.day BETWEEN i.valid_from AND i.valid_to
