-- 每份合同,连同课程和缴费日当地的政府指导价(无价、待确认的价为空)。
-- Contracts with their course and the guided price of place and day;
-- the price is empty where none is on file or the one on file is unconfirmed.
-- grain: contract_id, law_id
SELECT i.institution_id, i.uscc, i.institution_name, i.district, i.supervised_from,
       i.subject, i.law_id,
       c.contract_no AS subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.id AS contract_id, c.contract_no, c.course_id, c.total_lessons,
       c.fee_fen, c.paid_on, COALESCE(c.other_fee_fen, 0) AS other_fee_fen,
       k.price_per_lesson_fen, k.title AS course_title, k.stage, k.mode, k.class_size,
       k.lesson_minutes, p.price_fen, p.float_ppm, p.standard_minutes, p.place_name, p.document,
       p.status AS price_status,
       p.price_from_day,
       CASE WHEN p.document = '' THEN '文号未录/no number on file' ELSE p.document END
           AS price_document, p.certainty AS price_certainty
FROM institution_law AS i
JOIN contract AS c
  ON c.institution_id = i.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
LEFT JOIN course AS k ON k.institution_id = c.institution_id AND k.course_id = c.course_id
LEFT JOIN price AS p
  ON p.district = i.district AND p.stage = k.stage AND p.mode = k.mode
 AND k.class_size BETWEEN p.class_from AND p.class_to
 AND c.paid_on BETWEEN p.from_day AND p.to_day
