-- 每家机构自起点起每个有变动的日子：划出，以及同步消课、按天数、分期、完成后可划出的各项。
-- Per institution and day from its start on which anything moves: what was released, and what became releasable in step with
-- lessons, by days, by instalments and at completion.
-- grain: institution_id, day
-- carries: released_fen, consumed_fen, unknown_fen, by_days_fen, instalment_fen, completion_fen, due_estimated_fen
-- institution_id: 机构内部编号 / the row of the institution; key
-- day: 日子 / the day; day
-- released_fen: 当日划出 / what was released on the day; fen
-- has_release: 当日是否有划出 / whether there is a release on the day; flag
-- consumed_fen: 当日消课金额（同步划出的合同） / what lessons of the day consume of contracts released in step; fen
-- unknown_fen: 当日起消课金额不明的合同费用 / fees of contracts unknown from that day on; fen
-- by_days_fen: 当日停止的按天数合同至此消课的金额 / what contracts by days have consumed that stop on the day; fen
-- instalment_fen: 当日到期的分期 / instalments due on the day; fen
-- completion_fen: 当日可划出的完成后余款 / what may be released at completion from the day on; fen
-- due_estimated_fen: 其中按日历估算的 / what of both is an estimate by the calendar; fen
SELECT m.institution_id, m.day, CAST(SUM(m.released_fen) AS BIGINT) AS released_fen,
       MAX(m.has_release) AS has_release, CAST(SUM(m.consumed_fen) AS BIGINT) AS consumed_fen,
       CAST(SUM(m.unknown_fen) AS BIGINT) AS unknown_fen,
       CAST(SUM(m.by_days_fen) AS BIGINT) AS by_days_fen,
       CAST(SUM(m.instalment_fen) AS BIGINT) AS instalment_fen,
       CAST(SUM(m.completion_fen) AS BIGINT) AS completion_fen,
       CAST(SUM(m.due_estimated_fen) AS BIGINT) AS due_estimated_fen
FROM (
    -- 划出、消课、按天数、分期，各占一列 / releases, lessons, days and instalments, a column each
    SELECT institution_id, day, released_fen, has_release, 0 AS consumed_fen, 0 AS unknown_fen,
           0 AS by_days_fen, 0 AS instalment_fen, 0 AS completion_fen, 0 AS due_estimated_fen
    FROM release_flow
    UNION ALL
    SELECT institution_id, day, 0, 0, consumed_fen, 0, 0, 0, 0, 0 FROM lessons_consumed
    UNION ALL
    -- from its first lesson on, what a contract that states no lessons consumes is unknown
    SELECT v.institution_id, MIN(v.day), 0, 0, 0, v.fee_fen, 0, 0, 0, 0
    FROM lesson_value AS v
    JOIN supervision_start AS b ON b.institution_id = v.institution_id AND v.day >= b.start_on
    WHERE v.total_lessons IS NULL
    GROUP BY v.institution_id, v.contract_id, v.fee_fen
    HAVING MIN(v.day) >= :since
    UNION ALL
    -- on its last day a contract by days is consumed to the end, unless it was settled before
    SELECT institution_id, stops_on, 0, 0, 0, 0, stopped_fen - before_fen, 0, 0, 0
    FROM contract_by_days
    WHERE stops_on >= starts_on AND stops_on >= start_on AND stops_on >= :since
    UNION ALL
    SELECT institution_id, unknown_on, 0, 0, 0, fee_fen, 0, 0, 0, 0
    FROM contract_by_days WHERE unknown_on >= :since
    UNION ALL
    SELECT t.institution_id, n.day, 0, 0, 0, 0, 0, n.fen * n.is_in_parts,
           n.fen * (1 - n.is_in_parts), n.fen * n.is_estimated
    FROM instalment_due AS n
    JOIN tenure AS t ON t.register_id = n.register_id AND n.day BETWEEN t.from_day AND t.to_day
    JOIN supervision_start AS b ON b.institution_id = t.institution_id AND n.day >= b.start_on
    WHERE n.day >= :since
    UNION ALL
    -- what was added up before the first day that is looked at
    SELECT c.institution_id, :since - 1,
           SUM(CASE WHEN c.name = 'released_fen' THEN c.amount ELSE 0 END), 0,
           SUM(CASE WHEN c.name = 'consumed_fen' THEN c.amount ELSE 0 END),
           SUM(CASE WHEN c.name = 'unknown_fen' THEN c.amount ELSE 0 END),
           SUM(CASE WHEN c.name = 'by_days_fen' THEN c.amount ELSE 0 END),
           SUM(CASE WHEN c.name = 'instalment_fen' THEN c.amount ELSE 0 END),
           SUM(CASE WHEN c.name = 'completion_fen' THEN c.amount ELSE 0 END),
           SUM(CASE WHEN c.name = 'due_estimated_fen' THEN c.amount ELSE 0 END)
    FROM carried AS c
    GROUP BY c.institution_id
) AS m
GROUP BY m.institution_id, m.day
