"""Log-in at an identity provider by OpenID Connect: its authorization code flow, with PKCE.

What the provider says counts once its signature, issuer, audience, time and the nonce of this
log-in were looked at. Addresses are https, but on the loopback; no redirect is followed.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import requests

from feewatch.gateways.deadlines import watched, watched_session
from feewatch.gateways.feeds import is_safe_address
from feewatch.kernel.clock import machine_now
from feewatch.kernel.errors import ForbiddenError, InvalidInputError, UnavailableError

try:
    from authlib.common.security import generate_token
    from authlib.integrations.base_client import OAuthError
    from authlib.integrations.requests_client import OAuth2Session
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    IS_INSTALLED = True
except ImportError:
    IS_INSTALLED = False

#: Signatures that are believed: none at all is not among them.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
#: Seconds by which the clocks of two machines may differ.
_LEEWAY = 60


class Pending(NamedTuple):
    """What a browser keeps between its way to the provider and its way back."""

    state: str
    nonce: str
    verifier: str


class IdentityProvider:
    """One provider, at which the office is registered as a client."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, timeout_seconds: float
    ) -> None:
        """Raises: UnavailableError without the extra oidc, InvalidInputError (not https)."""
        if not IS_INSTALLED:
            raise UnavailableError(
                "OIDC-EXTRA",
                "未安装 oidc 附加包（pip install 'feewatch[oidc]'）",
                "the extra oidc is not installed (pip install 'feewatch[oidc]')",
            )
        _require_safe(issuer)
        self._issuer, self._client_id, self._secret = issuer, client_id, client_secret
        self._timeout = timeout_seconds

    def begin(self, redirect: str) -> tuple[str, Pending]:
        """The provider's address for a browser to go to, and what the browser keeps.

        Raises: UnavailableError.
        """
        pending = Pending(generate_token(32), generate_token(32), generate_token(48))
        with self._client(redirect) as client:
            address, _ = client.create_authorization_url(
                self._metadata()["authorization_endpoint"],
                state=pending.state,
                nonce=pending.nonce,
                code_verifier=pending.verifier,
            )
        return str(address), pending

    def finish(self, redirect: str, pending: Pending, answered: str) -> Mapping[str, Any]:
        """What the provider says of the person, by the address to which it sent the browser back.

        Raises: ForbiddenError where the person was refused or the proof does not hold,
        InvalidInputError where another browser began this log-in, UnavailableError where the
        provider does not answer as it should.
        """
        _require_answer(answered, pending)
        metadata = self._metadata()
        try:
            with self._client(redirect) as client, watched(client, self._timeout):
                token = client.fetch_token(
                    metadata["token_endpoint"],
                    authorization_response=answered,
                    state=pending.state,
                    code_verifier=pending.verifier,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
        except OAuthError as fault:
            raise ForbiddenError(
                "OIDC-CODE",
                f"身份认证平台不认可这次登录：{fault.error}",
                f"the identity provider does not take this log-in: {fault.error}",
            ) from None
        except (requests.RequestException, ValueError):
            raise self._silent() from None
        return self._checked(token.get("id_token"), metadata, pending, token)

    def _checked(
        self,
        id_token: Any,
        metadata: Mapping[str, Any],
        pending: Pending,
        token: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """The claims of an id_token, once all that has to be true of it is."""
        keys: Any = self._get(metadata["jwks_uri"])
        options = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        try:
            read = jwt.decode(str(id_token), KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
            claims = CodeIDToken(
                read.claims,
                read.header,
                options,
                {
                    "nonce": pending.nonce,
                    "client_id": self._client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(machine_now().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise ForbiddenError(
                "OIDC-TOKEN",
                f"身份认证平台的证明无效：{fault}",
                f"what the identity provider says of the person does not hold: {fault}",
            ) from None
        return dict(read.claims)

    def _client(self, redirect: str) -> Any:
        client = OAuth2Session(
            self._client_id,
            self._secret,
            scope="openid profile email",
            redirect_uri=redirect,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - a way, no secret
        )
        client.trust_env = False
        return client

    def _metadata(self) -> Mapping[str, Any]:
        """What the provider says of itself.

        Raises: UnavailableError, also where it says to be another or names open addresses.
        """
        document = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self._issuer:
            raise UnavailableError(
                "OIDC-ISSUER",
                f"{self._issuer} 自称 {document.get('issuer')}",
                f"{self._issuer} says to be {document.get('issuer')}",
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _require_safe(str(document.get(name)))
        return document

    def _get(self, address: str) -> dict[str, Any]:
        try:
            with watched_session(self._timeout) as (session, _):
                session.trust_env = False
                answer = session.get(address, timeout=self._timeout, allow_redirects=False)
            document = json.loads(answer.content) if answer.status_code == 200 else None
        except (requests.RequestException, ValueError):
            document = None
        if not isinstance(document, dict):
            raise self._silent()
        return document

    def _silent(self) -> UnavailableError:
        return UnavailableError(
            "OIDC-AWAY",
            f"身份认证平台 {self._issuer} 没有正确应答，请稍后再试或用密码登录",
            f"the identity provider {self._issuer} does not answer as it should: try later, "
            "or log in by password",
        )


def _require_answer(answered: str, pending: Pending) -> None:
    """Nothing where an address of a browser that came back answers this log-in."""
    query = parse_qs(urlsplit(answered).query)
    if query.get("state") != [pending.state]:
        raise InvalidInputError(
            "OIDC-STATE",
            "这不是本浏览器发起的登录，请重新登录",
            "this browser did not begin this log-in: begin again",
        )
    if "error" in query:
        error = query["error"][0][:60]
        raise ForbiddenError(
            "OIDC-REFUSED",
            f"身份认证平台未予登录：{error}",
            f"the identity provider did not let you in: {error}",
        )


def _require_safe(address: str) -> None:
    if not is_safe_address(address):
        raise InvalidInputError(
            "OIDC-ADDRESS",
            f"身份认证平台的地址须为 https：{address}",
            f"an address of the identity provider must be https: {address}",
        )
