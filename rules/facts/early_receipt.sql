-- 先学后付、但首次上课前已收款的合同，及收款日。
-- Pay-after contracts that were paid before their first lesson, and the day of the receipt.
-- grain: contract_id
-- matches: pay_after
-- contract_id: 合同内部编号 / the row of the contract; key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- received_on: 收款日 / the day of the first receipt; day
SELECT p.contract_id, p.register_id, p.received_on
FROM (
    -- 先学后付合同的首次收款和首次上课 / first receipt and first lesson of pay-after contracts
    SELECT c.id AS contract_id, c.institution_id AS register_id,
           (SELECT MIN(m.booked_on) FROM match AS m
            WHERE m.contract_id = c.id AND m.kind = 'receipt') AS received_on,
           (SELECT MIN(l.held_on) FROM lesson AS l WHERE l.contract_id = c.id) AS begun_on
    FROM reach AS s
    JOIN contract AS c ON c.institution_id = s.institution_id
    WHERE c.payment = 'pay_after'
) AS p
WHERE p.received_on IS NOT NULL AND (p.begun_on IS NULL OR p.received_on < p.begun_on)
