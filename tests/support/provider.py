"""An identity provider of the tests' own (OpenID Connect), on loopback: it signs in whomever a test says, and can lie."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

IN_2001, IN_2100 = 1_000_000_000, 4_102_444_800  # the library asks the machine's clock, which says anything in between
CLIENT, SECRET = "mobility", "a secret of the tests"


@dataclass
class Provider:
    """`claims` are what it says of whoever comes; `lies` replace what it signs; `broken` are paths that answer 500."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    error: str = ""
    calls_itself: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key, self.other_key = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})
        self.signs_with = self.key
        self._codes: dict[str, dict[str, str]] = {}

    def settings(self, **more: Any) -> list[dict[str, Any]]:
        """For OIDC_PROVIDERS."""
        setting = {"key": "test", "name": "Test Login", "issuer": self.url, "client_id": CLIENT, "client_secret": SECRET}
        return [setting | {"addresses_are_verified": False} | more]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path in self.broken:
            return Response("out of order", 500)
        if request.path == "/authorize":
            return self._authorize(request.args.to_dict())
        found: Any = {
            "/.well-known/openid-configuration": self._about_itself,
            "/keys": lambda: {"keys": [self.key.as_dict(private=False)]},
            "/token": lambda: self._token(request),
        }[request.path]()
        return Response(json.dumps(found), 400 if "error" in found else 200, mimetype="application/json")

    def _about_itself(self) -> dict[str, Any]:
        return {
            "issuer": self.calls_itself or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def _authorize(self, asked: dict[str, str]) -> Response:
        self.asked.append(asked)
        if self.error:
            back = {"error": self.error, "state": asked["state"]}
        else:
            code = token_urlsafe(16)
            self._codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        return Response("", 302, {"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    def _token(self, request: Request) -> dict[str, Any]:
        asked = self._codes.pop(request.form.get("code", ""), None)
        right = request.authorization and (request.authorization.username, request.authorization.password) == (CLIENT, SECRET)
        proof = urlsafe_b64encode(sha256(request.form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if asked is None or not right or proof != asked.get("code_challenge"):
            return {"error": "invalid_grant"}
        said = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": IN_2001,
            "exp": IN_2100,
            "nonce": asked["nonce"],
            **self.claims,
            **self.lies,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, said, self.signs_with)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: Any) -> None:
        pass


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider, threaded=True, request_handler=_Quiet)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
