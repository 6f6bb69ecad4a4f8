-- 每个收费专用账户每周(周一至周日)的收款与此前 12 周合计;此前不足 12 个已覆盖周时未知。
-- Receipts of each fee account by week (Monday to Sunday) and of the twelve weeks before; unknown
-- where those weeks are not covered. Day 3 of the day numbers is a Sunday.
-- grain: account_id, sunday
WITH weekly AS (
    SELECT e.account_id, e.institution_id, 7 * floor_div(e.booked_on + 3, 7) + 3 AS sunday,
           CAST(SUM(e.amount_fen) AS BIGINT) AS fen
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind = 'receipt' AND e.booked_on <= :as_of
    GROUP BY e.account_id, e.institution_id, 7 * floor_div(e.booked_on + 3, 7) + 3
)
SELECT w.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.account_no || '/{' || CAST(w.sunday AS TEXT) || '}' AS subject_id,
       w.sunday AS law_day, w.sunday AS on_day, w.sunday AS ended_on,
       a.id AS account_id, a.account_no, w.sunday, w.fen AS week_fen,
       CASE WHEN EXISTS (SELECT 1 FROM account_coverage AS v
                         WHERE v.account_id = w.account_id AND v.from_day <= w.sunday - 90
                           AND v.to_day >= w.sunday - 7)
            THEN (SELECT CAST(COALESCE(SUM(b.fen), 0) AS BIGINT) FROM weekly AS b
                  WHERE b.account_id = w.account_id
                    AND b.sunday BETWEEN w.sunday - 84 AND w.sunday - 7)
       END AS before_fen
FROM weekly AS w
JOIN account AS a ON a.id = w.account_id
JOIN institution AS o ON o.id = w.institution_id
JOIN institution_fact AS i
  ON i.institution_id = w.institution_id AND w.sunday BETWEEN i.valid_from AND i.valid_to
