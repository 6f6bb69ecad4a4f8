"""Whoever may not act is refused with one code and one wording, whatever they were about to do."""

import pytest
from offices import initialise

from feewatch.config import Config, Office
from feewatch.kernel.errors import ForbiddenError, InvalidInputError
from feewatch.services.cases import steps
from feewatch.services.intake import manual_matches, quarantine
from feewatch.services.people import acting
from feewatch.services.registers import openings
from feewatch.store.people import users

DEEDS = {
    "open a case": lambda app, **who: steps.open_case(app, [1], **who),
    "take a step": lambda app, **who: steps.step(app, "370702-2026-0001", "triage", **who),
    "release a statement": lambda app, **who: quarantine.release(app, "0" * 64, 1, **who),
    "reject a statement": lambda app, **who: quarantine.reject(app, "0" * 64, 1, **who),
    "match": lambda app, **who: manual_matches.set_match(
        app, "621700001/2026-03-11/100000/1", "HT1", amount_fen=None, **who
    ),
    "undo a match": lambda app, **who: manual_matches.undo_match(app, 1, **who),
    "sign an opening statement": lambda app, **who: openings.sign_opening(app, "U", 1, **who),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    made = initialise(Config(tmp_path_factory.mktemp("office"), Office(district="370702")))
    with made.database.transaction() as tx:
        for name, role in [("li", "officer"), ("qian", "viewer"), ("gone", "officer")]:
            users.add(tx, name, role, "370702", None, "x")
        users.change(tx, "gone", disabled=True)
    yield made
    made.database.dispose()


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("name", ["nobody", "gone"])
def test_an_unknown_and_a_disabled_person_are_refused_alike(app, deed, name):
    with pytest.raises(ForbiddenError) as refused:
        DEEDS[deed](app, actor=name, reason="核实")
    assert (refused.value.code, refused.value.text) == (
        "USER-UNKNOWN", (f"没有可用的用户 {name}", f"no user {name} who may act")
    )  # fmt: skip


@pytest.mark.parametrize("deed", [each for each in DEEDS if each != "take a step"])
def test_a_wrong_role_is_told_which_roles_may(app, deed):
    with pytest.raises(ForbiddenError) as refused:
        DEEDS[deed](app, actor="qian", reason="核实")
    assert refused.value.code == "ROLE"
    assert refused.value.text.zh.startswith("须由")
    assert refused.value.text.zh.endswith("办理，qian 是查看人员")


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_deed_without_a_reason_is_refused(app, deed, reason):
    with pytest.raises(InvalidInputError) as refused:
        DEEDS[deed](app, actor="li", reason=reason)
    assert (refused.value.code, refused.value.text.zh) == ("REASON-REQUIRED", "请填写理由")


@pytest.mark.parametrize(
    ("place", "may"), [("370702", True), ("370703", False), ("370700", False), (None, True)]
)
def test_a_person_acts_for_places_within_their_scope(app, place, may):
    with app.database.reading() as tx:
        if may:
            assert acting.get_acting(tx, "li", ("officer",), place).name == "li"
        else:
            with pytest.raises(ForbiddenError) as refused:
                acting.get_acting(tx, "li", ("officer",), place)
            assert refused.value.code == "PLACE"
