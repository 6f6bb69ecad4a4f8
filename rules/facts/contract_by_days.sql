-- 无消课记录的周期合同：按天数估算消课；起点以前已消课的金额。
-- Contracts by period without lessons, which are consumed by days as an estimate, and what of each
-- was consumed before the start of its institution.
-- grain: contract_id, institution_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- institution_id: 持有合同的机构 / the institution that holds the contract; key
-- fee_fen: 合同费用 / fee of the contract; fen
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- ends_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- stops_on: 不再消课前的末日：结课日、结清或承继的前一日 / the last day on which it consumes there: its last one, or the one
--   before it was settled or moved; day; unknown: 合同未填 / the contract states none
-- stopped_fen: 至该日已消课的金额 / what is consumed by then; fen; unknown: 合同未填起止日 / the contract does not state its
--   days
-- start_on: 机构的起点，或持有合同的首日 / the start of the institution, or the first day on which it holds the contract; day
-- before_fen: 起点以前已消课的金额 / what was consumed before the start; fen; unknown: 合同未填起止日 / the contract
--   does not state its days
-- unknown_on: 起点以后消课金额不明的首日 / the first day since the start on which what it consumes is unknown; day; unknown:
--   总是已知 / it is always known
SELECT c.contract_id, c.institution_id, c.fee_fen, c.starts_on, c.ends_on, c.stops_on,
       half_up(c.fee_fen * larger(c.stops_on - c.starts_on + 1, 0), c.ends_on - c.starts_on + 1)
           AS stopped_fen,
       c.start_on,
       half_up(c.fee_fen * smaller(larger(c.start_on - c.starts_on, 0),
                                   larger(c.stops_on - c.starts_on + 1, 0)),
               c.ends_on - c.starts_on + 1) AS before_fen,
       -- before its first day and after its last one it consumes nothing, whatever the other is
       CASE WHEN c.starts_on IS NOT NULL AND c.ends_on IS NOT NULL THEN NULL
            WHEN c.last_on < c.start_on OR c.last_on < c.starts_on THEN NULL
            ELSE larger(c.start_on, COALESCE(c.starts_on, c.start_on)) END AS unknown_on
FROM (
    -- 周期合同，持有的首日，不再消课前的末日 / contracts by period, held from when, and until when they consume
    SELECT p.contract_id, t.institution_id, p.fee_fen, p.starts_on, p.ends_on,
           larger(b.start_on, t.from_day) AS start_on,
           smaller(CASE WHEN p.settled_on <= p.ends_on THEN p.settled_on - 1 ELSE p.ends_on END,
                   t.to_day) AS stops_on,
           smaller(smaller(COALESCE(p.settled_on - 1, t.to_day), COALESCE(p.ends_on, t.to_day)),
                   t.to_day) AS last_on
    FROM prepaid_contract AS p
    JOIN tenure AS t ON t.register_id = p.register_id
    JOIN supervision_start AS b ON b.institution_id = t.institution_id
    WHERE p.basis = 'period'
) AS c
WHERE c.contract_id NOT IN (SELECT contract_id FROM instalment_due)
  AND NOT EXISTS (SELECT 1 FROM lesson AS l
                  WHERE l.contract_id = c.contract_id AND l.held_on <= :as_of)
