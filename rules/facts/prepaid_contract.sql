-- 预付费合同：合同列有 paid_on。先学后付的合同，若首次上课前已收款，自收款日起按预付计；
-- 登记的缴费日不是这一天的，提前几个月收费不能判定。
-- Contracts that carry prepaid money, with the day it was paid. A pay-after contract that was paid
-- before its first lesson counts as prepaid from the day of the receipt; how many
-- months ahead that was is unknown where the register names another day.
-- grain: contract_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- basis: 收费方式：hours 课时，period 周期，both 两者 / how it is charged: hours, period or both; text
-- lessons: 合同课时 / lessons of the contract, without gifts; lessons; unknown: 合同未填 / the contract
--   states none
-- gift_lessons: 赠送课时 / lessons given in addition; lessons
-- total_lessons: 总课时（含赠送） / lessons of the contract, gifts included; lessons; unknown: 合同未填课时 / the
--   contract states no lessons
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- ends_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- span_months: 跨度：开课至结课满几个月 / full months from the first to the last day; months; unknown: 合同未填起止日
--   / the contract does not state both days
-- lead_months: 缴费至开课满几个月 / full months from payment to the first day; months; unknown:
--   未填开课日，或收款日不是登记的缴费日 / no first day, or paid on another day than the one registered
-- lead_months_up: 同上，不满一个月的按一个月计 / the same, a part of a month counted as one; months; unknown: 同上
--   / as before
-- fee_fen: 合同费用 / fee of the contract; fen
-- paid_on: 缴费日；先学后付而先收款的为收款日 / the day of payment, of a pay-after contract that of its receipt;
--   day; unknown: 未填 / not stated
-- renews: 被续合同的编号 / the number of the contract it renews; text; unknown: 不是续费 / it is no renewal
-- channel: 缴费渠道 / the channel of payment; text; unknown: 未填 / not stated
-- settled_on: 结清而终止的日子，自该日起不再消课、没有负债 / the day on which it ended and was settled, from which it consumes
--   nothing and owes nothing; day; unknown: 未结清 / not settled
-- until_on: 消课至多计到的日子：截止日，已结清的为结清的前一日 / the last day that consumes: as-of, or the eve of the day on
--   which it was settled; day
-- student: 学员标识 / the token of the student; text
SELECT c.id AS contract_id, c.institution_id AS register_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months, c.lead_months,
       c.lead_months_up, c.fee_fen, c.paid_on, c.renews, c.channel,
       CASE WHEN c.settlement IS NOT NULL THEN c.ended_on END AS settled_on,
       CASE WHEN c.settlement IS NOT NULL AND c.ended_on <= :as_of THEN c.ended_on - 1
            ELSE :as_of END AS until_on, c.student
FROM reach AS s
JOIN contract AS c ON c.institution_id = s.institution_id
WHERE c.payment = 'prepaid'
UNION ALL
SELECT c.id AS contract_id, c.institution_id AS register_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months,
       CASE WHEN c.paid_on = e.received_on THEN c.lead_months END AS lead_months,
       CASE WHEN c.paid_on = e.received_on THEN c.lead_months_up END AS lead_months_up,
       c.fee_fen, e.received_on AS paid_on, c.renews, c.channel,
       CASE WHEN c.settlement IS NOT NULL THEN c.ended_on END AS settled_on,
       CASE WHEN c.settlement IS NOT NULL AND c.ended_on <= :as_of THEN c.ended_on - 1
            ELSE :as_of END AS until_on, c.student
FROM early_receipt AS e
CROSS JOIN contract AS c
WHERE c.id = e.contract_id
