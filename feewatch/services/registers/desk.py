"""Who may hand in which registers: an institution its own, an officer those of the district."""

from feewatch.kernel.people import User
from feewatch.registry.kinds import KINDS

#: Roles of the office that keep registers.
REGISTRARS = frozenset({"officer", "reviewer", "administrator"})
#: What an institution declares of its own business. Who it is, its accounts and what it has been
#: allowed are the office's to register.
DECLARED = ("courses", "contracts", "charges", "lessons", "refunds")


def kinds_of(user: User) -> tuple[str, ...]:
    """The kinds of register that a person may hand in."""
    if user.role in REGISTRARS:
        return tuple(KINDS)
    return DECLARED if user.role in ("institution", "api") and user.institution_id else ()
