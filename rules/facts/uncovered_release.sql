-- 有划出、而消课覆盖期未及的日子；承继来的合同看原机构的覆盖期。
-- Days with a release that the registered lessons do not cover; of contracts that moved, those of the institution
-- before.
-- grain: institution_id, day
-- institution_id: 机构 / the institution; key
-- day: 有划出的日子 / the day with a release; day
SELECT DISTINCT f.institution_id, f.day
FROM release_flow AS f
JOIN tenure AS t
  ON t.institution_id = f.institution_id AND t.has_contracts = 1
 AND f.day BETWEEN t.from_day AND t.to_day
LEFT JOIN coverage AS v
  ON v.institution_id = t.register_id AND v.register = 'lessons'
 AND f.day BETWEEN v.from_day AND v.to_day
WHERE f.has_release = 1 AND v.id IS NULL
