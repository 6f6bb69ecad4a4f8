-- 设有最低余额的账户,每个有发生额日子的日终余额。
-- Closing balance of each day with entries of the accounts that have a minimum balance.
-- grain: account_id, on_day
SELECT d.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.account_no || '/{' || CAST(d.day AS TEXT) || '}' AS subject_id,
       d.day AS law_day, d.day AS on_day, d.day AS ended_on,
       d.closing_fen, a.minimum_balance_fen, a.account_no, a.id AS account_id, d.statement_id
FROM scope AS s
JOIN account AS a ON a.institution_id = s.institution_id AND a.minimum_balance_fen IS NOT NULL
JOIN account_day AS d ON d.account_id = a.id AND d.entries > 0
JOIN institution AS o ON o.id = d.institution_id
JOIN institution_fact AS i
  ON i.institution_id = d.institution_id AND d.day BETWEEN i.valid_from AND i.valid_to
