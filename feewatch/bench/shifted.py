"""Many offices of one: an export written again with other ids, numbers and codes.

The export of an office of the large world (``large_world``) is taken as often as asked, each time
as if another office had sent it: the same history, of other institutions, accounts and contracts.
"""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from feewatch.kernel.credit_code import check_character
from feewatch.services.check.recheck import Export

#: No office has as many rows of anything; twenty times it is a whole number of 32 bits.
_STEP = 10**8
#: Rows that an entry points to, beside the columns named ``…_id``.
_POINTERS = {"id", "reverses", "merged_into"}
_TEXTS = {
    "account_no": "regexp_replace({name}, '^(6222|6333|6111)00', '\\1{office:02d}')",
    "counterparty_account": "regexp_replace({name}, '^(6222|6333|6111)00', '\\1{office:02d}')",
    "contract_no": "replace({name}, 'HT', 'HT{office:02d}')",
    "renews": "replace({name}, 'HT', 'HT{office:02d}')",
    "refund_no": "replace({name}, 'TF', 'TF{office:02d}')",
    "memo": "replace(replace({name}, 'HT', 'HT{office:02d}'), 'TF', 'TF{office:02d}')",
    "counterparty": "replace({name}, '培训学校', '培训学校{office:02d}')",
    "name": "replace({name}, '培训学校', '培训学校{office:02d}')",
    "file_sha256": "'{office:02x}' || substr({name}, 3)",
    "uscc": "(SELECT code.shifted FROM code WHERE code.uscc = row.uscc AND code.office = {office})",
}


def take_often(
    duckdb: ModuleType, arrow: ModuleType, export: Export, offices: int, folder: Path
) -> Export:
    """The tables of an export as those of so many offices; the first of them is the one given.

    Parts that lie in the folder from a smaller number are left as they are.
    """
    if offices == 1:
        return export
    connection = duckdb.connect(config={"threads": 1})
    _lay_out_codes(connection, arrow, export.tables["institution"], range(1, offices))
    tables = {
        name: [*files, *_write(connection, name, files, range(1, offices), folder)]
        for name, files in export.tables.items()
    }
    connection.close()
    return export._replace(tables=tables)


def _write(
    connection: Any, table: str, files: list[Path], offices: range, folder: Path
) -> Iterator[Path]:
    """The table of each office as one part; none where it has no rows."""
    source = _source(files)
    columns = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    if not connection.execute(f"SELECT COUNT(*) FROM {source}").fetchone()[0]:
        return
    for office in offices:
        path = folder / f"{table}.{office}.parquet"
        if not path.exists():
            shifts = [shift for name, kind, *_ in columns if (shift := _shift(name, kind, office))]
            replaced = f"REPLACE ({', '.join(shifts)})" if shifts else ""
            path.parent.mkdir(parents=True, exist_ok=True)
            building = path.with_suffix(".building")
            connection.execute(
                f"COPY (SELECT * {replaced} FROM {source} AS row) TO '{building}' "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            building.rename(path)
        yield path


def _shift(name: str, kind: str, office: int) -> str:
    """What stands in a column of another office; empty for the same."""
    if name in _TEXTS:
        return f"{_TEXTS[name].format(name=name, office=office)} AS {name}"
    if kind == "BIGINT" and (name in _POINTERS or name.endswith("_id")):
        return f"{name} + {office * _STEP} AS {name}"
    return ""


def _lay_out_codes(
    connection: Any, arrow: ModuleType, institutions: list[Path], offices: range
) -> None:
    """The table ``code``: each credit code as each office has it."""
    found = connection.execute(f"SELECT uscc FROM {_source(institutions)}").fetchall()
    rows = [(code, office, _code_of(code, office)) for (code,) in found for office in offices]
    columns = dict(zip(("uscc", "office", "shifted"), zip(*rows, strict=True), strict=True))
    connection.register("codes", arrow.table({name: list(each) for name, each in columns.items()}))
    connection.execute("CREATE TABLE code AS SELECT * FROM codes")
    connection.unregister("codes")


def _code_of(code: str, office: int) -> str:
    """A credit code of the large world as an office has it, with its own check character."""
    body = f"{code[:8]}{office:02d}{code[10:17]}"
    return body + check_character(body)


def _source(files: list[Path]) -> str:
    listed = ", ".join(f"'{file}'" for file in files)
    return f"read_parquet([{listed}], hive_partitioning = false)"
