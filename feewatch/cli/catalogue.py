"""Which module makes which commands; ``feewatch.cli`` imports the one that is asked for."""

#: The commands of each module, by the name of the module.
COMMANDS_OF: dict[str, tuple[str, ...]] = {
    "operations": (
        "init",
        "user",
        "serve",
    ),
    "separation": ("separation",),
    "backups": (
        "backup",
        "restore",
    ),
    "registers": (
        "import",
        "templates",
        "tokenize",
    ),
    "dialects": ("dialects",),
    "profiles": ("profiles",),
    "intake": (
        "ingest",
        "quarantine",
    ),
    "feeds": ("feed",),
    "restatements": ("restatements",),
    "contract_releases": ("ecny",),
    "retention": ("retention",),
    "unmasking": ("unmask",),
    "matching": ("match",),
    "confirmations": ("confirmations",),
    "countersigns": ("countersign",),
    "coverage": ("coverage",),
    "openings": ("opening",),
    "checking": (
        "check",
        "findings",
    ),
    "ledger": ("ledger",),
    "cases": ("case",),
    "casework": (
        "alerts",
        "explain",
    ),
    "transfers": ("transfers",),
    "papers": ("papers",),
    "reports": ("report",),
    "rounds": (
        "inspectors",
        "visits",
        "checklists",
    ),
    "visiting": (
        "plan",
        "visit",
    ),
    "supervision": (
        "groups",
        "draws",
        "campaigns",
        "meetings",
        "pressing",
    ),
    "clues": ("clues",),
    "self_reports": ("selfreport",),
    "proposals": ("proposals",),
    "decisions": ("decision",),
    "holds": ("holds",),
    "white": ("white",),
    "grades": ("grades",),
    "publication": ("publish", "verify"),
    "gathered": ("gather", "sent-back"),
    "recalls": ("recall", "recalls", "standing-order"),
    "subscribers": ("subscribers",),
    "keys": ("key",),
    "personal": ("files",),
    "rules": ("rules",),
    "scheduling": (
        "scheduler",
        "doctor",
    ),
    "self_check": ("selfcheck",),
    "demo": ("demo",),
    "simulate": ("simulate",),
    "exporting": (
        "export",
        "recheck",
    ),
    "bench": ("bench",),
    "bundle": ("bundle",),
    "audit": ("audit",),
}
#: The module of each command.
MODULE_OF: dict[str, str] = {
    command: module for module, commands in COMMANDS_OF.items() for command in commands
}
