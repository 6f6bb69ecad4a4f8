-- 续费合同的每笔预收费（见 prepaid_charge），及被续合同在缴费当日（含当日消课）的剩余课时；缴费日不在消课覆盖期内时未知。
-- Every charge of renewals (see prepaid_charge) with the lessons left on the renewed contract on the day of payment, after that day's
-- lessons; unknown where the day is outside the coverage of lessons.
-- grain: contract_id, charge_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_kind: 对象：charge 一次收费，contract 合同本身 / the kind of subject: charge, or contract; text
-- subject_id: 合同编号，分次收费的加序号 / the number of the contract, with that of the charge where there are charges;
--   text
-- law_day, on_day: 缴费日 / the day of payment; day
-- ended_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- turn: 第几次收费，按应缴日期 / which of the contract's charges, by the day due; count
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- basis: 收费方式：hours 课时，period 周期，both 两者 / how it is charged: hours, period or both; text
-- fee_fen: 该次金额 / the money of the charge; fen
-- starts_on: 该次费用所购课程的首日；首次收费未填的取合同的 / the first day its money buys, of the first charge else the
--   contract's; day; unknown: 未填 / not stated
-- paid_on: 缴费日 / the day of payment; day
-- lead_months_up: 同上，不满一个月的按一个月计 / the same, a part of a month counted as one; months; unknown: 同上
--   / as before
-- renews: 被续合同的编号 / the number of the contract it renews; text
-- renewed_lessons: 被续合同的总课时 / lessons of the renewed contract; lessons; unknown: 被续合同未登记或未填 / it is
--   not on file or states none
-- lessons_left: 被续合同缴费当日剩余课时 / lessons left on it after that day; lessons; unknown:
--   缴费日不在消课覆盖期内，或总课时不明 / the day is outside the coverage of lessons, or its lessons are unknown
SELECT t.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       c.subject_kind, c.subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.contract_id, c.charge_id, c.turn, c.contract_no, c.course_id, c.basis, c.fee_fen,
       c.starts_on, c.paid_on, c.lead_months_up, c.renews, p.total_lessons AS renewed_lessons,
       CASE WHEN EXISTS (SELECT 1 FROM coverage AS v
                         WHERE v.institution_id = c.register_id AND v.register = 'lessons'
                           AND c.paid_on BETWEEN v.from_day AND v.to_day)
            THEN p.total_lessons - COALESCE(
                (SELECT CAST(SUM(l.lessons) AS BIGINT) FROM lesson AS l
                 WHERE l.contract_id = p.id AND l.held_on <= c.paid_on), 0)
       END AS lessons_left
FROM prepaid_charge AS c
JOIN tenure AS t
  ON t.register_id = c.register_id AND c.paid_on BETWEEN t.from_day AND t.to_day
JOIN institution AS o ON o.id = t.institution_id
JOIN institution_fact AS i
  ON i.institution_id = t.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
LEFT JOIN contract AS p
  ON p.institution_id = c.register_id AND p.contract_no = c.renews
WHERE c.renews IS NOT NULL
