-- 每份合同，连同课程和缴费日当地的政府指导价（无价、待确认的价为空）。
-- Contracts with their course and the guided price of place and day;
-- the price is empty where none is on file or the one on file is unconfirmed.
-- grain: contract_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject: 机构科类 / what the institution teaches, academic or another kind; text
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 合同编号 / the number of the contract; text
-- law_day, on_day: 缴费日 / the day of payment; day
-- ended_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- contract_id: 合同内部编号 / the row of the contract; key
-- contract_no: 合同编号 / the number of the contract; text
-- course_id: 课程编号 / the course of the contract; text
-- total_lessons: 总课时（含赠送） / lessons of the contract, gifts included; lessons; unknown: 合同未填课时 / the
--   contract states no lessons
-- fee_fen: 合同费用 / fee of the contract; fen
-- paid_on: 缴费日 / the day of payment; day
-- other_fee_fen: 另收的其他费用 / other fees; fen
-- price_per_lesson_fen: 课程每课时价格 / price of a lesson of the course; fen; unknown: 课程未登记或未填 / the
--   course is not on file or states none
-- course_title: 课程名称 / the title of the course; text; unknown: 课程未登记 / the course is not on file
-- stage: 学段 / the stage of the course; text; unknown: 课程未登记 / the course is not on file
-- mode: 授课方式：offline 线下，online 线上 / offline or online; text; unknown: 课程未登记 / the course is not on
--   file
-- class_size: 班额 / pupils of a class; count; unknown: 课程未登记或未填 / the course is not on file or
--   states none
-- lesson_minutes: 每课时分钟 / minutes of a lesson; minutes; unknown: 课程未登记或未填 / the course is not on
--   file or states none
-- price_fen: 政府指导价（标准班） / guided price of a standard lesson; fen; unknown: 当地当日无价，或待确认 / no price
--   of place and day, or unconfirmed
-- float_ppm: 允许上浮（百万分之） / allowed float; millionths; unknown: 无价 / no price
-- standard_minutes: 标准课时的分钟 / minutes of a standard lesson; minutes; unknown: 无价 / no price
-- place_name: 定价地区 / the place that sets the price; text; unknown: 无价 / no price
-- document: 定价文件的文号 / the document of the price; text; unknown: 无价 / no price
-- price_status: 该价状态：in_force、expired、unconfirmed / in_force, expired or unconfirmed; text;
--   unknown: 无价 / no price
-- price_from_day: 该价的首日 / first day of the price; day; unknown: 无价 / no price
-- price_document: 文号，未录的写明 / the document, said so where it has no number; text; unknown: 无价 / no
--   price
-- price_certainty: 该价核读程度 / how the price was read, V1 or V2; text; unknown: 无价 / no price
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
  ON c.institution_id = i.register_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
LEFT JOIN course AS k ON k.institution_id = c.institution_id AND k.course_id = c.course_id
LEFT JOIN price AS p
  ON p.district = i.district AND p.stage = k.stage AND p.mode = k.mode
 AND k.class_size BETWEEN p.class_from AND p.class_to
 AND c.paid_on BETWEEN p.from_day AND p.to_day
