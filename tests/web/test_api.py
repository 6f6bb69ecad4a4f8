"""The JSON API keeps to its description."""

import json
import re
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import insert, select

from feewatch.bootstrap import App
from feewatch.engine.book import UNITS
from feewatch.engine.rule_file import SUBJECTS
from feewatch.publication.signing import sha256
from feewatch.services.lists.keys import get_signing_key
from feewatch.services.people.api_tokens import issue_token
from feewatch.store.tables.publication import edition
from feewatch.web.api import description
from feewatch.web.site import create_app

EXAMPLES = {
    "/matters": "/matters?severity=red",
    "/alerts": "/alerts?page=1",
    "/alerts/{alert_id}": "/alerts/A0red",
    "/lists/{name}": "/lists/white",
    "/statements/{sha256}": "/statements/" + "ab" * 32,
}
READ = sorted(path for path, item in description()["paths"].items() if "get" in item)


@pytest.fixture
def program(app):
    """The headers of a program that reads."""
    return {"Authorization": f"Bearer {issue_token(app, 'program', actor='x', scopes=['read'])}"}


def test_the_description_is_valid_openapi():
    validate(description())


def test_the_description_names_every_unit_and_kind_of_subject():
    alert = description()["components"]["schemas"]["Alert"]["properties"]
    assert alert["unit"]["enum"] == list(UNITS)
    assert alert["subject"]["properties"]["kind"]["enum"] == list(SUBJECTS)


def test_a_filter_may_be_left_empty_everywhere():
    choices = {
        (path, parameter["name"]): parameter["schema"]["enum"]
        for path, operations in description()["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", [])
        if parameter.get("in") == "query" and "enum" in parameter.get("schema", {})
    }
    assert len(choices) > 10
    assert [where for where, words in choices.items() if "" not in words] == []


def test_the_description_names_every_route_and_no_other(site):
    routes = {
        re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
        for rule in site.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    assert routes == set(description()["paths"])


def test_the_description_marks_as_open_what_is_open(site, visitor):
    for path in READ:
        address = "/api/v1" + EXAMPLES.get(path, path)
        is_open = description()["paths"][path]["get"].get("security") == []
        assert (visitor.get(address).status_code == 200) == is_open, path


# what is not there yet is shown by the tests of decisions, lists and transfers, which make it
MADE = ("/decisions/{key}", "/advance-notices/{key}", "/grades/{uscc}/{period}",
        "/transfers/{key}", "/transfers/{key}/bundle",
        "/self-reports/{key}", "/own-self-report", "/correction-requests/{number}",
        "/draws/{number}", "/campaigns/{number}", "/meetings/{number}",
        "/decision-reports/form")  # fmt: skip
#: Read by persons of the office alone.
OF_OFFICE = {"/decision-reports", "/grades/red", "/next-editions", "/recalls", "/subscribers",
             "/countersigns", "/self-reports", "/groups", "/draws", "/campaigns", "/meetings",
             "/pressures"}  # fmt: skip


@pytest.mark.parametrize("path", [path for path in READ if path not in MADE])
def test_every_answer_has_the_described_form(app, visitor, program, path):
    if path in OF_OFFICE:
        assert visitor.get(f"/api/v1{path}", headers=program).status_code == 403
        program = {"Authorization": f"Bearer {issue_token(app, 'publisher', actor='x')}"}
    answer = visitor.get("/api/v1" + EXAMPLES.get(path, path), headers=program)
    assert answer.status_code == 200
    content = description()["paths"][path]["get"]["responses"]["200"]["content"]
    schema = content["application/json"]["schema"] | {"components": description()["components"]}
    Draft202012Validator(schema).validate(answer.json)


def test_an_alert_has_the_keys_of_the_contract(visitor, program):
    alert = visitor.get("/api/v1/alerts/A0red", headers=program).json
    assert alert["subject"] == {"kind": "contract", "id": "HT1"}
    assert alert["on"] == "2026-07-01"
    assert alert["measured"] == 250_000
    assert alert["evidence"][0] == {"file_sha256": "ab" * 32, "line": 7}


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/alerts/A9", 404, "ALERT-UNKNOWN"),
        ("/alerts?severity=purple", 400, "CHOICE"),
        ("/lists/grey", 404, "LIST-UNKNOWN"),
        ("/nothing", 404, "HTTP-404"),
    ],
)
def test_an_error_is_a_code_and_a_message_in_both_languages(
    visitor, program, address, status, code
):
    answer = visitor.get("/api/v1" + address, headers=program)
    assert answer.status_code == status
    assert answer.json["code"] == code
    assert " / " in answer.json["message"]


def test_the_lists_are_the_signed_bytes(app, visitor):
    signed = (app.editions / "370702/latest/edition.json").read_bytes()
    assert visitor.get("/api/v1/lists").data == signed
    entries = json.loads(signed)["lists"]["notice"]
    assert visitor.get("/api/v1/lists/notice").json["entries"] == entries


def test_an_office_that_publishes_for_districts_below_it_answers_with_all_of_them(app, site):
    above = replace(app.config, office=replace(app.config.office, district="370700"))
    visitor = create_app(App(above, app.database)).test_client()
    (head,) = visitor.get("/api/v1/editions?district=370702").json["items"][:1]
    # one district alone is answered with its signed document
    assert visitor.get("/api/v1/lists").json["district"] == "370702"
    with app.database.transaction() as tx:
        row = tx.execute(select(edition).where(edition.c.number == 2)).mappings().one()
        document = json.loads(row["document"]) | {"district": "370703"}
        del document["signatures"]
        signed = get_signing_key(app).sign(document)
        other = {"id": 3, "district": "370703", "document": signed.decode()}
        tx.execute(insert(edition), dict(row) | other | {"sha256": sha256(signed)})
    latest = visitor.get("/api/v1/lists").json["editions"]
    assert [each["district"] for each in latest] == ["370702", "370703"]
    assert latest[0] == head
    white = visitor.get("/api/v1/lists/white").json
    assert [each["district"] for each in white["editions"]] == ["370702", "370703"]
    assert visitor.get("/api/v1/lists/white?district=370703").json["district"] == "370703"
    assert len(visitor.get("/api/v1/editions").json["items"]) == 3
    assert visitor.get("/api/v1/lists?district=370704").status_code == 404


def test_another_method_is_told_which_are_taken(visitor, program):
    answer = visitor.delete("/api/v1/matters")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("asked", ["district=3707", "as_of=", "as_of=2000-01-01", "window="])
def test_an_argument_that_is_none_is_refused(visitor, program, asked):
    path = "lists" if asked.startswith("district") else "early-warning"
    assert visitor.get(f"/api/v1/{path}?{asked}", headers=program).status_code == 400
