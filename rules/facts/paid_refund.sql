-- 已支付的退费:申请日应退(费用减已消课)与该合同已退之差。
-- Refunds paid: what was due on the day of request (fee less consumed) less what was refunded.
-- grain: refund_no
WITH paid AS (
    SELECT DISTINCT m.refund_request_id AS refund_id
    FROM scope AS s
    JOIN match AS m ON m.institution_id = s.institution_id
    WHERE m.refund_request_id IS NOT NULL AND m.booked_on <= :as_of
)
SELECT a.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.refund_no AS subject_id, a.requested_on AS law_day, a.requested_on AS on_day,
       a.requested_on AS ended_on, a.contract_id, a.contract_no, a.refund_no, a.requested_on,
       a.cause, a.gift_lessons, a.fee_fen, a.consumed_fen,
       (SELECT CAST(SUM(m.amount_fen) AS BIGINT) FROM match AS m
        WHERE m.contract_id = a.contract_id AND m.kind = 'refund' AND m.booked_on <= :as_of)
           AS refunded_fen
FROM asked_refund AS a
JOIN paid AS p ON p.refund_id = a.refund_id
JOIN institution AS o ON o.id = a.institution_id
JOIN institution_fact AS i
  ON i.institution_id = a.institution_id AND a.requested_on BETWEEN i.valid_from AND i.valid_to
WHERE a.requested_on <= :as_of
