-- 截止日每份预付费合同的未消课负债（上下限：消课价值无法计算时，按已全部消课/未消课）。
-- The unconsumed liability of each prepaid contract at as-of. Where the value of lessons held is
-- unknown, the low figure takes the contract as wholly consumed and the high one as not at all.
-- Of a contract in charges what is paid counts. A contract of a signed opening statement starts from its stated value, and only what was held
-- and paid back from that day on is taken off. From the day it was settled a contract owes nothing.
-- It is owed by who holds the contract at as-of.
-- grain: contract_id
-- matches: refund
-- contract_id: 合同内部编号 / the row of the contract; key
-- institution_id: 机构内部编号 / the row of the institution; key
-- contract_no: 合同编号 / the number of the contract; text
-- paid_on: 首次缴费日 / the day of its first payment; day
-- fee_fen: 合同费用 / fee of the contract; fen
-- paid_fen: 截止日已缴的金额 / what of it is paid by as-of; fen
-- refunded_fen: 截止日已退金额 / what was refunded by as-of; fen
-- consumed_fen: 已消课金额 / what of the fee is consumed; fen; unknown: 课时或起止日不明 / lessons or days are
--   not stated
-- is_estimated: 是否按日历估算 / whether it is an estimate by the calendar; flag
-- running_on: 估算的合同消课下一次变动的日子 / the next day on which what an estimated contract consumes changes; day;
--   unknown: 不是估算，或已结束 / no estimate, or ended
-- low_fen: 未消课负债下限：不明的按已全部消课 / unconsumed liability, the unknown taken as consumed; fen
-- high_fen: 未消课负债上限：不明的按未消课 / unconsumed liability, the unknown taken as not consumed; fen
WITH held AS (
    -- 已上课时，期初报表以前的不计 / lessons held, but for those before an opening statement
    SELECT l.contract_id,
           CAST(SUM(CASE WHEN l.held_on < o.opened_on THEN 0 ELSE l.lessons END) AS BIGINT)
               AS lessons
    FROM reach AS s
    JOIN lesson AS l ON l.institution_id = s.institution_id
    LEFT JOIN opening_contract AS o ON o.contract_id = l.contract_id
    WHERE l.held_on <= :as_of
    GROUP BY l.contract_id
),
refunded AS (
    -- 已退金额，全部的和期初报表以后的 / refunds in all, and since an opening statement
    SELECT m.contract_id, CAST(SUM(m.amount_fen) AS BIGINT) AS fen,
           CAST(SUM(CASE WHEN m.booked_on < o.opened_on THEN 0 ELSE m.amount_fen END) AS BIGINT)
               AS since_fen
    FROM reach AS s
    JOIN match AS m ON m.institution_id = s.institution_id
    LEFT JOIN opening_contract AS o ON o.contract_id = m.contract_id
    WHERE m.kind = 'refund' AND m.booked_on <= :as_of
    GROUP BY m.contract_id
),
paid AS (
    -- 已缴的各次合计 / the charges paid, added up
    SELECT contract_id, CAST(SUM(fee_fen) AS BIGINT) AS fen, MIN(paid_on) AS first_on
    FROM prepaid_charge
    WHERE paid_on <= :as_of
    GROUP BY contract_id
),
after AS (
    -- 结清以后的课时，不计消课 / lessons after a contract was settled, which consume nothing
    SELECT c.id AS contract_id, CAST(SUM(l.lessons) AS BIGINT) AS lessons
    FROM reach AS s
    JOIN contract AS c
      ON c.institution_id = s.institution_id AND c.settlement IS NOT NULL AND c.ended_on <= :as_of
    JOIN lesson AS l ON l.contract_id = c.id AND l.held_on >= c.ended_on
    LEFT JOIN opening_contract AS o ON o.contract_id = c.id
    WHERE l.held_on <= :as_of AND (o.opened_on IS NULL OR l.held_on >= o.opened_on)
    GROUP BY c.id
),
consumed AS (
    -- 已消课金额，无消课的周期合同按天数 / what is consumed, by days where a period has no lessons
    SELECT c.contract_id, t.institution_id, c.contract_no, p.first_on AS paid_on, c.fee_fen,
           p.fen AS paid_fen,
           COALESCE(r.fen, 0) AS refunded_fen, COALESCE(r.since_fen, 0) AS refunded_since_fen,
           COALESCE(p.fen - o.paid_fen + o.unconsumed_fen, p.fen) AS worth_fen,
           COALESCE(o.paid_fen - o.unconsumed_fen, 0) AS before_fen,
           CASE WHEN h.lessons IS NOT NULL AND c.total_lessons > 0
                THEN smaller(c.fee_fen, half_up(c.fee_fen * (h.lessons - COALESCE(n.lessons, 0)),
                                                c.total_lessons))
                WHEN h.lessons IS NOT NULL THEN NULL
                WHEN c.basis <> 'period' THEN 0
                ELSE CASE WHEN c.until_on < c.starts_on THEN 0
                          WHEN c.until_on >= c.ends_on THEN c.fee_fen
                          ELSE half_up(c.fee_fen * (c.until_on - c.starts_on + 1),
                                       c.ends_on - c.starts_on + 1) END
                   - CASE WHEN o.opened_on IS NULL OR o.opened_on <= c.starts_on THEN 0
                          WHEN o.opened_on > c.ends_on THEN c.fee_fen
                          ELSE half_up(c.fee_fen * (o.opened_on - c.starts_on),
                                       c.ends_on - c.starts_on + 1) END
           END AS since_fen,
           CASE WHEN h.lessons IS NULL AND c.basis = 'period' THEN 1 ELSE 0 END AS is_estimated,
           CASE WHEN c.settled_on <= :as_of THEN 1 ELSE 0 END AS is_settled,
           CASE WHEN h.lessons IS NOT NULL OR c.basis <> 'period' OR c.settled_on <= :as_of THEN NULL
                WHEN c.starts_on IS NULL AND c.ends_on > :as_of THEN c.ends_on
                WHEN c.starts_on > :as_of THEN c.starts_on
                WHEN c.ends_on > :as_of THEN :as_of + 1 END AS running_on
    FROM paid AS p
    JOIN prepaid_contract AS c ON c.contract_id = p.contract_id
    JOIN tenure AS t
      ON t.register_id = c.register_id AND :as_of BETWEEN t.from_day AND t.to_day
    LEFT JOIN held AS h ON h.contract_id = c.contract_id
    LEFT JOIN after AS n ON n.contract_id = c.contract_id
    LEFT JOIN refunded AS r ON r.contract_id = c.contract_id
    LEFT JOIN opening_contract AS o ON o.contract_id = c.contract_id
)
SELECT contract_id, institution_id, contract_no, paid_on, fee_fen, paid_fen, refunded_fen,
       smaller(fee_fen, before_fen + since_fen) AS consumed_fen,
       is_estimated, running_on,
       larger(worth_fen - COALESCE(since_fen, worth_fen) - refunded_since_fen, 0)
           * (1 - is_settled) AS low_fen,
       larger(worth_fen - COALESCE(since_fen, 0) - refunded_since_fen, 0) * (1 - is_settled)
           AS high_fen
FROM consumed
