"""A district's site, asked for what it published: bounded in size and time, led to no other place.

Believes nothing of what it reads; its token goes to this one host alone.
"""

from urllib.parse import quote

import requests
from requests.auth import AuthBase

from feewatch.gateways.deadlines import watched_session
from feewatch.kernel.errors import UnavailableError

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class _Token(AuthBase):
    """Given as ``auth``, so that no .netrc replaces it; without one nothing is sent along."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class DistrictSite:
    """One site; ``seconds``: for the whole of an answer, ``most_bytes``: of an answer."""

    def __init__(self, url: str, *, seconds: float, most_bytes: int, token: str = "") -> None:
        self._url, self._seconds, self._most_bytes = url.rstrip("/"), seconds, most_bytes
        self._token = token

    def read(self, *path: str) -> bytes | None:
        """What lies under a path, or None where there is nothing.

        Raises: UnavailableError: GATHER-AWAY, GATHER-REDIRECT, GATHER-SIZE.
        """
        return self._ask("GET", self._address(path), None, "")

    def read_own(self, path: str) -> bytes | None:
        """The same of what is for the holder of the token alone."""
        return self._ask("GET", f"{self._url}/{path}", None, self._token)

    def send(self, path: str, body: bytes) -> bytes | None:
        """What the site answers to a body, which only the holder of the token may send.

        Raises: as ``read``.
        """
        return self._ask("POST", f"{self._url}/{path}", body, self._token)

    def _address(self, path: tuple[str, ...]) -> str:
        return "/".join([self._url, *(quote(part, safe="") for part in path)])

    def _ask(self, way: str, address: str, body: bytes | None, token: str) -> bytes | None:
        with watched_session(self._seconds) as (session, cut):
            try:
                with session.request(
                    way, address, data=body, auth=_Token(token), timeout=self._seconds,
                    headers=_JSON if body is not None else None, allow_redirects=False, stream=True,
                ) as answer:  # fmt: skip
                    content = self._content(address, answer)
            except (requests.RequestException, ValueError) as fault:
                reason = "timed out" if cut.is_set() else type(fault).__name__
                raise _away(address, reason) from None
            if cut.is_set():  # what was read may lack its end
                raise _away(address, "timed out")
            return content

    def _content(self, address: str, answer: requests.Response) -> bytes | None:
        if answer.status_code in (404, 410):
            return None
        if 300 <= answer.status_code < 400:
            raise UnavailableError(
                "GATHER-REDIRECT",
                f"{address} 转到别处，不予跟随",
                f"{address} leads elsewhere, where nobody follows",
            )
        if not 200 <= answer.status_code < 300:
            raise _away(address, _reason(answer))
        content = bytearray()
        for part in answer.iter_content(65536):
            content += part
            if len(content) > self._most_bytes:
                raise UnavailableError(
                    "GATHER-SIZE",
                    f"{address} 超过 {self._most_bytes} 字节",
                    f"{address} has more than {self._most_bytes} bytes",
                )
        return bytes(content)


def _reason(answer: requests.Response) -> str:
    """The status, and the code of the refusal where the other side gives one."""
    try:
        code = answer.raw.read(4096, decode_content=True).decode("utf-8", "replace")
    except (requests.RequestException, OSError, ValueError):
        code = ""
    # what a stranger answers may hold what steers a terminal
    shown = "".join(letter for letter in code[:200] if letter.isprintable())
    return f"HTTP {answer.status_code} {shown}".rstrip()


def _away(address: str, reason: str) -> UnavailableError:
    return UnavailableError(
        "GATHER-AWAY", f"无法读取 {address}：{reason}", f"cannot read {address}: {reason}"
    )
