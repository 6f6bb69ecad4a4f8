-- 每家机构每月确认的课时,其中因超时视为确认的课时。
-- Lessons confirmed by institution and month, and how many of them by silence.
-- grain: institution_id, month
WITH confirmed AS (
    SELECT l.institution_id, COALESCE(l.confirmed_on, l.held_on) AS day,
           SUM(l.lessons) AS lessons,
           SUM(CASE WHEN l.confirmed_by = 'silence' THEN l.lessons ELSE 0 END) AS silent_lessons
    FROM scope AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    WHERE l.confirmed_by IS NOT NULL AND COALESCE(l.confirmed_on, l.held_on) <= :as_of
    GROUP BY l.institution_id, COALESCE(l.confirmed_on, l.held_on)
),
monthly AS (
    SELECT c.institution_id, n.month, n.to_day, CAST(SUM(c.lessons) AS BIGINT) AS lessons,
           CAST(SUM(c.silent_lessons) AS BIGINT) AS silent_lessons
    FROM confirmed AS c
    JOIN calendar_day AS k ON k.day = c.day
    JOIN calendar_month AS n ON n.month_no = k.month_no
    GROUP BY c.institution_id, n.month, n.to_day
)
SELECT m.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.custody, o.uscc || '/' || m.month AS subject_id,
       m.to_day AS law_day, m.to_day AS on_day, m.to_day AS ended_on,
       m.month, m.lessons, m.silent_lessons
FROM monthly AS m
JOIN institution AS o ON o.id = m.institution_id
JOIN institution_fact AS i
  ON i.institution_id = m.institution_id AND m.to_day BETWEEN i.valid_from AND i.valid_to
