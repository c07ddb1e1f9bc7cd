"""The settings of identity providers."""

import pytest

import config

RIGHT = {
    "SECRET_KEY": "0Qv8zr4yXk2mW7bT9nLp",
    "DATABASE_URL": "sqlite:////tmp/none.db",
    "OIDC_PROVIDERS": "eulogin, home",
    "OIDC_EULOGIN_NAME": "EU Login",
    "OIDC_EULOGIN_ISSUER": "https://ecas.example.eu/cas/oauth2",
    "OIDC_EULOGIN_CLIENT_ID": "mobility",
    "OIDC_EULOGIN_CLIENT_SECRET": "secret",
    "OIDC_EULOGIN_ADDRESSES_ARE_VERIFIED": "1",
    "OIDC_HOME_NAME": "Home",
    "OIDC_HOME_ISSUER": "http://localhost:9400",
    "OIDC_HOME_CLIENT_ID": "m",
    "OIDC_HOME_CLIENT_SECRET": "s",
}


def test_none_is_the_default() -> None:
    assert config.from_env({each: RIGHT[each] for each in ("SECRET_KEY", "DATABASE_URL")})["OIDC_PROVIDERS"] == []


def test_each_has_its_own() -> None:
    first, second = config.from_env(RIGHT)["OIDC_PROVIDERS"]
    assert first == {
        "key": "eulogin",
        "name": "EU Login",
        "issuer": "https://ecas.example.eu/cas/oauth2",
        "client_id": "mobility",
        "client_secret": "secret",
        "addresses_are_verified": True,
    }
    assert (second["key"], second["addresses_are_verified"]) == ("home", False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"OIDC_HOME_NAME": ""}, "OIDC_HOME_NAME: is missing"),
        ({"OIDC_HOME_CLIENT_SECRET": ""}, "OIDC_HOME_CLIENT_SECRET: is missing"),
        ({"OIDC_HOME_ISSUER": "http://login.example.org"}, "must be like https://login.example.org"),
        ({"OIDC_HOME_ISSUER": "https://[x"}, "must be like https://login.example.org"),
        ({"OIDC_PROVIDERS": "EU Login"}, "OIDC_PROVIDERS: must be short names"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, str], said: str) -> None:
    with pytest.raises(config.InvalidSettings, match=said.replace("[", r"\[")):
        config.from_env(RIGHT | change)
