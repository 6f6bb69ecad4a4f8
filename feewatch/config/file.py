"""Reads one TOML file; unknown keys and wrong types are refused, all at once."""

import typing
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from feewatch.config.whole import Config
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, read_toml, refuse_faults

#: What is read from the current directory where no file is named.
CONFIG_FILE = "feewatch.toml"


def load_config(path: Path | None) -> Config:
    """The configuration of a file, by default that of the current directory, else the defaults.

    Raises: InvalidInputError naming every unknown key and wrong value.
    """
    if path is None:
        path = Path.cwd() / CONFIG_FILE
        if not path.exists():
            return Config(folder=Path.cwd())
    try:
        content = path.read_bytes()
    except OSError:
        raise InvalidInputError(
            "CONFIG-MISSING", f"找不到配置文件 {path}", f"no configuration file {path}"
        ) from None
    faults: list[Problem] = []
    table = read_toml(content, path.name, faults)
    values = _read(Config, table, skip="folder") if table else {}
    refuse_faults("CONFIG", Text("配置文件有误", "the configuration has faults"), faults)
    return Config(folder=path.resolve().parent, **values)


def key_of(name: str) -> str:
    """The key of a field in the file: a word of Python has an underscore at its end."""
    return name.rstrip("_")


def _read(cls: type, table: Table, skip: str = "") -> dict[str, Any]:
    """The values that a table gives to the fields of a class."""
    types_of = typing.get_type_hints(cls)
    values = {}
    for each in fields(cls):
        if each.name == skip:
            continue
        required = each.default is MISSING and each.default_factory is MISSING
        key = key_of(each.name)
        is_told = table.has(key)
        value = _value(types_of[each.name], table, key, required=required)
        if is_told or required:
            values[each.name] = value
    table.end()
    return values


def _value(kind: Any, table: Table, name: str, *, required: bool) -> Any:
    """What a table says of a field; something of its type where it says nothing or is wrong."""
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return kind(**_read(kind, table.table(name, required=required)))
    if kind is str:
        return table.text(name, required=required)
    if kind is bool:
        return table.flag(name)
    if kind is int:
        return table.whole(name, required=required) or 0
    if kind is float:
        return float(table.number(name, required=required) or 0)
    if kind == list[str]:
        return list(table.words(name))
    if kind == dict[str, str]:
        return table.strings(name)
    (item,) = kind.__args__
    return [item(**_read(item, inner)) for inner in table.tables(name, required=required)]
