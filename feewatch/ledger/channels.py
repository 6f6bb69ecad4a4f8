"""Payment channels: whose clearing account an inflow comes from, and what the channel keeps.

Pure but for reading its data file. A channel's name is the word of the contract register.
"""

import datetime as dt
import tomllib
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.kernel.days import Day, day_of
from feewatch.kernel.errors import InvalidInputError
from feewatch.ledger.classification import Entry

SHIPPED = Path(__file__).with_name("channels.toml")
#: The channels of the contract register that settle in lumps.
NAMES = ("platform", "wechat", "alipay", "unionpay")
MILLION = 1_000_000
#: Settling later than this the channel would hold money back.
_LARGEST_LAG = 5


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
    told = fold(entry.counterparty or entry.memo or "")
    found = [
        each
        for each in channels
        if any(word in told for word in each.words)
        and (entry.counterparty or any(word in told for word in each.settlement_words))
    ]
    return found[0] if len(found) == 1 else None


def fold(text: str) -> str:
    """The form in which names are compared: NFKC, no spaces, case ignored."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=8)
def load_channels(path: Path = SHIPPED) -> tuple[Channel, ...]:
    """The channels of a data file.

    Raises: InvalidInputError naming every fault.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _refusal(path, [str(fault)]) from None
    faults = [f"unknown key {name}" for name in raw if name not in ("settlement_words", "channels")]
    settlement_words = _words(raw, "settlement_words", "", faults)
    channels = raw.get("channels", {})
    if not isinstance(channels, dict):
        raise _refusal(path, ["channels must be a table"])
    found = tuple(
        _channel(name, values, settlement_words, faults) for name, values in channels.items()
    )
    if faults:
        raise _refusal(path, faults)
    return found


def _channel(
    name: str, values: Any, settlement_words: tuple[str, ...], faults: list[str]
) -> Channel:
    if name not in NAMES:
        faults.append(f"channels.{name}: a channel is one of {', '.join(NAMES)}")
    values = values if isinstance(values, dict) else {}
    at = f"channels.{name}."
    faults += [f"unknown key {at}{key}" for key in values if key not in ("words", "lags", "rates")]
    lags = values.get("lags")
    if not isinstance(lags, list) or not all(_is_lag(lag) for lag in lags) or not lags:
        faults.append(f"{at}lags must be a list of days from 0 to {_LARGEST_LAG}")
        lags = []
    listed = values.get("rates", [])
    rates = [_rate(each, at, faults) for each in (listed if isinstance(listed, list) else [None])]
    words = _words(values, "words", at, faults)
    return Channel(name, words, settlement_words, tuple(lags), tuple(sorted(rates, reverse=True)))


def _is_lag(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LARGEST_LAG


def _words(values: dict[str, Any], key: str, at: str, faults: list[str]) -> tuple[str, ...]:
    words = values.get(key)
    if isinstance(words, list) and all(isinstance(word, str) and word.strip() for word in words):
        return tuple(fold(word) for word in words)
    faults.append(f"{at}{key} must be a list of words")
    return ()


def _rate(value: Any, at: str, faults: list[str]) -> tuple[Day, int]:
    """Day and rate of ``{ from = DAY, rate = SHARE }``."""
    day = value.get("from") if isinstance(value, dict) else None
    rate = value.get("rate") if isinstance(value, dict) else None
    if type(day) is dt.date and isinstance(rate, Decimal) and 0 <= rate < Decimal("0.1"):
        millionths = rate * MILLION
        if millionths == int(millionths):
            return day_of(day), int(millionths)
    faults.append(f"{at}rates: each is {{ from = DAY, rate = SHARE }}, the share below 0.1")
    return 0, 0


def _refusal(path: Path, faults: list[str]) -> InvalidInputError:
    listed = "; ".join(faults)
    return InvalidInputError(
        "CHANNELS", f"支付渠道文件 {path.name} 有误:{listed}", f"channels in {path.name}: {listed}"
    )
