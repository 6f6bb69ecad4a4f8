-- 截止日各机构的登记事实与当日适用的规则值。
-- The facts of each institution at as-of, with the law in force there on that day.
-- grain: institution_id, law_id
SELECT s.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.subject, i.custody, l.law_id
FROM scope AS s
JOIN institution AS o ON o.id = s.institution_id
JOIN institution_fact AS i
  ON i.institution_id = s.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND :as_of BETWEEN l.from_day AND l.to_day
