-- 承继来的合同，承继以前的每笔预收费（见 prepaid_charge），连同缴费日持有合同的机构当时的规定。
-- Of contracts that moved to an institution each charge of prepaid money from before (see
-- prepaid_charge), with the law in force on the day of payment at the institution that held them.
-- grain: institution_id, contract_id, charge_id, law_id
-- institution_id: 承继的机构 / the institution to which the contract moved; key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- held_from: 承继的机构持有的首日 / the first day on which that institution holds it; day
-- held_to: 承继的机构持有的末日 / the last day on which it does; day
-- subject: 缴费时机构的科类 / what the institution of the day of payment teaches, academic or another kind; text
-- law_id: 适用的规定 / the law in force there on that day; key
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- course_id: 课程编号 / the course of the contract; text
-- student: 学员标识 / the token of the student; text
-- basis: 收费方式：hours 课时，period 周期，both 两者 / how it is charged: hours, period or both; text
-- total_lessons: 该次课时，合同本身为一次的含赠送 / lessons of the charge, gifts included where it is the contract;
--   lessons; unknown: 未填 / not stated
-- most_lessons: 至多的课时：未填的不超过合同课时 / lessons at most: where the charge states none, those of its contract;
--   lessons; unknown: 合同也未填 / the contract states none either
-- contract_lessons: 合同课时 / lessons of the contract, gifts included where it is its own charge; lessons;
--   unknown: 合同未填 / the contract states none
-- span_months: 跨度：开课至结课满几个月 / full months from the first to the last day; months; unknown: 未填起止日
--   / both days are not stated
-- most_months: 至多的跨度：未填的不超过合同的 / the span at most: where the charge states none, that of its contract;
--   months; unknown: 合同也未填 / the contract states none either
-- ended_on: 该次费用所购课程的末日，未填的取合同的 / the last day its money buys, else the contract's; day; unknown:
--   未填 / not stated
-- fee_fen: 该次金额 / the money of the charge; fen
-- paid_on: 缴费日 / the day of payment; day
-- renews: 被续合同的编号 / the number of the contract it renews; text; unknown: 不是续费 / it is no renewal
SELECT t.institution_id, p.register_id, t.from_day AS held_from, t.to_day AS held_to, i.subject,
       l.law_id, p.contract_id, p.charge_id, p.course_id, c.student, p.basis,
       CASE WHEN p.charge_id = 0 THEN c.total_lessons ELSE g.lessons END AS total_lessons,
       CASE WHEN p.charge_id = 0 THEN c.total_lessons ELSE COALESCE(g.lessons, c.lessons) END
           AS most_lessons,
       CASE WHEN p.charge_id = 0 THEN c.total_lessons ELSE c.lessons END AS contract_lessons,
       CASE WHEN p.charge_id = 0 THEN c.span_months ELSE g.span_months END AS span_months,
       COALESCE(g.span_months, c.span_months) AS most_months, p.ends_on AS ended_on, p.fee_fen,
       p.paid_on, p.renews
FROM tenure AS t
JOIN holder AS h ON h.register_id = t.register_id AND h.to_day < t.from_day
JOIN prepaid_charge AS p
  ON p.register_id = h.register_id AND p.paid_on BETWEEN h.from_day AND h.to_day
JOIN contract AS c ON c.id = p.contract_id
LEFT JOIN charge AS g ON g.id = p.charge_id
JOIN institution_fact AS i
  ON i.institution_id = h.institution_id AND p.paid_on BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND p.paid_on BETWEEN l.from_day AND l.to_day
