"""Signing keys under var/keys: made once, changed by rotation, public halves given out."""

from feewatch.bootstrap import App, write_secret
from feewatch.config import Config
from feewatch.kernel.errors import ConflictError, UnavailableError
from feewatch.publication.signing import PublicKeys, SigningKey, new_private_pem, read_public_keys
from feewatch.store import audit

_CURRENT = "signing.pem"
_RETIRED = "signing-*.pub"
#: Keys that verification pinned at first use lie in this folder, by district.
PINNED = "pinned"


def ensure_signing_key(app: App) -> bool:
    """Whether a signing key was made; one that exists stays."""
    app.keys.mkdir(parents=True, exist_ok=True)
    return write_secret(app.keys / _CURRENT, new_private_pem())


def init_key(app: App, *, actor: str) -> str:
    """The id of a new signing key.

    Raises: ConflictError where there is one: a key is replaced by rotation only.
    """
    if not ensure_signing_key(app):
        raise ConflictError(
            "KEY-EXISTS",
            "签名密钥已存在，更换请用 feewatch key rotate",
            "there is a signing key: replace it with feewatch key rotate",
        )
    return _on_record(app, "key.init", actor)


def rotate_key(app: App, *, actor: str) -> str:
    """The id of a new signing key; the old one keeps its public half and signs no more."""
    old = get_signing_key(app)
    write_secret(app.keys / f"signing-{old.id}.pub", old.public_pem)
    fresh = app.keys / f".{_CURRENT}.new"
    fresh.unlink(missing_ok=True)
    write_secret(fresh, new_private_pem())
    fresh.replace(app.keys / _CURRENT)
    return _on_record(app, "key.rotate", actor)


def get_signing_key(app: App) -> SigningKey:
    """The key that signs.

    Raises: UnavailableError where there is none.
    """
    try:
        return SigningKey((app.keys / _CURRENT).read_bytes())
    except FileNotFoundError:
        raise UnavailableError(
            "KEY-MISSING",
            "缺少签名密钥，请先运行 feewatch init",
            "there is no signing key: run feewatch init first",
        ) from None


def export_keys(app: App) -> bytes:
    """The public keys as PEM, the present one first, then those of earlier rotations."""
    retired = sorted(app.keys.glob(_RETIRED))
    return b"".join([get_signing_key(app).public_pem, *(path.read_bytes() for path in retired)])


def find_own_keys(config: Config) -> PublicKeys | None:
    """The public keys of this installation, or None where it has none."""
    folder = config.var / "keys"
    if not (folder / _CURRENT).exists():
        return None
    current = SigningKey((folder / _CURRENT).read_bytes()).public_pem
    retired = sorted(folder.glob(_RETIRED))
    return read_public_keys(b"".join([current, *(path.read_bytes() for path in retired)]))


def _on_record(app: App, action: str, actor: str) -> str:
    key = get_signing_key(app)
    with app.database.transaction() as tx:
        audit.record(tx, actor=actor, action=action, object=key.id)
    return key.id
