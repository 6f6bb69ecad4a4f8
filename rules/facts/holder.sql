-- 判定所及的机构，各段日子持有哪一登记册的合同：没有承继的一直持有自己的。
-- Which institution holds the contracts of a register on which days: without a succession its own
-- for ever; from the day of a succession those of the one before are the successor's.
-- grain: register_id, institution_id, from_day
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contracts are; key
-- institution_id: 持有的机构 / the institution that holds them; key
-- from_day: 首日 / the first day; day
-- to_day: 末日 / the last day; day
-- has_contracts: 该登记册是否有合同；没有承继的为 1 / whether the register has contracts, 1 without a succession; flag
SELECT r.institution_id AS register_id, r.institution_id, CAST(-25567 AS BIGINT) AS from_day,
       CAST(2932896 AS BIGINT) AS to_day,
       CASE WHEN EXISTS (SELECT 1 FROM holding AS t WHERE t.holder_id = r.institution_id)
                 AND NOT EXISTS (SELECT 1 FROM contract AS c
                                 WHERE c.institution_id = r.institution_id)
            THEN 0 ELSE 1 END AS has_contracts
FROM reach AS r
LEFT JOIN holding AS h ON h.institution_id = r.institution_id
WHERE h.id IS NULL
UNION ALL
SELECT h.institution_id AS register_id, h.holder_id, h.from_day, h.to_day,
       CASE WHEN EXISTS (SELECT 1 FROM contract AS c WHERE c.institution_id = h.institution_id)
            THEN 1 ELSE 0 END
FROM reach AS r
JOIN holding AS h ON h.institution_id = r.institution_id
