-- 每笔退费申请：应退金额，截止日已退金额，以及退足的日子。
-- Every refund requested: what is due, what of it was paid by as-of, and the day on which it was
-- paid in full.
-- grain: refund_id
-- matches: refund
-- refund_id: 退费申请内部编号 / the row of the refund request; key
-- due_fen: 应退金额 / what is due; fen; unknown: 已消课金额不明 / what is consumed is unknown
-- refunded_fen: 截止日已退金额 / what was paid of it by as-of; fen
-- refunded_on: 退足的日子，或此前协议结清、裁判结清、转出的日子 / the day on which it was paid in full, or before that settled
--   by agreement or judgment or moved to another institution; day; unknown: 尚未退足，或应退金额不明 / not yet,
--   or what is due is unknown
WITH due AS (
    -- 应退金额 / what is due
    SELECT a.refund_id, a.contract_id, a.requested_on, a.agreed_on,
           COALESCE(a.amount_fen, larger(a.paid_fen - a.consumed_fen - a.earlier_fen, 0))
               AS due_fen,
           -- what we work out ourselves may differ by the fen that rounding takes
           COALESCE(a.amount_fen, larger(a.paid_fen - a.consumed_fen - a.earlier_fen - 1, 0))
               AS least_fen
    FROM asked_refund AS a
),
daily AS (
    -- 每日已退，没有的也有一行 / what was refunded by day, with a row where nothing was
    SELECT d.refund_id, d.requested_on, d.agreed_on, d.due_fen, d.least_fen, m.booked_on,
           CAST(SUM(m.amount_fen) AS BIGINT) AS fen
    FROM due AS d
    LEFT JOIN match AS m
      ON m.contract_id = d.contract_id AND m.kind = 'refund' AND m.booked_on <= :as_of
     AND (m.refund_request_id = d.refund_id
          OR (m.refund_request_id IS NULL AND m.booked_on >= d.requested_on))
    GROUP BY d.refund_id, d.requested_on, d.agreed_on, d.due_fen, d.least_fen, m.booked_on
),
running AS (
    -- 逐日累计 / added up day by day
    SELECT d.refund_id, d.requested_on, d.agreed_on, d.due_fen, d.least_fen, d.booked_on,
           CAST(SUM(d.fen) OVER (PARTITION BY d.refund_id ORDER BY d.booked_on) AS BIGINT) AS upto
    FROM daily AS d
)
SELECT p.refund_id, p.due_fen, p.refunded_fen,
       CASE WHEN p.paid_on IS NULL OR p.agreed_on < p.paid_on THEN larger(p.agreed_on, p.requested_on)
            ELSE p.paid_on END AS refunded_on
FROM (
    -- 退足的日子，及协议等结清的日子 / when it was paid in full, and when settled otherwise
    SELECT r.refund_id, r.requested_on, r.agreed_on, r.due_fen,
           COALESCE(MAX(r.upto), 0) AS refunded_fen,
           CASE WHEN r.least_fen = 0 THEN r.requested_on
                ELSE MIN(CASE WHEN r.upto >= r.least_fen THEN r.booked_on END) END AS paid_on
    FROM running AS r
    GROUP BY r.refund_id, r.requested_on, r.agreed_on, r.due_fen, r.least_fen
) AS p
