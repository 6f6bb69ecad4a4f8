"""Register files between preview and import: for whom, how long, how many."""

import datetime as dt

import pytest
from offices import initialise

from feewatch.config import Config, Office
from feewatch.kernel import clock
from feewatch.kernel.errors import NotFoundError
from feewatch.services.ways_in import previews
from feewatch.services.ways_in.previews import FOLDER, LIFE, Preview

NOW = dt.datetime(2026, 7, 15, 10, 0, tzinfo=clock.SHANGHAI)
FILE = Preview("contracts", "合同.csv", (1, 2), b"contract_no\n\x00\xff\n")


@pytest.fixture
def app(tmp_path):
    office = initialise(Config(tmp_path / "home", Office(district="370702")))
    yield office
    office.database.dispose()


def names(app):
    return sorted(path.name for path in (app.config.var / FOLDER).iterdir())


def test_the_person_alone_finds_the_file_and_only_for_half_an_hour(app):
    with clock.fixed(NOW):
        word = previews.hold(app, 7, FILE)
        assert previews.get(app, 7, word) == FILE
        for user_id, asked in ((8, word), (77, word), (7, word[:-1]), (7, ""), (7, "../../x")):
            with pytest.raises(NotFoundError):
                previews.get(app, user_id, asked)
    with clock.fixed(NOW + LIFE):
        assert previews.get(app, 7, word) == FILE
    with clock.fixed(NOW + LIFE + dt.timedelta(seconds=1)), pytest.raises(NotFoundError):
        previews.get(app, 7, word)
    assert names(app) == []


def test_a_person_has_three_and_another_keeps_theirs(app):
    words = []
    for second in range(5):
        with clock.fixed(NOW + dt.timedelta(seconds=second)):
            words.append(previews.hold(app, 7, FILE))
            if second == 0:
                other = previews.hold(app, 8, FILE)
    with clock.fixed(NOW):
        assert previews.get(app, 8, other) == FILE
        for word in words[2:]:
            assert previews.get(app, 7, word) == FILE
        for word in words[:2]:
            with pytest.raises(NotFoundError):
                previews.get(app, 7, word)


def test_the_oldest_of_all_make_room(app, monkeypatch):
    monkeypatch.setattr(previews, "MOST_BYTES", 2_500)
    big = FILE._replace(data=b"x" * 1000)
    words = []
    for user_id in range(4):
        with clock.fixed(NOW + dt.timedelta(seconds=user_id)):
            words.append(previews.hold(app, user_id, big))
    assert len(names(app)) == 2
    with clock.fixed(NOW):
        assert previews.get(app, 3, words[3]) == big


def test_what_was_spoilt_on_disk_is_gone_for_the_person(app):
    with clock.fixed(NOW):
        word = previews.hold(app, 7, FILE)
        path = app.config.var / FOLDER / names(app)[0]
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(NotFoundError):
            previews.get(app, 7, word)
