-- 截止日每个在用账户:流水覆盖到哪一天、最近余额、超过几天算未更新。
-- Every account open at as-of: covered up to which day, last balance, stale after how many days.
-- grain: account_id, law_id
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
