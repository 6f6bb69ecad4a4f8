"""Numbers of visits, draws, campaigns and meetings: without gaps, a series a district and year."""

from sqlalchemy import Connection, Table, func, select

#: The letter of a series, by the table that has it.
_LETTERS = {"visit": "D", "visit_draw": "C", "campaign": "Z", "meeting": "H"}


def hold(tx: Connection, table: Table) -> None:
    """Let others who write to a table wait until the end; SQLite writes one at a time anyway."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")


def next_number(tx: Connection, table: Table, district: str, year: int) -> str:
    """The next number of a series, ``DISTRICT-LETTER YEAR-NNNN``, held until the end."""
    hold(tx, table)
    head = f"{district}-{_LETTERS[table.name]}{year:04d}-"
    number = table.c.number
    last = tx.scalar(
        select(number)
        .where(number.startswith(head, autoescape=True))
        .order_by(func.length(number).desc(), number.desc())
        .limit(1)
    )
    return f"{head}{int(last[len(head) :]) + 1 if last else 1:04d}"
