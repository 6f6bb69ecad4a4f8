# ruff: noqa: ARG002 - Authlib asks for these by position
"""An identity provider for tests, run as a process: OpenID Connect on Authlib's server parts.

``python provider.py CLIENT SECRET`` prints its issuer and serves until killed. Its log-in page
takes any name and asks for no password; names that begin with ``bad-`` get a proof that does not
hold.
"""

import os
import sys
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # on the loopback alone
CLIENT, SECRET = sys.argv[1:]
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
FOREIGN = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CODES = {}
site = Flask(__name__)


class Client(ClientMixin):
    id_token_signed_response_alg = "RS256"

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri.endswith("/account/provider/back")

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):
    def __init__(self, request):
        data = request.payload
        self.user, self.redirect_uri, self.scope = request.user, data.redirect_uri, data.scope
        self.nonce = data.data.get("nonce")
        self.code_challenge = data.data.get("code_challenge")
        self.code_challenge_method = data.data.get("code_challenge_method")
        self.auth_time = int(time.time())

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return "another" if self.user == "bad-nonce" else self.nonce

    def get_auth_time(self):
        return self.auth_time

    def get_acr(self):
        return None

    def get_amr(self):
        return ["pwd", "otp"] if self.user.endswith("-strong") else ["pwd"]


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib has it

    def save_authorization_code(self, code, request):
        CODES[code] = Code(request)

    def query_authorization_code(self, code, client):
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code):
        for code in [code for code, held in CODES.items() if held is authorization_code]:
            del CODES[code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class OpenID(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return any(code.nonce == nonce for code in CODES.values())

    def resolve_client_private_key(self, client):
        return FOREIGN if self.user == "bad-key" else KEY

    def get_encode_header(self, client):
        return {"alg": self.get_client_algorithm(client), "kid": "one"}

    def get_client_claims(self, client):
        now = int(time.time())
        return {
            "iss": "http://127.0.0.1:1" if self.user == "bad-issuer" else ISSUER,
            "aud": ["somebody-else"] if self.user == "bad-audience" else [CLIENT],
            "exp": now - 3600 if self.user == "bad-time" else now + 300,
            "iat": now - 7200 if self.user == "bad-time" else now,
        }

    def encode_id_token(self, token, request):
        self.user = request.user
        return super().encode_id_token(token, request)

    def generate_user_info(self, user, scope):
        name = user.removesuffix("-strong")
        claims = {"preferred_username": name, "email": f"{name}@example.cn"}
        return UserInfo(sub=f"subject-of-{name}", email_verified=name != "doubtful", **claims)


def find_client(client):
    return Client() if client == CLIENT else None


def keep_token(token, request):
    """Nobody asks for it again."""


server = AuthorizationServer(site, find_client, keep_token)
server.register_grant(CodeGrant, [OpenID(require_nonce=True), CodeChallenge(required=True)])


@site.route("/authorize", methods=["GET", "POST"])
def authorize():
    if "code_challenge" not in request.args:
        return "no PKCE", 400
    if request.method == "GET":
        return "<form method=post><input name=name></form>"
    if request.form["name"] == "nobody":
        return server.create_authorization_response(grant_user=None)
    return server.create_authorization_response(grant_user=request.form["name"])


@site.post("/token")
def token():
    return server.create_token_response()


@site.get("/keys")
def keys():
    return {"keys": [KEY.as_dict(private=False)]}


@site.get("/.well-known/openid-configuration")
def metadata():
    ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
    return {"issuer": ISSUER} | {name: f"{ISSUER}/{path}" for name, path in ends.items()}


listener = make_server("127.0.0.1", 0, site, threaded=True)
ISSUER = f"http://127.0.0.1:{listener.server_port}"
print(ISSUER, flush=True)
listener.serve_forever()
