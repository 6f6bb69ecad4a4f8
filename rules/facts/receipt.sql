-- 专用账户收款:付款方、摘要缺失或被遮盖时为空(不可判定)。
-- Receipts of fee accounts; a payer or memo that is missing or masked is NULL: unknown.
-- grain: entry_id
SELECT e.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.account_no || '/{' || CAST(e.booked_on AS TEXT) || '}/' || CAST(e.amount_fen AS TEXT)
           || '/' || CAST(e.n AS TEXT) AS subject_id,
       e.booked_on AS law_day, e.booked_on AS on_day, e.booked_on AS ended_on,
       e.id AS entry_id, e.booked_on, e.amount_fen, e.amount_fen - e.matched_fen AS unmatched_fen,
       i.licence_until, i.renewal_applied_on,
       CASE WHEN POSITION('*' IN e.counterparty) > 0 THEN NULL ELSE e.counterparty END AS payer,
       CASE WHEN POSITION('*' IN e.memo) > 0 THEN NULL ELSE e.memo END AS memo
FROM scope AS s
JOIN entry AS e ON e.institution_id = s.institution_id
JOIN account AS a ON a.id = e.account_id
JOIN institution AS o ON o.id = e.institution_id
JOIN institution_fact AS i
  ON i.institution_id = e.institution_id AND e.booked_on BETWEEN i.valid_from AND i.valid_to
WHERE e.merged_into IS NULL AND e.kind = 'receipt'
