-- 登记账户的每份对账单及其状态(经办人退回的除外)。
-- Every statement of a registered account with its status; those an officer rejected are left out.
-- grain: statement_id
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
