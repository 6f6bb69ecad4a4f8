-- 每份预付费合同（见 prepaid_contract），连同缴费日有效的机构登记事实和规定。
-- Every prepaid contract (see prepaid_contract) with the facts of its institution and the law in
-- force on the day of payment.
-- grain: contract_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject: 机构科类 / what the institution teaches, academic or another kind; text
-- nature: 营利性质 / non_profit or for_profit; text
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 合同编号 / the number of the contract; text
-- law_day, on_day: 缴费日 / the day of payment; day
-- ended_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- contract_id: 合同内部编号 / the row of the contract; key
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
-- paid_on: 缴费日 / the day of payment; day
-- renews: 被续合同的编号 / the number of the contract it renews; text; unknown: 不是续费 / it is no renewal
-- student: 学员标识 / the token of the student; text
SELECT i.institution_id, i.uscc, i.institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody, i.law_id,
       c.contract_no AS subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.id AS contract_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months, c.lead_months,
       c.lead_months_up, c.fee_fen, c.paid_on, c.renews, c.student
FROM institution_law AS i
JOIN contract AS c
  ON c.institution_id = i.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
WHERE c.payment = 'prepaid'
UNION ALL
SELECT i.institution_id, i.uscc, i.institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody, i.law_id,
       c.contract_no AS subject_id, e.received_on AS law_day, e.received_on AS on_day,
       c.ends_on AS ended_on, c.id AS contract_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months,
       CASE WHEN c.paid_on = e.received_on THEN c.lead_months END AS lead_months,
       CASE WHEN c.paid_on = e.received_on THEN c.lead_months_up END AS lead_months_up,
       c.fee_fen, e.received_on AS paid_on, c.renews, c.student
FROM institution_law AS i
JOIN early_receipt AS e
  ON e.institution_id = i.institution_id AND e.received_on BETWEEN i.valid_from AND i.valid_to
JOIN contract AS c ON c.id = e.contract_id
