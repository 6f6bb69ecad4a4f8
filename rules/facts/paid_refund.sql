-- 已支付的退费：申请日应退（已缴减已消课）与该合同已退之差。
-- Refunds paid: what was due on the day of request (paid less consumed) less what was refunded.
-- grain: refund_no
-- matches: refund
-- institution_id, uscc, institution_name, district: 机构，按判定日的登记 / the institution as registered on
--   law_day; key, text, text, text
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject_id: 退费申请编号 / the number of the refund request; text
-- law_day, on_day, ended_on: 申请日 / the day of the request; day
-- contract_id: 合同内部编号 / the row of the contract; key
-- contract_no: 合同编号 / the number of the contract; text
-- refund_no: 退费申请编号 / the number of the refund request; text
-- requested_on: 申请日 / the day of the request; day
-- cause: 退费原因 / why it is asked for; text
-- gift_lessons: 赠送课时 / lessons given in addition; lessons
-- paid_fen: 申请日已缴的金额；没有收费明细的为合同费用 / what was paid by the day of the request, of a contract without
--   charges its fee; fen
-- consumed_fen: 申请日已消课金额 / what was consumed by the day of the request; fen; unknown:
--   申请日不在消课覆盖期内，或课时、起止日不明 / the day is outside the coverage of lessons, or lessons or days are not
--   stated
-- is_agreed: 是否已协议结清、裁判结清或转出 / whether it was settled by agreement or judgment, or went to another
--   institution; flag
-- refunded_fen: 该合同截止日已退金额 / what the contract was refunded by as-of; fen; unknown: 未对应该合同 /
--   nothing is matched to the contract
WITH paid AS (
    -- 已有支付的申请 / requests of which something was paid
    SELECT DISTINCT m.refund_request_id AS refund_id
    FROM reach AS s
    JOIN match AS m ON m.institution_id = s.institution_id
    WHERE m.refund_request_id IS NOT NULL AND m.booked_on <= :as_of
)
SELECT a.institution_id, o.uscc, i.name AS institution_name, i.district, i.supervised_from,
       a.refund_no AS subject_id, a.requested_on AS law_day, a.requested_on AS on_day,
       a.requested_on AS ended_on, a.contract_id, a.contract_no, a.refund_no, a.requested_on,
       a.cause, a.gift_lessons, a.paid_fen, a.consumed_fen,
       CASE WHEN a.agreed_on IS NULL THEN 0 ELSE 1 END AS is_agreed,
       (SELECT CAST(SUM(m.amount_fen) AS BIGINT) FROM match AS m
        WHERE m.contract_id = a.contract_id AND m.kind = 'refund' AND m.booked_on <= :as_of)
           AS refunded_fen
FROM asked_refund AS a
JOIN paid AS p ON p.refund_id = a.refund_id
JOIN institution AS o ON o.id = a.institution_id
JOIN institution_fact AS i
  ON i.institution_id = a.institution_id AND a.requested_on BETWEEN i.valid_from AND i.valid_to
WHERE a.requested_on <= :as_of
