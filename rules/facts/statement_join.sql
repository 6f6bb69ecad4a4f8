-- 每份已采用对账单与前一份的衔接:缺失天数,或期初与前期末之差。
-- How each accepted statement joins the one before it: days missing, or opening less closing.
-- grain: statement_id
SELECT j.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.account_no || '/{' || CAST(j.on_day AS TEXT) || '}' AS subject_id,
       t.from_day AS law_day, j.on_day, j.on_day AS ended_on,
       a.id AS account_id, a.account_no, j.statement_id, t.from_day, t.opening_fen,
       j.missing_days, j.difference_fen
FROM scope AS s
JOIN statement_link AS j ON j.institution_id = s.institution_id
JOIN statement AS t ON t.id = j.statement_id
JOIN account AS a ON a.id = j.account_id
JOIN institution AS o ON o.id = j.institution_id
JOIN institution_fact AS i
  ON i.institution_id = j.institution_id AND t.from_day BETWEEN i.valid_from AND i.valid_to
