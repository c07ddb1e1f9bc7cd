"""Passkeys: what a browser is asked, and what it answers (WebAuthn)."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from flask import request
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mobility.core import clock
from mobility.core.database import db
from mobility.core.errors import Refusal
from mobility.factors import queries
from mobility.factors.models import Passkey
from mobility.factors.sealing import challenged_at, new_challenge
from mobility.people.models import User

ADD, ALONE, SECOND = "add", "alone", "second"  # what a challenge is for
NOT_READ = "Your browser's answer could not be read. Please try again."
NOT_KNOWN = "This passkey is not known here; it may have been removed. Sign in another way."
NOT_RIGHT = "This passkey's answer is not right, or was used before. Please try again."
LONGEST = 20_000  # characters of an answer
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def site() -> str:
    """The name that passkeys are bound to: this site's, without a port. Numbers such as 127.0.0.1 are none to browsers."""
    return request.host.partition(":")[0].lower()


def options_to_add(user: User) -> dict[str, Any]:
    """What a browser needs to make one; with the challenge that comes back beside its answer."""
    challenge = new_challenge(ADD, user.id)
    options = generate_registration_options(
        rp_id=site(),
        rp_name="Mobility",
        user_name=user.email,
        user_display_name=user.name,
        user_id=sha256(f"mobility:{user.id}".encode()).digest(),
        challenge=challenge.encode(),
        exclude_credentials=_descriptors(queries.passkeys_of(user)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return {"challenge": challenge, "options": options_to_json(options)}


def options_to_use(user: User | None) -> dict[str, Any]:
    """The same to use one: anybody's, alone; or one of this person's, as second factor."""
    challenge = new_challenge(SECOND if user else ALONE, user.id if user else None)
    wanted = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(
        rp_id=site(),
        challenge=challenge.encode(),
        allow_credentials=_descriptors(queries.passkeys_of(user)) if user else [],
        user_verification=wanted,
    )
    return {"challenge": challenge, "options": options_to_json(options)}


def add(user: User, *, name: str, challenge: str, answer: str) -> Passkey:
    """Raises `Refusal` when the answer is not one to this challenge, from this site."""
    if challenged_at(challenge, ADD, user.id) is None or len(answer) > LONGEST:
        raise Refusal(NOT_READ)
    try:
        found = verify_registration_response(
            credential=answer, expected_challenge=challenge.encode(), expected_rp_id=site(), expected_origin=_origin()
        )
    except UNREADABLE as fault:
        raise Refusal(NOT_READ) from fault
    id = bytes_to_base64url(found.credential_id)
    if queries.passkey(id):
        raise Refusal("This passkey is known already.")
    passkey = Passkey(
        user=user,
        name=name,
        credential_id=id,
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey


def use(user: User | None, *, challenge: str, answer: str) -> User:
    """Whose passkey answered; alone it must have asked for a PIN, finger or face. Each challenge is good for one use."""
    passkey = _found(answer)
    if user is not None and passkey.user_id != user.id:
        raise Refusal(NOT_KNOWN)
    asked_at = challenged_at(challenge, SECOND if user else ALONE, user.id if user else None)
    if asked_at is None or (passkey.used_at and asked_at <= passkey.used_at.timestamp()):
        raise Refusal(NOT_RIGHT)
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge.encode(),
            expected_rp_id=site(),
            expected_origin=_origin(),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=user is None,
        )
    except UNREADABLE as fault:
        raise Refusal(NOT_RIGHT) from fault
    passkey.sign_count, passkey.used_at = found.new_sign_count, clock.utc_now()
    return passkey.user


def _found(answer: str) -> Passkey:
    if len(answer) > LONGEST:
        raise Refusal(NOT_READ)
    try:
        id = _canonical(parse_authentication_credential_json(answer).id)
    except UNREADABLE as fault:
        raise Refusal(NOT_READ) from fault
    passkey = queries.passkey(id)
    if passkey is None:
        raise Refusal(NOT_KNOWN)
    return passkey


def _canonical(id: str) -> str:
    """As it is kept: a browser of somebody's own making may put any characters there, also such as no database takes."""
    return bytes_to_base64url(base64url_to_bytes(id))


def _descriptors(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id)) for each in passkeys]


def _origin() -> str:
    return request.host_url.rstrip("/")
