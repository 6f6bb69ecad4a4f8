"""签名密钥 on the site: their days and what was revoked, and the lists that readers fetch."""

from feewatch.kernel.days import parse_day
from feewatch.services.lists.keys import get_signing_key, rotate_key
from feewatch.services.lists.revocation import revoke_key


def test_the_publisher_sees_the_keys_and_readers_fetch_the_lists(app, as_user, visitor):
    old = get_signing_key(app).id
    assert visitor.get("/editions/keys/revoked.json").status_code == 404
    rotate_key(app, actor="publisher")
    revoke_key(app, old, reason="笔记本失窃", actor="publisher", on=parse_day("2026-07-10"))
    page = as_user("publisher").get("/desk/keys/")
    assert page.status_code == 200
    assert all(
        word in page.text for word in (old, get_signing_key(app).id, "笔记本失窃", "2026-07-10")
    )
    assert as_user("officer").get("/desk/keys/").status_code == 403
    for name in ("keys.json", "revoked.json"):
        answer = visitor.get(f"/editions/keys/{name}")
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        assert old in answer.text
    assert visitor.get("/editions/keys/signing.pem").status_code == 404
