"""Every list as a file: the same view, the same filters, the same scope, ``?format=csv|xlsx``."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import Response, request, stream_with_context

from feewatch.kernel.text import Text
from feewatch.services.desk.exports import FORMATS, export_rows
from feewatch.services.paging import Page
from feewatch.sheets.listing import ColumnKind, Value, csv_parts, workbook_parts
from feewatch.web.access import installation, person
from feewatch.web.formats import XLSX
from feewatch.web.forms import read_choice
from feewatch.web.language import say
from feewatch.web.sights import sights


class ListColumn(NamedTuple):
    """A column of a file: its head, what stands below it for a row, how it is written."""

    title: Text
    value: Callable[[Any], Value]
    kind: ColumnKind = "text"


def file_of_list(
    name: Text, columns: Sequence[ListColumn], read: Callable[[int], Page]
) -> Response | None:
    """The list as a file where the address asks for one; None where it asks for the page.

    ``read`` gives a page of the list by its number, with the filters of the address.

    Raises: InvalidInputError for a list that is too long or a format that is none.
    """
    form = read_choice("format", FORMATS)
    if not form:
        return None
    place = request.endpoint or ""
    filters = {each: value for each, value in request.args.items() if each != "format"}
    rows = export_rows(
        installation(), person, place, form, filters, read, sights().told(standing=True)
    )
    heads, kinds = [say(column.title) for column in columns], [column.kind for column in columns]
    lines = ([column.value(row) for column in columns] for row in rows)
    file_name = f"{place.replace('.', '-')}.{form}"
    write = (
        workbook_parts(say(name), heads, kinds, lines)
        if form == "xlsx"
        else (csv_parts(heads, kinds, lines))
    )
    media_type = XLSX if form == "xlsx" else "text/csv; charset=utf-8"
    head = {"Content-Disposition": f"attachment; filename={file_name}"}
    return Response(stream_with_context(write), mimetype=media_type, headers=head)


def whole(rows: Sequence[Any]) -> Callable[[int], Page]:
    """A reader of a list that is read at once."""
    return lambda number: Page(rows if number == 1 else [], len(rows), number, max(1, len(rows)))
