"""An entry is sent back, worked on in its district, answered, and the answer taken in: by files."""

import json

import pytest

from feewatch.kernel.clock import today
from feewatch.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from feewatch.kernel.people import Scope
from feewatch.publication.signing import SigningKey, new_private_pem, sha256
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.lists.verification import verify
from feewatch.services.messages import list_messages
from feewatch.services.province import answering, asking
from feewatch.services.province.visiting import take
from feewatch.store.lists import editions
from feewatch.store.lists import gathered as stored
from feewatch.store.people import users
from tests.services.province.conftest import (
    PROVINCE,
    SmallOffice,
    make_district,
    source_toml,
    superior_toml,
    uscc_of,
)

D = "370101"
WHY = "登记地不在该区"


def lay_gathered(province, district):
    """Let a district's newest edition stand as gathered, without its site."""
    with district.app.database.reading() as tx:
        made = editions.list_editions(tx, district.district)
    with province.app.database.transaction() as tx:
        for edition in made:
            stored.add_edition(
                tx, edition.read(), cut_off=edition.cut_off, hashed=edition.sha256, key_ids=[]
            )


class Pair:
    """A district and the province above it, which know each other's keys."""

    def __init__(self, path, offices):
        self.district = make_district(path, D)
        toml = source_toml(self.district, "https://d.example.cn", path / "keys")
        self.province = SmallOffice(path / "province", PROVINCE, toml)
        offices += [self.district, self.province]
        self.district.reconfigure("# below", superior_toml(self.province, path / "keys"))
        lay_gathered(self.province, self.district)

    def ask(self, number=2, actor="li", reason=WHY):
        """The signed request about a white institution of the district."""
        key = asking.find_entry_key(
            self.province.app, Scope(PROVINCE), D, "white", uscc_of(D, number)
        )
        made = asking.ask(self.province.app, key, actor=actor, reason=reason)
        return self.row(made).message.encode()

    def row(self, key=1):
        return asking.get_request(self.province.app, Scope(PROVINCE), key)

    def receive(self, content):
        return answering.receive(self.district.app, content, actor="api", scope=Scope(D))

    def answer(self, outcome, **more):
        given = {"actor": "wang", "reason": "已核实"} | more
        answering.answer(self.district.app, 1, outcome, **given)
        return asking.get_request(self.district.app, Scope(D), 1).answer.encode()

    def told(self, office, name):
        with office.app.database.reading() as tx:
            person = users.find_by_name(tx, name)
        return [row.kind for row in list_messages(office.app, person, 1).rows]


@pytest.fixture
def pair(tmp_path, close_later):
    return Pair(tmp_path, close_later)


def test_both_messages_verify_at_the_other_office_as_files(pair, tmp_path):
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    request.write_bytes(pair.ask())
    pair.receive(request.read_bytes())
    answer.write_bytes(pair.answer("stands"))

    def faults(office, file):
        report = verify(office.app.config, str(file), key_file=None, as_of=None)
        return [fault.code for fault in report.faults]

    assert faults(pair.district, request) == []
    assert faults(pair.province, answer) == []
    answer.write_bytes(answer.read_bytes().replace(b"stands", b"corrected"))
    assert faults(pair.province, answer) == ["VERIFY-FAILED"]


def white(office):
    with office.app.database.reading() as tx:
        return len(editions.find_latest(tx, D).read()["lists"]["white"])


def test_a_request_opens_work_and_moves_no_list(pair):
    row = pair.receive(pair.ask())
    assert (row.number, row.list, row.edition_number) == (f"{PROVINCE}-G2026-0001", "white", 2)
    assert pair.told(pair.district, "wang") == ["correction_asked"]
    assert pair.told(pair.district, "li") == ["correction_asked"]
    pair.district.publish(today())
    assert white(pair.district) == 2
    again = pair.receive(pair.row().message.encode())
    assert again.id == row.id
    assert pair.told(pair.district, "wang") == ["correction_asked"]


def test_an_answer_that_it_stands_comes_back_signed(pair):
    pair.receive(pair.ask())
    answer = pair.answer("stands")
    assert take(pair.province.app, answer, actor="cli", scope=Scope()) == pair.row().number
    row = pair.row()
    assert (row.outcome, row.answer_number, row.answer_reason) == ("stands", None, "已核实")
    assert pair.told(pair.province, "li") == ["correction_answered"]
    take(pair.province.app, answer, actor="cli", scope=Scope())  # once more changes nothing
    with pytest.raises(ConflictError):
        pair.answer("stands")


def test_corrected_can_be_said_only_of_a_published_edition_without_the_entry(pair):
    pair.receive(pair.ask())
    with pytest.raises(ConflictError) as refused:
        pair.answer("corrected")
    assert refused.value.code == "REQUEST-NOT-YET"
    pair.district.add(uscc_of(D, 3), "丙培训学校")
    pair.district.publish(today())
    with pytest.raises(ConflictError) as refused:
        pair.answer("corrected")
    assert refused.value.code == "REQUEST-STANDS"
    assert asking.is_listed_still(pair.province.app, pair.row())


def test_a_corrected_entry_is_seen_by_the_province_when_it_gathers(pair):
    pair.receive(pair.ask())
    with pair.district.app.database.reading() as tx:
        second = editions.find_latest(tx, D)
    # an edition in which the entry is gone, as the office signs it
    document = second.read()
    del document["signatures"]
    document["number"], document["previous_sha256"] = 3, second.sha256
    gone = [each for each in document["lists"]["white"] if each["uscc"] != uscc_of(D, 2)]
    document["lists"]["white"], document["counts"]["white"] = gone, len(gone)
    signed = get_signing_key(pair.district.app).sign(document)
    with pair.district.app.database.transaction() as tx:
        editions.add(
            tx, document, signed, cut_off=second.cut_off, sha256=sha256(signed),
            content_sha256="0" * 64, published_by="wang", subscribers=[],
        )  # fmt: skip
    answer = pair.answer("corrected")
    take(pair.province.app, answer, actor="cli", scope=Scope())
    row = pair.row()
    assert (row.outcome, row.answer_number, row.answer_sha256) == ("corrected", 3, sha256(signed))
    lay_gathered(pair.province, pair.district)
    assert not asking.is_listed_still(pair.province.app, row)


def changed(content, key, **changes):
    """A document signed anew after changes."""
    document = json.loads(content) | changes
    del document["signatures"]
    return key.sign(document)


def refused(work, *arguments):
    with pytest.raises((InvalidInputError, ForbiddenError, ConflictError, NotFoundError)) as fault:
        work(*arguments)
    return fault.value.code


def test_what_is_not_the_office_above_or_not_about_this_office_is_refused(pair):
    content, above = pair.ask(), get_signing_key(pair.province.app)
    stranger = SigningKey(new_private_pem())
    entry = json.loads(content)["entry"]
    edition = json.loads(content)["edition"]

    def code(key, **changes):
        return refused(pair.receive, changed(content, key, **changes))

    assert code(stranger) == "REQUEST-SIGNATURE"
    assert refused(pair.receive, content.replace(WHY.encode(), "改".encode())) == (
        "REQUEST-SIGNATURE"
    )
    assert code(above, asker="110000") == "REQUEST-ASKER"
    assert code(above, district="370102") == "REQUEST-DISTRICT"
    assert code(above, entry=entry | {"name": "别的"}) == "REQUEST-ENTRY"
    assert code(above, edition=edition | {"sha256": "0" * 64}) == "REQUEST-EDITION"
    assert code(above, edition=edition | {"number": 9}) == "REQUEST-EDITION"
    assert code(above, list="grey") == "REQUEST-FORM"
    assert code(above, more="x") == "REQUEST-FORM"
    assert code(above, reason="联系13912345678") == "REQUEST-FORM"
    assert refused(pair.receive, b"{") == "REQUEST-FORM"
    pair.receive(content)
    assert code(above, reason="另一理由") == "REQUEST-NUMBER"
    elsewhere = Scope("370102")
    assert refused(
        lambda: answering.receive(pair.district.app, content, actor="api", scope=elsewhere)
    ) == ("REQUEST-DISTRICT")


def test_an_answer_counts_by_the_districts_own_key_alone(pair):
    pair.receive(pair.ask())
    answer = pair.answer("stands")
    own, stranger = get_signing_key(pair.district.app), SigningKey(new_private_pem())

    def code(key, **changes):
        content = changed(answer, key, **changes)
        return refused(lambda: take(pair.province.app, content, actor="cli", scope=Scope()))

    assert code(stranger) == "REQUEST-SIGNATURE"
    assert code(own, number="370000-G2026-0009") == "REQUEST-UNKNOWN"
    assert code(own, request_sha256="0" * 64) == "REQUEST-UNKNOWN"
    assert code(own, outcome="corrected") == "REQUEST-FORM"
    named = {"number": 2, "sha256": "0" * 64}
    assert code(own, outcome="corrected", edition=named) == "VERIFY-FORK"
    assert pair.row().outcome is None
    take(pair.province.app, answer, actor="cli", scope=Scope())
    assert code(own, reason="另一理由") == "REQUEST-ANSWERED"


def test_who_may_ask_and_what_leaves_the_office(pair):
    assert refused(lambda: pair.ask(reason="")) == "REASON-REQUIRED"
    assert refused(lambda: pair.ask(reason="电话13912345678")) == "REQUEST-PERSONAL"
    with pair.province.app.database.transaction() as tx:
        users.add(tx, "reader", "viewer", PROVINCE, None, "x")
        users.add(tx, "elsewhere", "officer", "370102", None, "x")
    assert refused(lambda: pair.ask(actor="reader")) == "ROLE"
    assert refused(lambda: pair.ask(actor="elsewhere")) == "ENTRY-UNKNOWN"
    pair.ask()
    assert refused(pair.ask) == "REQUEST-OPEN"
    pair.ask(number=1)
    assert pair.row(2).number == f"{PROVINCE}-G2026-0002"
