-- 续费合同及被续合同在缴费当日(含当日消课)的剩余课时;缴费日不在消课覆盖期内时未知。
-- Renewals with the lessons left on the renewed contract on the day of payment, after that day's
-- lessons; unknown where the day is outside the coverage of lessons.
-- grain: contract_id
SELECT c.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       c.contract_no AS subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.contract_id, c.contract_no, c.course_id, c.basis, c.fee_fen,
       c.starts_on, c.paid_on, c.lead_months_up, c.renews, p.total_lessons AS renewed_lessons,
       CASE WHEN EXISTS (SELECT 1 FROM coverage AS v
                         WHERE v.institution_id = c.institution_id AND v.register = 'lessons'
                           AND c.paid_on BETWEEN v.from_day AND v.to_day)
            THEN p.total_lessons - COALESCE(
                (SELECT CAST(SUM(l.lessons) AS BIGINT) FROM lesson AS l
                 WHERE l.contract_id = p.id AND l.held_on <= c.paid_on), 0)
       END AS lessons_left
FROM prepaid_contract AS c
JOIN institution AS o ON o.id = c.institution_id
JOIN institution_fact AS i
  ON i.institution_id = c.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
LEFT JOIN contract AS p
  ON p.institution_id = c.institution_id AND p.contract_no = c.renews
WHERE c.renews IS NOT NULL
