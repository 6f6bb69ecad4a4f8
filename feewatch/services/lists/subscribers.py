"""Subscribers of editions as people see and steer them: state, secrets, pause, replay."""

import os
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from feewatch.bootstrap import App
from feewatch.config import Subscriber
from feewatch.gateways.subscribers import make_secret, read_secrets
from feewatch.kernel.errors import ConflictError, NotFoundError
from feewatch.kernel.people import SECURITY, SYSTEM
from feewatch.kernel.text import Text
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.store import audit
from feewatch.store.database import Transaction
from feewatch.store.lists import outbox
from feewatch.store.pages import PageRow, PageRows

STEERERS = frozenset({"publisher"}) | SYSTEM
_KEEPERS = SECURITY
_SHOWN = 200


class SubscriberState(NamedTuple):
    """One subscriber; of its secrets only of which schemes they are."""

    name: str
    address: str  # scheme and host; empty for one that the configuration names no more
    schemes: tuple[str, ...]
    secret_fault: str  # why its secrets cannot be used; empty where they can
    waiting: int
    failed: int
    taken: int
    last_taken_at: str | None
    last_taken: tuple[tuple[str, int], ...]  # by district the last edition it gave a receipt for
    last_error: str | None
    paused: PageRow | None

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        paused = self.paused
        return {
            "name": self.name,
            "address": self.address,
            "schemes": list(self.schemes),
            "secret_fault": self.secret_fault or None,
            "waiting": self.waiting,
            "failed": self.failed,
            "taken": self.taken,
            "last_taken_at": self.last_taken_at,
            "last_taken": dict(self.last_taken),
            "last_error": self.last_error,
            "paused": None
            if paused is None
            else {"by": paused.paused_by, "at": paused.paused_at, "reason": paused.reason},
        }


def list_subscribers(app: App) -> list[SubscriberState]:
    """Every subscriber of the configuration, and those that it names no more, by name."""
    configured = {each.name: each for each in app.config.publication.subscribers}
    with app.database.reading() as tx:
        counts, unsent, last_taken, paused = app.database.kept.within(tx).answer(
            "subscribers", lambda: _ask(tx)
        )
    errors: dict[str, str] = {}
    for row in unsent:
        if row.last_error:
            errors.setdefault(row.subscriber, row.last_error)
    states = []
    for name in sorted({*configured, *counts}):
        count, subscriber = counts.get(name), configured.get(name)
        schemes, fault = _look_at_secrets(app, subscriber)
        states.append(
            SubscriberState(
                name,
                _address(subscriber),
                schemes,
                fault,
                int(count.waiting) if count else 0,
                int(count.failed) if count else 0,
                int(count.taken) if count else 0,
                count.taken_at if count else None,
                tuple((row.district, row.number) for row in last_taken if row.subscriber == name),
                errors.get(name),
                paused.get(name),
            )
        )
    return states


def _ask(tx: Transaction) -> tuple[dict[str, PageRow], PageRows, PageRows, dict[str, PageRow]]:
    """By subscriber what waits and was taken; what is not taken; the last taken; the pauses."""
    return (
        {row.subscriber: row for row in outbox.count_by_subscriber(tx)},
        outbox.list_open(tx, limit=_SHOWN),
        outbox.list_last_taken(tx),
        outbox.list_paused(tx),
    )


def list_open(app: App) -> PageRows:
    """Editions without a receipt, those given up on first."""
    with app.database.reading() as tx:
        return outbox.list_open(tx, limit=_SHOWN)


def list_results(app: App) -> PageRows:
    """Results that were pushed, the last first, with what came of each."""
    with app.database.reading() as tx:
        return outbox.list_results(tx, limit=_SHOWN)


def list_push_faults(app: App) -> list[Text]:
    """What is wrong with pushes now, one sentence a subscriber."""
    faults = []
    for state in list_subscribers(app):
        if state.secret_fault and state.address:
            faults.append(
                Text(
                    f"推送 {state.name}：密钥文件不可用（{state.secret_fault}），"
                    f"运行 feewatch subscribers secret {state.name}",
                    f"subscriber {state.name}: no usable secret ({state.secret_fault}); "
                    f"run feewatch subscribers secret {state.name}",
                )
            )
        if state.failed:
            faults.append(
                Text(
                    f"推送 {state.name}：{state.failed} 期多次未成功（{state.last_error}），"
                    f"排除原因后运行 feewatch subscribers replay {state.name}",
                    f"subscriber {state.name}: {state.failed} editions were given up on "
                    f"({state.last_error}); then feewatch subscribers replay {state.name}",
                )
            )
        if state.paused is not None:
            faults.append(
                Text(
                    f"推送 {state.name}：已由 {state.paused.paused_by} 暂停"
                    f"（{state.paused.reason}），待推 {state.waiting} 期",
                    f"subscriber {state.name}: paused by {state.paused.paused_by} "
                    f"({state.paused.reason}), {state.waiting} editions wait",
                )
            )
    with app.database.reading() as tx:
        failed = outbox.count_results(tx, "failed")
    if failed:
        faults.append(
            Text(
                f"{failed} 次处置结果多次推送未成功，见推送页；再次推送时一并重试",
                f"{failed} pushes of results were given up on: see the page of subscribers; the "
                "next push tries them anew",
            )
        )
    return faults


def pause(app: App, name: str, *, actor: str, reason: str) -> None:
    """Send nothing to a subscriber for now; what it is owed waits.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    _get(app, name)
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, STEERERS, app.config.office.district)
        if not outbox.pause(tx, name, actor, reason):
            raise ConflictError("PUSH-PAUSED", f"{name} 已暂停", f"{name} is paused already")
        audit.record(tx, actor=actor, action="push.pause", object=name, reason=reason)


def resume(app: App, name: str, *, actor: str, reason: str) -> None:
    """Send again, beginning with what was owed first.

    Raises: NotFoundError, ConflictError, ForbiddenError, InvalidInputError.
    """
    _get(app, name)
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, STEERERS, app.config.office.district)
        if not outbox.resume(tx, name):
            raise ConflictError("PUSH-RUNS", f"{name} 没有暂停", f"{name} is not paused")
        audit.record(tx, actor=actor, action="push.resume", object=name, reason=reason)


def replay(
    app: App,
    name: str,
    *,
    actor: str,
    reason: str,
    district: str | None = None,
    first: int = 1,
    last: int | None = None,
) -> int:
    """How many editions a subscriber is sent again, with the ids that they had the first time.

    ``district``: of this one alone. ``first``, ``last``: numbers of the editions.

    Raises: NotFoundError, ForbiddenError, InvalidInputError.
    """
    _get(app, name)
    require_reason(reason)
    with app.database.transaction() as tx:
        get_acting(tx, actor, STEERERS, app.config.office.district)
        count = outbox.replay(tx, name, district, first, last)
        if not count:
            raise NotFoundError("REPLAY-NONE", "没有这样的版次", "there are no such editions")
        audit.record(
            tx, actor=actor, action="push.replay", object=name, reason=reason, first=first,
            last=last, district=district, editions=count,
        )  # fmt: skip
    return count


def renew_secret(
    app: App,
    name: str,
    *,
    actor: str,
    scheme: Literal["v1", "v1a"] = "v1",
    rotate: bool = False,
) -> str:
    """A new secret for a subscriber; what it verifies by, told this once and never again.

    ``rotate``: pushes are signed by the secret of before, too, until the next rotation.

    Raises: NotFoundError, ConflictError where there is one and it is not to be rotated,
    ForbiddenError.
    """
    subscriber = _get(app, name)
    path = app.config.resolve(subscriber.secret_file)
    secret, told = make_secret(scheme)
    with app.database.transaction() as tx:
        get_acting(tx, actor, _KEEPERS, app.config.office.district)
        present = path.read_text(encoding="utf-8").split() if path.exists() else []
        if present and not rotate:
            raise ConflictError(
                "SECRET-EXISTS",
                f"{name} 已有密钥，更换请加 --rotate",
                f"{name} has a secret: add --rotate to replace it",
            )
        _write(path, [secret, *present[:1]])
        audit.record(
            tx, actor=actor, action="push.secret", object=name, scheme=scheme, rotate=rotate
        )
    return told


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
    building.replace(path)


def _get(app: App, name: str) -> Subscriber:
    for subscriber in app.config.publication.subscribers:
        if subscriber.name == name:
            return subscriber
    raise NotFoundError(
        "SUBSCRIBER-UNKNOWN",
        f"配置中没有订阅方 {name}",
        f"the configuration names no subscriber {name}",
    )


def _address(subscriber: Subscriber | None) -> str:
    if subscriber is None:
        return ""
    parts = urlsplit(subscriber.url)
    return f"{parts.scheme}://{parts.hostname or ''}"


def _look_at_secrets(app: App, subscriber: Subscriber | None) -> tuple[tuple[str, ...], str]:
    if subscriber is None:
        return (), ""
    try:
        text = app.config.resolve(subscriber.secret_file).read_text(encoding="utf-8")
        schemes = tuple(secret.scheme for secret in read_secrets(text))
    except OSError as fault:
        return (), fault.strerror or type(fault).__name__
    except ValueError as fault:
        return (), str(fault)
    return schemes, "" if schemes else "empty"
