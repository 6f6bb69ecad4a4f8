"""Payment channels: whose clearing account an inflow comes from, and what the channel keeps.

Pure but for reading its data file. A channel's name is the word of the contract register.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from feewatch.kernel.days import FIRST_DAY, Day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml, refuse_faults
from feewatch.ledger.holder import Entry

SHIPPED = Path(__file__).with_name("channels.toml")
#: The channels of the contract register that settle in lumps.
NAMES = ("platform", "wechat", "alipay", "unionpay")
MILLION = 1_000_000
#: Settling later than this the channel would hold money back.
_LARGEST_LAG = 5
_RATE = Text("小于 0.1 的比例，至多六位小数", "a share below 0.1 of at most six decimals")


class Channel(NamedTuple):
    """One payment channel."""

    name: str
    words: tuple[str, ...]  # folded
    settlement_words: tuple[str, ...]
    lags: tuple[int, ...]
    rates: tuple[tuple[Day, int], ...]  # from a day on, in millionths; the latest first

    def rate_on(self, day: Day) -> int:
        """The channel's fee on a day, in millionths; 0 where none is on file."""
        return next((rate for start, rate in self.rates if start <= day), 0)


def find_channel(channels: Sequence[Channel], entry: Entry) -> Channel | None:
    """The channel from whose clearing account an inflow comes; None where that is not one."""
    text = fold(entry.counterparty or entry.memo or "")
    fitting = [
        channel
        for channel in channels
        if any(word in text for word in channel.words)
        and (entry.counterparty or any(word in text for word in channel.settlement_words))
    ]
    return fitting[0] if len(fitting) == 1 else None


def fold(text: str) -> str:
    """The form in which names are compared: NFKC, no spaces, case ignored."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=8)
def load_channels(path: Path = SHIPPED) -> tuple[Channel, ...]:
    """The channels of a data file.

    Raises: InvalidInputError naming every fault.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(
            "CHANNELS-MISSING",
            f"无法打开支付渠道文件 {path}",
            f"cannot open the channels in {path}: {fault.strerror}",
        ) from None
    faults: list[Problem] = []
    table = read_toml(content, path.name, faults)
    channels = tuple(_channels(table)) if table else ()
    refuse_faults("CHANNELS", Text("支付渠道文件有误", "the channels have faults"), faults)
    return channels


def _channels(table: Table) -> Iterator[Channel]:
    settlement_words = _folded(table, "settlement_words")
    named = table.table("channels", required=False).named_tables(NAMES)
    for name, channel in named.items():
        words = _folded(channel, "words")
        lags = channel.wholes("lags", range(_LARGEST_LAG + 1))
        rates = sorted(map(_rate, channel.tables("rates", required=False)), reverse=True)
        channel.end()
        yield Channel(name, words, settlement_words, lags, tuple(rates))
    table.end()


def _folded(table: Table, key: str) -> tuple[str, ...]:
    return tuple(map(fold, table.words(key, required=True)))


def _rate(table: Table) -> tuple[Day, int]:
    """Day and rate of ``{ from = DAY, rate = SHARE }``."""
    day, rate = table.day("from", FIRST_DAY), table.number("rate")
    table.end()
    millionths = (rate or 0) * MILLION
    if not 0 <= millionths < MILLION // 10 or millionths != int(millionths):
        table.must_be("rate", _RATE, rate)
        return day, 0
    return day, int(millionths)
