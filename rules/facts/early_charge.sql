-- 先学后付而首次上课前已收款的合同，每次已缴的收费：缴费日，提前几个月。
-- Each charge paid of the pay-after contracts that were paid before their first lesson, and how many
-- months ahead; a contract without charges is its own only one, paid on the day of its receipt.
-- grain: contract_id, charge_id
-- contract_id: 合同内部编号 / the row of the contract; key
-- charge_id: 收费明细内部编号，合同本身为一次的为 0 / the row of the charge, 0 for a contract that is its own only one;
--   key
-- register_id: 合同登记在哪一机构名下 / the institution in whose register the contract is; key
-- paid_on: 缴费日；合同本身为一次的、首次收费未填的为收款日 / the day of payment, of the receipt where the contract is its
--   own charge or its first charge states none; day
-- lead_months: 缴费至开课满几个月 / full months from payment to the first day; months; unknown:
--   未填开课日，或收款日不是登记的缴费日 / no first day, or paid on another day than the one registered
-- lead_months_up: 同上，不满一个月的按一个月计 / the same, a part of a month counted as one; months; unknown: 同上
--   / as before
SELECT e.contract_id, COALESCE(g.id, 0) AS charge_id, e.register_id,
       COALESCE(g.paid_on, e.received_on) AS paid_on,
       CASE WHEN g.id IS NOT NULL THEN g.lead_months
            WHEN c.paid_on = e.received_on THEN c.lead_months END AS lead_months,
       CASE WHEN g.id IS NOT NULL THEN g.lead_months_up
            WHEN c.paid_on = e.received_on THEN c.lead_months_up END AS lead_months_up
-- they are few: SQLite begins with them where it is told to
FROM early_receipt AS e
CROSS JOIN contract AS c
LEFT JOIN charge AS g ON g.contract_id = c.id
WHERE c.id = e.contract_id AND (g.paid_on IS NOT NULL OR COALESCE(g.turn, 1) = 1)
