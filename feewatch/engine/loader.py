"""Reads the folders of rule data strictly; every fault is reported: file, key, what, allowed."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from feewatch.engine.book import MILLION, Fact, Parameter, ParameterValue, Price, Rule, RuleBook
from feewatch.engine.coverage import FILE as COVERAGE
from feewatch.engine.coverage import lint_coverage, read_coverage
from feewatch.engine.credit_terms import FILE as CREDIT_TERMS
from feewatch.engine.credit_terms import NOTHING, CreditTerms, read_credit_terms
from feewatch.engine.fact_file import read_fact
from feewatch.engine.grade_scheme import FILE as CREDIT_SCHEME
from feewatch.engine.grade_scheme import FOLDER as CREDIT_FOLDER
from feewatch.engine.grade_scheme import GradeScheme, read_scheme
from feewatch.engine.holidays import Holidays, HolidayYear, lay_together, read_holidays
from feewatch.engine.lint import lint
from feewatch.engine.list_meanings import FILE as LIST_MEANINGS
from feewatch.engine.list_meanings import ListMeaning, read_list_meanings
from feewatch.engine.price_file import read_prices
from feewatch.engine.rule_file import read_rule
from feewatch.engine.scenarios import Scenario, read_scenarios
from feewatch.engine.sources import LawSource, read_sources, take_reference
from feewatch.kernel.money import parse_yuan
from feewatch.kernel.places import NATION
from feewatch.kernel.problems import Problem
from feewatch.kernel.text import Text
from feewatch.kernel.toml import Table, parse_toml, refuse_faults
from feewatch.rounds.scheme import FILE as ROUNDS_FILE
from feewatch.rounds.scheme import FOLDER as ROUNDS_FOLDER

_PACKAGE = Path(__file__).resolve().parents[1]
#: The rule book shipped with the product: a wheel carries it inside the package, a clone beside it.
SHIPPED = (_PACKAGE if (_PACKAGE / "rules").is_dir() else _PACKAGE.parent) / "rules"
PARAMETER_UNITS = (
    "fen", "lessons", "months", "days", "working_days", "hours", "minutes", "count", "ratio",
    "flag", "words",
)  # fmt: skip


def load_rule_book(folders: Sequence[Path] = (), *, shipped: bool = True) -> RuleBook:
    """The shipped rule book with an office's own folders laid over it, or these alone.

    Raises: InvalidInputError listing every fault.
    """
    book, faults = read_rule_book([SHIPPED, *folders] if shipped else folders)
    refuse_faults("RULE-BOOK", Text("规则库有误", "the rule book has faults"), faults)
    return book


def read_rule_book(folders: Sequence[Path]) -> tuple[RuleBook, list[Problem]]:
    """The rule book of some folders and all its faults."""
    faults: list[Problem] = []
    digest = hashlib.sha256()
    sources: dict[str, LawSource] = {}
    parameters: dict[str, Parameter] = {}
    prices: dict[str, list[Price]] = {}
    facts: dict[str, Fact] = {}
    rules: dict[str, Rule] = {}
    holidays: dict[int, HolidayYear] = {}
    homes: dict[str, Path] = {}
    schemes: dict[str, GradeScheme] = {}
    terms = NOTHING
    meanings: dict[str, ListMeaning] = {}
    for folder in folders:
        earlier = dict(rules)
        for path, content in list_law_files(folder, faults):
            digest.update(path.encode() + b"\0" + content + b"\0")
            if path == CREDIT_TERMS:
                terms = _credit_terms(path, content, faults) or terms
            elif path == LIST_MEANINGS:
                _toml(path, content, faults, _into_meanings(meanings))
            elif path == CREDIT_SCHEME or path.startswith(f"{CREDIT_FOLDER}/"):
                scheme = read_scheme(content, path, faults)
                schemes |= {} if scheme is None else {scheme.id: scheme}
            elif path.startswith("sources/"):
                _toml(path, content, faults, _into(sources, read_sources, known=sources))
            elif path.startswith("parameters/") and path.endswith(".toml"):
                _toml(path, content, faults, _into(parameters, _read_parameters))
            elif path.startswith("parameters/"):
                prices[path] = read_prices(_text(path, content, faults), path, faults)
            elif path.startswith("holidays/"):
                _toml(path, content, faults, _into(holidays, read_holidays))
            elif path.startswith("facts/"):
                facts[Path(path).stem] = read_fact(path, _text(path, content, faults), faults)
            elif path.startswith("rulebook/"):
                version = hashlib.sha256(content).hexdigest()[:12]
                _toml(path, content, faults, _into(rules, read_rule, version=version))
        homes |= {name: folder for name, rule in rules.items() if earlier.get(name) is not rule}
    listed = tuple(price for each in prices.values() for price in each)
    book = RuleBook(
        digest.hexdigest(),
        sources,
        parameters,
        listed,
        facts,
        rules,
        holidays,
        terms,
        meanings,
        schemes,
    )
    covered = [(folder, read_coverage(folder, faults)) for folder in folders]
    if faults:
        return book, faults
    faults = lint(book)
    for folder, articles in covered:
        if articles is not None:
            own = sorted(name for name, home in homes.items() if home == folder)
            faults += lint_coverage(book, articles, own)
    return book, faults


def load_holidays(folders: Sequence[Path] = ()) -> Holidays:
    """The public holidays on file, an office's own years in place of those shipped.

    Raises: InvalidInputError listing every fault.
    """
    listed = (path for each in (SHIPPED, *folders) for path in sorted(each.glob("holidays/*.toml")))
    found = (path for path in listed if path.is_file())
    return _holidays_of(tuple((path, path.stat().st_mtime_ns) for path in found))


@lru_cache(maxsize=8)
def _holidays_of(files: tuple[tuple[Path, int], ...]) -> Holidays:
    """The holidays of some files as they stood when they were last changed."""
    faults: list[Problem] = []
    years: dict[int, HolidayYear] = {}
    for path, _ in files:
        name = f"{path.parent.name}/{path.name}"
        _toml(name, path.read_bytes(), faults, _into(years, read_holidays))
    refuse_faults("HOLIDAYS", Text("节假日文件有误", "the holidays have faults"), faults)
    return lay_together(years.values())


def read_scenario_folders(
    folders: Sequence[Path],
) -> tuple[dict[str, tuple[Scenario, ...]], list[Problem]]:
    """The scenarios of some folders by rule, and all their faults; a later file replaces one."""
    faults: list[Problem] = []
    files: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for path, content in _files(folder, []):
            if path.startswith("scenarios/"):
                _toml(path, content, faults, lambda values, path, _: files.update({path: values}))
    return read_scenarios(files, faults), faults


def load_scenarios(folders: Sequence[Path] = ()) -> dict[str, tuple[Scenario, ...]]:
    """The shipped scenarios by rule, an office's own files in place of those of the same name.

    Raises: InvalidInputError listing every fault.
    """
    scenarios, faults = read_scenario_folders([SHIPPED, *folders])
    refuse_faults("SCENARIOS", Text("情形有误", "the scenarios have faults"), faults)
    return scenarios


#: No file of rule data is a tenth as large.
_MOST_BYTES = 16 * 1024 * 1024
#: What may lie in which folder.
_KINDS = {
    "sources": (".toml",),
    "parameters": (".toml", ".csv"),
    "holidays": (".toml",),
    "facts": (".sql",),
    "rulebook": (".toml",),
    "scenarios": (".toml",),
    CREDIT_FOLDER: (".toml",),
    ROUNDS_FOLDER: (".toml",),
}
#: What a file is called that may go to another machine.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
#: Files that lie beside the folders.
_BESIDE = (CREDIT_TERMS, LIST_MEANINGS, CREDIT_SCHEME, ROUNDS_FILE)


def list_law_files(folder: Path, faults: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """The files of a folder that are law: scenarios try it, working papers only stand beside it."""
    return (
        each
        for each in _files(folder, faults)
        if not each[0].startswith(("scenarios/", f"{ROUNDS_FOLDER}/")) and each[0] != ROUNDS_FILE
    )


def list_rule_files(folder: Path, faults: list[Problem]) -> list[tuple[str, bytes]]:
    """Everything of a folder that is rule data: law, scenarios, rounds, what it covers."""
    files = list(_files(folder, faults))
    covered = _content(folder / COVERAGE)
    return files if covered is None else [*files, (COVERAGE, covered)]


def is_rule_file(path: str) -> bool:
    """Whether rule data may have a file of this path inside its folder."""
    folder, _, name = path.rpartition("/")
    if not folder:
        return path in (*_BESIDE, COVERAGE)
    return _NAME.fullmatch(name) is not None and Path(name).suffix in _KINDS.get(folder, ())


def list_rounds_files(folder: Path, faults: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """The presets of rounds and the checklists that lie in a folder."""
    return (
        each
        for each in _files(folder, faults)
        if each[0].startswith(f"{ROUNDS_FOLDER}/") or each[0] == ROUNDS_FILE
    )


def _files(folder: Path, faults: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """The files of rule data; what is none is a fault, lest a slip in a name switch a rule off."""
    if not folder.is_dir():
        missing = Text(f"没有文件夹 {folder}", f"no folder {folder}")
        faults.append(Problem("RULE-FOLDER", missing, str(folder)))
    for name in _BESIDE:
        content = _content(folder / name)
        if content is not None:
            yield name, content
    for path in sorted(folder.glob("*/*")):
        if path.suffix in _KINDS.get(path.parent.name, ()):
            content = _content(path)
            if content is None:
                unread = Text("不是可读的规则文件", "no rule file that can be read")
                faults.append(Problem("RULE-FILE", unread, path.relative_to(folder).as_posix()))
            else:
                yield path.relative_to(folder).as_posix(), content
        elif not path.name.startswith(".") and not path.parent.name.startswith("."):
            allowed = ", ".join(f"{name}/*{'|*'.join(ends)}" for name, ends in _KINDS.items())
            stray = Text(f"不认识的文件，可用：{allowed}", f"not a file of rule data: {allowed}")
            faults.append(Problem("RULE-FILE", stray, path.relative_to(folder).as_posix()))


def _content(path: Path) -> bytes | None:
    """The bytes of a file; None of what is none, ends never, as a device, or is far too large."""
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return None
    return path.read_bytes()


def _into(store: dict[Any, Any], read: Callable[..., Any], **rest: Any) -> Callable[..., None]:
    """A reader whose records are kept by id; a later folder's record replaces an earlier one's."""

    def keep(values: dict[str, Any], path: str, faults: list[Problem]) -> None:
        for record in read(values, path, faults, **rest):
            store[record.id] = record

    return keep


def _toml(path: str, content: bytes, faults: list[Problem], use: Callable[..., None]) -> None:
    values = parse_toml(content, path, faults)
    if values is not None:
        use(values, path, faults)


def _into_meanings(store: dict[str, ListMeaning]) -> Callable[..., None]:
    def keep(values: dict[str, Any], path: str, faults: list[Problem]) -> None:
        store.update(read_list_meanings(values, path, faults))

    return keep


def _credit_terms(path: str, content: bytes, faults: list[Problem]) -> CreditTerms | None:
    values = parse_toml(content, path, faults)
    return None if values is None else read_credit_terms(values, path, faults)


def _read_parameters(
    values: dict[str, Any], path: str, faults: list[Problem]
) -> Iterator[Parameter]:
    for name, table in Table(values, path, faults).named_tables().items():
        title = table.bilingual("title")
        unit = table.choice("unit", PARAMETER_UNITS)
        dated = tuple(_read_value(each, unit) for each in table.tables("values"))
        table.end()
        yield Parameter(name, title, unit, dated)


def _read_value(table: Table, unit: str) -> ParameterValue:
    raw = table.any("value")
    value = parameter_value(raw, unit)
    if value is None:
        table.must_be("value", Text(f"单位 {unit} 的值", f"a value in the unit {unit}"), raw)
    source = table.maybe("source")
    preset = table.flag("preset")
    if (source is None) != preset:
        table.fault("source", "须写明 source 或 preset = true", "needs source or preset = true")
    place, span = table.place("jurisdiction", NATION), table.span("from", "to")
    reference = take_reference(table, source or "")
    read = ParameterValue(
        place,
        *span,
        value if value is not None else 0,
        source,
        reference.article,
        table.known_date("checked"),
        reference.whole,
        reference.reason,
    )
    table.end()
    return read


def parameter_value(raw: Any, unit: str) -> int | tuple[str, ...] | None:
    """The value of a parameter as held, from what a file says; None where it is no such value."""
    if unit == "words":
        is_list = isinstance(raw, list) and all(isinstance(each, str) and each for each in raw)
        return tuple(raw) if is_list else None
    if unit == "flag":
        return int(raw) if isinstance(raw, bool) else None
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        return None
    if unit == "ratio":
        millionths = Decimal(raw) * MILLION
        return int(millionths) if millionths == int(millionths) else None
    if unit == "fen":
        return parse_yuan(str(raw))  # written in yuan, as the law does
    return raw if isinstance(raw, int) else None


def _text(path: str, content: bytes, faults: list[Problem]) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        wrong = Text(f"不是 UTF-8:{fault}", f"is not UTF-8: {fault}")
        faults.append(Problem("FILE-ENCODING", wrong, path))
        return ""
