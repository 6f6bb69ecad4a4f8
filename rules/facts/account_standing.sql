-- 截止日每个在用账户：流水覆盖到哪一天、最近余额、超过几天算未更新。
-- Every account open at as-of: covered up to which day, last balance, stale after how many days.
-- grain: account_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 账号 / the number of the account; text
-- law_day, on_day: 截止日 / as-of; day
-- ended_on: 不了结：是一种状态 / none: a state does not end; day; unknown: 总是 / always
-- account_id: 账户内部编号 / the row of the account; key
-- account_no: 账号 / the number of the account; text
-- kind: 账户类别：fee 收费专用，deposit 风险保证金，settlement 结算 / kind of account: fee, deposit or settlement;
--   text
-- known_from: 开户日，未填的取登记日 / the day of opening, or of registration where none is stated; day
-- covered_to: 流水覆盖到的日子 / the last day up to as-of that statements cover; day; unknown: 没有流水 / no
--   statements
-- closing_fen: 最近的日终余额 / the latest closing balance; fen; unknown: 没有流水 / no statements
-- stale_days: 超过几天算未更新 / days after which it counts as stale; days
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       a.account_no AS subject_id, CAST(:as_of AS BIGINT) AS law_day,
       CAST(:as_of AS BIGINT) AS on_day, CAST(NULL AS BIGINT) AS ended_on,
       a.id AS account_id, a.account_no, a.kind,
       COALESCE(a.opened_on, a.imported_on) AS known_from,
       (SELECT MAX(smaller(v.to_day, :as_of)) FROM account_coverage AS v
        WHERE v.account_id = a.id AND v.from_day <= :as_of) AS covered_to,
       (SELECT d.closing_fen FROM account_day AS d
        WHERE d.account_id = a.id AND d.day <= :as_of
        ORDER BY d.day DESC LIMIT 1) AS closing_fen,
       CASE a.statement_cycle WHEN 'weekly' THEN l.stale_days_weekly
                              WHEN 'monthly' THEN l.stale_days_monthly
                              ELSE l.stale_days_daily END AS stale_days
FROM institution_as_of AS n
JOIN law AS l ON l.law_id = n.law_id
JOIN account AS a ON a.institution_id = n.institution_id
WHERE (a.opened_on IS NULL OR a.opened_on <= :as_of)
  AND (a.closed_on IS NULL OR a.closed_on > :as_of)
