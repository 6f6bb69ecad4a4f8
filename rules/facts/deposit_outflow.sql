-- 风险保证金账户的划出：是否手续费、退费，是否在批准之内，是否转入本机构收费专用账户，次日内是否转回。
-- Outflows of deposit accounts: a charge or refund, approved, to a fee account of the institution
-- itself (by its number, or seen arriving where none is told), or back within a day.
-- grain: entry_id
-- reach: 1
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 账号/日子/金额/序号 / account/day/amount/number; text
-- law_day, on_day, ended_on: 记账日 / the day on which it was booked; day
-- entry_id: 流水内部编号 / the row of the entry; key
-- booked_on: 记账日 / the day on which it was booked; day
-- amount_fen: 划出金额 / what was paid out; fen
-- payee: 收款方 / the payee; text; unknown: 缺失 / missing
-- is_excused: 是否手续费、退费，或两端都看到的转入本机构专户 / whether it is a charge, a refund, or a transfer to
--   its own fee account of which both legs are seen; flag
-- approvals: 涵盖它的批准件数 / approvals that cover it; count
-- own_transfers: 转入的本机构收费专用账户数 / fee accounts of the institution that received it; count
-- returned_entries: 当日或次日转回的笔数 / entries that brought it back within a day; count
SELECT e.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       entry_subject(a.account_no, e.booked_on, e.amount_fen, e.n) AS subject_id,
       e.booked_on AS law_day, e.booked_on AS on_day, e.booked_on AS ended_on,
       e.id AS entry_id, e.booked_on, -e.amount_fen AS amount_fen, e.counterparty AS payee,
       CASE WHEN e.kind = 'deposit_out' THEN 0 ELSE 1 END AS is_excused,
       (SELECT COUNT(*) FROM approval AS p
        WHERE p.institution_id = e.institution_id AND e.booked_on >= p.from_day
          AND (p.to_day IS NULL OR e.booked_on <= p.to_day)
          AND p.kind <> 'early_release'
          AND (p.amount_fen IS NULL OR p.amount_fen >= -e.amount_fen)) AS approvals,
       (SELECT COUNT(*) FROM account AS t
        WHERE t.institution_id = e.institution_id AND t.kind = 'fee'
          AND t.account_no = REPLACE(REPLACE(e.counterparty_account, ' ', ''), '-', ''))
       -- where the number is masked or missing
       + (SELECT COUNT(DISTINCT t.id) FROM account AS t
          JOIN entry AS b ON b.account_id = t.id
          WHERE t.institution_id = e.institution_id AND t.kind = 'fee'
            AND COALESCE(POSITION('*' IN e.counterparty_account), 1) > 0
            AND b.merged_into IS NULL AND b.kind = 'own' AND b.amount_fen = -e.amount_fen
            AND b.booked_on BETWEEN e.booked_on - 1 AND e.booked_on + 1
            AND b.booked_on <= :as_of) AS own_transfers,
       (SELECT COUNT(*) FROM entry AS b
        WHERE b.account_id = e.account_id AND b.merged_into IS NULL
          AND b.amount_fen = -e.amount_fen
          AND b.booked_on BETWEEN e.booked_on AND e.booked_on + 1
          AND b.booked_on <= :as_of) AS returned_entries
FROM scope AS s
JOIN entry AS e ON e.institution_id = s.institution_id AND e.booked_on >= :since
JOIN account AS a ON a.id = e.account_id
JOIN institution AS o ON o.id = e.institution_id
JOIN institution_fact AS i
  ON i.institution_id = e.institution_id AND e.booked_on BETWEEN i.valid_from AND i.valid_to
WHERE e.merged_into IS NULL AND a.kind = 'deposit'
  AND e.kind IN ('deposit_out', 'internal', 'refund', 'charge')
  AND e.amount_fen < 0
