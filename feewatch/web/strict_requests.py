"""Requests read by waitress, strictly: one that states its length twice is the last of its line.

Who stands between may have read the other length, and take the rest for a request of somebody else
(RFC 9112, 6.1 and 11.2).
"""

import re

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

_LENGTH = re.compile(rb"^content-length[ \t]*:", re.IGNORECASE | re.MULTILINE)


class StrictRequest(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A request after which the connection ends where its length is in doubt."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request."""
        super().parse_header(header_plus)
        if self.chunked and _LENGTH.search(header_plus):
            self.headers["CONNECTION"] = "close"


class StrictChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are read so."""

    parser_class = StrictRequest
