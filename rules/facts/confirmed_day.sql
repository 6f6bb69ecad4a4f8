-- 每家机构每日确认的课时、此前 30 日合计，以及其后 3 日内是否有划出。
-- Lessons confirmed by institution and day, those of the 30 days before, and releases after it.
-- grain: institution_id, day
-- reach: 3
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- subject_id: 信用代码/日子 / credit code/day; text
-- law_day, on_day, ended_on: 确认课时的日子 / the day on which lessons were confirmed; day
-- day: 确认课时的日子 / the day on which lessons were confirmed; day
-- lessons: 当日确认的课时 / lessons confirmed on the day; lessons
-- before_lessons: 此前 30 日确认的课时 / lessons confirmed in the 30 days before; lessons; unknown:
--   这些日子不全在消课覆盖期内 / not all of those days are covered by lessons
-- releases: 当日及其后 3 日内的划出笔数 / releases on the day and the three days after it; count
WITH daily AS (
    -- 每日确认的课时 / lessons confirmed by day
    SELECT s.institution_id, COALESCE(l.confirmed_on, l.held_on) AS day,
           CAST(SUM(l.lessons) AS BIGINT) AS lessons
    FROM tenure AS s
    JOIN lesson AS l
      ON l.institution_id = s.register_id
     AND COALESCE(l.confirmed_on, l.held_on) BETWEEN s.from_day AND s.to_day
    WHERE COALESCE(l.confirmed_on, l.held_on) BETWEEN :since - 30 AND :as_of
    GROUP BY s.institution_id, COALESCE(l.confirmed_on, l.held_on)
),
moving AS (
    -- 此前 30 日之和 / those of the thirty days before
    SELECT institution_id, day, lessons,
           CAST(SUM(lessons) OVER (PARTITION BY institution_id ORDER BY day
                                   RANGE BETWEEN 30 PRECEDING AND 1 PRECEDING) AS BIGINT)
               AS before_lessons
    FROM daily
)
SELECT d.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.custody, day_subject(o.uscc, d.day) AS subject_id,
       d.day AS law_day, d.day AS on_day, d.day AS ended_on, d.day, d.lessons,
       CASE WHEN EXISTS (SELECT 1 FROM coverage AS v
                         WHERE v.institution_id = d.institution_id AND v.register = 'lessons'
                           AND v.from_day <= d.day - 30 AND v.to_day >= d.day - 1)
            THEN COALESCE(d.before_lessons, 0) END AS before_lessons,
       (SELECT COUNT(*) FROM entry AS e
        WHERE e.institution_id = d.institution_id AND e.kind = 'release'
          AND e.merged_into IS NULL AND e.booked_on BETWEEN d.day AND d.day + 3
          AND e.booked_on <= :as_of) AS releases
FROM moving AS d
JOIN institution AS o ON o.id = d.institution_id
JOIN institution_fact AS i
  ON i.institution_id = d.institution_id AND d.day BETWEEN i.valid_from AND i.valid_to
