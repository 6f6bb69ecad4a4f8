-- 在判的机构，各段日子持有哪一登记册的合同（见 holder）。
-- Of the institutions that are judged: whose registered contracts they hold on which days (see
-- holder).
-- grain: register_id, institution_id, from_day
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contracts are; key
-- institution_id: 持有的机构 / the institution that holds them; key
-- from_day: 首日 / the first day; day
-- to_day: 末日 / the last day; day
-- has_contracts: 该登记册是否有合同；没有承继的为 1 / whether the register has contracts, 1 without a succession; flag
SELECT h.register_id, h.institution_id, h.from_day, h.to_day, h.has_contracts
FROM scope AS s
JOIN holder AS h ON h.institution_id = s.institution_id
