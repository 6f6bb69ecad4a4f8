-- 专用账户、保证金账户的 7 日划出合计与窗口前余额；连续超限的日子只留第一天。
-- Outflows of fee and deposit accounts over seven days against the balance before them; of a run
-- of days over the limit only the first stands.
-- grain: account_id, day, law_id
-- reach: 31
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 账号/日子 / account/day; text
-- law_day, on_day, ended_on: 窗口末日 / last of the seven days; day
-- account_id: 账户内部编号 / the row of the account; key
-- account_no: 账号 / the number of the account; text
-- day: 窗口末日 / last of the seven days; day
-- out_fen: 7 日划出合计 / outflows of the seven days; fen
-- before_fen: 窗口前余额 / the balance before them; fen; unknown: 划出合计未超界限，或没有流水覆盖 / the sum is not over
--   the limit, or no statement covers that day
-- ahead_fen: 已划出超过可划出的金额 / what was released ahead of what may be; fen; unknown: 未超限，或当日无可划出金额 /
--   not over the limit, or what may be released is unknown that day
-- releasable_fen: 累计可划出 / what may be released in all; fen; unknown: 同前一列 / as the column before
SELECT w.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       l.law_id, day_subject(a.account_no, w.day) AS subject_id,
       w.day AS law_day, w.day AS on_day, w.day AS ended_on,
       a.id AS account_id, a.account_no, w.day, w.out_fen, r.before_fen,
       y.released_fen - y.releasable_fen AS ahead_fen, y.releasable_fen
FROM seven_day_outflow AS w
JOIN account AS a ON a.id = w.account_id
JOIN institution AS o ON o.id = w.institution_id
JOIN institution_fact AS i
  ON i.institution_id = w.institution_id AND w.day BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND w.day BETWEEN l.from_day AND l.to_day
LEFT JOIN large_outflow AS r
  ON r.account_id = w.account_id AND r.day = w.day AND r.law_id = l.law_id
LEFT JOIN release_day AS y
  ON r.is_over = 1 AND y.institution_id = w.institution_id AND y.on_day = w.day
 AND y.custody IN ('bank_custody', 'both') AND y.has_lessons = 1 AND y.is_covered = 1
WHERE r.account_id IS NULL OR r.is_over = 0 OR r.earlier_on IS NULL OR w.day - r.earlier_on > 6
