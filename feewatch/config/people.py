"""How people log in, and the mail that reaches them."""

from dataclasses import dataclass, field

from feewatch.kernel.errors import InvalidInputError
from feewatch.kernel.people import ROLES


@dataclass(frozen=True)
class People:
    """How people of which roles log in."""

    second_factor: list[str] = field(default_factory=list)
    password_off: list[str] = field(default_factory=list)
    token_days: int = 180
    token_days_max: int = 365
    unmask_minutes: int = 30  # how long a person sees whole what they asked to see
    #: A second officer confirms what may excuse a breach; also without it once the three
    #: administrators are separate.
    four_eyes_on_approvals: bool = False

    def __post_init__(self) -> None:
        """Refuse a role that there is not before somebody relies on it."""
        for key in ("second_factor", "password_off"):
            unknown = [role for role in getattr(self, key) if role not in ROLES]
            if unknown:
                raise InvalidInputError(
                    "CONFIG",
                    f"people.{key}：没有角色 {'、'.join(unknown)}",
                    f"people.{key}: there is no role {', '.join(unknown)}",
                )


@dataclass(frozen=True)
class Oidc:
    """The identity provider at which people may log in; without an issuer there is none."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    claim: str = "preferred_username"
    timeout_seconds: float = 10.0


@dataclass(frozen=True)
class Mail:
    """The mail server by which messages go out, too; without a host none do."""

    host: str = ""
    port: int = 587
    starttls: bool = True
    from_: str = ""  # "from" in the file
    user: str = ""
    password_file: str = ""
    site: str = ""
    timeout_seconds: float = 20.0
    max_attempts: int = 12
