-- 7 日划出合计超过界限的窗口。
-- Windows of seven days whose outflows are over the limit.
-- grain: account_id, day, law_id
-- account_id: 账户内部编号 / the row of the account; key
-- day: 窗口末日 / last of the seven days; day
-- law_id: 适用的规定 / the law in force there on that day; key
-- out_fen: 7 日划出合计 / outflows of the seven days; fen
-- out_large_share: 占窗口前余额的界限 / the limit as a share of the balance before them; millionths
SELECT w.account_id, w.day, l.law_id, w.out_fen, l.out_large_share
FROM seven_day_outflow AS w
JOIN institution_fact AS i
  ON i.institution_id = w.institution_id AND w.day BETWEEN i.valid_from AND i.valid_to
JOIN law AS l ON l.district = i.district AND w.day BETWEEN l.from_day AND l.to_day
WHERE w.out_fen > l.out_large_fen
