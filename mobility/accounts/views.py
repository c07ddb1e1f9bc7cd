"""Signing in and out, mailed links, the own account."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from mobility.accounts import session
from mobility.core.access import public
from mobility.core.database import transaction

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    return render_template("accounts/sign_in.html")


@blueprint.post("/sign-out")
@public
def sign_out() -> Any:
    with transaction():
        session.end()
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.get("/go/<token>")
@public
def go(token: str) -> Any:
    return redirect(url_for("accounts.sign_in"))
