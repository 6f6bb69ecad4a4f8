"""An edition as an Atom feed: itself, and each change against the edition before.

Its times are the cut-off, never the moment of making, so that equal content gives equal bytes.
"""

import re
from collections.abc import Mapping
from typing import Any

from feewatch.credit.lists import LISTS
from feewatch.publication.columns import CHANGES
from feewatch.publication.templating import TEMPLATES

#: So many changes have an entry of their own; the page holds all of them.
MOST_CHANGES = 500
#: What XML 1.0 cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render_feed(document: Mapping[str, Any]) -> bytes:
    """The Atom feed of an edition, in UTF-8."""
    delta = document["delta"]
    shown = [(place, *_change(change)) for place, change in enumerate(delta[:MOST_CHANGES], 1)]
    feed = TEMPLATES.get_template("feed.xml").render(
        office=document["office"],
        district=document["district"],
        number=document["number"],
        cut_off=document["cut_off"],
        counts=[(LISTS[name].zh, count) for name, count in document["counts"].items()],
        changed=len(delta),
        changes=shown,
    )
    return _ILLEGAL.sub("\ufffd", feed).encode()


def _change(change: Mapping[str, Any]) -> tuple[str, str, str]:
    """The words of one change: what, to whom, and why."""
    title, reason = LISTS[change["list"]], change["reason"]
    return (
        f"{CHANGES[change['change']].zh}{title.zh}：{change['name']}",
        change["uscc"],
        f"{reason['zh']} / {reason['en']}",
    )
