-- 机构何日起有登记了消课的登记册：自有的，或承继来的。
-- From when on an institution has had a register with lessons: its own, or one it has taken over.
-- grain: institution_id
-- institution_id: 机构，0 为本机关 / the institution, 0 the office itself; key
-- from_day: 第一本有消课记录的登记册归其所有之日 / the day from which the first register with lessons on file has been
--   its own; day
SELECT t.institution_id, MIN(t.from_day) AS from_day
FROM tenure AS t
WHERE EXISTS (
    SELECT 1 FROM lesson AS l WHERE l.institution_id = t.register_id AND l.held_on <= :as_of
)
GROUP BY t.institution_id
