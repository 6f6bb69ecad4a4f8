-- 按当地拨付办法（缴费日的规定）分期或完成后划出的预付费合同，及各期金额。
-- Prepaid contracts whose money is released by the schedule of the place on the day they were paid,
-- not in step with lessons: at which part of the contract how much may be released in all.
-- grain: contract_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- basis: 收费方式：hours 课时，period 周期，both 两者 / how it is charged: hours, period or both; text
-- total_lessons: 总课时（含赠送） / lessons of the contract, gifts included; lessons; unknown: 合同未填课时 / the
--   contract states no lessons
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- ends_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- first_at: 首期完成比例 / part at which the first instalment is due; millionths
-- second_at: 二期完成比例 / part at which the second is due; millionths
-- wait_days: 完成后等待的工作日 / working days to wait after completion; days
-- first_fen: 首期可划出 / released at the first part; fen
-- second_fen: 至二期累计可划出 / released at the second part in all; fen
-- fee_fen: 合同费用 / fee of the contract; fen
-- settled_on: 结清而终止的日子，自该日起不再消课、没有负债 / the day on which it ended and was settled, from which it consumes
--   nothing and owes nothing; day; unknown: 未结清 / not settled
SELECT c.contract_id, c.register_id, c.basis, c.total_lessons, c.starts_on, c.ends_on,
       law.release_first_at AS first_at, law.release_second_at AS second_at,
       law.release_wait_working_days AS wait_days,
       half_up(c.fee_fen * law.release_first_share, 1000000) AS first_fen,
       half_up(c.fee_fen * larger(law.release_first_share, law.release_second_share), 1000000)
           AS second_fen,
       c.fee_fen, c.settled_on
FROM law
JOIN institution_fact AS i ON i.district = law.district
JOIN holder AS h ON h.institution_id = i.institution_id
JOIN prepaid_contract AS c
  ON c.register_id = h.register_id AND c.paid_on BETWEEN h.from_day AND h.to_day
 AND c.paid_on BETWEEN i.valid_from AND i.valid_to
 AND c.paid_on BETWEEN law.from_day AND law.to_day
WHERE law.is_release_in_step = 0
