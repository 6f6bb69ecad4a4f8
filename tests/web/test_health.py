"""What machines ask of the site, request ids, and the administrator's page of the system."""

import json
import logging
import re
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from feewatch.logs import FACTS
from feewatch.store import condition
from feewatch.web.labels import LABELS
from feewatch.web.regulator import conditions
from feewatch.web.site import create_app
from feewatch.web.tally import PARTS, Tally, part_of


def test_the_process_answers_and_is_ready(visitor):
    assert visitor.get("/healthz").json == {"status": "ok"}
    assert visitor.get("/readyz").json == {"status": "ready", "missing": []}


def test_without_its_key_it_is_not_ready_and_says_what_is_missing(visitor, site):
    (site.extensions["feewatch"].keys / "session.key").unlink()
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json["missing"]) == (503, ["keys"])
    assert answer.headers["Retry-After"] == "10"


def test_figures_are_read_by_the_parser_of_prometheus(visitor, as_user):
    as_user("officer").get("/desk/")
    visitor.get("/nothing-here")
    answer = visitor.get("/metrics")
    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    requests = {
        (each.labels["part"], each.labels["status"]): each.value
        for each in families["feewatch_requests"].samples
        if each.name == "feewatch_requests_total"
    }
    assert requests["desk", "2xx"] == 1
    assert requests["public", "4xx"] == 1
    assert families["feewatch_rows"].samples
    assert "feewatch_request_seconds" in families
    for word in ("52370702651728628K", "26601891581262337"):
        assert word not in answer.text


def test_figures_are_for_configured_addresses_alone(visitor):
    answer = visitor.get("/metrics", environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert answer.status_code == 403


def test_each_answer_has_an_id_that_stands_in_the_log(visitor, caplog):
    with caplog.at_level(logging.INFO, "feewatch.access"):
        answer = visitor.get("/account/login?next=/desk/?q=张三")
    number = answer.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", number)
    (record,) = [each for each in caplog.records if each.name == "feewatch.access"]
    facts = getattr(record, FACTS)
    assert (facts["request_id"], facts["page"]) == (number, "/account/login")
    assert "张三" not in json.dumps(facts, ensure_ascii=False) + record.getMessage()


def test_an_id_is_taken_from_a_proxy_alone(site, visitor):
    asked = {"X-Request-ID": "0123456789abcdef-proxy"}
    assert visitor.get("/healthz", headers=asked).headers["X-Request-ID"] not in asked.values()
    app = site.extensions["feewatch"]
    behind = replace(
        app, config=replace(app.config, web=replace(app.config.web, trusted_proxies=1))
    )
    proxied = create_app(behind).test_client()
    assert proxied.get("/healthz", headers=asked).headers["X-Request-ID"] in asked.values()
    bad = {"X-Request-ID": "a b\tc<script>"}
    assert proxied.get("/healthz", headers=bad).headers["X-Request-ID"] not in bad.values()


def test_an_unexpected_fault_names_the_id_of_its_request(site, as_user):
    officer = as_user("officer")
    site.view_functions["desk.inbox"] = lambda: 1 // 0
    site.view_functions["desk.inbox"].may_enter = frozenset({"officer"})
    answer = officer.get("/desk/")
    assert answer.headers["X-Request-ID"] in answer.text


def test_counts_are_summed_over_rows_and_bounds_take_in_those_before():
    tally = Tally()
    for seconds in (0.01, 0.04, 0.3, 99):
        tally.count("desk", 200, seconds)
    tally.count("desk", 503, 0.01)
    counted = tally.read()["desk"]
    assert counted.by_status == {"2xx": 4, "3xx": 0, "4xx": 0, "5xx": 1}
    assert dict(counted.by_bound)["0.025"] == 2
    assert dict(counted.by_bound)["0.5"] == 4
    assert dict(counted.by_bound)["+Inf"] == 5
    assert counted.seconds == pytest.approx(99.36)


@pytest.mark.parametrize(
    ("address", "part"),
    [("/", "public"), ("/desk/cases/", "desk"), ("/own/", "own"), ("/api/v1/lists", "api"),
     ("/static/site.css", "other"), ("/account/login", "other"), ("/lists/white", "public")],
)  # fmt: skip
def test_an_address_belongs_to_a_part(address, part):
    assert part_of(address) == part


def test_an_administrator_sees_the_state_of_the_system(as_user):
    page = as_user("administrator").get("/desk/health/")
    assert page.status_code == 200
    for word in ("磁盘", "文件权限", "定时任务", "feewatch doctor"):
        assert word in page.text
    for role in ("officer", "viewer", "luzhi", "publisher"):
        assert as_user(role).get("/desk/health/").status_code == 403


def test_kinds_states_and_parts_are_told_in_words(app, as_user):
    """All that are counted, though this office has none of some yet."""
    page = as_user("administrator").get("/desk/health/").text
    shown = {cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)</td>", page)}
    assert {"预警", "已公示的各期名单", "监管人员网页"} <= shown
    assert not {cell for cell in shown if re.fullmatch("[a-z_]+", cell)}
    assert {*LABELS["row_kind"]} == {*condition._BY, *condition._ROWS}
    assert {*LABELS["site_part"]} == {*PARTS}
    assert {*conditions._STATE_WORDS} == {*condition._BY}


def test_no_page_shows_where_on_the_machine_the_installation_lies(app, as_user):
    (app.keys / "signing.pem").unlink(missing_ok=True)
    for name, address in (("administrator", "/desk/health/"), ("system", "/desk/today")):
        page = as_user(name).get(address).text
        assert "var/keys/signing.pem" in page
        assert str(app.config.folder) not in page
