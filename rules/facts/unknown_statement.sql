-- 未登记账户的对账单:不属于任何机构,归本机关辖区。
-- Statements of accounts on no register: they belong to no institution and to the office's place.
-- grain: statement_id
SELECT s.institution_id, '' AS uscc, '' AS institution_name,
       CAST(:office_district AS TEXT) AS district, CAST(NULL AS BIGINT) AS supervised_from,
       CASE WHEN (SELECT COUNT(*) FROM statement AS x WHERE x.file_sha256 = t.file_sha256) > 1
            THEN t.file_sha256 || '#' || CAST(t.n AS TEXT) ELSE t.file_sha256 END AS subject_id,
       t.to_day AS law_day, t.to_day AS on_day, t.to_day AS ended_on,
       t.id AS statement_id, t.account_no, t.status, t.reason, t.entries, t.from_day, t.to_day
FROM scope AS s
JOIN statement AS t ON t.institution_id IS NULL
WHERE s.institution_id = 0 AND t.status = 'quarantined'
