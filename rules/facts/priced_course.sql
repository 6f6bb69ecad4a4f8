-- 每门课程,连同开课日(未填则截止日)当地的政府指导价。
-- Every course with the guided price of its place on its first day, or on as-of where none is given;
-- plain_title: the title without spaces, dots and hyphens, by which words are parted to hide them.
-- grain: institution_id, course_id
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
