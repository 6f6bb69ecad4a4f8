"""Installs packs: believed, laid over the book and reviewed with all of it, then switched to.

Nothing is in force before the last step. Where the office has four eyes on, a pack waits until a
second person confirms it, and is looked at once more then.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from feewatch.bootstrap import App
from feewatch.config import Config
from feewatch.engine.book import RuleBook
from feewatch.engine.difference import BookDifference, compare
from feewatch.engine.folders import (
    PACKS,
    STATE,
    InstalledPack,
    Packs,
    WaitingSwitch,
    pack_folder,
    read_packs,
    rule_folders,
)
from feewatch.engine.loader import (
    SHIPPED,
    list_rounds_files,
    read_rule_book,
)
from feewatch.kernel.clock import timestamp
from feewatch.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from feewatch.kernel.text import Text
from feewatch.kernel.toml import refuse_faults
from feewatch.publication.rule_pack import MANIFEST, RULES, RulePack, is_newer
from feewatch.publication.signing import sha256
from feewatch.services.check.rulebook import book_of, shipped_book
from feewatch.services.packs.governing import KEEPERS_OF_RULES
from feewatch.services.packs.laying import (
    lay,
    list_laid_revocations,
    packs_alone,
    require_whole,
    switch,
    take_away,
    write_files,
)
from feewatch.services.packs.trust import (
    GivenKeys,
    believe,
    copy_keys,
    is_revoked,
    keep_revocations,
    kept_keys,
    mark_kept,
    require_believed,
)
from feewatch.services.people.acting import get_acting, require_reason
from feewatch.services.people.countersigning import is_wanted
from feewatch.services.trials.rule_review import review_folders
from feewatch.store import audit
from feewatch.store.database import Transaction


class Outlook(NamedTuple):
    """What a pack changes of the book in force, and what of it is said otherwise over it."""

    differences: Sequence[BookDifference]
    #: What the pack says and an own folder, or a later pack, says otherwise: from the one to the
    #: other.
    overridden: Sequence[BookDifference]
    notes: Sequence[Text]


class Installed(NamedTuple):
    """A pack that was installed, that waits, or that would be installed."""

    pack: InstalledPack
    replaced: str | None  # the version that was in force
    state: str  # tried, waiting, installed
    outlook: Outlook


def install(
    app: App, content: bytes, given: GivenKeys, *, actor: str, dry_run: bool = False
) -> Installed:
    """A pack is in force, or waits for a second person, or with ``dry_run`` is only looked at.

    Raises: InvalidInputError for a pack that is not believed, or with which the rule book has
    faults; ConflictError for one that is not newer, or where one waits; ForbiddenError.
    """
    config = app.config
    with app.database.reading() as tx:
        get_acting(tx, actor, KEEPERS_OF_RULES, config.office.district)
        waits = is_wanted(app, tx)
    if dry_run:
        pack, _ = believe(config, content, given)
        before = _require_newer(read_packs(config), pack)
        return Installed(_entry(pack, actor), before, "tried", look(config, pack))
    with packs_alone(config):
        pack, keys = believe(config, content, given)
        packs = read_packs(config)
        before = _require_newer(packs, pack)
        outlook, entry = look(config, pack), _entry(pack, actor)
        lay(config, pack, [each for each in (given.revoked, pack.revoked) if each is not None])
        if waits:
            _ask(app, packs, WaitingSwitch("install", entry, "", keys), actor)
            return Installed(entry, before, "waiting", outlook)
        _on_record(app, "rules.install", entry, actor, replaced=before)
        _let_in(config, packs, entry, keys)
    return Installed(entry, before, "installed", outlook)


def roll_back(app: App, name: str, *, actor: str, reason: str) -> tuple[str, str | None]:
    """How it stands (``waiting``, ``rolled_back``), and the version of before; None for none.

    Raises: NotFoundError for no such pack; UnavailableError where the one of before is damaged;
    InvalidInputError where its key is revoked, or the book would have faults;
    ConflictError where one waits.
    """
    require_reason(reason)
    config = app.config
    with packs_alone(config):
        with app.database.reading() as tx:
            get_acting(tx, actor, KEEPERS_OF_RULES, config.office.district)
            waits = is_wanted(app, tx)
        packs = read_packs(config)
        entry, before = _in_force(packs, name), _before(packs, name)
        _require_none_waits(packs, name)
        _require_sound(config, name, before)
        if waits:
            _ask(app, packs, WaitingSwitch("rollback", entry, reason, ""), actor)
            return "waiting", before.version if before else None
        _on_record(app, "rules.rollback", entry, actor, reason=reason, back_to=_version(before))
        _let_out(config, packs, name)
    return "rolled_back", before.version if before else None


def confirm(app: App, name: str, *, actor: str, reason: str) -> WaitingSwitch:
    """A second person lets what waits take place; it is looked at once more.

    Raises: NotFoundError where nothing waits; ForbiddenError, also for who asked; and as above.
    """
    require_reason(reason)
    config = app.config
    with packs_alone(config):
        packs = read_packs(config)
        with app.database.reading() as tx:
            waiting = _get_waiting(app, tx, packs, name, actor)
        entry = waiting.pack
        if entry.by == actor:
            raise ForbiddenError(
                "SECOND-OFFICER", "须由另一人确认", "another person has to confirm"
            )
        packs = _without_waiting(packs, name)
        told = {"asked_by": entry.by, "reason": reason}
        if waiting.act == "rollback":
            before = _before(packs, name)
            _require_sound(config, name, before)
            told |= {"back_to": _version(before) or "", "asked_for": waiting.reason}
            _on_record(app, "rules.rollback", entry, actor, **told)
            _let_out(config, packs, name)
            return waiting
        require_whole(config, name, entry.version, entry.sha256)
        folder = pack_folder(config, name, entry.version)
        require_believed(config, name, (folder / MANIFEST).read_bytes(), waiting.key)
        _require_faultless(rule_folders(config, {name: folder / RULES}))
        replaced = packs.installed[name][-1].version if name in packs.installed else None
        _on_record(app, "rules.install", entry, actor, replaced=replaced, **told)
        _let_in(config, packs, entry, waiting.key)
    return waiting


def refuse(app: App, name: str, *, actor: str, reason: str) -> WaitingSwitch:
    """What waits does not take place; who asked may take it back.

    Raises: NotFoundError where nothing waits, ForbiddenError.
    """
    require_reason(reason)
    config = app.config
    with packs_alone(config):
        packs = read_packs(config)
        with app.database.transaction() as tx:
            waiting = _get_waiting(app, tx, packs, name, actor)
            told = {"act": waiting.act, "version": waiting.pack.version, "reason": reason}
            audit.record(tx, actor, "rules.refuse", name, told, asked_by=waiting.pack.by)
        switch(config, _without_waiting(packs, name))
        if waiting.act == "install":
            take_away(config, name, waiting.pack.version)
    return waiting


def look(config: Config, pack: RulePack) -> Outlook:
    """What a pack would change; the whole book with it is reviewed.

    Raises: InvalidInputError listing every fault.
    """
    name = pack.head.name
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_files(place, pack)
        folders = rule_folders(config, {name: place})
        after = _require_faultless(folders)
        differences = [
            *compare(book_of(config), after),
            *_rounds_differences(rule_folders(config), folders),
        ]
        overridden: list[BookDifference] = []
        if folders[-1] != place:
            alone, _ = read_rule_book([SHIPPED, place])
            said = {(each.kind, each.id) for each in compare(shipped_book(), alone)}
            overridden = [each for each in compare(alone, after) if (each.kind, each.id) in said]
    notes = []
    if shipped_book().version != pack.head.book:
        notes.append(
            Text(
                "此包依据另一版本的出厂规则库编制，已与本机的一并检查",
                "the pack was made over another version of the shipped book; it was reviewed "
                "together with the one here",
            )
        )
    return Outlook(differences, overridden, notes)


def _rounds_differences(before: Sequence[Path], after: Sequence[Path]) -> list[BookDifference]:
    """Presets of rounds and checklists that are other files than before."""
    old, new = (
        {path: content for folder in folders for path, content in list_rounds_files(folder, [])}
        for folders in ((SHIPPED, *before), (SHIPPED, *after))
    )
    return [
        BookDifference("file", path, "changed" if path in old else "added", Text(path, path), ())
        for path in new
        if old.get(path) != new[path]
    ] + [
        BookDifference("file", path, "removed", Text(path, path), ())
        for path in old
        if path not in new
    ]


def _require_faultless(folders: Sequence[Path]) -> RuleBook:
    """The shipped book with folders laid over it.

    Raises: InvalidInputError listing every fault.
    """
    reviewed = review_folders(folders)
    refuse_faults("RULE-BOOK", Text("规则库有误", "the rule book has faults"), reviewed.faults)
    return reviewed.book


def _require_newer(packs: Packs, pack: RulePack) -> str | None:
    """The version in force, which the pack is newer than; None for none.

    Raises: ConflictError.
    """
    name, version = pack.head.name, pack.head.version
    _require_none_waits(packs, name)
    before = packs.installed[name][-1] if name in packs.installed else None
    if before is None:
        return None
    if before.district != pack.head.district:
        raise ConflictError(
            "PACK-ISSUER",
            f"规则包 {name} 由 {before.district} 签发，不能由 {pack.head.district} 的替换",
            f"packs of the name {name} are issued by {before.district}, not {pack.head.district}",
        )
    if not is_newer(version, before.version):
        raise ConflictError(
            "PACK-OLDER",
            f"{name} 现行版本为 {before.version}，{version} 不比它新；退回请用 rules rollback",
            f"{name} {before.version} is in force and {version} is not newer; to go back use "
            "rules rollback",
        )
    return before.version


def _require_none_waits(packs: Packs, name: str) -> None:
    if name in packs.waiting:
        raise ConflictError(
            "PACK-WAITS",
            f"规则包 {name} {packs.waiting[name].pack.version} 待另一人确认",
            f"{name} {packs.waiting[name].pack.version} waits for a second person",
        )


def _require_sound(config: Config, name: str, before: InstalledPack | None) -> None:
    """Nothing where the version of before is whole, believed, the book without fault under it.

    What a key signed that is revoked since comes into force again only where the revocation says
    that it stands; keys that were merely replaced do not matter.
    """
    folder = None
    if before is not None:
        require_whole(config, name, before.version, before.sha256)
        laid = pack_folder(config, name, before.version)
        if is_revoked(config, name, before.key_id):
            require_believed(config, name, (laid / MANIFEST).read_bytes(), "")
        folder = laid / RULES
    _require_faultless(rule_folders(config, {name: folder}))


def _entry(pack: RulePack, actor: str) -> InstalledPack:
    head = pack.head
    return InstalledPack(
        head.name, head.version, head.office, head.district, head.issued_on, pack.key_id,
        sha256(pack.manifest), timestamp(), actor,
    )  # fmt: skip


def _in_force(packs: Packs, name: str) -> InstalledPack:
    if name not in packs.installed:
        raise NotFoundError(
            "PACK-UNKNOWN", f"没有安装规则包 {name}", f"no pack {name} is installed"
        )
    return packs.installed[name][-1]


def _before(packs: Packs, name: str) -> InstalledPack | None:
    versions = packs.installed.get(name, ())
    return versions[-2] if len(versions) > 1 else None


def _version(pack: InstalledPack | None) -> str | None:
    return pack.version if pack is not None else None


def _get_waiting(app: App, tx: Transaction, packs: Packs, name: str, actor: str) -> WaitingSwitch:
    get_acting(tx, actor, KEEPERS_OF_RULES, app.config.office.district)
    if name not in packs.waiting:
        raise NotFoundError(
            "PACK-NOT-WAITING",
            f"规则包 {name} 没有待确认的事项",
            f"nothing waits of the pack {name}",
        )
    return packs.waiting[name]


def _ask(app: App, packs: Packs, waiting: WaitingSwitch, actor: str) -> None:
    """Let a switch wait, in the name of who asked."""
    waiting = waiting._replace(pack=waiting.pack._replace(by=actor))
    name = waiting.pack.name
    told = {"act": waiting.act, "reason": waiting.reason}
    _on_record(app, "rules.ask", waiting.pack, actor, **told)
    switch(app.config, packs._replace(waiting={**packs.waiting, name: waiting}))


def _without_waiting(packs: Packs, name: str) -> Packs:
    waiting = {other: each for other, each in packs.waiting.items() if other != name}
    return packs._replace(waiting=waiting)


def _let_in(config: Config, packs: Packs, entry: InstalledPack, keys: str) -> None:
    """The last step of all: the pack is in force."""
    if not (config.var / PACKS / STATE).exists():
        switch(config, packs)  # first of all: keys without this file mean that it was lost
    keys = keys or kept_keys(config, entry.name).decode()
    mark_kept(config, entry.name, keys)
    keep_revocations(config, entry.name, keys, list_laid_revocations(config, entry))
    entry = entry._replace(since=timestamp())
    versions = (*packs.installed.get(entry.name, ()), entry)
    packs = packs._replace(
        installed={**packs.installed, entry.name: versions},
        keys={**packs.keys, entry.name: keys},
    )
    switch(config, packs)
    copy_keys(config, entry.name, keys)


def _let_out(config: Config, packs: Packs, name: str) -> None:
    """The version in force is so no more; the one of before is, or none."""
    versions = packs.installed[name][:-1]
    rest = {other: each for other, each in packs.installed.items() if other != name}
    switch(config, packs._replace(installed=rest | ({name: versions} if versions else {})))


def _on_record(app: App, action: str, pack: InstalledPack, actor: str, **facts: object) -> None:
    """What is about to be in force is on record before it is."""
    told = {"version": pack.version, "key_id": pack.key_id, "sha256": pack.sha256}
    with app.database.transaction() as tx:
        get_acting(tx, actor, KEEPERS_OF_RULES, app.config.office.district)
        audit.record(tx, actor, action, pack.name, told, **facts)
