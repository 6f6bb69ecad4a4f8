-- 每个收费专用账户每周（周一至周日）的收款与此前 12 周合计；此前不足 12 个已覆盖周时未知。
-- Receipts of each fee account by week (Monday to Sunday) and of the twelve weeks before; unknown
-- where those weeks are not covered. Day 3 of the day numbers is a Sunday.
-- grain: account_id, sunday
-- reach: 0
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 账号/日子 / account/day; text
-- law_day, on_day, ended_on: 该周周日 / the Sunday of the week; day
-- account_id: 账户内部编号 / the row of the account; key
-- account_no: 账号 / the number of the account; text
-- sunday: 该周周日 / the Sunday of the week; day
-- week_fen: 该周收款 / receipts of the week; fen
-- before_fen: 此前 12 周收款 / receipts of the twelve weeks before; fen; unknown: 流水未覆盖这些周 / statements
--   do not cover those weeks
WITH weekly AS (
    -- 按周合计，记在周日 / added up by week, told by its Sunday
    SELECT e.account_id, e.institution_id, 7 * floor_div(e.booked_on + 3, 7) + 3 AS sunday,
           CAST(SUM(e.amount_fen) AS BIGINT) AS fen
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id AND e.booked_on >= :since - 91
    WHERE e.merged_into IS NULL AND e.kind = 'receipt' AND e.booked_on <= :as_of
    GROUP BY e.account_id, e.institution_id, 7 * floor_div(e.booked_on + 3, 7) + 3
),
moving AS (
    -- 前 12 周之和 / those of the twelve weeks before
    SELECT account_id, institution_id, sunday, fen,
           CAST(SUM(fen) OVER (PARTITION BY account_id ORDER BY sunday
                               RANGE BETWEEN 84 PRECEDING AND 7 PRECEDING) AS BIGINT) AS before_fen
    FROM weekly
)
SELECT w.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       day_subject(a.account_no, w.sunday) AS subject_id,
       w.sunday AS law_day, w.sunday AS on_day, w.sunday AS ended_on,
       a.id AS account_id, a.account_no, w.sunday, w.fen AS week_fen,
       CASE WHEN EXISTS (SELECT 1 FROM account_coverage AS v
                         WHERE v.account_id = w.account_id AND v.from_day <= w.sunday - 90
                           AND v.to_day >= w.sunday - 7)
            THEN COALESCE(w.before_fen, 0) END AS before_fen
FROM moving AS w
JOIN account AS a ON a.id = w.account_id
JOIN institution AS o ON o.id = w.institution_id
JOIN institution_fact AS i
  ON i.institution_id = w.institution_id AND w.sunday BETWEEN i.valid_from AND i.valid_to
