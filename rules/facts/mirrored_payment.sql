-- 数日内同额一出一进的两笔（大额，退费、冲正、内部划转除外）；对方户名缺失时未知。
-- An outflow and an inflow of one amount within days of each other; the later entry is the subject,
-- of one day that of the later account number, of one account the later one on its statements: never
-- the one whose file came later.
-- grain: entry_id
-- reach: 0
-- bounds: self_days <= 31
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 账号/日子/金额/序号 / account/day/amount/number; text
-- law_day, on_day, ended_on: 记账日 / the day on which it was booked; day
-- law_id: 适用的规定 / the law in force there on that day; key
-- entry_id: 流水内部编号 / the row of the entry; key
-- booked_on: 记账日 / the day on which it was booked; day
-- amount_fen: 金额 / the amount; fen
-- party: 后一笔的对方户名 / the counterparty of the later entry; text; unknown: 缺失 / missing
-- is_same_party: 两笔是否同一对方 / whether both have one counterparty; flag; unknown: 有一笔的对方缺失或被遮盖 / a
--   counterparty is missing or masked
WITH pair AS (
    -- 同额一出一进的两笔，取后一笔 / pairs of one amount, told by the later entry
    SELECT CASE WHEN b.booked_on <> a.booked_on
                THEN CASE WHEN b.booked_on > a.booked_on THEN b.entry_id ELSE a.entry_id END
                WHEN b.account_no <> a.account_no
                THEN CASE WHEN b.account_no > a.account_no THEN b.entry_id ELSE a.entry_id END
                WHEN q.from_day <> p.from_day
                THEN CASE WHEN q.from_day > p.from_day THEN b.entry_id ELSE a.entry_id END
                WHEN q.to_day <> p.to_day
                THEN CASE WHEN q.to_day > p.to_day THEN b.entry_id ELSE a.entry_id END
                WHEN q.file_sha256 <> p.file_sha256
                THEN CASE WHEN q.file_sha256 > p.file_sha256 THEN b.entry_id ELSE a.entry_id END
                WHEN q.n <> p.n THEN CASE WHEN q.n > p.n THEN b.entry_id ELSE a.entry_id END
                WHEN b.seq > a.seq THEN b.entry_id ELSE a.entry_id END AS entry_id,
           l.law_id,
           CASE WHEN a.party IS NULL OR b.party IS NULL THEN NULL
                WHEN a.party = b.party THEN 1 ELSE 0 END AS is_same
    FROM mirroring_entry AS a
    CROSS JOIN institution_fact AS i
    CROSS JOIN law AS l
    JOIN mirroring_entry AS b
      ON b.institution_id = a.institution_id AND b.amount_fen = -a.amount_fen
     AND b.booked_on BETWEEN a.booked_on - l.self_days AND a.booked_on + l.self_days
    CROSS JOIN statement AS p
    CROSS JOIN statement AS q
    -- 依次：流水、当日登记、当日规定，最后是两笔的对账单 / in this order: an entry, its institution that day, the law there,
    -- and at the end the statements of the two
    WHERE i.institution_id = a.institution_id AND a.booked_on BETWEEN i.valid_from AND i.valid_to
      AND l.district = i.district AND a.booked_on BETWEEN l.from_day AND l.to_day
      AND a.amount_fen < 0 AND -a.amount_fen >= l.self_fen
      AND p.id = a.statement_id AND q.id = b.statement_id
),
judged AS (
    -- 一笔有几个对应的合为一行 / an entry of several pairs is one row
    SELECT entry_id, MIN(law_id) AS law_id, MAX(is_same) AS any_same,
           SUM(CASE WHEN is_same IS NULL THEN 1 ELSE 0 END) AS unknown
    FROM pair
    GROUP BY entry_id
)
SELECT e.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       entry_subject(a.account_no, e.booked_on, e.amount_fen, e.n) AS subject_id,
       e.booked_on AS law_day, e.booked_on AS on_day, e.booked_on AS ended_on, j.law_id,
       e.id AS entry_id, e.booked_on,
       CASE WHEN e.amount_fen < 0 THEN -e.amount_fen ELSE e.amount_fen END AS amount_fen,
       e.counterparty AS party,
       CASE WHEN j.any_same = 1 THEN 1 WHEN j.unknown > 0 THEN NULL ELSE 0 END AS is_same_party
FROM judged AS j
JOIN entry AS e ON e.id = j.entry_id
JOIN account AS a ON a.id = e.account_id
JOIN institution AS o ON o.id = e.institution_id
JOIN institution_fact AS i
  ON i.institution_id = e.institution_id AND e.booked_on BETWEEN i.valid_from AND i.valid_to
