-- 已支付的退费:申请日应退(费用减已消课)与已退之差;按周期收费而无消课记录的按天数估算;
-- 申请日不在消课覆盖期内时未知。
-- Refunds paid: what was due on the day of request (fee less consumed) less what was refunded.
WITH paid AS (
    SELECT r.id, r.institution_id, r.contract_id, r.refund_no, r.requested_on, r.cause,
           CAST(SUM(m.amount_fen) AS BIGINT) AS refunded_fen
    FROM scope AS s
    JOIN refund_request AS r ON r.institution_id = s.institution_id
    JOIN match AS m ON m.contract_id = r.contract_id AND m.kind = 'refund'
    WHERE m.booked_on <= :as_of AND r.requested_on <= :as_of
    GROUP BY r.id, r.institution_id, r.contract_id, r.refund_no, r.requested_on, r.cause
)
SELECT p.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       p.refund_no AS subject_id, p.requested_on AS law_day, p.requested_on AS on_day,
       p.requested_on AS ended_on, c.id AS contract_id, c.contract_no, p.refund_no,
       p.requested_on, p.cause, p.refunded_fen, c.fee_fen,
       CASE WHEN EXISTS (SELECT 1 FROM coverage AS v
                         WHERE v.institution_id = p.institution_id AND v.register = 'lessons'
                           AND p.requested_on BETWEEN v.from_day AND v.to_day)
            THEN CASE
                WHEN c.basis = 'period' AND NOT EXISTS (
                    SELECT 1 FROM lesson AS l WHERE l.contract_id = c.id AND l.held_on <= :as_of)
                THEN half_up(c.fee_fen * smaller(larger(p.requested_on - c.starts_on + 1, 0),
                                                 c.ends_on - c.starts_on + 1),
                             c.ends_on - c.starts_on + 1)
                ELSE smaller(c.fee_fen, half_up(c.fee_fen * COALESCE(
                    (SELECT CAST(SUM(l.lessons) AS BIGINT) FROM lesson AS l
                     WHERE l.contract_id = c.id AND l.held_on <= p.requested_on), 0),
                    c.total_lessons))
            END
       END AS consumed_fen
FROM paid AS p
JOIN contract AS c ON c.id = p.contract_id
JOIN institution AS o ON o.id = p.institution_id
JOIN institution_fact AS i
  ON i.institution_id = p.institution_id AND p.requested_on BETWEEN i.valid_from AND i.valid_to
