-- 预付费合同的每个消课日:当日课时、至当日累计课时、当日消课金额(合同总课时不明的为空)。
-- Each day with lessons of a contract that carries prepaid money: lessons of the day and up to it,
-- and what they consume of the fee; unknown where the contract's lessons are.
-- grain: contract_id, day
SELECT h.institution_id, h.contract_id, h.day, h.fee_fen, h.total_lessons, h.upto,
       smaller(h.fee_fen, half_up(h.fee_fen * h.upto, h.total_lessons))
       - smaller(h.fee_fen, half_up(h.fee_fen * (h.upto - h.lessons), h.total_lessons))
           AS consumed_fen
FROM (
    SELECT c.institution_id, c.contract_id, l.held_on AS day, c.fee_fen, c.total_lessons, l.lessons,
           CAST(SUM(l.lessons) OVER (PARTITION BY l.contract_id ORDER BY l.held_on) AS BIGINT)
               AS upto
    FROM prepaid_contract AS c
    JOIN lesson AS l ON l.contract_id = c.contract_id
    WHERE l.held_on <= :as_of
) AS h
