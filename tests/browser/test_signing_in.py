"""Passkeys, codes and being asked again, in a real browser with an authenticator of its own (Chromium's, by CDP)."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pyotp import TOTP
from sqlalchemy import update

from mobility.accounts import passwords
from mobility.accounts.models import SignIn
from mobility.core import clock
from mobility.core.database import db
from mobility.people.roles import Role
from tests.support import factories
from tests.support.browser import Window
from tests.support.processes import LiveServer
from tests.support.story import Arrange

PASSWORD = "blue kettle on a hill"
Open = Callable[..., Window]


def authenticator(window: Window, *, verified: bool = True) -> Any:
    """A security key in this window; a finger is on it all the time."""
    devtools = window.context.new_cdp_session(window.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools


@pytest.fixture
def door(site: LiveServer, window: Open, arrange: Arrange) -> Open:
    """A window at the site's name, as browsers bind no passkey to a number."""

    def open_at_name() -> Window:
        found = window()
        found.url = site.url.replace("127.0.0.1", "localhost")
        return found

    return open_at_name


def account(arrange: Arrange, email: str, *, owner: bool = False) -> None:
    with arrange():
        within = factories.make_programme() if owner else factories.make_organisation()
        role = Role.OWNER if owner else Role.COORDINATOR
        factories.make_member(within, role, email=email, name="Petra Weber", password_hash=passwords.hash_of(PASSWORD))


def enter(window: Window, email: str) -> Window:
    window.open("/sign-in", look=False)
    window.page.locator("#email").fill(email)
    window.page.locator("#password").fill(PASSWORD)
    return window.press("Sign in", within=".sign-in-panel", look=False)


def photograph(page: Page, name: str) -> None:
    """Into the folder that SIGNING_IN_PICTURES names, at both widths, for whoever wants to look."""
    if folder := os.environ.get("SIGNING_IN_PICTURES"):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder, f"{name}-{width}.png"), full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def press_passkey(window: Window, name: str) -> None:
    with window.page.expect_navigation():
        window.page.get_by_role("button", name=name, exact=True).click()


def test_a_passkey_is_set_up_and_opens_the_door_alone(door: Open, arrange: Arrange) -> None:
    account(arrange, "petra@example.org")
    window = door()
    authenticator(window)
    photograph(window.open("/sign-in").page, "sign-in")
    enter(window, "petra@example.org").open("/account/security")
    photograph(window.page, "security-none")
    window.follow("Add a passkey").type("Call it", "My laptop")
    photograph(window.page, "passkey-new")
    press_passkey(window, "Set up the passkey")
    window.look().says("Keep your recovery codes", "“My laptop” is set up.")
    photograph(window.page, "codes")
    with window.page.expect_download() as saving:
        window.page.get_by_role("link", name="Save them as a file").click()
    saved = Path(saving.value.path()).read_text()
    assert len(re.findall(r"(?m)^[A-Z2-9]{4}(-[A-Z2-9]{4}){3}$", saved)) == 10
    window.follow("I have kept them: go on").says("My laptop", "You have 10 left")
    photograph(window.page, "security")
    window.page.locator(".account summary").click()
    window.press("Sign out", look=False)
    press_passkey(window, "Sign in with a passkey")
    window.open("/account").says("petra@example.org")
    window.open("/account/security").says("Last used")


def test_a_passkey_is_the_second_step_after_the_password(door: Open, arrange: Arrange) -> None:
    account(arrange, "petra2@example.org")
    window = door()
    authenticator(window)
    enter(window, "petra2@example.org").open("/account/security/passkeys/new").type("Call it", "Key")
    press_passkey(window, "Set up the passkey")
    window.context.clear_cookies()
    enter(window, "petra2@example.org").look().says("One more step", "The password of petra2@example.org is right.")
    photograph(window.page, "second")
    press_passkey(window, "Use a passkey")
    window.open("/account").says("petra2@example.org")


def test_a_device_without_a_passkey_is_told_so(door: Open, arrange: Arrange) -> None:
    """It names what to do, and the other ways stay on the page."""
    window = door()
    authenticator(window, verified=False)
    window.open("/sign-in")
    window.page.get_by_role("button", name="Sign in with a passkey").click()
    window.page.locator("[data-passkey-said]:not(:empty)").wait_for(timeout=70_000)
    window.says("there is no passkey of yours for this site on this device")


def test_an_owner_is_led_to_set_one_up_and_comes_to_the_page_that_was_wanted(door: Open, arrange: Arrange) -> None:
    account(arrange, "rita3@example.org", owner=True)
    window = door()
    window.open("/bank-accounts", look=False)
    window.page.locator("#email").fill("rita3@example.org")
    window.page.locator("#password").fill(PASSWORD)
    window.press("Sign in", within=".sign-in-panel").says("Protect your account with a second factor", "Not now")
    photograph(window.page, "start")
    window.follow("Set up an app")
    window.page.get_by_text("I cannot scan it").click()
    secret = window.page.locator(".app-secret").inner_text().replace(" ", "")
    window.type("Call it", "My telephone").type("Code", "000000").press("Set up the app", status=422)
    assert window.page.locator(".app-secret").text_content().replace(" ", "") == secret, "the same as is scanned"
    photograph(window.page, "app-new")
    window.type("Code", TOTP(secret).at(clock.utc_now())).press("Set up the app").follow("I have kept them: go on")
    assert window.path == "/bank-accounts"


def test_what_was_typed_goes_on_after_the_password(door: Open, arrange: Arrange) -> None:
    """The clock of the server runs, so the proof is put back in time."""
    account(arrange, "petra4@example.org")
    window = door()
    enter(window, "petra4@example.org").open("/bank-accounts/mine")
    window.page.get_by_label(re.compile("IBAN")).first.fill("PT50 0002 0123 1234 5678 9015 4")
    with arrange():
        _make_stale()
    button = window.page.locator("main form button[type=submit]").last
    with window.page.expect_navigation():
        button.click()
    assert window.status == 403
    window.look().says("Is it still you?", "What you typed is kept")
    photograph(window.page, "prove")
    window.type("Password", PASSWORD).press("It is me: go on").says("The account is set.")


def _make_stale() -> None:
    db.session.execute(update(SignIn).values(proved_at=clock.utc_now() - timedelta(minutes=11)))
