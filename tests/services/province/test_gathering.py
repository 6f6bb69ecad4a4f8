"""What districts publish is gathered from copies of what they serve, which a test then spoils."""

import json
import os
import shutil
import signal
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from feewatch.kernel.clock import today
from feewatch.kernel.errors import InvalidInputError, NotFoundError, UnavailableError
from feewatch.publication.chain import line_hash
from feewatch.publication.folder import edition_files
from feewatch.publication.signing import SigningKey, new_private_pem, sha256
from feewatch.services.jobs import JOBS
from feewatch.services.lists.keys import get_signing_key, rotate_key
from feewatch.services.lists.verification import verify
from feewatch.services.province import gathering
from feewatch.services.province.gathering import gather
from feewatch.store.lists import gathered as stored
from feewatch.store.tables import gathered as tables
from tests.services.province.conftest import (
    PROVINCE,
    SmallOffice,
    make_district,
    source_toml,
    uscc_of,
)

DISTRICT = "370101"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Scene:
    """A district, a copy of its published folder behind an address, a province that gathers it."""

    def __init__(self, path, offices):
        self.path = path
        self.district = make_district(path, DISTRICT)
        self.site = path / "site"
        self.copy()
        handler = partial(Quiet, directory=str(self.site))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.province = self.build()
        self.offices = offices
        offices += [self.district, self.province]

    def build(self, more=""):
        address = f"http://127.0.0.1:{self.server.server_port}"
        toml = source_toml(self.district, address, self.path / "keys", more)
        return SmallOffice(self.path / "province", PROVINCE, toml)

    def copy(self):
        shutil.rmtree(self.site, ignore_errors=True)
        shutil.copytree(self.district.app.editions, self.site / "editions", symlinks=True)

    def folder(self, number):
        return self.site / "editions" / DISTRICT / str(number)

    def gather(self):
        (run,) = gather(self.province.app, actor="cli")
        return run.new, run.refused and run.refused.code

    def rows(self, table, *columns):
        with self.province.app.database.reading() as tx:
            return [tuple(row) for row in tx.execute(select(*columns or table.c))]

    def state(self):
        ((row),) = self.rows(tables.gathered_source)
        return dict(zip(tables.gathered_source.c.keys(), row, strict=True))

    def names(self):
        entry = tables.gathered_entry.c
        return sorted(self.rows(tables.gathered_entry, entry.number, entry.list, entry.name))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def scene(tmp_path, close_later):
    scene = Scene(tmp_path, close_later)
    yield scene
    scene.stop()


BOTH = [(2, "white", f"{DISTRICT}乙培训学校"), (2, "white", f"{DISTRICT}甲培训学校")]


def test_editions_are_gathered_once_and_verify_where_they_lie(scene):
    assert scene.gather() == ([1, 2], None)
    assert scene.names() == BOTH
    assert scene.gather() == ([], None)
    state = scene.state()
    assert (state["code"], state["fresh_until"]) == (None, today() + 7)
    place = scene.province.app.config.var / "gathered" / DISTRICT / DISTRICT
    report = verify(scene.province.app.config, str(place), key_file=None, as_of=today())
    assert (report.faults, report.number) == ([], 2)
    (place / "1" / "白名单.csv").write_text("forged")
    report = verify(scene.province.app.config, str(place), key_file=None, as_of=None)
    assert [fault.file for fault in report.faults] == ["../1/白名单.csv"]


def test_what_is_new_is_fetched_and_nothing_else(scene, monkeypatch):
    scene.gather()
    scene.district.add(uscc_of(DISTRICT, 3), "丙培训学校")
    scene.district.publish(today())
    scene.copy()
    asked = []
    read = gathering.DistrictSite.read
    monkeypatch.setattr(
        gathering.DistrictSite, "read", lambda site, *path: asked.append(path) or read(site, *path)
    )
    assert scene.gather() == ([3], None)
    assert {path[2] for path in asked if len(path) == 4} == {"3"}
    assert len(scene.names()) == 3


def test_files_that_were_lost_are_fetched_again_and_no_edition_is_new_by_it(scene):
    """A safety copy brings the record back, not what can be gathered again."""
    scene.gather()
    place = scene.province.app.config.var / "gathered"
    shutil.rmtree(place)
    assert scene.gather() == ([], None)
    lies = place / DISTRICT / DISTRICT
    report = verify(scene.province.app.config, str(lies), key_file=None, as_of=today())
    assert (report.faults, report.number) == ([], 2)
    assert scene.names() == BOTH


def test_the_job_tells_what_is_new_and_fails_where_anything_is_refused(scene):
    assert JOBS["gathering"](scene.province.app, today()) == f"{DISTRICT} 2"
    (scene.folder(2).parent / "chain.jsonl").unlink()
    with pytest.raises(UnavailableError) as fault:
        JOBS["gathering"](scene.province.app, today())
    assert f"{DISTRICT} GATHER-NOTHING" in fault.value.text.zh


def forge(scene, number, key, change):
    """Lay an edition there that somebody signed anew after a change, with all its files."""
    folder = scene.folder(number)
    document = json.loads((folder / "edition.json").read_bytes())
    del document["signatures"]
    change(document)
    signed = key.sign(document)
    for name, content in edition_files(document, signed, key).items():
        (folder / name).write_bytes(content)
    return sha256(signed)


def drop_last(document):
    document["lists"]["white"].pop()
    document["counts"]["white"] -= 1


def stranger(_):
    return SigningKey(new_private_pem())


def own(scene):
    return get_signing_key(scene.district.app)


@pytest.mark.parametrize(
    ("whose", "code"),
    [
        (stranger, "VERIFY-FAILED"),  # signed by somebody else
        (own, "VERIFY-FORK"),  # signed by the office, and not what its chain says
    ],
)
def test_a_forged_edition_is_refused_and_what_stands_stays(scene, whose, code):
    scene.gather()
    valid_at = scene.state()["valid_at"]
    scene.district.add(uscc_of(DISTRICT, 3), "丙培训学校")
    scene.district.publish(today())
    scene.copy()
    forge(scene, 3, whose(scene), drop_last)
    assert scene.gather() == ([], code)
    assert scene.gather() == ([], code)
    assert scene.names() == BOTH
    state = scene.state()
    assert (state["code"], state["valid_at"]) == (code, valid_at)
    assert state["failing_since"] is not None
    refusal = tables.gathering_refusal.c
    told = scene.rows(tables.gathering_refusal, refusal.number, refusal.code, refusal.times)
    assert told == [(3, code, 2)]
    scene.copy()
    assert scene.gather() == ([3], None)
    assert scene.state()["failing_since"] is None


def resign_chain(scene, key, change):
    """The chain, signed anew line by line after a change of its lines."""
    path = scene.site / "editions" / DISTRICT / "chain.jsonl"
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    previous, content = None, b""
    for line in change(lines):
        bare = {name: value for name, value in line.items() if name != "signatures"}
        bare["previous"] = previous
        previous = line_hash(bare)
        content += key.sign(bare) + b"\n"
    path.write_bytes(content)


def test_another_edition_under_a_number_that_was_gathered_is_a_fork(scene):
    scene.gather()
    hashed = forge(scene, 2, own(scene), drop_last)

    def change(lines):
        lines[1]["edition_sha256"] = hashed
        return lines

    resign_chain(scene, own(scene), change)
    assert scene.gather() == ([], "VERIFY-FORK")
    assert scene.names() == BOTH


def test_a_chain_that_went_back_or_leaves_numbers_out_is_refused(scene):
    scene.gather()
    resign_chain(scene, own(scene), lambda lines: lines[:1])
    assert scene.gather() == ([], "GATHER-ROLLBACK")
    scene.copy()
    resign_chain(scene, own(scene), lambda lines: lines[1:])
    assert scene.gather() == ([], "GATHER-GAP")


def test_a_source_speaks_for_its_own_district_alone(scene):
    def change(lines):
        return [line | {"district": "370102"} for line in lines]

    resign_chain(scene, own(scene), change)
    assert scene.gather() == ([], "GATHER-DISTRICT")
    assert scene.names() == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda entry: entry.update(phone="13912345678"), "GATHER-CONTENT"),
        (lambda entry: entry.update(name="联系人13912345678"), "GATHER-CONTENT"),
        (lambda entry: entry.update(uscc="52370101000000001X"), "GATHER-CONTENT"),
        (lambda entry: entry.update(name=["x"]), "GATHER-CONTENT"),
    ],
)
def test_content_that_no_edition_has_is_refused_though_it_is_signed(scene, spoil, code):
    folder = scene.folder(1)
    document = json.loads((folder / "edition.json").read_bytes())
    del document["signatures"]
    spoil(document["lists"]["white"][0])
    signed = own(scene).sign(document)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["signatures"]
    manifest["files"]["edition.json"] = sha256(signed)
    (folder / "edition.json").write_bytes(signed)
    (folder / "manifest.json").write_bytes(own(scene).sign(manifest))

    def change(lines):
        lines[0]["edition_sha256"] = sha256(signed)
        return lines

    resign_chain(scene, own(scene), change)
    assert scene.gather() == ([], code)
    assert scene.names() == []
    assert not list((scene.province.app.config.var / "gathered").rglob("edition.json"))


def test_an_old_timestamp_is_no_word_that_this_is_the_latest(scene):
    path = scene.site / "editions" / DISTRICT / "timestamp.json"
    stamp = json.loads(path.read_bytes())
    del stamp["signatures"]
    stamp["expires_on"] = "2020-01-01"
    path.write_bytes(own(scene).sign(stamp))
    assert scene.gather() == ([1, 2], "VERIFY-STALE")
    assert scene.names() == BOTH
    assert scene.state()["valid_at"] is None
    path.unlink()
    assert scene.gather() == ([], "VERIFY-STALE")


def test_a_new_key_is_believed_when_it_was_handed_over_and_named(scene):
    scene.gather()
    old = scene.district.key_id
    rotate_key(scene.district.app, actor="wang")
    scene.district.add(uscc_of(DISTRICT, 3), "丙培训学校")
    scene.district.publish(today())
    scene.copy()
    assert scene.gather() == ([], "VERIFY-FAILED")
    scene.district.hand_key(scene.path / "keys" / f"{DISTRICT}.json")
    assert scene.gather() == ([], "VERIFY-FAILED")  # handed over, and not named yet
    new = scene.district.key_id
    scene.province.reconfigure(f'keys = ["{old}"]', f'keys = ["{new}"]')
    assert scene.gather() == ([], "VERIFY-FAILED")  # its first editions are of the old key
    scene.province.reconfigure(f'keys = ["{new}"]', f'keys = ["{new}", "{old}"]')
    assert scene.gather() == ([3], None)


def test_a_key_that_is_not_named_beside_the_file_counts_for_nothing(scene):
    scene.province.reconfigure(scene.district.key_id, "0" * 16)
    assert scene.gather() == ([], "SOURCE-KEY")


def test_a_site_that_leads_elsewhere_or_is_away_is_told_and_spoils_nothing(scene):
    scene.gather()

    class Leading(Quiet):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

    scene.server.RequestHandlerClass = Leading
    assert scene.gather() == ([], "GATHER-REDIRECT")
    scene.stop()
    assert scene.gather() == ([], "GATHER-AWAY")
    assert scene.names() == BOTH
    scene.thread = threading.Thread(target=lambda: None)
    scene.thread.start()
    scene.server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    scene.thread = threading.Thread(target=scene.server.serve_forever, args=(0.02,))
    scene.thread.start()


def test_a_file_larger_than_it_may_be_is_not_read_to_its_end(scene):
    path = scene.site / "editions" / DISTRICT / "chain.jsonl"
    with path.open("ab") as file:
        file.truncate(51 * 1024 * 1024)
    assert scene.gather() == ([], "GATHER-SIZE")


@pytest.mark.parametrize("point", ["lay_edition", "add_edition"])
def test_a_gathering_killed_anywhere_leaves_no_half_and_the_next_completes_it(scene, point):
    """A child process dies by SIGKILL right before or after the files are laid."""
    child = os.fork()
    if child == 0:
        try:
            module = gathering if point == "lay_edition" else stored
            real = getattr(module, point)
            calls = []

            def die(*arguments, **options):
                calls.append(1)
                if len(calls) == 2:
                    if point == "lay_edition":
                        real(*arguments, **options)
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)

            setattr(module, point, die)
            scene.gather()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert scene.names() == [(1, "white", f"{DISTRICT}甲培训学校")]
    assert scene.gather() == ([2], None)
    assert scene.names() == BOTH


def test_a_configuration_that_cannot_be_meant_is_refused(tmp_path, close_later):
    def refused(district, url="https://a.example.cn"):
        toml = (
            f'[[gathering.sources]]\ndistrict = "{district}"\nurl = "{url}"\n'
            'key_file = "k"\nkeys = ["a"]\n'
        )
        office = SmallOffice(tmp_path / district / str(len(url)), PROVINCE, toml)
        close_later.append(office)
        with pytest.raises(InvalidInputError) as fault:
            list(gather(office.app, actor="cli"))
        return fault.value.code

    assert refused("320101") == "SOURCES"  # of another province
    assert refused("370000") == "SOURCES"  # its own
    assert refused("37010") == "SOURCES"
    assert refused("370101", "http://a.example.cn") == "SOURCES"


def test_one_district_can_be_named_and_it_must_be_a_source(scene):
    (run,) = gather(scene.province.app, DISTRICT, actor="cli")
    assert run.last == 2
    with pytest.raises(NotFoundError):
        list(gather(scene.province.app, "370102", actor="cli"))
