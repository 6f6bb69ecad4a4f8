-- 每家机构自起点起每日从专用账户划出的金额（含转回的内部划转）；退费被退回的不在此列，视为未退。
-- Per institution and day from its start: money that left the fee accounts for the institution,
-- less what of it came back. A refund that came back is none of it: it counts as not paid.
-- grain: institution_id, day
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 日子 / the day; day
-- released_fen: 当日划出 / what was released on the day; fen
-- has_release: 当日是否有划出，而不只是内部划转 / whether there is a release, not internal transfers alone; flag
SELECT e.institution_id, e.booked_on AS day, CAST(SUM(-e.amount_fen) AS BIGINT) AS released_fen,
       MAX(CASE WHEN e.kind = 'release' THEN 1 ELSE 0 END) AS has_release
FROM supervision_start AS b
-- SQLite begins with the start, where it is told to, also where there is none
CROSS JOIN entry AS e
JOIN account AS a ON a.id = e.account_id AND a.kind = 'fee'
-- a refund that came back was never released: it lowers what is refunded
LEFT JOIN entry AS r ON r.id = e.reverses AND r.kind = 'refund'
WHERE e.institution_id = b.institution_id AND e.booked_on >= larger(b.start_on, :since)
  AND e.merged_into IS NULL AND e.kind IN ('release', 'own', 'returned') AND r.id IS NULL
  AND e.booked_on <= :as_of
GROUP BY e.institution_id, e.booked_on
