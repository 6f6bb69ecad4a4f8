-- 截止日每个在用的收费专用账户、保证金账户：银行或监管部门载明到哪一天，机构自报到哪一天。
-- Every fee or deposit account open at as-of: told up to which day by bank or office, and by the
-- institution alone. Days that the bank has confirmed are the bank's.
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
-- known_from: 开户日，未填的取登记日 / the day of opening, or of registration where none is stated; day
-- proven_to: 银行或监管部门载明到的日子 / the last day up to as-of that bank or office told; day; unknown: 没有
--   / there is none
-- own_to: 机构自报到的日子 / the last day up to as-of that the institution alone told; day; unknown: 没有 /
--   there is none
WITH told AS (
    -- 各账户的日子按来源 / the days of each account by whose word they are
    SELECT v.account_id,
           MAX(CASE WHEN v.word <> 'institution' THEN smaller(v.to_day, :as_of) END) AS proven_to,
           MAX(CASE WHEN v.word = 'institution' THEN smaller(v.to_day, :as_of) END) AS own_to
    FROM scope AS s
    JOIN told_days AS v ON v.institution_id = s.institution_id
    WHERE v.from_day <= :as_of
    GROUP BY v.account_id
)
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       a.account_no AS subject_id, CAST(:as_of AS BIGINT) AS law_day,
       CAST(:as_of AS BIGINT) AS on_day, CAST(NULL AS BIGINT) AS ended_on,
       a.id AS account_id, a.account_no,
       COALESCE(a.opened_on, a.imported_on) AS known_from, t.proven_to, t.own_to
FROM institution_as_of AS n
JOIN account AS a ON a.institution_id = n.institution_id
LEFT JOIN told AS t ON t.account_id = a.id
WHERE a.kind IN ('fee', 'deposit')
  AND (a.opened_on IS NULL OR a.opened_on <= :as_of)
  AND (a.closed_on IS NULL OR a.closed_on > :as_of)
