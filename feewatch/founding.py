"""Makes an installation, or brings one of an earlier release to this one: ``feewatch init``."""

import secrets

from feewatch.bootstrap import (
    App,
    close_to_others,
    has_sealed_files,
    no_files_key,
    open_app,
    write_secret,
)
from feewatch.config import Config
from feewatch.sealing.keyring import new_key, write_ring
from feewatch.store.migrations.applying import upgrade
from feewatch.store.people import second_factors


def initialise(config: Config) -> App:
    """Create or migrate the database and make the keys that are absent."""
    config.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in config.var.rglob("*"):  # what an earlier release left open
        close_to_others(path)
    app = open_app(config, must_exist=False)
    app.keys.mkdir(mode=0o700, exist_ok=True)
    for name in ("session", "token"):
        write_secret(app.keys / f"{name}.key", secrets.token_bytes(32))
    upgrade(app.database)
    _make_files_key(app)
    with app.database.reading() as tx:
        is_in_use = second_factors.exists_any(tx)
    if not is_in_use:  # another key would open none of the secrets
        write_secret(app.keys / "totp.key", secrets.token_bytes(32))
    return app


def _make_files_key(app: App) -> None:
    """Make the key by which files are encrypted, never where another one encrypted some.

    Raises: UnavailableError there.
    """
    path = app.config.files_key
    if path.exists():
        return
    if has_sealed_files(app.files):
        app.database.dispose()
        raise no_files_key(path, has_files=True)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(path, write_ring([new_key()]))
