-- 按当地拨付办法(缴费日的规定)分期或完成后划出的预付费合同,及各期金额。
-- Prepaid contracts whose money is released by the schedule of the place on the day they were paid,
-- not in step with lessons: at which part of the contract how much may be released in all.
-- grain: contract_id
SELECT c.contract_id, c.institution_id, c.basis, c.total_lessons, c.starts_on, c.ends_on,
       law.release_first_at AS first_at, law.release_second_at AS second_at,
       law.release_wait_working_days AS wait_days,
       half_up(c.fee_fen * law.release_first_share, 1000000) AS first_fen,
       half_up(c.fee_fen * larger(law.release_first_share, law.release_second_share), 1000000)
           AS second_fen,
       c.fee_fen
FROM law
JOIN institution_fact AS i ON i.district = law.district
JOIN prepaid_contract AS c
  ON c.institution_id = i.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
 AND c.paid_on BETWEEN law.from_day AND law.to_day
WHERE law.is_release_in_step = 0
