-- 未登记账户的对账单：不属于任何机构，归本机关辖区。
-- Statements of accounts on no register: they belong to no institution and to the office's place.
-- grain: statement_id
-- institution_id, uscc, institution_name, district: 本机关（不属于任何机构，名称为空） / the office itself: no
--   institution, and no name; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 文件的 SHA-256，一个文件有几份对账单的加序号 / SHA-256 of the file, with a number where it holds
--   several; text
-- law_day, on_day, ended_on: 对账单末日 / last day of the statement; day
-- statement_id: 对账单内部编号 / the row of the statement; key
-- account_no: 账号 / the number of the account; text
-- status: 状态：accepted 采用，quarantined 隔离 / accepted or quarantined; text
-- reason: 隔离的原因 / why it is set aside; text
-- entries: 流水笔数 / entries of the statement; count
-- from_day: 对账单首日 / first day of the statement; day
-- to_day: 对账单末日 / last day of the statement; day
SELECT s.institution_id, '' AS uscc, '' AS institution_name,
       CAST(:office_district AS TEXT) AS district, CAST(NULL AS BIGINT) AS supervised_from,
       CASE WHEN (SELECT COUNT(*) FROM statement AS x WHERE x.file_sha256 = t.file_sha256) > 1
            THEN t.file_sha256 || '#' || CAST(t.n AS TEXT) ELSE t.file_sha256 END AS subject_id,
       t.to_day AS law_day, t.to_day AS on_day, t.to_day AS ended_on,
       t.id AS statement_id, t.account_no, t.status, t.reason, t.entries, t.from_day, t.to_day
FROM scope AS s
JOIN statement AS t ON t.institution_id IS NULL
WHERE s.institution_id = 0 AND t.status = 'quarantined'
