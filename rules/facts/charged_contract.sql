-- 每份预付费合同,连同缴费日有效的机构登记事实。
-- Every prepaid contract with the facts of its institution in force on the day of payment.
SELECT c.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody,
       c.contract_no AS subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.contract_id, c.contract_no, c.course_id, c.basis, c.lessons,
       c.gift_lessons, c.total_lessons, c.starts_on, c.ends_on, c.span_months, c.lead_months,
       c.lead_months_up, c.fee_fen, c.paid_on, c.renews, c.student
FROM prepaid_contract AS c
JOIN institution AS o ON o.id = c.institution_id
JOIN institution_fact AS i
  ON i.institution_id = c.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
