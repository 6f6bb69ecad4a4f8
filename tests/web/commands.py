"""What every command is called with in the small world: on a record of one's own, on a foreign one.

OWN is of 370702 and of the institution LUZHI, FOREIGN of 320104 and NANJING. A command without a
foreign form is of the whole office, or names nothing that lies in a place.
"""

from typing import NamedTuple

#: What a command's output shows of the foreign place, if it shows anything.
FOREIGN_SIGNS = ("宁知", "523201041982410526", "A2nanjing", "91673975968758554")
OWN = {
    "uscc": "52370702651728628K",
    "alert": "A0red",
    "matter": "M1",
    "other": "M2",
    "statement": "abababab#2",
    "case": "370702-2026-0001",
    "district": "370702",
}
FOREIGN = {
    "uscc": "523201041982410526",
    "alert": "A2nanjing",
    "matter": "M4",
    "other": "M4",
    "statement": "abababab#3",
    "case": "320104-2026-0001",
    "district": "320104",
}
_WHY = "--reason 核实"
_PERIOD = "--from 2026-01-01 --to 2026-07-01"
#: By act: the words behind the command; in braces what is of the one place or the other.
CALLS = {
    "init": "",
    # there is no such folder, and that is no safety copy: whoever is let in hears of it
    "backup": "{folder}/nowhere/office.zip",
    "backup --with-keys": "{folder}/nowhere/office.zip --with-keys",
    "export parquet": "{folder}/parquet",
    "export findings": "{folder}/contracts-370702.csv",
    "restore": "{folder}/contracts-370702.csv",
    "user add": "neu --role viewer --password-stdin",
    "user disable": "rule_editor",
    "user mail": "viewer a@example.cn",
    "user reset": "viewer",
    "user role": "viewer --role rule_editor " + _WHY,
    "user requests": "--json",
    "user confirm": "viewer",
    "user refuse": "viewer " + _WHY,
    "separation show": "--json",
    "separation ask": _WHY,
    "separation confirm": "",
    "separation refuse": _WHY,
    "user reset-factor": "viewer",
    "user link": "viewer --subject s-1",
    "user unlink": "viewer",
    "user token": "program",
    "user tokens": "program",
    "user revoke": "program",
    "import": "contracts {folder}/contracts-{district}.csv",
    "files seal": "",
    "files status": "",
    "ingest": "{folder}/noise.bin",
    "tokenize": "{folder}/contracts-370702.csv --force",
    "selfcheck": "{uscc} contracts {folder}/contracts-{district}.csv",
    "feed pull": "",
    "restatements": "{uscc}",
    "quarantine list": "--json",
    "quarantine show": "{statement}",
    "quarantine release": "{statement} " + _WHY,
    "quarantine reject": "{statement} " + _WHY,
    "match list": "--json",
    "match set": "6222/2026-01-10/100/1 HT1 " + _WHY,
    "match undo": "1 " + _WHY,
    "transfers list": "--json",
    "transfers send": "370702-2026-0001 --to market " + _WHY,
    "transfers bundle": "1 --out {folder}/evidence.zip",
    "transfers receive": "1 " + _WHY,
    "transfers return": "1 " + _WHY,
    "transfers receipt": "1 {folder}/noise.bin --by 某局 --on 2026-07-01 " + _WHY,
    "user department": "anna --to market " + _WHY,
    "confirmations list": "--json",
    "confirmations draw": "--size 1 " + _WHY,
    "confirmations ask": "1 " + _WHY,
    "confirmations letter": "X --out {folder}/letter.docx",
    "confirmations answer": "X agrees {folder}/noise.bin --on 2026-07-01",
    "confirmations confirm": "X",
    "inspectors list": "--json",
    "inspectors assign": "inspector {uscc} " + _WHY,
    "inspectors release": "inspector {uscc} " + _WHY,
    "inspectors missing": "--json",
    "visits list": "--json",
    "visits show": "{district}-D2026-0001",
    "visits record": "{uscc} --token 0123456789abcdef --note 走访",
    "checklists list": "--json",
    "checklists show": "wall-chart",
    "coverage list": "{uscc}",
    "coverage confirm": "{uscc} contracts " + _WHY,
    "opening show": "{uscc}",
    "opening add": "{uscc} {folder}/noise.bin",
    "opening sign": "{uscc} 1 " + _WHY,
    "check": "--as-of 2026-07-15 --institution {uscc}",
    "check --force": "--force --as-of 2026-07-15",
    "check --take-back": "--take-back --reason 误",
    "findings": "--as-of 2026-07-15 --rule ACC-OFF --json",
    "ledger": "{uscc} --month 2026-06",
    "alerts": "--json",
    "explain": "{alert} --json",
    "case": "open {matter} " + _WHY,
    "case STEP": "{case} start " + _WHY,
    "case list": "list --json",
    "case show": "show {case}",
    "papers list": "--year 2026 --json",
    "papers show": "X",
    "papers serve": "X --way direct --on 2026-07-14",
    "papers void": "X " + _WHY,
    "papers serve-many": "--matter {other} " + _WHY,
    "report ledger": "--json",
    "report monthly": "--month 2026-06 --district {district} --json",
    "report trace": "institutions --month 2026-06 --district {district}",
    "report issue": "--month 2026-06 --district {district}",
    "proposals list": "--json",
    "proposals show": "1",
    "proposals accept": "1 " + _WHY,
    "proposals refuse": "1 " + _WHY,
    "proposals ask": "1 " + _WHY,
    "proposals withdraw": "1 " + _WHY,
    "proposals voucher": "1 {folder}/noise.bin",
    "decision propose": "{folder}/decision.toml",
    "decision add": "{folder}/decision.toml --imported",
    "decision review": "X " + _WHY,
    "decision approve": "X " + _WHY,
    "decision refuse": "X " + _WHY,
    "decision correct": "X --confirm " + _WHY,
    "decision change": "X " + _WHY,
    "decision revoke": "X " + _WHY,
    "decision void": "X " + _WHY,
    "decision repair": "X --acceptance 1 " + _WHY,
    "decision list": "--json",
    "decision show": "X",
    "decision notice": "{folder}/decision.toml",
    "decision notices": "--json",
    "decision drop": "1 " + _WHY,
    "decision object": "X --kind defence " + _WHY,
    "decision withdraw": "1 " + _WHY,
    "decision objections": "--json",
    "decision answer": "1 upheld " + _WHY,
    "decision export": "--period 2026-01-01..2026-07-01 --out {folder}/out.csv",
    "decision reported": "X",
    "decision owed": "--json",
    "countersign list": "--json",
    "countersign confirm": "7 " + _WHY,
    "countersign refuse": "7 " + _WHY,
    "holds list": "--json",
    "holds decide": "{uscc} keep " + _WHY,
    "white list": "--as-of 2026-07-14 --json",
    "white show": "{uscc} --as-of 2026-07-14",
    "grades compute": "",
    "grades compute --dry-run": "--dry-run --json",
    "grades compare": "{folder}/noise.bin",
    "grades show": "--json",
    "grades red": "--json",
    "grades tell": "{uscc}",
    "grades object": "{uscc} --text 异议",
    "grades answer": "{uscc} 1 upheld " + _WHY,
    "grades set": "{uscc} A " + _WHY,
    "grades correct": "{uscc} A " + _WHY,
    "grades confirm": "{uscc} " + _WHY,
    "grades redraw": "{uscc} " + _WHY,
    "publish": "--as-of 2026-07-14 --district {district}",
    "publish --dry-run": "--as-of 2026-07-14 --dry-run --district {district} --json",
    "publish --force": "--as-of 2026-07-14 --force --district {district}",
    "publish --second": "--as-of 2026-07-14 --second --reason 同意 --district {district}",
    "recall": "{district} --edition 1 " + _WHY,
    "recalls list": "--json",
    "recalls lift": "1 " + _WHY,
    "standing-order": "withdraw " + _WHY,
    "subscribers list": "--json",
    "subscribers secret": "nobody",
    "subscribers pause": "nobody " + _WHY,
    "subscribers resume": "nobody " + _WHY,
    "subscribers replay": "nobody " + _WHY,
    "key init": "",
    "key rotate": "",
    "key revoke": "X " + _WHY,
    "key list": "--json",
    "rules backtest": "--set float_up=0.05 --place {district} " + _PERIOD + " --rule PRICE-GUIDE",
    "rules noise": "--place {district} --json",
    "rules shadow": "--as-of 2026-07-14 --json",
    "scheduler pause": "publication " + _WHY,
    "scheduler resume": "publication " + _WHY,
    "scheduler status": "--json",
    "doctor": "--json",
    "retention plan": "--json",
    "retention propose": _WHY,
    "retention erase": "--payer 无此人 " + _WHY,
    "retention run": "0123456789abcdef " + _WHY,
    "retention drop": "0123456789abcdef " + _WHY,
    "retention list": "--json",
    "unmask ask": "case 370702-2026-9999 --field payers " + _WHY,
    "unmask list": "--json",
    "audit verify": "--json",
    "audit export": "--out {folder}/audit.jsonl",
    "audit anchor": "",
    "audit prune": _WHY,
}
#: Commands that go on until they are ended: whom they let in is asked, they are not run.
WITHOUT_END = ("serve", "scheduler")


class Call(NamedTuple):
    """The words of one call, and whether it is about the foreign place."""

    words: list[str]
    is_foreign: bool


def calls_of(act: str, folder: object) -> list[Call]:
    """The calls of an act: on what is one's own, and on what is not where that makes a difference.

    A list has one call: what it shows of the foreign place is looked for in its output.
    """
    template = CALLS[act]
    calls = [(OWN, False)]
    if any(f"{{{name}}}" in template for name in OWN):
        calls.append((FOREIGN, True))
    command = act.split(" --")[0].split(" STEP")[0]
    head = command.split()[:1] if command.startswith("case") else command.split()
    return [
        Call([*head, *template.format(folder=folder, **values).split()], is_foreign)
        for values, is_foreign in calls
    ]
