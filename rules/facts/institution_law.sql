-- 机构登记事实按当地规定的起止日分段，承继前后另分：每段一行，事实、适用的规定、持有哪一登记册的合同在段内都不变。
-- The dated facts of each institution cut where the law of its place changes: within a row both
-- the facts and the law in force are the same on every day, and so is the register whose contracts
-- the institution holds (see tenure).
-- grain: institution_id, register_id, law_id, valid_from
-- institution_id, uscc, institution_name, district: 机构，按该段日子的登记 / the institution as registered on
--   the days of the span; key, text, text, text
-- register_id: 这些日子持有哪一登记册的合同 / the institution whose registered contracts it holds on those days; key
-- supervised_from: 纳入监管日 / first day under supervision; day; unknown: 未登记 / not registered
-- subject: 机构科类 / what the institution teaches, academic or another kind; text
-- nature: 营利性质 / non_profit or for_profit; text
-- custody: 监管方式：bank_custody 银行托管，risk_deposit 风险保证金，both 两者 / custody mode: bank_custody,
--   risk_deposit or both; text
-- law_id: 适用的规定 / the law in force there on that day; key
-- valid_from: 该段首日 / first day of the span; day
-- valid_to: 该段末日 / last day of the span; day
SELECT s.institution_id, s.register_id, o.uscc, i.name AS institution_name, i.district,
       i.supervised_from, i.subject, i.nature, i.custody, l.law_id,
       larger(larger(l.from_day, i.valid_from), s.from_day) AS valid_from,
       smaller(smaller(l.to_day, i.valid_to), s.to_day) AS valid_to
FROM tenure AS s
JOIN institution AS o ON o.id = s.institution_id
JOIN institution_fact AS i
  ON i.institution_id = s.institution_id AND i.valid_from <= s.to_day AND i.valid_to >= s.from_day
JOIN law AS l
  ON l.district = i.district AND l.from_day <= i.valid_to AND l.to_day >= i.valid_from
 AND l.from_day <= s.to_day AND l.to_day >= s.from_day
