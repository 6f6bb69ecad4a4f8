"""The page that verifies an edition in a browser: one file, no server, nothing foreign."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from feewatch.publication.templating import TEMPLATES

VERIFY_PAGE = "verify.html"
_SCRIPT = Path(__file__).with_name("templates") / "verify.js"


@lru_cache(maxsize=1)
def verify_page() -> bytes:
    """The page with its script in it; its policy lets that very script run and no other."""
    script = _SCRIPT.read_text(encoding="utf-8")
    return (
        TEMPLATES.get_template("verify.html")
        .render(script=script, allowed=script_source())
        .encode()
    )


@lru_cache(maxsize=1)
def script_source() -> str:
    """The script by its hash, as a content security policy names it."""
    digest = hashlib.sha256(_SCRIPT.read_bytes()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
