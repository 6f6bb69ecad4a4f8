-- 每笔预收费（见 prepaid_charge），连同缴费日有效的机构登记事实和规定。
-- Every charge of prepaid money (see prepaid_charge) with the facts of the institution that held the
-- contract on the day of payment, and the law in force there on that day.
-- grain: contract_id, charge_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject: 机构科类 / what the institution teaches, academic or another kind; text
-- nature: 营利性质 / non_profit or for_profit; text
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_kind: 对象：charge 一次收费，contract 合同本身 / the kind of subject: charge, or contract; text
-- subject_id: 合同编号，分次收费的加序号 / the number of the contract, with that of the charge where there are charges;
--   text
-- law_day, on_day: 缴费日 / the day of payment; day
-- ended_on: 该次费用所购课程的末日，未填的取合同的 / the last day its money buys, else the contract's; day; unknown:
--   未填 / not stated
-- contract_id: 合同内部编号 / the row of the contract; key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- turn: 第几次收费，按应缴日期 / which of the contract's charges, by the day due; count
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- basis: 收费方式：hours 课时，period 周期，both 两者 / how it is charged: hours, period or both; text
-- lessons: 该次课时，不含赠送 / lessons of the charge, without gifts; lessons; unknown: 未填 / not stated
-- gift_lessons: 赠送课时，属于合同而不属于某次收费 / lessons given in addition, which belong to the contract and to no
--   charge; lessons
-- total_lessons: 该次课时，合同本身为一次的含赠送 / lessons of the charge, gifts included where it is the contract;
--   lessons; unknown: 未填 / not stated
-- most_lessons: 至多的课时：未填的不超过合同课时 / lessons at most: where the charge states none, those of its contract;
--   lessons; unknown: 合同也未填 / the contract states none either
-- contract_lessons: 合同课时 / lessons of the contract, gifts included where it is its own charge; lessons;
--   unknown: 合同未填 / the contract states none
-- starts_on: 该次费用所购课程的首日；首次收费未填的取合同的 / the first day its money buys, of the first charge else the
--   contract's; day; unknown: 未填 / not stated
-- ends_on: 该次费用所购课程的末日 / the last day its money buys; day; unknown: 未填 / not stated
-- span_months: 跨度：开课至结课满几个月 / full months from the first to the last day; months; unknown: 未填起止日
--   / both days are not stated
-- most_months: 至多的跨度：未填的不超过合同的 / the span at most: where the charge states none, that of its contract;
--   months; unknown: 合同也未填 / the contract states none either
-- lead_months: 缴费至开课满几个月 / full months from payment to the first day; months; unknown:
--   未填开课日，或收款日不是登记的缴费日 / no first day, or paid on another day than the one registered
-- lead_months_up: 同上，不满一个月的按一个月计 / the same, a part of a month counted as one; months; unknown: 同上
--   / as before
-- fee_fen: 该次金额 / the money of the charge; fen
-- paid_on: 缴费日 / the day of payment; day
-- renews: 被续合同的编号 / the number of the contract it renews; text; unknown: 不是续费 / it is no renewal
-- student: 学员标识 / the token of the student; text
SELECT i.institution_id, i.uscc, i.institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody, i.law_id, 'contract' AS subject_kind,
       c.contract_no AS subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.id AS contract_id,
       c.institution_id AS register_id, 0 AS charge_id, 1 AS turn, c.contract_no,
       c.course_id, c.basis, c.lessons, c.gift_lessons, c.total_lessons,
       c.total_lessons AS most_lessons, c.total_lessons AS contract_lessons, c.starts_on, c.ends_on,
       c.span_months, c.span_months AS most_months, c.lead_months, c.lead_months_up, c.fee_fen,
       c.paid_on, c.renews, c.student
FROM institution_law AS i
JOIN contract AS c
  ON c.institution_id = i.register_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
LEFT JOIN charge AS g ON g.contract_id = c.id
WHERE c.payment = 'prepaid' AND g.id IS NULL
UNION ALL
SELECT i.institution_id, i.uscc, i.institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody, i.law_id, 'charge' AS subject_kind,
       c.contract_no || '/' || g.charge_no AS subject_id, g.paid_on AS law_day,
       g.paid_on AS on_day, COALESCE(g.ends_on, c.ends_on) AS ended_on, c.id AS contract_id,
       c.institution_id AS register_id, g.id AS charge_id, g.turn, c.contract_no, c.course_id, c.basis, g.lessons,
       0 AS gift_lessons, g.lessons AS total_lessons, COALESCE(g.lessons, c.lessons) AS most_lessons,
       c.lessons AS contract_lessons, g.begins_on AS starts_on, g.ends_on, g.span_months,
       COALESCE(g.span_months, c.span_months) AS most_months, g.lead_months, g.lead_months_up,
       g.amount_fen AS fee_fen, g.paid_on, c.renews, c.student
FROM institution_law AS i
JOIN charge AS g
  ON g.institution_id = i.register_id AND g.paid_on BETWEEN i.valid_from AND i.valid_to
JOIN contract AS c ON c.id = g.contract_id
WHERE c.payment = 'prepaid'
UNION ALL
SELECT i.institution_id, i.uscc, i.institution_name, i.district, i.supervised_from,
       i.subject, i.nature, i.custody, i.law_id,
       CASE WHEN e.charge_id = 0 THEN 'contract' ELSE 'charge' END AS subject_kind,
       CASE WHEN e.charge_id = 0 THEN c.contract_no ELSE c.contract_no || '/' || g.charge_no END
           AS subject_id,
       e.paid_on AS law_day, e.paid_on AS on_day, COALESCE(g.ends_on, c.ends_on) AS ended_on,
       c.id AS contract_id, c.institution_id AS register_id, e.charge_id, COALESCE(g.turn, 1) AS turn, c.contract_no, c.course_id,
       c.basis, CASE WHEN e.charge_id = 0 THEN c.lessons ELSE g.lessons END AS lessons,
       CASE WHEN e.charge_id = 0 THEN c.gift_lessons ELSE 0 END AS gift_lessons,
       CASE WHEN e.charge_id = 0 THEN c.total_lessons ELSE g.lessons END AS total_lessons,
       CASE WHEN e.charge_id = 0 THEN c.total_lessons ELSE COALESCE(g.lessons, c.lessons) END
           AS most_lessons,
       CASE WHEN e.charge_id = 0 THEN c.total_lessons ELSE c.lessons END AS contract_lessons,
       CASE WHEN e.charge_id = 0 THEN c.starts_on ELSE g.begins_on END AS starts_on,
       CASE WHEN e.charge_id = 0 THEN c.ends_on ELSE g.ends_on END AS ends_on,
       CASE WHEN e.charge_id = 0 THEN c.span_months ELSE g.span_months END AS span_months,
       COALESCE(g.span_months, c.span_months) AS most_months, e.lead_months, e.lead_months_up,
       COALESCE(g.amount_fen, c.fee_fen) AS fee_fen, e.paid_on, c.renews, c.student
FROM early_charge AS e
CROSS JOIN contract AS c
JOIN institution_law AS i
  ON i.register_id = e.register_id AND e.paid_on BETWEEN i.valid_from AND i.valid_to
LEFT JOIN charge AS g ON g.id = e.charge_id
-- few are charged early: SQLite begins with them where it is told to
WHERE c.id = e.contract_id
