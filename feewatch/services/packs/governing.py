"""Who makes packs, and who lets them be in force."""

from feewatch.kernel.people import SYSTEM

#: Who may sign rule data in the office's name.
PACKERS = frozenset({"rule_editor", "publisher", "administrator"})
#: Who may change by what everybody is judged: who keeps the rules, and who keeps the machine, whose
#: configuration names the folders of rules.
KEEPERS_OF_RULES = frozenset({"rule_editor"}) | SYSTEM
