-- 每份已采用对账单与前一份的衔接：缺失天数，或期初与前期末之差。
-- How each accepted statement joins the one before it: days missing, or opening less closing.
-- grain: statement_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 账号/日子 / account/day; text
-- law_day: 对账单首日 / first day of the statement; day
-- on_day, ended_on: 首个缺失日，或对账单首日，或首个不一致的日子 / first missing day, first day of the
--   statement, or first day told otherwise; day
-- account_id: 账户内部编号 / the row of the account; key
-- account_no: 账号 / the number of the account; text
-- statement_id: 对账单内部编号 / the row of the statement; key
-- from_day: 对账单首日 / first day of the statement; day
-- opening_fen: 期初余额 / opening balance; fen; unknown: 对账单未写 / the statement states none
-- missing_days: 缺失天数 / days missing before it; days
-- difference_fen: 与前期末余额之差 / opening less the closing balance before it; fen
-- contradicted_fen: 银行（或监管部门）与机构自报不一致的流水金额合计，收付相加 / what only one of the two tells, of
--   days that bank or office and the institution's own statement cover, in and out added up; fen
SELECT j.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       day_subject(a.account_no, j.on_day) AS subject_id,
       t.from_day AS law_day, j.on_day, j.on_day AS ended_on,
       a.id AS account_id, a.account_no, j.statement_id, t.from_day, t.opening_fen,
       j.missing_days, j.difference_fen, j.contradicted_fen
FROM scope AS s
JOIN statement_link AS j ON j.institution_id = s.institution_id
JOIN statement AS t ON t.id = j.statement_id
JOIN account AS a ON a.id = j.account_id
JOIN institution AS o ON o.id = j.institution_id
JOIN institution_fact AS i
  ON i.institution_id = j.institution_id AND t.from_day BETWEEN i.valid_from AND i.valid_to
