-- 预付费合同:合同列有 paid_on。先学后付的合同,若首次上课前已收款,自收款日起按预付计;
-- 登记的缴费日不是这一天的,提前几个月收费不能判定。
-- Contracts that carry prepaid money, with the day it was paid. A pay-after contract that was paid
-- before its first lesson counts as prepaid from the day of the receipt; how many
-- months ahead that was is unknown where the register names another day.
-- grain: contract_id
SELECT c.id AS contract_id, c.institution_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months, c.lead_months,
       c.lead_months_up, c.fee_fen, c.paid_on, c.renews, c.channel, c.student
FROM scope AS s
JOIN contract AS c ON c.institution_id = s.institution_id
WHERE c.payment = 'prepaid'
UNION ALL
SELECT c.id AS contract_id, c.institution_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months,
       CASE WHEN c.paid_on = e.received_on THEN c.lead_months END AS lead_months,
       CASE WHEN c.paid_on = e.received_on THEN c.lead_months_up END AS lead_months_up,
       c.fee_fen, e.received_on AS paid_on, c.renews, c.channel, c.student
FROM early_receipt AS e
JOIN contract AS c ON c.id = e.contract_id
