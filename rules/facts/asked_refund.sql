-- 每笔退费申请：申请日已消课的金额，申请日以前已退的金额。按周期收费而无消课记录的按天数估算；
-- 申请日不在消课覆盖期内时，已消课金额未知。
-- Every refund requested: what was consumed by the day of the request (unknown outside the days of
-- lessons on file; by days where a contract by period has no lessons) and refunded before it.
-- grain: refund_id
-- matches: refund
-- refund_id: 退费申请内部编号 / the row of the refund request; key
-- institution_id: 申请日持有合同的机构 / the institution that held the contract on the day of the request; key
-- contract_id: 合同内部编号 / the row of the contract; key
-- refund_no: 退费申请编号 / the number of the refund request; text
-- requested_on: 申请日 / the day of the request; day
-- amount_fen: 申请的金额 / the sum asked for; fen; unknown: 未填 / not stated
-- cause: 退费原因 / why it is asked for; text
-- contract_no: 合同编号 / the number of the contract; text
-- gift_lessons: 赠送课时 / lessons given in addition; lessons
-- starts_on: 开课日 / first day of the contract; day; unknown: 合同未填 / the contract states none
-- ends_on: 结课日 / last day of the contract; day; unknown: 合同未填 / the contract states none
-- fee_fen: 合同费用 / fee of the contract; fen
-- paid_fen: 申请日已缴的金额；没有收费明细的为合同费用 / what of it was paid by the day of the request, of a contract without
--   charges its fee; fen
-- consumed_fen: 申请日已消课金额 / what was consumed by the day of the request; fen; unknown:
--   申请日不在消课覆盖期内，或课时、起止日不明 / the day is outside the coverage of lessons, or lessons or days are not
--   stated
-- agreed_on: 协议结清、裁判结清或转出的日子，此后不再应退 / the day on which it was settled by agreement or judgment or went to
--   another institution, after which no more is due; day; unknown: 没有 / there is none
-- earlier_fen: 申请日以前已退的金额 / what was refunded before that day; fen
WITH paid AS (
    -- 分次收费的合同，申请日已缴的各次合计 / of contracts in charges, those paid by that day
    SELECT r.id AS refund_id,
           CAST(SUM(CASE WHEN g.paid_on <= r.requested_on THEN g.amount_fen ELSE 0 END) AS BIGINT)
               AS fen
    FROM reach AS s
    JOIN refund_request AS r ON r.institution_id = s.institution_id
    JOIN charge AS g ON g.contract_id = r.contract_id
    GROUP BY r.id
),
asked AS (
    -- 申请及其合同，至申请日的课时 / the request with its contract and lessons up to that day
    SELECT r.id AS refund_id, t.institution_id, r.contract_id, r.refund_no, r.requested_on,
           r.amount_fen, r.cause, c.contract_no, c.basis, c.total_lessons, c.gift_lessons, c.starts_on, c.ends_on,
           CASE WHEN c.settlement IS NOT NULL AND c.ended_on <= r.requested_on
                THEN c.ended_on - 1 ELSE r.requested_on END AS until_on,
           CASE WHEN c.settlement IN ('agreed', 'court', 'transferred') AND c.ended_on <= :as_of
                THEN c.ended_on END AS agreed_on,
           c.fee_fen, COALESCE(p.fen, c.fee_fen) AS paid_fen,
           (SELECT CAST(SUM(l.lessons) AS BIGINT) FROM lesson AS l
            WHERE l.contract_id = c.id AND l.held_on <= r.requested_on
              AND (c.settlement IS NULL OR c.ended_on IS NULL OR l.held_on < c.ended_on)) AS held,
           CASE WHEN EXISTS (SELECT 1 FROM coverage AS v
                             WHERE v.institution_id = r.institution_id AND v.register = 'lessons'
                               AND r.requested_on BETWEEN v.from_day AND v.to_day)
                THEN 1 ELSE 0 END AS is_covered,
           CASE WHEN c.basis = 'period' AND NOT EXISTS (
                    SELECT 1 FROM lesson AS l WHERE l.contract_id = c.id AND l.held_on <= :as_of)
                THEN 1 ELSE 0 END AS is_estimated
    FROM tenure AS t
    JOIN refund_request AS r
      ON r.institution_id = t.register_id AND r.requested_on BETWEEN t.from_day AND t.to_day
    JOIN contract AS c ON c.id = r.contract_id
    LEFT JOIN paid AS p ON p.refund_id = r.id
)
SELECT a.refund_id, a.institution_id, a.contract_id, a.refund_no, a.requested_on, a.amount_fen,
       a.cause, a.contract_no, a.gift_lessons, a.starts_on, a.ends_on, a.fee_fen,
       a.paid_fen, a.agreed_on,
       CASE WHEN a.is_covered = 0 THEN NULL
            WHEN a.is_estimated = 1
            THEN CASE WHEN a.until_on < a.starts_on THEN 0
                      WHEN a.until_on >= a.ends_on THEN a.fee_fen
                      ELSE half_up(a.fee_fen * (a.until_on - a.starts_on + 1),
                                   a.ends_on - a.starts_on + 1) END
            WHEN COALESCE(a.held, 0) = 0 THEN 0
            ELSE smaller(a.fee_fen, half_up(a.fee_fen * a.held, a.total_lessons))
       END AS consumed_fen,
       COALESCE((SELECT CAST(SUM(m.amount_fen) AS BIGINT) FROM match AS m
                 WHERE m.contract_id = a.contract_id AND m.kind = 'refund'
                   AND m.booked_on < a.requested_on
                   AND COALESCE(m.refund_request_id, 0) <> a.refund_id), 0) AS earlier_fen
FROM asked AS a
