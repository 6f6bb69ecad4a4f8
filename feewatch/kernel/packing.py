"""Records as plain JSON and back, by their annotations: NamedTuples, dataclasses, what they hold.

For what one release of the program keeps for itself for a day; nothing is kept for long in it.
"""

import base64
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints


def pack(value: Any) -> Any:
    """The value in lists, texts and numbers alone."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Decimal):  # a sum of whole numbers, as PostgreSQL gives it
        return int(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value):
        return [pack(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return [[pack(key), pack(each)] for key, each in value.items()]
    return [pack(each) for each in value]


def unpack(kind: Any, packed: Any) -> Any:
    """What was packed, as the annotation ``kind`` says; a row of a database is a dict again."""
    origin, inside = get_origin(kind), get_args(kind)
    if packed is None:
        return None
    if origin in (Union, types.UnionType):
        kinds = [each for each in inside if each is not type(None)]
        return unpack(kinds[0], packed) if len(kinds) == 1 else packed
    if origin is tuple and inside[-1] is Ellipsis:
        return tuple(unpack(inside[0], each) for each in packed)
    if origin is tuple:
        return tuple(map(unpack, inside, packed))
    if origin is frozenset:
        return frozenset(unpack(inside[0], each) for each in packed)
    if origin is list:
        return [unpack(inside[0], each) for each in packed]
    if origin is not None and issubclass(origin, Mapping):
        return {unpack(inside[0], key): unpack(inside[1], each) for key, each in packed}
    if kind in (str, int, float, bool) or kind is Any:
        return packed
    if kind is bytes:
        return base64.b64decode(packed)
    if kind is Path:
        return Path(packed)
    return _record(kind, packed)


def _record(kind: Any, packed: list[Any]) -> Any:
    if issubclass(kind, Mapping):
        return {str(key): value for key, value in packed}
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else kind._fields
    return kind(*(unpack(hints[name], each) for name, each in zip(names, packed, strict=True)))
