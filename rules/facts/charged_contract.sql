-- 每份预付费合同(见 prepaid_contract),连同缴费日有效的机构登记事实和规定。
-- Every prepaid contract (see prepaid_contract) with the facts of its institution and the law in
-- force on the day of payment.
-- grain: contract_id, law_id
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
