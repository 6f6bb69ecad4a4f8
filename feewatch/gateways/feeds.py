"""A bank's feed of statement files over HTTP: pages of offers, then the bytes of each.

Never follows a redirect, never sends the token to another host, never believes a body whose hash
is not the one offered.
"""

import hashlib
import ipaddress
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from feewatch.gateways.deadlines import ConnectionCut, watched_session
from feewatch.kernel.errors import InvalidInputError, UnavailableError

Found = TypeVar("Found")
#: A page of offers is small; a stranger must not fill the memory with one.
_PAGE_BYTES = 5_000_000
_LONGEST_POSITION = 500
#: Statuses after which the same request may succeed.
_PASSING = frozenset({429, 500, 502, 503, 504})


class Offer(NamedTuple):
    """A file that the bank offers, and the position after it."""

    position: str
    name: str
    sha256: str
    address: str


class Offers(NamedTuple):
    """One page of offers, and whether more follow."""

    items: tuple[Offer, ...]
    has_more: bool


class Patience(NamedTuple):
    """How long to wait, how often to try, and the wait between tries, doubled each time.

    ``timeout_seconds``: for a bank that is silent; ``longest_seconds``: for a whole answer, however
    slowly it drips.
    """

    timeout_seconds: float
    max_attempts: int
    wait_seconds: float
    longest_seconds: float


class _PassingFault(Exception):
    """A fault that another try may not meet."""


class _Bearer(AuthBase):
    """The token as a header; given as ``auth``, so that no .netrc replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class BankFeed:
    """One bank's feed."""

    def __init__(
        self, url: str, token: str, *, page_size: int, max_bytes: int, patience: Patience
    ) -> None:
        """Raises: InvalidInputError for an address without TLS that is not this machine's."""
        check_address(url)
        self._url, self._auth = url, _Bearer(token)
        self._page_size, self._max_bytes, self._patience = page_size, max_bytes, patience

    def list_offers(self, after: str | None) -> Offers:
        """The page of offers after a position; None: from the beginning.

        Raises: UnavailableError.
        """
        params = {"limit": str(self._page_size)} | ({} if after is None else {"after": after})
        return self._persist(lambda: self._read_page(params))

    def fetch(self, offer: Offer) -> bytes:
        """The bytes of an offer, whole and with the hash that was offered.

        Raises: UnavailableError.
        """
        return self._persist(lambda: self._read_file(offer))

    def _persist(self, work: Callable[[], Found]) -> Found:
        reason = ""
        for attempt in range(self._patience.max_attempts):
            if attempt:
                time.sleep(self._patience.wait_seconds * 2 ** (attempt - 1))
            try:
                return work()
            except _PassingFault as fault:
                reason = str(fault)
        raise _unavailable(self._url, reason)

    def _read_page(self, params: Mapping[str, str]) -> Offers:
        content = self._get(self._url, params, _PAGE_BYTES)
        try:
            document = json.loads(content)
            items = tuple(self._offer(each) for each in document["items"])
            has_more = document["more"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _unavailable(self._url, "the page of offers has another form") from None
        if not isinstance(has_more, bool):
            raise _unavailable(self._url, "the page of offers has another form")
        return Offers(items, has_more)

    def _offer(self, item: Any) -> Offer:
        values = [item[name] for name in ("position", "name", "sha256", "url")]
        if not all(isinstance(each, str) for each in values):
            raise TypeError
        position, name, sha256, url = values
        if not 0 < len(position) <= _LONGEST_POSITION:
            raise ValueError
        address = urljoin(self._url, url)
        if urlsplit(address)[:2] != urlsplit(self._url)[:2]:
            raise _unavailable(self._url, f"offers a file of another host: {address[:100]}")
        return Offer(position, name, sha256.lower(), address)

    def _read_file(self, offer: Offer) -> bytes:
        content = self._get(offer.address, {}, self._max_bytes)
        if hashlib.sha256(content).hexdigest() != offer.sha256:
            raise _PassingFault(f"{offer.name}: the bytes have another SHA-256 than was offered")
        return content

    def _get(self, url: str, params: Mapping[str, str], most: int) -> bytes:
        with watched_session(self._patience.longest_seconds) as (session, cut):
            try:
                content = self._read(session, url, params, most)
            except requests.RequestException as fault:
                raise _PassingFault(_reason(cut, type(fault).__name__)) from None
            if cut.is_set():  # what was read may lack its end
                raise _PassingFault(_reason(cut, ""))
            return content

    def _read(
        self, session: requests.Session, url: str, params: Mapping[str, str], most: int
    ) -> bytes:
        content = bytearray()
        with session.get(
            url,
            params=params,
            auth=self._auth,
            timeout=self._patience.timeout_seconds,
            allow_redirects=False,
            stream=True,
        ) as answer:
            self._check(url, answer.status_code)
            for part in answer.iter_content(65536):
                content += part
                if len(content) > most:
                    raise _unavailable(url, f"more than {most} bytes")
        return bytes(content)

    def _check(self, url: str, status: int) -> None:
        if status in _PASSING:
            raise _PassingFault(f"HTTP {status}")
        if 300 <= status < 400:
            raise _unavailable(url, f"HTTP {status}: redirect refused")
        if status != 200:
            raise _unavailable(url, f"HTTP {status}")


def _reason(cut: ConnectionCut, otherwise: str) -> str:
    return "timed out as a whole" if cut.is_set() else otherwise


def check_address(url: str) -> None:
    """Nothing for https, or http to this machine.

    Raises: InvalidInputError.
    """
    if not is_safe_address(url):
        raise InvalidInputError(
            "FEED-ADDRESS",
            f"银行直连地址须为 https:{url}",
            f"the address of a bank feed must be https: {url}",
        )


def is_safe_address(url: str) -> bool:
    """Whether an address is https, or http to this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "http":
        return _is_loopback(parts.hostname)
    return parts.scheme == "https" and bool(parts.hostname)


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _unavailable(url: str, reason: str) -> UnavailableError:
    return UnavailableError(
        "FEED-FAILED", f"银行直连 {url} 读取失败：{reason}", f"cannot read the feed {url}: {reason}"
    )
