-- 截止日每份预付费合同的未消课负债(上下限:消课价值无法计算时,按已全部消课/未消课)。
-- The unconsumed liability of each prepaid contract at as-of. Where the value of lessons held is
-- unknown, the low figure takes the contract as wholly consumed and the high one as not at all.
-- A contract of a signed opening statement starts from its stated value, and only what was held
-- and paid back from that day on is taken off.
-- grain: contract_id
WITH held AS (
    SELECT l.contract_id,
           CAST(SUM(CASE WHEN l.held_on < o.opened_on THEN 0 ELSE l.lessons END) AS BIGINT)
               AS lessons
    FROM scope AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    LEFT JOIN opening_contract AS o ON o.contract_id = l.contract_id
    WHERE l.held_on <= :as_of
    GROUP BY l.contract_id
),
refunded AS (
    SELECT m.contract_id, CAST(SUM(m.amount_fen) AS BIGINT) AS fen,
           CAST(SUM(CASE WHEN m.booked_on < o.opened_on THEN 0 ELSE m.amount_fen END) AS BIGINT)
               AS since_fen
    FROM scope AS s
    JOIN match AS m ON m.institution_id = s.institution_id
    LEFT JOIN opening_contract AS o ON o.contract_id = m.contract_id
    WHERE m.kind = 'refund' AND m.booked_on <= :as_of
    GROUP BY m.contract_id
),
consumed AS (
    SELECT c.contract_id, c.institution_id, c.contract_no, c.paid_on, c.fee_fen,
           COALESCE(r.fen, 0) AS refunded_fen, COALESCE(r.since_fen, 0) AS refunded_since_fen,
           COALESCE(o.unconsumed_fen, c.fee_fen) AS worth_fen,
           CASE WHEN h.lessons IS NOT NULL AND c.total_lessons > 0
                THEN smaller(c.fee_fen, half_up(c.fee_fen * h.lessons, c.total_lessons))
                WHEN h.lessons IS NOT NULL THEN NULL
                WHEN c.basis <> 'period' THEN 0
                ELSE half_up(
                    c.fee_fen * smaller(larger(:as_of - c.starts_on + 1, 0),
                                        c.ends_on - c.starts_on + 1),
                    c.ends_on - c.starts_on + 1)
                   - CASE WHEN o.opened_on IS NULL THEN 0
                          ELSE half_up(
                              c.fee_fen * smaller(larger(o.opened_on - c.starts_on, 0),
                                                  c.ends_on - c.starts_on + 1),
                              c.ends_on - c.starts_on + 1)
                     END
           END AS since_fen,
           CASE WHEN h.lessons IS NULL AND c.basis = 'period' THEN 1 ELSE 0 END AS is_estimated,
           CASE WHEN h.lessons IS NULL AND c.basis = 'period' AND c.ends_on > :as_of
                THEN larger(:as_of + 1, c.starts_on) END AS running_on
    FROM prepaid_contract AS c
    LEFT JOIN held AS h ON h.contract_id = c.contract_id
    LEFT JOIN refunded AS r ON r.contract_id = c.contract_id
    LEFT JOIN opening_contract AS o ON o.contract_id = c.contract_id
    WHERE c.paid_on <= :as_of
)
SELECT contract_id, institution_id, contract_no, paid_on, fee_fen, refunded_fen,
       CASE WHEN since_fen > worth_fen THEN fee_fen ELSE fee_fen - worth_fen + since_fen END
           AS consumed_fen,
       is_estimated, running_on,
       larger(worth_fen - COALESCE(since_fen, worth_fen) - refunded_since_fen, 0) AS low_fen,
       larger(worth_fen - COALESCE(since_fen, 0) - refunded_since_fen, 0) AS high_fen
FROM consumed
