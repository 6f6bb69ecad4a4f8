"""Published files from another site, read for verification."""

from urllib.parse import urljoin, urlsplit

import requests

from feewatch.gateways.deadlines import watched_session
from feewatch.kernel.errors import UnavailableError

#: For the whole of a file, on the slowest line that an office has.
TIMEOUT_SECONDS = 120
#: More than any list of a place comes to; a stranger's site must not fill the memory.
MAX_BYTES = 50_000_000
_REDIRECTS = 5


def download(url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> bytes | None:
    """The content of an address, or None where there is nothing; it is led to no other host.

    ``timeout_seconds``: for the whole of it, however slowly it drips.

    Raises: UnavailableError.
    """
    with watched_session(timeout_seconds) as (session, cut):
        try:
            content = _read(session, url)
        except (requests.RequestException, ValueError) as fault:  # an address may be none
            reason = "timed out" if cut.is_set() else type(fault).__name__
            raise _unavailable(url, reason, reason) from None
        if cut.is_set():  # what was read may lack its end
            raise _unavailable(url, "超时", "timed out")
        return content


def _read(session: requests.Session, url: str) -> bytes | None:
    address = url
    for _ in range(_REDIRECTS):
        with session.get(
            address, timeout=TIMEOUT_SECONDS, stream=True, allow_redirects=False
        ) as answer:
            if answer.status_code in (404, 410):
                return None
            if not answer.is_redirect:
                answer.raise_for_status()
                return _content(url, answer)
            address = urljoin(address, answer.headers["Location"])
        if _host(address) != _host(url):
            raise _unavailable(url, "转到了其他主机", "it leads to another host")
    raise _unavailable(url, "重定向过多", "it leads on too often")


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _content(url: str, answer: requests.Response) -> bytes:
    content = bytearray()
    for part in answer.iter_content(65536):
        content += part
        if len(content) > MAX_BYTES:
            raise _unavailable(url, "内容过大", "it is too large")
    return bytes(content)


def _unavailable(url: str, zh: str, en: str) -> UnavailableError:
    return UnavailableError("DOWNLOAD", f"无法读取 {url}：{zh}", f"cannot read {url}: {en}")
