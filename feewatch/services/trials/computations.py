"""What can be computed as a piece of work: backtests, drafts beside the live rules, previews.

Each takes what was asked as texts, and gives what is kept; ``opened`` gives the records back.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from feewatch.bootstrap import App
from feewatch.engine.folders import rule_folders
from feewatch.engine.revision import Setting
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.packing import pack, unpack
from feewatch.kernel.people import User
from feewatch.kernel.text import Text
from feewatch.services.corrections.handing_in import hand_in
from feewatch.services.people.users import get_user_of
from feewatch.services.registers.importing import ImportReport
from feewatch.services.trials.backtest import Backtest, Period, ProposedChange, run_backtest
from feewatch.services.trials.computing import Computing, Progress, Work
from feewatch.services.trials.shadow import Shadowed, compare_shadow
from feewatch.services.ways_in import previews

#: What each kind is called, and what is kept of it.
TITLES: Mapping[str, Text] = {
    "backtest": Text("规则回测", "backtest"),
    "shadow": Text("草案并行", "drafts beside the live rules"),
    "preview": Text("导入前试查", "what an import would do"),
}
_KEPT: Mapping[str, Any] = {
    "backtest": Backtest, "shadow": list[Shadowed], "preview": ImportReport,
}  # fmt: skip


def computing_of(app: App) -> Computing:
    """The pieces of an office, as this process is to see them."""
    return Computing(app, _KINDS, get_user_of, _state_of_rules)


def _state_of_rules(app: App) -> str:
    """The files of rules and drafts as they lie: an editor changes one and tries again."""
    drafts = (app.config.resolve(each) for each in app.config.rules.shadow)
    told = hashlib.sha256()
    for folder in (*rule_folders(app.config), *drafts):
        for path in sorted(folder.rglob("*")):
            state = path.stat()
            told.update(f"{path} {state.st_mtime_ns} {state.st_size}\n".encode())
    return told.hexdigest()


def opened(kind: str, kept: Any) -> Any:
    """What was kept of a piece, as records again."""
    return unpack(_KEPT[kind], kept)


def _backtest(app: App, person: User, asked: Mapping[str, str], progress: Progress) -> Any:
    name, draft = asked.get("parameter", ""), asked.get("draft", "")
    change = ProposedChange(
        (Setting(name, asked.get("value", "")),) if name else (),
        asked.get("place") or None,
        app.config.resolve(draft) if draft else None,
    )
    first, last = _day(asked, "from"), _day(asked, "to")
    period = Period(first, last, last)
    return pack(run_backtest(app, change, period, scope=person.scope, progress=progress))


def _shadow(app: App, person: User, asked: Mapping[str, str], progress: Progress) -> Any:
    return pack(compare_shadow(app, _day(asked, "as_of"), person.scope, progress))


def _preview(app: App, person: User, asked: Mapping[str, str], progress: Progress) -> Any:
    held = previews.get(app, person.id, asked["upload"])
    progress.expect(1)
    report = hand_in(
        app, person, held.kind, held.name, held.data, covers=held.covers, skip_bad=True,
        only_try=True,
    )  # fmt: skip
    progress.step()
    return pack(report)


_KINDS: Mapping[str, Work] = {"backtest": _backtest, "shadow": _shadow, "preview": _preview}


def _day(asked: Mapping[str, str], name: str) -> Day:
    day = parse_day(asked.get(name, ""))
    if day is None:
        raise InvalidInputError("DAY", "日期无法识别", "this is no day", field=name)
    return day
