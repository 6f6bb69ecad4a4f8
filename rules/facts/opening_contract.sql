-- 已签认的期初报表所列老合同：起算日开始时的未消课价值。起算日另行更改的，不再适用。
-- Old contracts of the opening statement signed last: their unconsumed value as the first day under
-- supervision begins. Where supervised_from says another day by now, it does not count.
-- grain: contract_id
-- institution_id: 机构内部编号 / the row of the institution; key
-- contract_id: 合同内部编号 / the row of the contract; key
-- opened_on: 起算日 / the first day under supervision; day
-- paid_fen: 起算日以前已缴的金额 / what was paid before that day; fen
-- unconsumed_fen: 起算日未消课价值 / unconsumed value as that day begins; fen
SELECT p.institution_id, p.contract_id, p.opened_on, p.paid_fen,
       smaller(p.amount_fen, p.paid_fen) AS unconsumed_fen
FROM (
    -- 起算日以前已缴的各次合计 / the charges paid before that day, added up
    SELECT o.institution_id, r.contract_id, o.day AS opened_on, r.amount_fen,
           CAST(SUM(g.fee_fen) AS BIGINT) AS paid_fen
    FROM reach AS s
    JOIN opening_statement AS o ON o.institution_id = s.institution_id
    JOIN institution_fact AS i
      ON i.institution_id = o.institution_id AND :as_of BETWEEN i.valid_from AND i.valid_to
     AND i.supervised_from = o.day
    JOIN opening_row AS r ON r.opening_statement_id = o.id
    JOIN prepaid_charge AS g ON g.contract_id = r.contract_id AND g.paid_on < o.day
    WHERE o.day <= :as_of
      AND o.id = (SELECT MAX(n.id) FROM opening_statement AS n
                  WHERE n.institution_id = o.institution_id AND n.signed_by IS NOT NULL)
    GROUP BY o.institution_id, r.contract_id, o.day, r.amount_fen
) AS p
