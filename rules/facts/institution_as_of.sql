-- 截止日各机构的登记事实与当日适用的规则值。
-- The facts of each institution at as-of, with the law in force there on that day.
-- grain: institution_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按截止日的登记 / the institution as registered at
--   as-of; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject: 机构科类 / what the institution teaches, academic or another kind; text
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- law_id: 适用的规定 / the law in force there on that day; key
SELECT s.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.subject, i.custody, l.law_id
FROM scope AS s
JOIN institution AS o ON o.id = s.institution_id
JOIN institution_fact AS i
  ON i.institution_id = s.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND :as_of BETWEEN l.from_day AND l.to_day
