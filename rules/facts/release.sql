-- 专用账户划出:收款方、摘要缺失或被遮盖时为空(不可判定)。
-- Releases of fee accounts; a payee or memo that is missing or masked is NULL: unknown.
-- grain: entry_id
SELECT e.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.account_no || '/{' || CAST(e.booked_on AS TEXT) || '}/' || CAST(e.amount_fen AS TEXT)
           || '/' || CAST(e.n AS TEXT) AS subject_id,
       e.booked_on AS law_day, e.booked_on AS on_day, e.booked_on AS ended_on,
       e.id AS entry_id, e.booked_on, -e.amount_fen AS amount_fen,
       i.custody, i.nature, i.legal_representative, COALESCE(i.related_parties, '') AS related_parties,
       CASE WHEN POSITION('*' IN e.counterparty) > 0 THEN NULL ELSE e.counterparty END AS payee,
       CASE WHEN POSITION('*' IN e.memo) > 0 THEN NULL ELSE e.memo END AS memo,
       CASE WHEN POSITION('*' IN e.counterparty_account) > 0 THEN NULL
            ELSE e.counterparty_account END AS payee_account,
       (SELECT COUNT(*) FROM account AS t
        WHERE t.institution_id = e.institution_id AND t.kind = 'settlement')
           AS settlement_accounts,
       (SELECT COUNT(*) FROM account AS t
        WHERE t.institution_id = e.institution_id AND t.kind = 'settlement'
          AND t.account_no = REPLACE(REPLACE(e.counterparty_account, ' ', ''), '-', '')) AS settlement_matches
FROM scope AS s
JOIN entry AS e ON e.institution_id = s.institution_id
JOIN account AS a ON a.id = e.account_id
JOIN institution AS o ON o.id = e.institution_id
JOIN institution_fact AS i
  ON i.institution_id = e.institution_id AND e.booked_on BETWEEN i.valid_from AND i.valid_to
WHERE e.merged_into IS NULL AND e.kind = 'release'
