-- 每家机构累计的起点：纳入监管日；未登记的，取收费专用账户流水最早覆盖的一天。
-- Per institution the day from which money is added up: its first day under supervision, or, where
-- none is registered, the first day that statements of its fee accounts cover.
-- grain: institution_id
-- institution_id: 机构内部编号 / the row of the institution; key
-- start_on: 起点 / the start; day
SELECT s.institution_id, COALESCE(i.supervised_from, MIN(v.from_day)) AS start_on
FROM scope AS s
JOIN institution_fact AS i
  ON i.institution_id = s.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
JOIN account AS a ON a.institution_id = s.institution_id AND a.kind = 'fee'
JOIN account_coverage AS v ON v.account_id = a.id
GROUP BY s.institution_id, i.supervised_from
