"""Which institutions have a name that looks like another's, for pages on which one is acted on."""

from feewatch.bootstrap import App
from feewatch.kernel.text import Text
from feewatch.registry.twins import TwinNames, twin_fault
from feewatch.store.registers import registers


def find_warning(app: App, uscc: str, name: str) -> Text | None:
    """The warning of a name that looks like those of others on file, None where none does."""
    with app.database.reading() as tx:
        twins = app.database.kept.by_table(tx).answer(
            "twin names", lambda: TwinNames(registers.list_names(tx))
        )
    others = twins.others(uscc, name)
    return twin_fault(others).message if others else None
