-- 无消课记录的周期合同：按天数估算消课；起点以前已消课的金额。
-- Contracts by period without lessons, which are consumed by days as an estimate, and what of each
-- was consumed before the start of its institution.
-- grain: contract_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- institution_id: 机构内部编号 / the row of the institution; key
-- fee_fen: 合同费用 / fee of the contract; fen
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- ends_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- stops_on: 不再消课前的末日：结课日，或结清的前一日 / the last day on which it consumes: its last one, or the one before it was
--   settled; day; unknown: 合同未填 / the contract states none
-- stopped_fen: 至该日已消课的金额 / what is consumed by then; fen; unknown: 合同未填起止日 / the contract does not state its
--   days
-- start_on: 机构的起点 / the start of the institution; day
-- before_fen: 起点以前已消课的金额 / what was consumed before the start; fen; unknown: 合同未填起止日 / the contract
--   does not state its days
SELECT c.contract_id, c.institution_id, c.fee_fen, c.starts_on, c.ends_on, c.stops_on,
       half_up(c.fee_fen * larger(c.stops_on - c.starts_on + 1, 0), c.ends_on - c.starts_on + 1)
           AS stopped_fen,
       b.start_on,
       half_up(c.fee_fen * smaller(larger(b.start_on - c.starts_on, 0),
                                   larger(c.stops_on - c.starts_on + 1, 0)),
               c.ends_on - c.starts_on + 1) AS before_fen
FROM (
    -- 周期合同及其不再消课前的末日 / contracts by period, and the last day on which they consume
    SELECT p.contract_id, p.institution_id, p.fee_fen, p.starts_on, p.ends_on,
           CASE WHEN p.settled_on <= p.ends_on THEN p.settled_on - 1 ELSE p.ends_on END AS stops_on
    FROM prepaid_contract AS p
    WHERE p.basis = 'period'
) AS c
JOIN supervision_start AS b ON b.institution_id = c.institution_id
WHERE c.contract_id NOT IN (SELECT contract_id FROM instalment_due)
  AND NOT EXISTS (SELECT 1 FROM lesson AS l
                  WHERE l.contract_id = c.contract_id AND l.held_on <= :as_of)
