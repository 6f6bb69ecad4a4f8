-- 截止日各持证机构：最近一次合同、消课或对账单的日期，以及停业批准。
-- Per institution at as-of: the last day with a contract, a lesson or a statement, and approvals.
-- grain: institution_id, law_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- law_id: 适用的规定 / the law in force there on that day; key
-- subject_id: 机构的信用代码 / the credit code of the institution; text
-- law_day, on_day: 截止日 / as-of; day
-- ended_on: 不了结：是一种状态 / none: a state does not end; day; unknown: 总是 / always
-- is_licensed: 许可是否在有效期内，未填视为有效 / whether the licence has not ended, as one without a last day;
--   flag
-- last_on: 最近一次合同、消课或流水的日子，没有为 0 / the last day with a contract, a lesson or a statement, 0 where
--   there is none; day
-- closures: 有效的停业批准件数 / approvals of closure in force; count
WITH sign AS (
    -- 各类痕迹的最近一日 / the last day of each kind of sign
    SELECT institution_id, day FROM register_sign
    UNION ALL
    SELECT s.institution_id, MAX(smaller(v.to_day, :as_of))
    FROM scope AS s
    JOIN account_coverage AS v ON v.institution_id = s.institution_id
    WHERE v.from_day <= :as_of
    GROUP BY s.institution_id
),
latest AS (
    -- 其中最近的 / the last of them
    SELECT institution_id, MAX(day) AS day FROM sign GROUP BY institution_id
)
SELECT n.institution_id, n.uscc, n.institution_name, n.district, n.supervised_from, n.law_id,
       n.uscc AS subject_id, CAST(:as_of AS BIGINT) AS law_day, CAST(:as_of AS BIGINT) AS on_day,
       CAST(NULL AS BIGINT) AS ended_on,
       CASE WHEN i.licence_until IS NULL OR i.licence_until >= :as_of THEN 1 ELSE 0 END
           AS is_licensed,
       COALESCE(g.day, 0) AS last_on,
       (SELECT COUNT(*) FROM approval AS p
        WHERE p.institution_id = n.institution_id AND p.kind = 'closure'
          AND p.from_day <= :as_of AND (p.to_day IS NULL OR p.to_day >= :as_of)) AS closures
FROM institution_as_of AS n
JOIN institution_fact AS i
  ON i.institution_id = n.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
LEFT JOIN latest AS g ON g.institution_id = n.institution_id
