"""签名密钥: which keys sign and signed, their days, and what was revoked. To be looked at alone."""

from flask import render_template

from feewatch.services.lists import keys as service
from feewatch.web.access import Room, installation

room = Room("keys", __name__, may_enter=service.KEEPERS, url_prefix="/desk/keys")


@room.get("/")
def listed() -> str:
    """The keys, those that sign first."""
    app = installation()
    return render_template(
        "regulator/keys.html", keys=service.list_keys(app), signing=service.current_ids(app)
    )
