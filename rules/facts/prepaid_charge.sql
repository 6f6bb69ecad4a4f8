-- 每笔预收费：分次收费的合同每次已缴的一行（收费明细未填缴费日的视为未缴），没有收费明细的合同本身为一次。
-- Every charge of prepaid money: each charge paid of a contract in charges (one without a day of
-- payment is not paid), and a contract without charges as its own only one. A pay-after contract
-- that was paid before its first lesson counts from the day of the receipt (see prepaid_contract).
-- grain: contract_id, charge_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- subject_kind: 对象：charge 一次收费，contract 合同本身 / the kind of subject: charge, or contract; text
-- subject_id: 合同编号，分次收费的加序号 / the number of the contract, with that of the charge where there are charges;
--   text
-- turn: 第几次收费，按应缴日期 / which of the contract's charges, by the day due; count
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- basis: 收费方式：hours 课时，period 周期，both 两者 / how it is charged: hours, period or both; text
-- starts_on: 该次费用所购课程的首日；首次收费未填的取合同的 / the first day its money buys, of the first charge else the
--   contract's; day; unknown: 未填 / not stated
-- ends_on: 该次费用所购课程的末日，未填的取合同的 / the last day its money buys, else the contract's; day; unknown:
--   未填 / not stated
-- lead_months: 缴费至开课满几个月 / full months from payment to the first day; months; unknown:
--   未填开课日，或收款日不是登记的缴费日 / no first day, or paid on another day than the one registered
-- lead_months_up: 同上，不满一个月的按一个月计 / the same, a part of a month counted as one; months; unknown: 同上
--   / as before
-- fee_fen: 该次金额 / the money of the charge; fen
-- paid_on: 缴费日；先学后付而先收款的为收款日 / the day of payment, of a pay-after contract that of its receipt;
--   day; unknown: 未填 / not stated
-- renews: 被续合同的编号 / the number of the contract it renews; text; unknown: 不是续费 / it is no renewal
-- channel: 缴费渠道 / the channel of payment; text; unknown: 未填 / not stated
SELECT c.id AS contract_id, 0 AS charge_id, c.institution_id AS register_id, 'contract' AS subject_kind,
       c.contract_no AS subject_id, 1 AS turn, c.contract_no, c.course_id, c.basis, c.starts_on,
       c.ends_on, c.lead_months, c.lead_months_up, c.fee_fen, c.paid_on, c.renews, c.channel
FROM reach AS s
JOIN contract AS c ON c.institution_id = s.institution_id
LEFT JOIN charge AS g ON g.contract_id = c.id
WHERE c.payment = 'prepaid' AND g.id IS NULL
UNION ALL
SELECT c.id AS contract_id, g.id AS charge_id, c.institution_id AS register_id, 'charge' AS subject_kind,
       c.contract_no || '/' || g.charge_no AS subject_id, g.turn, c.contract_no, c.course_id,
       c.basis, g.begins_on AS starts_on, COALESCE(g.ends_on, c.ends_on) AS ends_on,
       g.lead_months, g.lead_months_up, g.amount_fen AS fee_fen, g.paid_on, c.renews,
       c.channel
FROM reach AS s
JOIN charge AS g ON g.institution_id = s.institution_id
JOIN contract AS c ON c.id = g.contract_id
WHERE c.payment = 'prepaid' AND g.paid_on IS NOT NULL
UNION ALL
SELECT c.id AS contract_id, e.charge_id, c.institution_id AS register_id,
       CASE WHEN e.charge_id = 0 THEN 'contract' ELSE 'charge' END AS subject_kind,
       CASE WHEN e.charge_id = 0 THEN c.contract_no ELSE c.contract_no || '/' || g.charge_no END
           AS subject_id,
       COALESCE(g.turn, 1) AS turn, c.contract_no, c.course_id, c.basis,
       CASE WHEN e.charge_id = 0 THEN c.starts_on ELSE g.begins_on END AS starts_on,
       COALESCE(g.ends_on, c.ends_on) AS ends_on, e.lead_months, e.lead_months_up,
       COALESCE(g.amount_fen, c.fee_fen) AS fee_fen, e.paid_on, c.renews, c.channel
FROM early_charge AS e
CROSS JOIN contract AS c
LEFT JOIN charge AS g ON g.id = e.charge_id
WHERE c.id = e.contract_id
