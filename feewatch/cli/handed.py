"""Writes a file that goes back to another system, and says how far its form is known."""

from pathlib import Path

import click

from feewatch.kernel.errors import UnavailableError
from feewatch.kernel.text import Text
from feewatch.services.reports.handing_back import BackFile

_UNPROVEN = Text(
    "此回传格式未经对方系统验证，导入前请核对列名",
    "no other system took a file of this form yet: check its columns before it is imported",
)


def print_handed(out: Path, done: BackFile) -> None:
    """Write the file and say what is in it.

    Raises: UnavailableError where it cannot be written.
    """
    try:
        out.write_bytes(done.content)
    except OSError as fault:
        raise UnavailableError(
            "TARGET-UNWRITABLE", f"无法写入 {out}", f"cannot write {out}: {fault.strerror}"
        ) from None
    click.echo(f"{out}: {Text(f'{done.rows} 行', f'{done.rows} rows').both()}")
    if done.left_out:
        left = Text(
            f"{done.left_out} 行没有统一社会信用代码，未写入",
            f"{done.left_out} rows without a credit code were left out",
        )
        click.echo(left.both(), err=True)
    if not done.form.proven:
        click.echo(f"BACK-FORM-UNPROVEN: {_UNPROVEN.both()}", err=True)
