"""系统状态: every part of the installation with what is wrong and what mends it, disks, counts."""

import platform
import shutil
from pathlib import Path
from typing import NamedTuple

from flask import render_template

from feewatch import __version__
from feewatch.kernel.people import SYSTEM
from feewatch.services.health.doctor import examine
from feewatch.services.health.figures import list_row_gauges
from feewatch.services.health.machine import list_places
from feewatch.services.lists.subscribers import list_subscribers
from feewatch.web.access import Room, installation
from feewatch.web.request_log import tally_of

room = Room("conditions", __name__, may_enter=SYSTEM, url_prefix="/desk/health")
_MB = 1024 * 1024
#: The words for the states of rows, by their kind.
_STATE_WORDS = {
    "alerts": "status",
    "cases": "state",
    "files": "file",
    "statements": "file",
    "pushes": "parcel",
    "mails": "parcel",
    "runs": "run",
}


class Disk(NamedTuple):
    """Room on the disk of a folder, in MB."""

    path: Path
    free: int
    size: int


@room.get("/")
def show() -> str:
    """What is wrong, room on disks, rows by kind and state, requests by part of the site."""
    app = installation()
    disks = [(place, shutil.disk_usage(place)) for place in list_places(app)]
    return render_template(
        "regulator/conditions.html",
        parts=examine(app, thoroughly=False),
        disks=[Disk(place, usage.free // _MB, usage.total // _MB) for place, usage in disks],
        rows=list(list_row_gauges(app)),
        state_words=_STATE_WORDS,
        tally=tally_of().read(),
        feeds=app.config.feeds,
        inbox=app.config.inbox.folder,
        subscribers=list_subscribers(app),
        database=app.database.dialect,
        version=__version__,
        python=platform.python_version(),
    )
