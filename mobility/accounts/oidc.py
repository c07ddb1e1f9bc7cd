"""Signing in at an identity provider (OpenID Connect): EU Login and others, as the settings name them; none by default.

The library keeps state, nonce and the secret of PKCE in the session. A provider only says who somebody is: what they may do
here begins with an invitation.
"""

from importlib import import_module
from typing import Any, NamedTuple

from flask import Flask, current_app, request, session
from werkzeug.wrappers import Response

from mobility.core.errors import Refusal
from mobility.core.links import absolute, path_of

GOES_TO = "oidc_goes_to"
SECONDS = 10  # that a provider has for each answer
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]  # whatever else it may offer
DECLINED = {"access_denied", "login_required", "interaction_required", "consent_required"}


class Came(NamedTuple):
    """Whom a provider knows: `subject` is its own name for them; `email` is empty unless it vouches for it."""

    provider: str
    issuer: str
    subject: str
    email: str


class NoAnswer(Refusal):
    """The provider is down, or wrongly set up (502)."""

    status = 502


def init_app(app: Flask) -> None:
    if not (providers := app.config.get("OIDC_PROVIDERS")):
        return
    registry = import_module("authlib.integrations.flask_client").OAuth(app)  # large, and few need it
    for each in providers:
        registry.register(
            each["key"],
            client_id=each["client_id"],
            client_secret=each["client_secret"],
            server_metadata_url=f"{each['issuer'].rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": SECONDS},
        )
    app.extensions["oidc"] = registry


def providers() -> list[tuple[str, str]]:
    """(key, name) of those that the settings name."""
    return [(each["key"], each["name"]) for each in current_app.config.get("OIDC_PROVIDERS") or ()]


def lead_to(key: str, goes_to: str) -> Response:
    """To the provider's own page, and back to ours. Raises `NoAnswer`."""
    for name in [each for each in session if each.startswith("_state_")]:
        del session[name]  # of earlier tries: a cookie is small
    try:
        client = _client(key)
        answer: Response = client.authorize_redirect(absolute(path_of("accounts.back_from_provider", key=key)))
    except _faults() as fault:
        raise _no_answer(key, fault) from fault
    session[GOES_TO] = goes_to
    return answer


def who_came(key: str) -> Came:
    """Whom the provider has sent back to us. Raises `Refusal` in words that say what to do."""
    setting = _setting(key)
    if error := request.args.get("error"):
        if error in DECLINED:
            raise Refusal(f"You did not sign in at {setting['name']}. Try again, or sign in another way.")
        raise _no_answer(key, RuntimeError(error))
    if not any(each.startswith(f"_state_{key}_") for each in session):
        raise Refusal(f"Signing in at {setting['name']} was begun in another browser, or took too long. Please begin again.")
    try:
        said = _client(key).authorize_access_token()["userinfo"]
        subject, email = str(said["sub"]), str(said.get("email") or "")
    except _faults() as fault:
        raise _no_answer(key, fault) from fault
    vouched = said.get("email_verified") is True or setting["addresses_are_verified"]
    return Came(setting["name"], setting["issuer"], subject, email if vouched else "")


def _faults() -> tuple[type[Exception], ...]:
    """What a provider, the way to it, or a wrong setting can do to us."""
    ours = (ValueError, KeyError, TypeError, RuntimeError)
    return (
        import_module("authlib.common.errors").AuthlibBaseError,
        import_module("joserfc.errors").JoseError,
        import_module("requests.exceptions").RequestException,
        *ours,
    )


def _client(key: str) -> Any:
    """With what the provider says about itself; it must call itself as the settings do."""
    client, setting = getattr(current_app.extensions["oidc"], key), _setting(key)
    metadata = client.load_server_metadata()
    if metadata.get("issuer") != setting["issuer"]:
        raise ValueError(f"it calls itself {metadata.get('issuer')!r}")
    metadata["id_token_signing_alg_values_supported"] = ALGORITHMS
    return client


def _setting(key: str) -> dict[str, Any]:
    return next(each for each in current_app.config["OIDC_PROVIDERS"] if each["key"] == key)


def _no_answer(key: str, fault: Exception) -> NoAnswer:
    current_app.logger.error("signing in with %s: %s: %s", key, type(fault).__name__, str(fault)[:200])
    return NoAnswer(f"{_setting(key)['name']} could not tell us who you are. Please try again later, or sign in another way.")
