"""One run of publication: an edition of a district composed, put on record, laid on disk.

The row with the signed document is committed first and files follow from it, so a process killed
at any point leaves nothing half done that the next run would not complete.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from feewatch.bootstrap import App
from feewatch.credit.holds import Held, write_conditions
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.errors import ConflictError
from feewatch.kernel.text import Text
from feewatch.publication import edition as editing
from feewatch.publication.choice import ListChoice
from feewatch.publication.signing import SigningKey, sha256
from feewatch.services.check.rulebook import rule_book as read_rule_book
from feewatch.services.lists.anchors import anchor_edition
from feewatch.services.lists.composing import compose, correct, is_recalled, step_back
from feewatch.services.lists.drafts import EditionDraft, Leave, Objection
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.lists.material import Material, Presets, lists_of, read_presets, refresh
from feewatch.services.lists.posting import post_new
from feewatch.services.lists.red import read_red
from feewatch.services.lists.second_words import CLOCK, ask_second_word
from feewatch.services.lists.shelving import (
    put_on_disk,
    refuse_other_record,
)
from feewatch.services.lists.telling import tell_of_edition, tell_of_holds
from feewatch.store import audit
from feewatch.store.database import Database, Transaction
from feewatch.store.lists import editions, holds, recalls
from feewatch.store.lists.editions import Edition

#: The row stands, but its files could not be written.
FILES_CODE = "EDITION-FILES"
#: The parts of a document that grow with the institutions of a district.
ENTRIES = ("lists", "delta", "unrated")


class DocumentOnRecord(Mapping[str, Any]):
    """The document of an edition on record: its entries are read whenever they are asked for.

    What a run over all districts came to holds none of their thousands of entries in memory.
    """

    def __init__(self, database: Database, document: Mapping[str, Any]) -> None:
        self._database = database
        self._names = tuple(document)
        self._head = {name: part for name, part in document.items() if name not in ENTRIES}

    def __getitem__(self, name: str) -> Any:
        """A part of the document; one that is long is read from the record."""
        if name in self._head or name not in self._names:
            return self._head[name]
        with self._database.reading() as tx:
            latest = editions.get_edition(tx, self._head["district"], self._head["number"])
        return latest.read()[name]

    def __iter__(self) -> Iterator[str]:
        """The names of its parts."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many parts it has."""
        return len(self._names)


@dataclass(frozen=True, slots=True)
class Published:
    """What publication came to in one district."""

    district: str
    cut_off: Day
    document: Mapping[str, Any] | None  # None: it is held and nothing had to leave
    sha256: str | None  # None for a dry run
    is_new: bool
    objections: tuple[Objection, ...] = ()  # what waits until it is resolved
    leaves: tuple[Leave, ...] = ()  # how many of how many would leave each list
    before: dict[str, int] | None = None  # entries of the edition before by list; None: the first
    draft: EditionDraft | None = None  # the whole of it, for a dry run

    @property
    def held(self) -> tuple[Text, ...]:
        """What the objections say."""
        return tuple(objection.text for objection in self.objections)

    def on_record(self, database: Database) -> "Published":
        """The same without the entries of its document, which are on record."""
        if self.document is None or self.sha256 is None:
            return self
        return replace(self, document=DocumentOnRecord(database, self.document))

    def as_json(self) -> dict[str, Any]:
        """The form printed by the command."""
        document = self.document or {}
        message = "; ".join(text.both() for text in self.held)
        fault = {"code": self.objections[0].code, "message": message} if self.held else {}
        return fault | {
            "district": self.district,
            "number": document.get("number"),
            "cut_off": format_day(self.cut_off),
            "kind": document.get("kind"),
            "sha256": self.sha256,
            "new": self.is_new,
            "counts": document.get("counts"),
            "delta": document.get("delta"),
            "leaving": [
                {
                    "list": leave.list,
                    "entries": len(leave.entries),
                    "of": leave.size,
                    "needs_second": leave.needs_second,
                }
                for leave in self.leaves
            ],
        }


class Press:
    """One run of publication."""

    def __init__(
        self,
        app: App,
        rule_book: str,
        cut_off: Day,
        actor: str,
        *,
        seen: Mapping[str, str] | None = None,
    ) -> None:
        """``seen``: by district the fingerprint of the draft that the person looked at."""
        self._seen = seen or {}
        self._app = app
        self._config = app.config.publication
        self._rule_book = rule_book
        self._cut_off = cut_off
        self._actor = actor
        self._presets: Presets = read_presets(app, cut_off, is_made_up=actor == CLOCK)

    def publish(self, material: Material) -> Published:
        """The edition of a district, on record and on disk; what may have changed is read again."""
        key = get_signing_key(self._app)
        with self._app.database.transaction() as tx:
            material = refresh(tx, material)
            refuse_other_record(self._app, tx, material.district)
            red = read_red(self._app, tx, self._cut_off, material.district)
            material = material._replace(red=red)
            published = self._existing(tx, material)
            if published is None:
                draft = compose(self._config, self._presets, material, self._cut_off)
                self._refuse_unseen(material.district, draft)
                published = self._settle(tx, draft, material, key)
                # about the edition in which they stay for the time being
                stays = refresh(tx, material) if published.is_new else material
                ask_second_word(tx, stays, draft, self._cut_off, self._actor)
        return self._put_on_disk(published, key)

    def _refuse_unseen(self, district: str, draft: EditionDraft) -> None:
        """Nothing, or a refusal where the record has changed since the person looked at it."""
        if district in self._seen and fingerprint(draft) != self._seen[district]:
            raise ConflictError(
                "PREVIEW-CHANGED",
                f"{district} 的下一期在您查看之后已有变化，请重新核对",
                f"the next edition of {district} has changed since you looked: look again",
            )

    def preview(self, tx: Transaction, material: Material) -> Published:
        """What ``publish`` would come to; nothing is changed."""
        latest, place = material.latest, material.district
        existing = self._existing(tx, material)
        if existing is not None:
            return existing
        draft = compose(self._config, self._presets, material, self._cut_off)
        seen = Published(
            place, self._cut_off, None, None, is_new=False, objections=draft.objections,
            leaves=draft.leaves, before=_count(latest), draft=draft,
        )  # fmt: skip
        if draft.goes_out(latest, self._cut_off):
            return replace(seen, document=self._document(draft, latest, place), is_new=True)
        if latest is not None and not draft.is_held:
            return replace(seen, document=latest.read(), sha256=latest.sha256)
        return seen

    def correct(self, district: str) -> Published | None:
        """The edition that takes out what must leave at once; None where nothing must.

        A recalled edition gives way to the one before it.
        """
        key = get_signing_key(self._app)
        with self._app.database.transaction() as tx:
            material = refresh(tx, Material(district))
            latest = material.latest
            if latest is None:
                return None
            day = max(self._cut_off, latest.cut_off)
            press = Press(self._app, self._rule_book, day, self._actor)
            draft = press._correction(tx, material, latest)
            if draft is None:
                return None
            published = press._settle(tx, draft, material, key)
        return press._put_on_disk(published, key)

    def _correction(
        self, tx: Transaction, material: Material, latest: Edition
    ) -> EditionDraft | None:
        if not is_recalled(material):
            return correct(self._config, material, self._cut_off)
        number = latest.number - 1
        previous = editions.get_edition(tx, material.district, number) if number else None
        draft = step_back(self._config, self._presets, material, previous, self._cut_off)
        ask_second_word(tx, material, draft, self._cut_off, self._actor)
        return draft

    def _existing(self, tx: Transaction, material: Material) -> Published | None:
        """The edition of an earlier cut-off, which no later data change."""
        latest, district = material.latest, material.district
        if latest is None or self._cut_off >= latest.cut_off:
            return None
        existing = editions.find_of_cut_off(tx, district, self._cut_off)
        if existing is None:
            day = format_day(latest.cut_off)
            raise ConflictError(
                "CUT-OFF-PAST",
                f"{district} 第 {latest.number} 期截止日为 {day}，不能再发布更早的版次",
                f"{district}: edition {latest.number} has the cut-off {day}; "
                "an earlier one cannot be published any more",
            )
        return Published(district, self._cut_off, existing.read(), existing.sha256, is_new=False)

    def _settle(
        self, tx: Transaction, draft: EditionDraft, material: Material, key: SigningKey
    ) -> Published:
        latest, district = material.latest, material.district
        done = Published(
            district, self._cut_off, None, None, is_new=False, objections=draft.objections,
            leaves=draft.leaves, before=_count(latest),
        )  # fmt: skip
        if not draft.goes_out(latest, self._cut_off):
            if draft.is_held or latest is None:
                return done
            return replace(done, document=latest.read(), sha256=latest.sha256)
        document = self._document(draft, latest, district)
        signed = key.sign(document)
        added = editions.add(
            tx,
            document,
            signed,
            cut_off=self._cut_off,
            sha256=sha256(signed),
            content_sha256=editing.content_hash(draft.lists),
            published_by=self._actor,
            subscribers=[
                each.name for each in self._config.subscribers if "editions" in each.takes
            ],
        )
        if not added:
            raise ConflictError(
                "EDITION-RACE",
                f"{district} 正由另一进程发布，请重试",
                f"{district} is being published by another process: try again",
            )
        post_new(self._app, tx, document)
        if draft.places is not None:
            self._keep_holds(tx, draft.places, draft.choice, district)
        recalls.settle(tx, _done(draft, material), document["number"])
        tell_of_edition(tx, district, document["number"], draft.changes)
        audit.record(
            tx,
            actor=self._actor,
            action="edition.publish",
            object=f"{district}/{document['number']}",
            detail={"cut_off": format_day(self._cut_off), "sha256": sha256(signed)},
        )
        return replace(done, document=document, sha256=sha256(signed), is_new=True)

    def _keep_holds(self, tx: Transaction, places: Held, choice: ListChoice, district: str) -> None:
        """What the edition makes of white places on hold, in its own transaction."""
        standing = {each.uscc: choice.assessments[each.uscc] for each in places.begun}
        names = {uscc: found.standing.name for uscc, found in standing.items()}
        lines = {uscc: write_conditions(found) for uscc, found in standing.items()}
        holds.end(tx, district, places.ended, self._cut_off)  # first: one may begin anew
        holds.begin(tx, district, places.begun, names, lines)
        tell_of_holds(tx, places.begun)

    def _document(
        self, draft: EditionDraft, latest: Edition | None, district: str
    ) -> dict[str, Any]:
        return editing.build(
            kind=draft.kind,
            office=self._app.config.office.name,
            district=district,
            number=1 if latest is None else latest.number + 1,
            cut_off=self._cut_off,
            rule_book=self._rule_book,
            previous_sha256=None if latest is None else latest.sha256,
            lists=draft.lists,
            unrated=draft.choice.unrated,
            changes=draft.changes,
            meanings=read_rule_book(self._app).meanings_json(),
        )

    def _put_on_disk(self, published: Published, key: SigningKey) -> Published:
        """Lay editions on disk; a folder that cannot be written holds up no other district."""
        if published.document is None:
            return published
        try:
            put_on_disk(self._app, published.district, self._cut_off, key)
            if published.sha256 is not None:
                number = published.document["number"]
                anchor_edition(self._app, published.district, number, published.sha256)
        except OSError as fault:
            text = Text(
                f"{published.district} 的版次已记录，但文件无法写入：{fault.strerror}",
                f"{published.district}: on record, but its files cannot be written: "
                f"{fault.strerror}",
            )
            objection = Objection(FILES_CODE, text)
            return replace(published, objections=(*published.objections, objection))
        return published


def fingerprint(draft: EditionDraft) -> str:
    """The hash of all that an edition would hold."""
    return editing.content_hash(draft.lists)


def _done(draft: EditionDraft, material: Material) -> list[int]:
    """The recalls of a district of which the edition lists nothing any more."""
    listed = {
        (name, entry["uscc"], entry["name"], entry.get("document", ""))
        for name, entries in draft.lists.items()
        for entry in entries
    }
    return [
        row["id"]
        for row in material.recalls
        if row["done_number"] is None
        and (row["list"], row["uscc"], row["name"], row["document"]) not in listed
    ]


def _count(latest: Edition | None) -> dict[str, int] | None:
    return None if latest is None else {k: len(v) for k, v in lists_of(latest).items()}
