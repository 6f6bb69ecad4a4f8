-- 每门课程，连同开课日（未填则截止日）当地的政府指导价。
-- Every course with the guided price of its place on its first day, or on as-of where none is given.
-- grain: institution_id, course_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject: 机构科类 / what the institution teaches, academic or another kind; text
-- subject_id: 课程编号 / the course; text
-- law_day, on_day: 课程首日，未填取截止日 / first day of the course, as-of where none is stated; day
-- ended_on: 课程末日 / last day of the course; day; unknown: 未填 / not stated
-- course_id: 课程编号 / the course; text
-- title: 课程名称 / the title of the course; text
-- plain_title: 去掉空格、间隔号、连字符的名称，词被它们隔开也能认出 / the title without spaces, dots and hyphens, by which
--   words are parted to hide them; text
-- discipline: 学科 / the discipline; text; unknown: 未填 / not stated
-- stage: 学段 / the stage; text; unknown: 未填 / not stated
-- mode: 授课方式：offline 线下，online 线上 / offline or online; text; unknown: 未填 / not stated
-- class_size: 班额 / pupils of a class; count; unknown: 未填 / not stated
-- lesson_minutes: 每课时分钟 / minutes of a lesson; minutes; unknown: 未填 / not stated
-- price_per_lesson_fen: 每课时价格 / price of a lesson; fen; unknown: 未填 / not stated
-- price_fen: 政府指导价（标准班） / guided price of a standard lesson; fen; unknown: 当地当日无价，或待确认 / no price
--   of place and day, or unconfirmed
-- float_ppm: 允许上浮（百万分之） / allowed float; millionths; unknown: 无价 / no price
-- standard_minutes: 标准课时的分钟 / minutes of a standard lesson; minutes; unknown: 无价 / no price
-- place_name: 定价地区 / the place that sets the price; text; unknown: 无价 / no price
-- document: 定价文件的文号 / the document of the price; text; unknown: 无价 / no price
-- price_from_day: 该价的首日 / first day of the price; day; unknown: 无价 / no price
-- price_certainty: 该价核读程度 / how the price was read, V1 or V2; text; unknown: 无价 / no price
-- price_status: 该价状态：in_force、expired、unconfirmed / in_force, expired or unconfirmed; text;
--   unknown: 无价 / no price
SELECT k.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.subject,
       k.course_id AS subject_id, COALESCE(k.starts_on, :as_of) AS law_day,
       COALESCE(k.starts_on, :as_of) AS on_day, k.ends_on AS ended_on, k.course_id,
       k.title,
       REPLACE(REPLACE(REPLACE(REPLACE(k.title, ' ', ''), '　', ''), '·', ''), '-', '')
           AS plain_title, k.discipline, k.stage, k.mode, k.class_size, k.lesson_minutes,
       k.price_per_lesson_fen, p.price_fen, p.float_ppm, p.standard_minutes, p.place_name,
       p.document, p.price_from_day, p.certainty AS price_certainty, p.status AS price_status
FROM scope AS s
JOIN course AS k ON k.institution_id = s.institution_id
JOIN institution AS o ON o.id = k.institution_id
JOIN institution_fact AS i
  ON i.institution_id = k.institution_id
 AND COALESCE(k.starts_on, :as_of) BETWEEN i.valid_from AND i.valid_to
LEFT JOIN price AS p
  ON p.district = i.district AND p.stage = k.stage AND p.mode = k.mode
 AND k.class_size BETWEEN p.class_from AND p.class_to
 AND COALESCE(k.starts_on, :as_of) BETWEEN p.from_day AND p.to_day
