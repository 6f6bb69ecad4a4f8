"""Reads the files of column profiles, strictly: every fault of every file is told at once."""

from collections.abc import Sequence
from pathlib import Path

from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text, normalise
from feewatch.kernel.toml import Table, read_toml, refuse_faults
from feewatch.registry.cells import CellFault
from feewatch.registry.columns import Kind
from feewatch.registry.kinds import KINDS
from feewatch.registry.personal import PERSONAL_HEADERS, header_key, role_of_header
from feewatch.registry.profile import DAY_FORMS, Profile

#: Profiles shipped with the product.
SHIPPED = Path(__file__).parent / "profiles"
_ROLES = tuple(PERSONAL_HEADERS)


def load_profiles(folders: Sequence[Path] = ()) -> list[Profile]:
    """The shipped profiles and those of further folders; a later file replaces one of its id.

    Raises: InvalidInputError listing every fault of every file.
    """
    faults: list[Problem] = []
    profiles: dict[str, Profile] = {}
    for folder in (SHIPPED, *folders):
        if not folder.is_dir():
            text = Text(f"找不到目录 {folder}", f"no folder {folder}")
            faults.append(Problem("PROFILE-FOLDER", text, str(folder)))
        for path in sorted(folder.glob("*.toml")):
            profile = _load(path, faults)
            if profile is not None:
                profiles.pop(profile.id, None)
                profiles[profile.id] = profile
    refuse_faults("PROFILE", Text("列方案文件有误", "column profiles have faults"), faults)
    return list(profiles.values())


def samples() -> dict[str, bytes]:
    """By file name a made-up export for each shipped profile; its first line says so."""
    return {path.name: path.read_bytes() for path in sorted((SHIPPED / "samples").glob("*.csv"))}


def _load(path: Path, faults: list[Problem]) -> Profile | None:
    own: list[Problem] = []
    table = read_toml(path.read_bytes(), path.name, own)
    profile = _Loader(table).load() if table else None
    faults += own
    return profile


class _Loader:
    """Reads one file strictly; every fault is noted with the key it is of."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self) -> Profile | None:
        """The profile, or None with its faults noted."""
        profile = _profile(self._table)
        self._table.end()
        if self._table.faults:
            return None
        kind = KINDS[profile.kind]
        self._check_columns(profile, kind)
        self._check_headers(profile)
        self._check_words(profile, kind)
        return None if self._table.faults else profile

    def _fault(self, key: str, zh: str, en: str) -> None:
        self._table.fault(key, zh, en)

    def _check_columns(self, profile: Profile, kind: Kind) -> None:
        names = {column.name for column in kind.columns}
        for at in ("columns", "constants", "values"):
            for name in sorted(set(getattr(profile, at)) - names):
                self._fault(
                    f"{at}.{name}", "该登记册没有此列", f"no column of {kind.name}: {sorted(names)}"
                )
        for name in sorted(set(profile.columns) & set(profile.constants)):
            self._fault(f"constants.{name}", "列与常量只能有其一", "stands in columns too")
        for form in sorted(set(profile.days) - set(DAY_FORMS)):
            self._fault("days", f"未知的日期写法 {form}", f"{form}: one of {', '.join(DAY_FORMS)}")

    def _check_headers(self, profile: Profile) -> None:
        headers_named = [key for headers in profile.columns.values() for key in headers]
        for key in sorted({key for key in headers_named if headers_named.count(key) > 1}):
            self._fault("columns", f"“{key}”用于多列", f"{key} stands for several columns")
        personal = {key for headers in profile.personal.values() for key in headers}
        for key in sorted(personal & set(headers_named)):
            self._fault("personal", f"“{key}”又作登记列", f"{key} stands in columns too")
        # a file without its personal columns must still be recognised
        usual = {
            key for key in profile.recognise if role_of_header(key) and key not in headers_named
        }
        for key in sorted(profile.recognise & personal | usual):
            self._fault("recognise", f"“{key}”是个人信息列", f"{key} is a personal column")

    def _check_words(self, profile: Profile, kind: Kind) -> None:
        columns = {column.name: column for column in kind.columns}
        values_named = [
            (f"constants.{name}", name, value) for name, value in profile.constants.items()
        ]
        values_named += [
            (f"values.{name}.{word}", name, value)
            for name, words in profile.values.items()
            for word, value in words.items()
        ]
        for at, name, value in values_named:
            column = columns.get(name)
            if column is None:
                continue
            read = column.read(normalise(value)) if value else None
            if type(read) is CellFault:
                self._fault(at, f"{value}:{read.message.zh}", f"{value}: {read.message.en}")
            elif not value and column.must_be_filled:
                self._fault(at, "此列不能为空", "this column must be filled")


def _profile(table: Table) -> Profile:
    def keys(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(header_key, texts))

    values = table.table("values", required=False)
    return Profile(
        table.filled("id"),
        table.choice("kind", tuple(KINDS)),
        table.bilingual("title"),
        frozenset(keys(table.words("recognise", required=True))),
        table.flag("proven"),
        table.bilingual("source", required=False),
        {name: keys(words) for name, words in table.word_lists("columns", required=True).items()},
        table.strings("constants"),
        {
            name: {normalise(word): value for word, value in values.strings(name).items()}
            for name in values.names()
        },
        {role: keys(words) for role, words in table.word_lists("personal", _ROLES).items()},
        keys(table.words("foot")),
        table.words("days"),
        table.flag("clock"),
        tuple(map(normalise, table.words("money_marks"))),
        tuple(map(normalise, table.words("count_marks"))),
    )
