"""Asked again: before money and roles, a password or a factor not longer ago than ten minutes. What was being sent is kept."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from mobility.accounts import entering, operations, passwords, queries, session
from mobility.accounts.forms import ProofForm
from mobility.core import clock
from mobility.core.database import transaction
from mobility.core.errors import Refusal
from mobility.core.web import error_page, or_404
from mobility.factors import queries as factors
from mobility.people.models import User


def asked_again(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that changes what an unattended browser must not: sending its form asks for proof, and goes on with it."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and current_user.is_authenticated and not entering.recently_proved():
            refused = _prove()
            if refused is not None:
                return refused
        return view(*args, **kwargs)

    guarded.access = getattr(view, "access", None)  # type: ignore[attr-defined]
    return guarded


def _prove() -> ResponseReturnValue | None:
    """The page that asks; nothing once the answer is right."""
    form = ProofForm()
    if not form.was_answered():
        return _page(form, 403)
    try:
        _check(form, current_user)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, refusal.status)
    return None


def _check(form: ProofForm, user: User) -> None:
    """Raises `Refusal` at the field."""
    if form.proof_password.data:
        entering.take_try("proof of", user)
        if not passwords.is_right(user, form.proof_password.data):
            raise Refusal("This is not your password.", "proof_password")
        entering.forget_tries("proof of", user)
    else:
        try:
            entering.use_factor(user, **form.factor())
        except Refusal as refusal:
            raise Refusal(refusal.message, "proof_code") from refusal
    here = session.here()
    assert here is not None  # noqa: S101 (somebody is signed in)
    with transaction():
        operations.note_proof(or_404(queries.user(user.id)), here.id)
    session.proved(clock.utc_now())


def _page(form: ProofForm, status: int) -> ResponseReturnValue:
    try:
        fields, files = session.fields_sent()
    except RequestEntityTooLarge:
        return error_page(413)
    page = render_template(
        "accounts/prove.html",
        form=form,
        fields=fields,
        files=files,
        has_password=bool(current_user.password_hash),
        passkeys=factors.passkeys_of(current_user),
        apps=factors.apps_of(current_user),
    )
    return page, status
