"""Registers handed in on the site: an institution its own, an officer those of the district."""

from feewatch.bootstrap import App
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import User
from feewatch.registry.kinds import KINDS
from feewatch.services.registers.importing import ImportReport, import_content

#: Roles of the office that keep registers.
REGISTRARS = frozenset({"officer", "reviewer", "administrator"})
#: What an institution declares of its own business. Who it is, its accounts and what it has been
#: allowed are the office's to register.
DECLARED = ("courses", "contracts", "charges", "lessons", "refunds")


def kinds_of(user: User) -> tuple[str, ...]:
    """The kinds of register that a person may hand in."""
    if user.role in REGISTRARS:
        return tuple(KINDS)
    return DECLARED if user.role == "institution" and user.institution_id else ()


def hand_in(
    app: App,
    user: User,
    kind: str,
    name: str,
    data: bytes,
    *,
    covers: tuple[Day, Day] | None = None,
    skip_bad: bool = False,
    only_try: bool = False,
) -> ImportReport:
    """Import a file within the person's scope, or only see what would come of it.

    Raises: ForbiddenError for a kind that is not the person's to hand in, InvalidInputError.
    """
    if kind not in kinds_of(user):
        raise ForbiddenError(
            "REGISTER-KIND", "您不能提交此类登记册", "this register is not yours to hand in"
        )
    return import_content(
        app,
        kind,
        name,
        data,
        actor=user.name,
        covers=covers,
        skip_bad=skip_bad,
        scope=user.scope,
        only_try=only_try,
    )
