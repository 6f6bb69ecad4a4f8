-- 登记账户的每份对账单及其状态（经办人退回的除外）。
-- Every statement of a registered account with its status; those an officer rejected are left out.
-- grain: statement_id
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 文件的 SHA-256，一个文件有几份对账单的加序号 / SHA-256 of the file, with a number where it holds
--   several; text
-- law_day, on_day, ended_on: 对账单末日 / last day of the statement; day
-- statement_id: 对账单内部编号 / the row of the statement; key
-- account_no: 账号 / the number of the account; text
-- account_id: 账户内部编号 / the row of the account; key
-- status: 状态：accepted 采用，quarantined 隔离 / accepted or quarantined; text
-- reason: 隔离的原因 / why it is set aside; text; unknown: 已采用 / it is accepted
-- difference_fen: 不平之差：期初加发生额减期末 / opening and entries less closing; fen; unknown: 不是因不平而隔离 / not
--   set aside for its arithmetic
-- entries: 流水笔数 / entries of the statement; count
-- opening_fen: 期初余额 / opening balance; fen; unknown: 对账单未写 / the statement states none
-- closing_fen: 期末余额 / closing balance; fen; unknown: 对账单未写 / the statement states none
-- from_day: 对账单首日 / first day of the statement; day
-- to_day: 对账单末日 / last day of the statement; day
SELECT t.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       CASE WHEN (SELECT COUNT(*) FROM statement AS x WHERE x.file_sha256 = t.file_sha256) > 1
            THEN t.file_sha256 || '#' || CAST(t.n AS TEXT) ELSE t.file_sha256 END AS subject_id,
       t.to_day AS law_day, t.to_day AS on_day, t.to_day AS ended_on,
       t.id AS statement_id, t.account_no, t.account_id, t.status, t.reason, t.difference_fen,
       t.entries, t.opening_fen, t.closing_fen, t.from_day, t.to_day
FROM scope AS s
JOIN statement AS t ON t.institution_id = s.institution_id
JOIN institution AS o ON o.id = t.institution_id
JOIN institution_fact AS i
  ON i.institution_id = t.institution_id AND t.to_day BETWEEN i.valid_from AND i.valid_to
WHERE t.status <> 'rejected'
