-- 每个有划出的日子：自起点累计已划出与累计可划出（同步消课，或按缴费日当地办法分期、完成后划出）。
-- Every day with a release: money released and money that may be, both added up from the start of
-- the institution. What may be released is the value consumed, or what the schedule of the place on
-- the day the contract was paid gives; unknown_fen: fees of contracts whose consumption is unknown.
-- grain: institution_id, on_day
-- reach: 31
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- subject_id: 信用代码/日子 / credit code/day; text
-- law_day, on_day, ended_on: 有划出的日子 / the day with a release; day
-- released_fen: 累计已划出 / released in all; fen
-- in_step_fen: 同步消课可划出的累计 / consumed of contracts released in step; fen
-- instalment_fen: 分期可划出的累计 / instalments due before completion; fen
-- completion_fen: 完成后可划出的累计 / money due at completion alone; fen
-- releasable_fen: 累计可划出：以上三项之和 / what may be released: these three together; fen
-- estimated_fen: 其中按日历估算的 / what of it is an estimate by the calendar; fen
-- unknown_fen: 消课金额不明的合同费用 / fees of contracts whose consumption is unknown; fen
-- has_lessons: 机构是否有消课记录 / whether the institution has lessons on file; flag
-- is_covered: 当日是否在消课覆盖期内，承继来的合同看原机构的 / whether lessons cover the day, of contracts that moved those of
--   the institution before; flag
WITH running AS (
    -- 逐日累计，同日的都计入 / added up day by day, all that moves on a day with it
    SELECT institution_id, day, has_release,
           SUM(released_fen) OVER (PARTITION BY institution_id ORDER BY day) AS released_fen,
           SUM(consumed_fen) OVER (PARTITION BY institution_id ORDER BY day) AS consumed_fen,
           SUM(unknown_fen) OVER (PARTITION BY institution_id ORDER BY day) AS unknown_fen,
           SUM(by_days_fen) OVER (PARTITION BY institution_id ORDER BY day) AS by_days_fen,
           SUM(instalment_fen) OVER (PARTITION BY institution_id ORDER BY day) AS instalment_fen,
           SUM(completion_fen) OVER (PARTITION BY institution_id ORDER BY day) AS completion_fen,
           SUM(due_estimated_fen) OVER (PARTITION BY institution_id ORDER BY day)
               AS due_estimated_fen
    FROM release_moved
),
released AS (
    -- 有划出的日子，两者相加 / days with a release, both together
    SELECT r.institution_id, r.day, CAST(r.released_fen AS BIGINT) AS released_fen,
           CAST(r.consumed_fen + r.by_days_fen + COALESCE(d.fen, 0) AS BIGINT) AS in_step_fen,
           CAST(r.instalment_fen AS BIGINT) AS instalment_fen,
           CAST(r.completion_fen AS BIGINT) AS completion_fen,
           CAST(r.by_days_fen + r.due_estimated_fen + COALESCE(d.fen, 0) AS BIGINT)
               AS estimated_fen,
           CAST(r.unknown_fen AS BIGINT) AS unknown_fen
    FROM running AS r
    LEFT JOIN running_by_days AS d ON d.institution_id = r.institution_id AND d.day = r.day
    WHERE r.has_release = 1
)
SELECT r.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       i.custody, day_subject(o.uscc, r.day) AS subject_id,
       r.day AS law_day, r.day AS on_day, r.day AS ended_on,
       r.released_fen, r.in_step_fen, r.instalment_fen, r.completion_fen,
       r.in_step_fen + r.instalment_fen + r.completion_fen AS releasable_fen,
       r.estimated_fen, r.unknown_fen,
       CASE WHEN h.from_day <= r.day THEN 1 ELSE 0 END AS has_lessons,
       CASE WHEN u.day IS NULL THEN 1 ELSE 0 END AS is_covered
FROM released AS r
JOIN institution AS o ON o.id = r.institution_id
JOIN institution_fact AS i
  ON i.institution_id = r.institution_id AND r.day BETWEEN i.valid_from AND i.valid_to
LEFT JOIN taught_register AS h ON h.institution_id = r.institution_id
LEFT JOIN uncovered_release AS u ON u.institution_id = r.institution_id AND u.day = r.day
