"""Queries behind the pages, each within the scope of the person who asks. Reading only."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

#: A row as a page shows it (``row.name``), and several.
PageRow = Row[Any]
PageRows = Sequence[Row[Any]]
