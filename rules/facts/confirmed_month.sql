-- 每家机构每月确认的课时，其中因超时视为确认的课时。
-- Lessons confirmed by institution and month, and how many of them by silence.
-- grain: institution_id, month
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- subject_id: 信用代码/月份 / credit code/month; text
-- law_day, on_day, ended_on: 当月末日 / last day of the month; day
-- month: 月份 / the calendar month, YYYY-MM; text
-- lessons: 当月确认的课时 / lessons confirmed in the month; lessons
-- silent_lessons: 其中超时视为确认的 / those of them confirmed by silence; lessons
WITH confirmed AS (
    -- 每日确认的课时 / lessons confirmed by day
    SELECT s.institution_id, COALESCE(l.confirmed_on, l.held_on) AS day,
           SUM(l.lessons) AS lessons,
           SUM(CASE WHEN l.confirmed_by = 'silence' THEN l.lessons ELSE 0 END) AS silent_lessons
    FROM tenure AS s
    JOIN lesson AS l
      ON l.institution_id = s.register_id
     AND COALESCE(l.confirmed_on, l.held_on) BETWEEN s.from_day AND s.to_day
    WHERE l.confirmed_by IS NOT NULL AND COALESCE(l.confirmed_on, l.held_on) <= :as_of
    GROUP BY s.institution_id, COALESCE(l.confirmed_on, l.held_on)
),
monthly AS (
    -- 按月合计 / added up by month
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
