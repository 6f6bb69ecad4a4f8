-- 可能与其他各次合计的预收费（分次收费的每次，或合同本身）：同一学员在同一机构有几次，本身不超限，也不是剩余课时不多时的续费。
-- 是否超限、剩余多少课时不明的，留在其中而标为不确定。
-- Charges of prepaid money that may be parts of a split: one of several of a student at an institution,
-- within the limits by itself, and no renewal of an almost finished contract. Those of which nobody
-- knows whether that holds stay among them and are not sure.
-- grain: institution_id, contract_id, charge_id, by_discipline, law_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- institution_id: 机构内部编号 / the row of the institution; key
-- is_own: 是否由该机构收取；承继以前收的为 0 / whether the institution charged it, 0 where it did that held the contract
--   before; flag
-- held_from, held_to: 该机构持有合同的首日、末日 / the first and last day on which the institution holds the contract; day
-- student: 学员标识 / the token of the student; text
-- course_id: 课程编号 / the course of the contract; text
-- discipline: 学科 / the discipline of the course; text; unknown: 课程未登记或未填 / the course is not on
--   file or states none
-- paid_on: 缴费日 / the day of payment; day
-- ended_on: 该次费用所购课程的末日，未填的取合同的 / the last day its money buys, else the contract's; day; unknown:
--   未填 / not stated
-- fee_fen: 该次金额 / the money of the charge; fen
-- law_id: 适用的规定 / the law in force there on that day; key
-- split_days: 合计的天数 / days that are added up; days
-- fee_max_fen: 一次收费的金额上限 / most money charged at once; fen; unknown: 当地当日无上限 / no such limit there
--   on that day
-- prepaid_lessons_max: 一次收费的课时上限 / most lessons charged at once; lessons
-- lessons: 计入的课时，周期合同为 0 / lessons that count, none of a contract by period; lessons; unknown: 未填
--   / not stated
-- most_lessons: 至多计入的课时：未填的不超过合同课时和限额 / lessons that count at most: where none are stated, those of the
--   contract and the limit; lessons
-- contract_lessons: 该合同各次合计至多的课时 / lessons that all charges of the contract come to at most; lessons;
--   unknown: 合同未填 / the contract states none
-- is_counted: 是否计入 / whether it counts; flag; unknown: 续费而剩余课时不明 / a renewal of which lessons left
--   are unknown
-- capped_fen: 计入金额限额的费用 / what counts against the money limit; fen
-- is_sure: 是否确定计入 / whether it surely counts; flag
-- by_discipline: 是否按学科合计 / whether it is added up by discipline; flag
-- split_key: 课程编号或学科 / the course, or the discipline; text
WITH every AS (
    -- 持有期间收的，和承继以前收的 / charged while it holds the contract, and before it moved there
    SELECT c.institution_id, c.register_id, 1 AS is_own, t.from_day AS held_from, t.to_day AS held_to,
           c.student, c.contract_id, c.charge_id, c.course_id, c.paid_on, c.ended_on, c.basis,
           c.fee_fen, c.span_months, c.most_months, c.total_lessons, c.most_lessons,
           c.contract_lessons, c.renews, c.subject, c.law_id
    FROM charged AS c
    JOIN tenure AS t ON t.institution_id = c.institution_id AND t.register_id = c.register_id
     AND c.paid_on BETWEEN t.from_day AND t.to_day
    UNION ALL
    SELECT b.institution_id, b.register_id, 0, b.held_from, b.held_to, b.student, b.contract_id,
           b.charge_id, b.course_id, b.paid_on, b.ended_on, b.basis, b.fee_fen, b.span_months,
           b.most_months, b.total_lessons, b.most_lessons, b.contract_lessons, b.renews, b.subject,
           b.law_id
    FROM charged_before AS b
),
counted AS (
    -- 同一学员的收费次数 / how many charges the student has there
    SELECT e.*, COUNT(*) OVER (PARTITION BY e.institution_id, e.student) AS charges
    FROM every AS e
),
limited AS (
    -- 各项限额，续费时剩余的课时 / the limits, and lessons left where it renews
    SELECT c.contract_id, c.charge_id, c.institution_id, c.is_own, c.held_from, c.held_to,
           c.student, c.course_id, k.discipline,
           c.paid_on, c.ended_on, c.basis, c.fee_fen, c.span_months, c.most_months, l.law_id, l.split_days,
           l.prepaid_lessons_max, l.prepaid_months_max,
           CASE WHEN c.subject <> 'academic' OR l.is_academic_fee_capped = 1
                THEN l.prepaid_fee_max END AS fee_max_fen,
           CASE WHEN c.basis IN ('hours', 'both') THEN c.total_lessons ELSE 0 END AS lessons,
           CASE WHEN c.basis IN ('hours', 'both') THEN c.most_lessons ELSE 0 END AS most_lessons,
           c.contract_lessons,
           CASE WHEN c.renews IS NULL THEN 1
                WHEN EXISTS (SELECT 1 FROM coverage AS v
                             WHERE v.institution_id = c.register_id AND v.register = 'lessons'
                               AND c.paid_on BETWEEN v.from_day AND v.to_day)
                THEN CASE WHEN p.total_lessons - COALESCE(
                               (SELECT CAST(SUM(t.lessons) AS BIGINT) FROM lesson AS t
                                WHERE t.contract_id = p.id AND t.held_on <= c.paid_on), 0)
                               <= l.split_renewal_lessons THEN 0
                          WHEN p.total_lessons IS NOT NULL THEN 1 END
           END AS is_counted
    FROM counted AS c
    JOIN law AS l ON l.law_id = c.law_id
    LEFT JOIN course AS k ON k.institution_id = c.register_id AND k.course_id = c.course_id
    LEFT JOIN contract AS p
      ON p.institution_id = c.register_id AND p.contract_no = c.renews
    WHERE c.charges > 1
),
within_limits AS (
    -- 本身不超限而计入的 / those that count and are within the limits by themselves
    SELECT m.contract_id, m.charge_id, m.institution_id, m.is_own, m.held_from, m.held_to,
           m.student, m.course_id, m.discipline,
           m.paid_on, m.ended_on, m.fee_fen, m.law_id, m.split_days, m.fee_max_fen, m.prepaid_lessons_max,
           m.lessons,
           CASE WHEN m.most_lessons <= m.prepaid_lessons_max THEN m.most_lessons
                ELSE m.prepaid_lessons_max END AS most_lessons,
           m.contract_lessons, m.is_counted,
           CASE WHEN m.fee_max_fen IS NULL THEN 0 ELSE m.fee_fen END AS capped_fen,
           CASE WHEN m.is_counted = 1
                     AND (m.lessons IS NOT NULL OR m.most_lessons <= m.prepaid_lessons_max)
                     AND (m.basis = 'hours' OR m.span_months IS NOT NULL
                          OR m.most_months < m.prepaid_months_max)
                THEN 1 ELSE 0 END AS is_sure
    FROM limited AS m
    WHERE COALESCE(m.is_counted, 1) = 1
      AND CASE WHEN m.lessons > m.prepaid_lessons_max THEN 1
               WHEN m.basis <> 'hours' AND m.span_months >= m.prepaid_months_max THEN 1
               WHEN m.fee_fen > m.fee_max_fen THEN 1 ELSE 0 END = 0
)
SELECT w.contract_id, w.charge_id, w.institution_id, w.is_own, w.held_from, w.held_to,
       w.student, w.course_id, w.discipline,
       w.paid_on, w.ended_on, w.fee_fen, w.law_id, w.split_days, w.fee_max_fen,
       w.prepaid_lessons_max, w.lessons, w.most_lessons, w.contract_lessons, w.is_counted, w.capped_fen,
       w.is_sure, 0 AS by_discipline, w.course_id AS split_key
FROM within_limits AS w
UNION ALL
SELECT w.contract_id, w.charge_id, w.institution_id, w.is_own, w.held_from, w.held_to,
       w.student, w.course_id, w.discipline,
       w.paid_on, w.ended_on, w.fee_fen, w.law_id, w.split_days, w.fee_max_fen,
       w.prepaid_lessons_max, w.lessons, w.most_lessons, w.contract_lessons, w.is_counted, w.capped_fen,
       w.is_sure, 1, w.discipline
FROM within_limits AS w
WHERE w.discipline IS NOT NULL
