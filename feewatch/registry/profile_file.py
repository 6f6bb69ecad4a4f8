"""Reads the files of column profiles, strictly: every fault of every file is told at once."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.registry.cells import CellFault
from feewatch.registry.kinds import KINDS, Kind
from feewatch.registry.personal import PERSONAL_HEADERS, header_key, role_of_header
from feewatch.registry.profile import DAY_FORMS, Profile

#: Profiles shipped with the product.
SHIPPED = Path(__file__).parent / "profiles"


def load_profiles(folders: Sequence[Path] = ()) -> list[Profile]:
    """The shipped profiles and those of further folders; a later file replaces one of its id.

    Raises: InvalidInputError listing every fault of every file.
    """
    faults: list[Problem] = []
    found: dict[str, Profile] = {}
    for folder in (SHIPPED, *folders):
        if not folder.is_dir():
            text = Text(f"找不到目录 {folder}", f"no folder {folder}")
            faults.append(Problem("PROFILE-FOLDER", text, str(folder)))
        for path in sorted(folder.glob("*.toml")):
            profile = _Loader(path, faults).load()
            if profile is not None:
                found.pop(profile.id, None)
                found[profile.id] = profile
    if faults:
        zh = "\n".join(f"{p.file}: {p.column or ''}: {p.message.zh}" for p in faults)
        en = "\n".join(f"{p.file}: {p.column or ''}: {p.message.en}" for p in faults)
        raise InvalidInputError(
            "PROFILE", f"列方案文件有误:\n{zh}", f"column profiles have faults:\n{en}"
        )
    return list(found.values())


#: key -> (type of its value, whether it must stand)
_KEYS: dict[str, tuple[type, bool]] = {
    "id": (str, True),
    "kind": (str, True),
    "title": (dict, True),
    "recognise": (list, True),
    "columns": (dict, True),
    "proven": (bool, False),
    "constants": (dict, False),
    "values": (dict, False),
    "personal": (dict, False),
    "foot": (list, False),
    "days": (list, False),
    "clock": (bool, False),
    "money_marks": (list, False),
    "count_marks": (list, False),
}


class _Loader:
    """Reads one file strictly; every fault is noted with the key it is of."""

    def __init__(self, path: Path, faults: list[Problem]) -> None:
        self._path = path
        self._faults = faults

    def load(self) -> Profile | None:
        """The profile, or None with its faults noted."""
        before = len(self._faults)
        try:
            raw = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
            self._fault("", f"无法读取:{cause}", f"cannot be read: {cause}")
            return None
        self._check_keys(raw)
        if len(self._faults) > before:
            return None
        kind = KINDS.get(raw["kind"])
        if kind is None:
            self._fault("kind", f"应为其中之一:{', '.join(KINDS)}", f"one of {', '.join(KINDS)}")
            return None
        profile = self._profile(raw)
        self._check_columns(profile, kind)
        self._check_headers(profile)
        self._check_words(profile, kind)
        return profile if len(self._faults) == before else None

    def _fault(self, key: str, zh: str, en: str) -> None:
        self._faults.append(Problem("PROFILE-KEY", Text(zh, en), self._path.name, None, key))

    def _check_keys(self, raw: dict[str, Any]) -> None:
        for key in sorted(set(raw) - set(_KEYS)):
            self._fault(key, "未知键", f"unknown key; allowed: {', '.join(_KEYS)}")
        for key, (kind, must_stand) in _KEYS.items():
            if key not in raw:
                if must_stand:
                    self._fault(key, "缺少", "is missing")
            elif type(raw[key]) is not kind:
                self._fault(key, f"类型应为 {kind.__name__}", f"must be a {kind.__name__}")
            elif kind is list:
                self._check_texts(key, raw[key])
        if isinstance(raw.get("title"), dict) and set(raw["title"]) != {"zh", "en"}:
            self._fault("title", "须有 zh 与 en", "must have zh and en, nothing else")
        for key in ("columns", "personal", "constants", "title"):
            if isinstance(raw.get(key), dict):
                self._check_table(key, raw[key], str if key in ("constants", "title") else list)
        if isinstance(raw.get("values"), dict):
            self._check_table("values", raw["values"], dict)

    def _check_table(self, at: str, table: dict[str, Any], kind: type) -> None:
        for name, value in table.items():
            if type(value) is not kind:
                self._fault(f"{at}.{name}", f"类型应为 {kind.__name__}", f"a {kind.__name__}")
            elif isinstance(value, list):
                self._check_texts(f"{at}.{name}", value)
            elif isinstance(value, dict):
                self._check_table(f"{at}.{name}", value, str)

    def _check_texts(self, at: str, values: list[Any]) -> None:
        if not all(isinstance(each, str) and each.strip() for each in values):
            self._fault(at, "须为非空文字的列表", "must be a list of texts, none empty")

    def _profile(self, raw: dict[str, Any]) -> Profile:
        def keys(texts: Sequence[str]) -> tuple[str, ...]:
            return tuple(map(header_key, texts))

        return Profile(
            raw["id"],
            raw["kind"],
            Text(raw["title"]["zh"], raw["title"]["en"]),
            frozenset(keys(raw["recognise"])),
            raw.get("proven", False),
            {name: keys(headers) for name, headers in raw["columns"].items()},
            raw.get("constants", {}),
            {
                name: {normalise(word): value for word, value in words.items()}
                for name, words in raw.get("values", {}).items()
            },
            {role: keys(headers) for role, headers in raw.get("personal", {}).items()},
            keys(raw.get("foot", [])),
            tuple(raw.get("days", [])),
            raw.get("clock", False),
            tuple(map(normalise, raw.get("money_marks", []))),
            tuple(map(normalise, raw.get("count_marks", []))),
        )

    def _check_columns(self, profile: Profile, kind: Kind) -> None:
        names = {column.name for column in kind.columns}
        for at in ("columns", "constants", "values"):
            for name in sorted(set(getattr(profile, at)) - names):
                self._fault(
                    f"{at}.{name}", "该登记册没有此列", f"no column of {kind.name}: {sorted(names)}"
                )
        for name in sorted(set(profile.columns) & set(profile.constants)):
            self._fault(f"constants.{name}", "列与常量只能有其一", "stands in columns too")
        for role in sorted(set(profile.personal) - set(PERSONAL_HEADERS)):
            allowed = ", ".join(PERSONAL_HEADERS)
            self._fault(f"personal.{role}", f"应为 {allowed} 之一", f"one of {allowed}")
        for form in sorted(set(profile.days) - set(DAY_FORMS)):
            self._fault("days", f"未知的日期写法 {form}", f"{form}: one of {', '.join(DAY_FORMS)}")

    def _check_headers(self, profile: Profile) -> None:
        if not profile.recognise:
            self._fault("recognise", "不能为空", "is empty")
        told = [key for headers in profile.columns.values() for key in headers]
        for key in sorted({key for key in told if told.count(key) > 1}):
            self._fault("columns", f"“{key}”用于多列", f"{key} stands for several columns")
        personal = {key for headers in profile.personal.values() for key in headers}
        for key in sorted(personal & set(told)):
            self._fault("personal", f"“{key}”又作登记列", f"{key} stands in columns too")
        # a file without its personal columns must still be recognised
        usual = {key for key in profile.recognise if role_of_header(key) and key not in told}
        for key in sorted(profile.recognise & personal | usual):
            self._fault("recognise", f"“{key}”是个人信息列", f"{key} is a personal column")

    def _check_words(self, profile: Profile, kind: Kind) -> None:
        columns = {column.name: column for column in kind.columns}
        told = [(f"constants.{name}", name, value) for name, value in profile.constants.items()]
        told += [
            (f"values.{name}.{word}", name, value)
            for name, words in profile.values.items()
            for word, value in words.items()
        ]
        for at, name, value in told:
            column = columns.get(name)
            if column is None:
                continue
            read = column.read(normalise(value)) if value else None
            if type(read) is CellFault:
                self._fault(at, f"{value}:{read.message.zh}", f"{value}: {read.message.en}")
            elif not value and column.must_be_filled:
                self._fault(at, "此列不能为空", "this column must be filled")
