"""Every public page of a whole demonstration is read: nothing on it that is not for the public."""

import io
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from feewatch.casework.figures import percent
from feewatch.credit.lists import LISTS
from feewatch.kernel import clock
from feewatch.kernel.money import format_quotient, format_yuan, group_yuan
from feewatch.kernel.people import Scope
from feewatch.services.check.keeping import read_kept
from feewatch.services.lists import noticeboard
from feewatch.store.tables.casework import alert
from feewatch.store.tables.ledger import entry
from feewatch.store.tables.publication import edition, posted
from feewatch.store.tables.registers import account, contract, institution, institution_fact
from feewatch.web.access import ANYONE
from tests.web.test_access import EXPECTED
from tests.web.town import shown_at

MOST_BYTES = 60_000


@pytest.fixture
def reader(town):
    with clock.fixed(shown_at()):
        yield town.site.test_client()


def values(town, column):
    with town.demo.app.database.reading() as tx:
        return {value for value in tx.scalars(select(column).distinct()) if value}


def kept_back(town):
    """What no public page may hold: numbers of accounts, students, payers, contracts, people."""
    secrets = values(town, account.c.account_no) | values(town, contract.c.student)
    secrets |= values(town, entry.c.counterparty_account) | values(town, contract.c.contract_no)
    secrets |= values(town, institution_fact.c.legal_representative) | values(town, alert.c.id)
    return {secret for secret in secrets if len(secret) > 1}


def covers_of(town):
    """The sums and the ratio by which each institution is measured, as the office's pages write."""
    shown = {}
    for standing in read_kept(town.demo.app, Scope()).institutions:
        sums = {standing.balance_fen, standing.claims_fen, standing.liability_fen}
        sums |= {standing.shortfall_fen, standing.burn_fen}
        large = {fen for fen in sums if fen and abs(fen) >= 10_000}
        words = {write(fen) for fen in large for write in (group_yuan, format_yuan)}
        if standing.balance_fen and standing.claims_fen:
            ratio = format_quotient(standing.balance_fen, standing.claims_fen)
            words |= {ratio, percent(ratio)} - {"1.0000", "100%", "100.00%"}
        shown[standing.uscc] = words
    return shown


def addresses(town):
    codes, districts = values(town, institution.c.uscc), values(town, posted.c.district)
    with town.demo.app.database.reading() as tx:
        editions = tx.execute(select(edition.c.district, edition.c.number)).all()
    yield from ("/", "/editions", "/feed.atom", "/charge", "/refund", "/report")
    yield from (f"/?district={district}&list={name}" for district in districts for name in LISTS)
    yield from (f"/editions?district={district}" for district in districts)
    yield from (f"/editions/{district}/{number}" for district, number in editions)
    yield from (f"/institutions/{code}" for code in codes)
    yield from (f"/?text={quote(text)}" for text in ("培训", "虚构", "52370702"))
    for code in sorted(codes)[:5]:
        yield f"/charge?uscc={code}&stage=primary&class_size=20&lessons=40&lesson_minutes=45"
        yield f"/refund?uscc={code}&fee=4000&lessons=40&held=12"
        yield f"/report?uscc={code}"


#: Endpoints that anybody may get and that this does not read, with the reason.
NOT_READ = {
    "account.login", "account.language", "account.to_provider", "account.from_provider",  # log-in
    "asking.clue",  # its number is told once, to who handed the clue in: test_public_answers
    "health.alive", "health.figures", "health.ready",  # of the machine
    "static",
}  # fmt: skip
#: Names of figures that are the office's own.
INTERNAL = ("balance_fen", "claims_fen", "liability_fen", "shortfall", "calculation", "measured")


def files(town):
    """Everything of the latest editions that can be had as a file, and what programs read."""
    app = town.demo.app
    latest, lists = {}, set()
    with app.database.reading() as tx:
        for district, number in tx.execute(select(edition.c.district, edition.c.number)):
            latest[district] = max(number, latest.get(district, 0))
    for district, number in sorted(latest.items()):
        found = noticeboard.get_edition(app, district, number)
        lists.update(found.lists)
        yield from (f"/editions/{district}/{number}/{name}" for name in found.files)
        yield f"/editions/{district}/latest/edition.json"
        yield from (f"/editions/{district}/{name}" for name in ("timestamp.json", "chain.jsonl"))
        yield from (f"/lists/{district}/{name}.svg" for name in LISTS)
    yield from ("/editions/verify.html", "/editions/chain.jsonl", "/editions/keys/keys.json")
    yield from ("/api/v1/editions", "/api/v1/lists", "/api/v1/openapi.json")
    yield from (f"/api/v1/lists/{name}" for name in lists)
    yield from (
        f"/institutions/{code}/qr.svg" for code in sorted(values(town, institution.c.uscc))[:3]
    )


def text_of(answer):
    """What a file says; of a workbook the text of its sheets."""
    if not answer.data.startswith(b"PK"):
        return answer.text
    with ZipFile(io.BytesIO(answer.data)) as book:
        parts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    return "\n".join(parts)


def test_no_public_file_of_a_demonstration_tells_what_is_not_public(town, reader):
    secrets, wrong, read = kept_back(town), [], set()
    for address in files(town):
        answer = reader.get(address)
        text = text_of(answer)
        if answer.status_code != 200:
            wrong.append((address, answer.status_code))
        wrong += [(address, secret) for secret in sorted(secrets) if secret in text]
        if not address.endswith("openapi.json"):
            wrong += [(address, word) for word in INTERNAL if word in text]
        read.add(address)
    assert wrong == []
    assert len(read) > 50


def test_every_address_that_anybody_may_get_is_read_here(town):
    routes = town.site.url_map.bind("localhost")
    read = {
        routes.match(address.partition("?")[0])[0] for address in (*addresses(town), *files(town))
    }
    open_to_all = {
        rule.endpoint
        for rule in town.site.url_map.iter_rules()
        if EXPECTED[rule.endpoint] == ANYONE and "GET" in rule.methods
    }
    assert open_to_all - read == NOT_READ


def test_no_public_page_of_a_demonstration_tells_what_is_not_public(town, reader):
    secrets, covers, wrong, read = kept_back(town), covers_of(town), [], 0
    titles = {}
    with town.demo.app.database.reading() as tx:
        for row in tx.execute(select(alert.c.uscc, alert.c.rule, alert.c.frozen)):
            titles.setdefault(row.uscc, set()).update((row.rule, row.frozen["title"]["zh"]))
    assert secrets
    assert any(covers.values())
    assert titles
    for address in addresses(town):
        answer = reader.get(address)
        page, read = answer.text, read + 1
        if answer.status_code != 200 or len(answer.data) > MOST_BYTES:
            wrong.append((address, answer.status_code, len(answer.data)))
        held = {secret for secret in secrets if secret in page}
        if address.startswith("/institutions/"):
            code = address.rpartition("/")[2]
            held |= {word for word in titles.get(code, ()) if word in page}
            held |= {word for word in covers.get(code, ()) if word in page}
        wrong += [(address, secret) for secret in sorted(held)]
    assert wrong == []
    assert read > 200
