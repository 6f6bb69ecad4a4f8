-- 预付费合同的每个消课日（结清以后的不计）：当日课时、至当日累计课时、当日消课金额（合同总课时不明的为空）。
-- Each day with lessons of a contract that carries prepaid money, but for those after it was settled: lessons of the day and up to it,
-- and what they consume of the fee; unknown where the contract's lessons are.
-- grain: contract_id, day
-- bounds: release_wait_working_days <= 90
-- institution_id: 当日持有合同的机构 / the institution that holds the contract on the day; key
-- contract_id: 合同内部编号 / the row of the contract; key
-- day: 上课日 / the day of the lessons; day
-- fee_fen: 合同费用 / fee of the contract; fen
-- total_lessons: 总课时（含赠送） / lessons of the contract, gifts included; lessons; unknown: 合同未填课时 / the
--   contract states no lessons
-- upto: 至当日累计课时 / lessons up to that day; lessons
-- consumed_fen: 当日消课金额 / what the day consumes of the fee; fen; unknown: 总课时不明 / the contract
--   states no lessons
SELECT t.institution_id, h.contract_id, h.day, h.fee_fen, h.total_lessons, h.upto,
       smaller(h.fee_fen, half_up(h.fee_fen * h.upto, h.total_lessons))
       - smaller(h.fee_fen, half_up(h.fee_fen * (h.upto - h.lessons), h.total_lessons))
           AS consumed_fen
FROM (
    -- 至当日累计课时 / lessons up to each day
    SELECT c.register_id, c.contract_id, l.held_on AS day, c.fee_fen, c.total_lessons, l.lessons,
           CAST(SUM(l.lessons) OVER (PARTITION BY l.contract_id ORDER BY l.held_on) AS BIGINT)
               AS upto
    FROM prepaid_contract AS c
    -- read from an index alone, which begins with the register / 只读一个以登记册起首的索引
    -- SQLite begins with the contracts, where it is told to, also where there are none
    CROSS JOIN lesson AS l
    WHERE l.institution_id = c.register_id AND l.contract_id = c.contract_id
      AND l.held_on <= :as_of AND (c.settled_on IS NULL OR l.held_on < c.settled_on)
      -- of contracts that were taught in the months before the first day looked at, all days
      AND EXISTS (SELECT 1 FROM lesson AS r
                  WHERE r.contract_id = c.contract_id AND r.held_on >= :since - 150)
) AS h
JOIN tenure AS t ON t.register_id = h.register_id AND h.day BETWEEN t.from_day AND t.to_day
