-- 截止日各机构的预收待核：到账未能对应合同的余额，减去未能对应的退费，不低于 0。
-- Per institution what is presumed prepaid at as-of: the unmatched remainders of receipts, less
-- refunds (but for what came back) that no contract explains, at least 0.
-- grain: institution_id
-- institution_id: 机构内部编号 / the row of the institution; key
-- fen: 预收待核 / what is presumed prepaid; fen
SELECT u.institution_id, larger(u.fen, 0) AS fen
FROM (
    -- 收款未匹配的，减退费未匹配的 / unmatched receipts less unmatched refunds
    -- a refund's amount is negative: what of it is unmatched is taken off
    SELECT e.institution_id,
           CAST(SUM(CASE WHEN e.kind = 'receipt' THEN e.amount_fen - e.matched_fen
                         ELSE e.amount_fen + e.matched_fen END) AS BIGINT) AS fen
    FROM scope AS s
    JOIN entry AS e ON e.institution_id = s.institution_id
    WHERE e.merged_into IS NULL AND e.kind IN ('receipt', 'refund') AND e.booked_on <= :as_of
    GROUP BY e.institution_id
) AS u
