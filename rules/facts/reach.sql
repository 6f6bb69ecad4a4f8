-- 判定所及的机构：在判的机构，以及因承继与其相关的机构（其登记册、账户、消课都可能用到）。
-- The institutions whose registers and accounts a judgement may need: those that are judged, and
-- those that successions tie to them.
-- grain: institution_id
-- institution_id: 机构内部编号 / the row of the institution; key
SELECT s.institution_id
FROM scope AS s
UNION
SELECT h.holder_id
FROM scope AS s
JOIN holding AS t ON t.holder_id = s.institution_id OR t.institution_id = s.institution_id
JOIN holding AS h ON h.institution_id = t.institution_id
UNION
SELECT t.institution_id
FROM scope AS s
JOIN holding AS t ON t.holder_id = s.institution_id OR t.institution_id = s.institution_id
