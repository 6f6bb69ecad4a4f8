"""Registers handed in by a person: an officer's are the office's word, an institution's its own."""

from functools import partial
from pathlib import Path

from feewatch.bootstrap import App
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day
from feewatch.kernel.errors import ForbiddenError
from feewatch.kernel.people import User
from feewatch.services.corrections.holding import CorrectionHold
from feewatch.services.intake.proofs import Proof
from feewatch.services.registers.desk import kinds_of
from feewatch.services.registers.importing import (
    ImportReport,
    bytes_of,
    import_content,
)
from feewatch.services.registers.plan import Covers
from feewatch.services.registers.rejecting import KeepRejects, write_rejects


def hand_in(
    app: App,
    user: User,
    kind: str,
    name: str,
    data: bytes,
    *,
    covers: Covers = None,
    skip_bad: bool = False,
    only_try: bool = False,
    keep: KeepRejects = lambda _: None,
    as_of: Day | None = None,
    reason: str = "",
    voucher: Proof | None = None,
) -> ImportReport:
    """Import a file within the person's scope, or only see what would come of it.

    ``reason`` and ``voucher``: why rows on file are wrong, asked of an institution; the reason is
    read by a second officer, too, who confirms what the first hands in.

    Raises: ForbiddenError for a kind that is not the person's to hand in, InvalidInputError.
    """
    if kind not in kinds_of(user):
        raise ForbiddenError(
            "REGISTER-KIND",
            "您不能提交此类登记册",
            "this register is not yours to hand in",
            field="kind",
        )
    hold = None
    if user.institution_id is not None:
        day = today() if as_of is None else as_of
        hold = CorrectionHold(
            app, name, as_of=day, reason=reason, voucher=voucher, only_try=only_try
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
        keep=keep,
        as_of=as_of,
        hold=hold,
        reason=reason,
    )


def hand_in_file(
    app: App,
    user: User,
    kind: str,
    path: Path,
    *,
    covers: Covers,
    skip_bad: bool,
    rejects: Path | None,
    as_of: Day,
    reason: str,
    voucher: Proof | None,
) -> ImportReport:
    """The same of a file on disk; bad rows go into ``rejects``, by default the current directory.

    Raises: ForbiddenError, InvalidInputError.
    """
    return hand_in(
        app,
        user,
        kind,
        str(path),
        bytes_of(path),
        covers=covers,
        skip_bad=skip_bad,
        keep=partial(write_rejects, rejects or Path.cwd()),
        as_of=as_of,
        reason=reason,
        voucher=voucher,
    )
