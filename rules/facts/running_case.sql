-- 每个定有整改期限的案件：期限、截止日已过的工作日、是否仍待整改；无主账户的案件归本机关。
-- Every case with a deadline: working days past it at as-of, and whether it is still unsettled.
-- Cases over accounts on no register belong to no institution.
-- grain: case_no
-- institution_id, uscc, institution_name, district: 机构；无主账户的案件归本机关，名称为空 / the institution, or the
--   office without a name for accounts on no register; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 案件编号 / the number of the case; text
-- law_day, on_day: 整改期限 / the deadline; day
-- ended_on: 不了结：是一种状态 / none: a state does not end; day; unknown: 总是 / always
-- case_no: 案件编号 / the number of the case; text
-- deadline: 整改期限 / the deadline; day
-- state: 案件状态 / the state of the case; text
-- is_settled: 是否已了结 / whether nothing is to be done any more; flag
-- days_past: 截止日已过的工作日 / working days past it at as-of; working_days; unknown: 日历未及 / beyond the
--   calendar
-- overdue_on: 逾期的第一个工作日 / the first working day past it; day; unknown: 日历未及 / beyond the calendar
SELECT s.institution_id, c.uscc, COALESCE(i.name, '') AS institution_name, c.district,
       i.supervised_from, c.number AS subject_id, c.deadline AS law_day, c.deadline AS on_day,
       CAST(NULL AS BIGINT) AS ended_on, c.number AS case_no, c.deadline, c.state,
       CASE WHEN c.state IN ('closed', 'rechecked', 'dismissed', 'transferred') THEN 1 ELSE 0 END AS is_settled,
       t.workday_no - d.workday_no AS days_past,
       (SELECT MIN(n.day) FROM calendar_day AS n WHERE n.day > c.deadline AND n.is_off = 0)
           AS overdue_on
FROM scope AS s
JOIN case_file AS c ON COALESCE(c.institution_id, 0) = s.institution_id
LEFT JOIN institution_fact AS i
  ON i.institution_id = c.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
LEFT JOIN calendar_day AS d ON d.day = c.deadline
LEFT JOIN calendar_day AS t ON t.day = :as_of
WHERE c.deadline IS NOT NULL
