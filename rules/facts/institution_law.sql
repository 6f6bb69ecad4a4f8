-- 机构登记事实按当地规定的起止日分段:每段一行,事实和适用的规定在段内都不变。
-- The dated facts of each institution cut where the law of its place changes: within a row both
-- the facts and the law in force are the same on every day.
-- grain: institution_id, law_id, valid_from
SELECT s.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody, l.law_id,
       CASE WHEN l.from_day > i.valid_from THEN l.from_day ELSE i.valid_from END AS valid_from,
       CASE WHEN l.to_day < i.valid_to THEN l.to_day ELSE i.valid_to END AS valid_to
FROM scope AS s
JOIN institution AS o ON o.id = s.institution_id
JOIN institution_fact AS i ON i.institution_id = s.institution_id
JOIN law AS l
  ON l.district = i.district AND l.from_day <= i.valid_to AND l.to_day >= i.valid_from
