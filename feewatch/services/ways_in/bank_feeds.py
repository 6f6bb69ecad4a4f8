"""Bank feeds: each offered file is fetched and taken in, then the position moves past it.

A fall between the two fetches the file again, which is then a duplicate: nothing is lost, nothing
is counted twice. What is quarantined or rejected waits on the desk and does not hold the feed up.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Feed
from feewatch.gateways.feeds import BankFeed, Offer, Patience
from feewatch.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Refusal,
    UnavailableError,
)
from feewatch.services.intake.recording import ingest_content
from feewatch.store.intake import feeds

_LONGEST_NAME = 50


class Pulled(NamedTuple):
    """What one pull of a feed came to: files by status, and why it ended early, if it did."""

    feed: str
    files: Counter[str]
    position: str | None
    refusal: Refusal | None

    def as_json(self) -> dict[str, Any]:
        """The form for terminals."""
        return {
            "feed": self.feed,
            **{name: self.files[name] for name in ("accepted", "duplicate", "quarantined")},
            "rejected": self.files["rejected"],
            "position": self.position,
            "error": self.refusal
            and {"code": self.refusal.code, "message": self.refusal.text.both()},
        }


def pull_feeds(app: App, name: str | None = None) -> Iterator[Pulled]:
    """Each feed, or the one named, pulled to its end; one that fails does not keep the others.

    Raises: NotFoundError for a name that is not configured, InvalidInputError for feeds that
    would share a position.
    """
    _check_names([each.name for each in app.config.feeds])
    wanted = [each for each in app.config.feeds if name in (None, each.name)]
    if name is not None and not wanted:
        raise NotFoundError(
            "FEED-UNKNOWN", f"没有配置银行直连 {name}", f"no feed {name} is configured"
        )
    for feed in wanted:
        yield _pull(app, feed)


def _check_names(names: list[str]) -> None:
    if len(set(names)) < len(names) or not all(0 < len(each) <= _LONGEST_NAME for each in names):
        raise InvalidInputError(
            "FEED-NAMES",
            f"[[feeds]] 的 name 须各不相同，1–{_LONGEST_NAME} 字",
            f"each of [[feeds]] needs a name of its own of 1–{_LONGEST_NAME} characters",
        )


def _pull(app: App, feed: Feed) -> Pulled:
    files: Counter[str] = Counter()
    refusal = None
    try:
        for status in _take_all(app, feed):
            files[status] += 1
    except Refusal as fault:
        refusal = fault
    with app.database.reading() as tx:
        return Pulled(feed.name, files, feeds.find_position(tx, feed.name), refusal)


def _take_all(app: App, feed: Feed) -> Iterator[str]:
    """The status of each file, after it was taken in and the position moved past it."""
    bank = _open(app, feed)
    with app.database.reading() as tx:
        position = feeds.find_position(tx, feed.name)
    seen = {position}
    has_more = True
    while has_more:
        offers = bank.list_offers(position)
        for offer in offers.items:
            if offer.position in seen:
                raise _circle(feed)
            seen.add(offer.position)
            yield _take(app, feed, bank, offer, position)
            position = offer.position
        has_more = offers.has_more and bool(offers.items)


def _take(app: App, feed: Feed, bank: BankFeed, offer: Offer, before: str | None) -> str:
    content = bank.fetch(offer)
    outcome = ingest_content(app, content, offer.name, actor=f"feed:{feed.name}", channel="feed")
    with app.database.transaction() as tx:
        if not feeds.move(tx, feed.name, before, offer.position):
            raise ConflictError(
                "FEED-BUSY",
                f"另一进程正在读取 {feed.name}",
                f"another process reads the feed {feed.name}",
            )
    return outcome.status


def _open(app: App, feed: Feed) -> BankFeed:
    try:
        token = app.config.resolve(feed.secret_file).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        token = ""
    if not token:
        raise UnavailableError(
            "FEED-SECRET",
            f"银行直连 {feed.name} 的密钥文件不存在、无法读取或为空",
            f"the secret file of the feed {feed.name} is absent, unreadable or empty",
        )
    return BankFeed(
        feed.url,
        token,
        page_size=feed.page_size,
        max_bytes=feed.max_mb * 1024 * 1024,
        patience=Patience(
            feed.timeout_seconds, feed.max_attempts, feed.wait_seconds, feed.longest_seconds
        ),
    )


def _circle(feed: Feed) -> UnavailableError:
    return UnavailableError(
        "FEED-CIRCLE",
        f"银行直连 {feed.name} 的位置重复出现",
        f"the feed {feed.name} offers a position twice",
    )
