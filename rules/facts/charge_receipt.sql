-- 每笔预收费（见 prepaid_charge）与已匹配到账款项之差，以及缴费日起若干日内专用账户流水是否齐全。
-- What of each charge of prepaid money (see prepaid_charge) has not reached the fee accounts, and whether their
-- statements cover the days in which it should have; each account is asked of its own days.
-- Of a contract that moves within those days the accounts of both sides are asked.
-- grain: contract_id, charge_id, law_id
-- reach: 62
-- bounds: acc_off_days <= 30
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_kind: 对象：charge 一次收费，contract 合同本身 / the kind of subject: charge, or contract; text
-- subject_id: 合同编号，分次收费的加序号 / the number of the contract, with that of the charge where there are charges;
--   text
-- law_day, on_day: 缴费日 / the day of payment; day
-- ended_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- contract_no: 合同编号 / the number of the contract; text
-- paid_on: 缴费日 / the day of payment; day
-- channel: 缴费渠道 / the channel of payment; text; unknown: 未填 / not stated
-- fee_fen: 该次金额 / the money of the charge; fen
-- received_fen: 截止日已匹配的到账 / receipts matched by as-of; fen
-- shortfall_fen: 尚未到账的金额 / what of it has not arrived; fen
-- last_receipt_on: 最后一笔到账的日子 / the day of the last receipt; day; unknown: 没有到账 / nothing has
--   arrived
-- law_id: 适用的规定 / the law in force there on that day; key
-- acc_off_days: 应到账的天数 / days in which it should arrive; days
-- due_on: 最迟应到账的日子 / the last day for it; day
-- accounts: 截至该日开过户的收费专用账户；已到足的为 0 / fee accounts opened by then, 0 where all has arrived; count
-- covered_accounts: 其中流水覆盖这些日子的；已到足的为 0 / those whose statements cover their days, 0 where all has
--   arrived; count
-- unmatched_fen: 这些日子到账而未匹配的金额；已到足的为 0 / unmatched receipts of those days, 0 where all has arrived;
--   fen; unknown: 没有到账 / no receipts
WITH owed AS (
    -- 应到账的最后一天 / the last day on which it should arrive
    SELECT c.*, t.institution_id, n.institution_id AS next_id, COALESCE(r.fen, 0) AS received_fen, r.last_on AS last_receipt_on,
           i.name AS institution_name, i.district, i.supervised_from, l.law_id, l.acc_off_days,
           COALESCE(w.day, c.paid_on + l.acc_off_days) AS due_on
    FROM prepaid_charge AS c
    JOIN tenure AS t
      ON t.register_id = c.register_id AND c.paid_on BETWEEN t.from_day AND t.to_day
     AND c.paid_on >= :since
    JOIN institution_fact AS i
      ON i.institution_id = t.institution_id AND c.paid_on BETWEEN i.valid_from AND i.valid_to
    JOIN law AS l ON l.district = i.district AND c.paid_on BETWEEN l.from_day AND l.to_day
    LEFT JOIN charge_received AS r
      ON r.contract_id = c.contract_id AND r.charge_id = c.charge_id
    LEFT JOIN calendar_day AS k ON k.day = c.paid_on AND l.is_acc_off_in_working_days = 1
    LEFT JOIN calendar_day AS w ON w.workday_no = k.workday_no + l.acc_off_days AND w.is_off = 0
    JOIN holder AS n
      ON n.register_id = c.register_id
     AND COALESCE(w.day, c.paid_on + l.acc_off_days) BETWEEN n.from_day AND n.to_day
),
asked AS (
    -- 未到足的收费，所问账户属收费时、到期时的机构 / of what has not arrived, whose accounts are asked:
    -- of the institution then, and of the one that holds the contract when it should have
    SELECT contract_id, charge_id, law_id, paid_on, due_on, institution_id
    FROM owed WHERE fee_fen > received_fen
    UNION
    SELECT contract_id, charge_id, law_id, paid_on, due_on, next_id
    FROM owed WHERE fee_fen > received_fen
),
seen AS (
    -- 其账户，及流水覆盖这些日子的 / their accounts, and those whose statements cover the days
    SELECT q.contract_id, q.charge_id, q.law_id, COUNT(DISTINCT a.id) AS accounts,
           COUNT(DISTINCT CASE
               WHEN a.closed_on <= larger(q.paid_on, COALESCE(a.opened_on, q.paid_on))
                 OR (v.from_day <= larger(q.paid_on, COALESCE(a.opened_on, q.paid_on))
                     AND v.to_day >= smaller(q.due_on, COALESCE(a.closed_on - 1, q.due_on)))
               THEN a.id END) AS covered_accounts
    FROM asked AS q
    JOIN account AS a
      ON a.institution_id = q.institution_id AND a.kind = 'fee'
     AND (a.opened_on IS NULL OR a.opened_on <= q.due_on)
    LEFT JOIN account_coverage AS v ON v.account_id = a.id
    GROUP BY q.contract_id, q.charge_id, q.law_id
)
SELECT c.institution_id, o.uscc, c.institution_name, c.district, c.supervised_from,
       c.subject_kind, c.subject_id, c.paid_on AS law_day, c.paid_on AS on_day,
       c.ends_on AS ended_on, c.contract_id, c.charge_id, c.contract_no, c.paid_on, c.channel, c.fee_fen,
       c.received_fen, c.fee_fen - c.received_fen AS shortfall_fen, c.last_receipt_on,
       c.law_id, c.acc_off_days, c.due_on,
       COALESCE(q.accounts, 0) AS accounts, COALESCE(q.covered_accounts, 0) AS covered_accounts,
       CASE WHEN c.fee_fen > c.received_fen THEN (
           SELECT CAST(SUM(e.amount_fen - e.matched_fen) AS BIGINT) FROM entry AS e
           WHERE e.institution_id = c.institution_id AND e.kind = 'receipt'
             AND e.merged_into IS NULL
             AND e.booked_on BETWEEN c.paid_on AND c.due_on
       ) ELSE 0 END AS unmatched_fen
FROM owed AS c
JOIN institution AS o ON o.id = c.institution_id
LEFT JOIN seen AS q
  ON q.contract_id = c.contract_id AND q.charge_id = c.charge_id AND q.law_id = c.law_id
