"""Published files from another site, read for verification."""

import requests

from feewatch.kernel.errors import UnavailableError

TIMEOUT_SECONDS = 20
#: More than any list of a place comes to; a stranger's site must not fill the memory.
MAX_BYTES = 50_000_000


def download(url: str) -> bytes | None:
    """The content of an address, or None where there is nothing.

    Raises: UnavailableError.
    """
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, stream=True) as answer:
            if answer.status_code in (404, 410):
                return None
            answer.raise_for_status()
            content = b""
            for part in answer.iter_content(65536):
                content += part
                if len(content) > MAX_BYTES:
                    raise _unavailable(url, "内容过大", "it is too large")
            return content
    except requests.RequestException as fault:
        reason = type(fault).__name__
        raise _unavailable(url, reason, reason) from None


def _unavailable(url: str, zh: str, en: str) -> UnavailableError:
    return UnavailableError("DOWNLOAD", f"无法读取 {url}:{zh}", f"cannot read {url}: {en}")
