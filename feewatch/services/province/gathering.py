"""Gathering: what each district published since the last time is read, verified, and kept.

A district speaks for itself alone and once: another edition under a number that was gathered is a
fork, a shorter chain a step back, and neither takes the place of what stands. Each edition is one
transaction; what is refused is on record and keeps only its own source waiting.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from feewatch.bootstrap import App
from feewatch.casework.messages import desk_gathered
from feewatch.config import DistrictSource
from feewatch.gateways.districts import DistrictSite
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, parse_day
from feewatch.kernel.errors import Refusal
from feewatch.kernel.text import Text
from feewatch.publication.chain import CHAIN_FILE, EditionName, read_chain
from feewatch.publication.folder import TIMESTAMP_FILE, alone, switch_latest
from feewatch.publication.keylist import FOLDER, REVOKED_FILE
from feewatch.publication.rendering import EDITION_FILE
from feewatch.publication.signing import PublicKeys, read_signed
from feewatch.publication.verification import verify_freshness
from feewatch.services.lists.revocation import heed_revocations
from feewatch.services.lists.sources import get_source, handed_keys, list_sources
from feewatch.services.messages import tell_office
from feewatch.services.province.parcels import (
    EditionParcel,
    HeldFiles,
    RefusedSourceError,
    as_refused,
    fetch_edition,
    lay_edition,
    lay_file,
    refuse,
)
from feewatch.store import audit
from feewatch.store.lists import gathered
from feewatch.store.lists.gathered import RefusedThing

#: Who is told of what was refused.
_TOLD = ("publisher", "officer")
_EDITIONS = "editions"
_OF_FORM = (KeyError, TypeError, ValueError, AttributeError, RecursionError)


class SourceRun(NamedTuple):
    """What one run came to of a source."""

    district: str
    new: list[int]  # numbers of editions
    last: int  # of all that were gathered; 0 for none
    refused: RefusedThing | None

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        refused = self.refused
        return {
            "district": self.district, "new": self.new, "last": self.last,
            "refused": None if refused is None else {
                "code": refused.code, "number": refused.number, "file": refused.file,
                "message": refused.fault._asdict(),
            },
        }  # fmt: skip


class _Given(NamedTuple):
    """What a source gave of itself before any edition."""

    keys: PublicKeys
    chain: bytes
    editions: dict[int, str]  # hash by number
    timestamp: bytes | None
    revoked: bytes | None


def gather(app: App, district: str = "", *, actor: str) -> Iterator[SourceRun]:
    """What is new of each source, or of one; one that is refused does not keep the others.

    Raises: NotFoundError for a district that is no source, InvalidInputError for a configuration
    that cannot be meant.
    """
    config = app.config
    sources = [get_source(config, district)] if district else list_sources(config)
    for source in sources:
        yield _gather(app, source, actor)


def place_of_source(app: App, district: str) -> Path:
    """The folder in which the editions of a source lie as it published them."""
    return app.config.var / "gathered" / district


def open_site(app: App, source: DistrictSource) -> DistrictSite:
    """The site of a source, with its token where it has one."""
    token = ""
    if source.token_file:
        path = app.config.resolve(source.token_file)
        token = path.read_text("ascii").strip() if path.is_file() else ""
    return DistrictSite(
        source.url, seconds=source.timeout_seconds, most_bytes=source.max_mb * 1024 * 1024,
        token=token,
    )  # fmt: skip


def _gather(app: App, source: DistrictSource, actor: str) -> SourceRun:
    new: list[int] = []
    refused = None
    place = place_of_source(app, source.district)
    try:
        with alone(place, source.district):  # two at once would lay the same edition twice
            for number in _take_new(app, source, place, actor):
                new.append(number)  # noqa: PERF402 - what was taken before a refusal stays taken
    except RefusedSourceError as fault:
        refused = fault.thing
    except Refusal as refusal:
        refused = as_refused(refusal)
    except _OF_FORM as fault:  # what another office signed may lack anything
        words = f"{type(fault).__name__}: {fault}"[:200]
        zh, en = f"内容不是约定的格式：{words}", f"it has not the form agreed: {words}"
        refused = RefusedThing("GATHER-CONTENT", "", Text(zh, en))
    if refused is not None:
        _note_refused(app, source.district, refused, actor)
    with app.database.reading() as tx:
        last = max(gathered.list_hashes(tx, source.district), default=0)
    return SourceRun(source.district, new, last, refused)


def _take_new(app: App, source: DistrictSource, place: Path, actor: str) -> Iterator[int]:
    """The number of each edition after it was put on record; at the end all is valid and fresh."""
    district, site = source.district, open_site(app, source)
    given = _ask(app, source, site)
    with app.database.reading() as tx:
        known = gathered.list_hashes(tx, district)
    _hold_against(given, known)
    shelf = place / district
    _lay_beside(place, district, given)
    if known:
        switch_latest(place, district, max(known))
    for number in _list_wanted(given, known, shelf):
        parcel = fetch_edition(site, district, number, given.keys, given.chain)
        _follows(parcel, known.get(number - 1))
        lay_edition(shelf, number, parcel.files)
        if number in known:  # what it holds is on record, its files were lost
            continue
        with app.database.transaction() as tx:
            gathered.add_edition(
                tx, parcel.document, cut_off=parcel.cut_off, hashed=parcel.sha256,
                key_ids=parcel.key_ids,
            )  # fmt: skip
            audit.record(tx, actor, "gather.edition", f"{district}/{number}", sha256=parcel.sha256)
        known[number] = parcel.sha256
        switch_latest(place, district, number)
        yield number
    fresh_until = _judge_freshness(shelf, district, given, today())
    with app.database.transaction() as tx:
        gathered.note_valid(tx, district, fresh_until)


def _list_wanted(given: _Given, known: dict[int, str], shelf: Path) -> list[int]:
    """Numbers of editions that were not gathered, or whose files are gone."""
    return [
        number
        for number in sorted(given.editions)
        if number not in known or not (shelf / str(number)).is_dir()
    ]


def _ask(app: App, source: DistrictSource, site: DistrictSite) -> _Given:
    """Keys, chain and timestamp of a source; the chain is whole and of this district alone.

    Raises: RefusedSourceError, UnavailableError, InvalidInputError.
    """
    district = source.district
    revoked = site.read(_EDITIONS, FOLDER, REVOKED_FILE)
    keys = heed_revocations(app.config, handed_keys(app.config, source), district, revoked)
    chain = site.read(_EDITIONS, district, CHAIN_FILE)
    if chain is None:
        raise refuse(
            "GATHER-NOTHING", CHAIN_FILE, f"站点上没有 {district} 的透明记录",
            f"the site has no transparency file of {district}",
        )  # fmt: skip
    copy = read_chain(chain, keys)
    for fault in copy.faults:
        raise refuse("VERIFY-FAILED", CHAIN_FILE, *fault, None, chain)
    return _Given(
        keys, chain, _of_district(district, copy.editions, chain),
        site.read(_EDITIONS, district, TIMESTAMP_FILE), revoked,
    )  # fmt: skip


def _of_district(district: str, editions: dict[EditionName, str], chain: bytes) -> dict[int, str]:
    other = next((name for name in editions if name.district != district), None)
    if other is not None:
        raise refuse(
            "GATHER-DISTRICT", CHAIN_FILE, f"{district} 的来源提供了 {other.district} 的版次",
            f"the source of {district} speaks for {other.district}", other.number, chain,
        )  # fmt: skip
    numbers = [name.number for name in editions]
    if numbers != list(range(1, len(numbers) + 1)):
        raise refuse(
            "GATHER-GAP", CHAIN_FILE, f"透明记录的期号不连续：{numbers}"[:200],
            f"the transparency file leaves numbers out: {numbers}"[:200], None, chain,
        )  # fmt: skip
    return {name.number: hashed for name, hashed in editions.items()}


def _hold_against(given: _Given, known: dict[int, str]) -> None:
    """Nothing where a source says of each edition that was gathered what it said then."""
    for number, hashed in known.items():
        said = given.editions.get(number)
        if said is None:
            raise refuse(
                "GATHER-ROLLBACK", CHAIN_FILE, f"已汇集到第 {max(known)} 期，现在只有 "
                f"{len(given.editions)} 期", f"{max(known)} editions were gathered, it tells of "
                f"{len(given.editions)}", number, given.chain,
            )  # fmt: skip
        if said != hashed:
            raise refuse(
                "VERIFY-FORK", CHAIN_FILE, f"第 {number} 期与已汇集的不同：同一期号签发了两版",
                f"edition {number} is another than the one gathered: two under one number", number,
                given.chain,
            )  # fmt: skip


def _follows(parcel: EditionParcel, before: str | None) -> None:
    """Nothing where an edition names the one gathered before it as its previous one."""
    if parcel.document["previous_sha256"] != before:
        number = parcel.document["number"]
        raise refuse(
            "GATHER-GAP", EDITION_FILE, f"第 {number} 期所记的上一期不是已汇集的那一期",
            f"edition {number} does not follow the edition {number - 1} that was gathered", number,
            parcel.files[EDITION_FILE],
        )  # fmt: skip


def _lay_beside(place: Path, district: str, given: _Given) -> None:
    """Let lie beside the editions what belongs to all of them, for whoever verifies them again."""
    lay_file(place / district / CHAIN_FILE, given.chain)
    if given.revoked is not None:
        lay_file(place / FOLDER / REVOKED_FILE, given.revoked)


def _judge_freshness(shelf: Path, district: str, given: _Given, as_of: Day) -> Day:
    """The last day for which a source vouches for its newest edition as the latest.

    Raises: RefusedSourceError where it does not vouch for it today.
    """
    if given.timestamp is None or not given.editions:
        raise refuse(
            "VERIFY-STALE", TIMESTAMP_FILE, "缺少时间戳，不能确认为最新一期",
            "the timestamp is missing: nothing says that this is the latest edition",
        )  # fmt: skip
    last = len(given.editions)
    newest = {
        "district": district, "number": last, "sha256": given.editions[last],
        "previous_sha256": given.editions.get(last - 1),
    }  # fmt: skip
    document, words = read_signed(given.timestamp, given.keys)
    if document is None:
        assert words is not None
        raise refuse("VERIFY-FAILED", TIMESTAMP_FILE, *words, last, given.timestamp)
    source = HeldFiles(district, last, {}, {TIMESTAMP_FILE: given.timestamp})
    report = verify_freshness(source, newest, given.keys, as_of)
    for fault in report.faults:
        raise refuse(fault.code, TIMESTAMP_FILE, *fault.text, last, given.timestamp)
    until = parse_day(document["expires_on"])
    if until is None:
        raise refuse("VERIFY-FAILED", TIMESTAMP_FILE, "没有届满日", "has no last day", last)
    lay_file(shelf / TIMESTAMP_FILE, given.timestamp)
    return until


def _note_refused(app: App, district: str, refused: RefusedThing, actor: str) -> None:
    """Keep what was refused; of what is new somebody is told."""
    with app.database.transaction() as tx:
        if not gathered.note_failing(tx, district, refused):
            return
        audit.record(
            tx, actor, "gather.refused", district, code=refused.code, number=refused.number,
            file=refused.file, sha256=refused.sha256,
        )  # fmt: skip
        text = Text(
            f"{district} 的版次未予接收：{refused.fault.zh}",
            f"what {district} published was refused: {refused.fault.en}",
        )
        for role in _TOLD:
            tell_office(
                tx, district=app.config.office.district, role=role, kind="gather_refused",
                object=district, text=text, address=desk_gathered(district),
            )  # fmt: skip
