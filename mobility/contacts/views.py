"""Choosing whom people turn to, and what pages show of it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user

from mobility.contacts import operations, queries
from mobility.contacts.forms import ContactForm
from mobility.contacts.queries import NAMES
from mobility.core.access import signed_in
from mobility.core.database import fingerprint, transaction
from mobility.core.errors import EditConflict, Refusal
from mobility.core.web import or_404, say
from mobility.people.roles import Role
from mobility.programmes import queries as programmes
from mobility.themes import queries as themes

blueprint = Blueprint("contacts", __name__)


@blueprint.route("/themes/<int:id>/contact", methods=["GET", "POST"])
@signed_in
def of_theme(id: int) -> Any:
    """Chosen by the host's coordinators."""

    def find(for_update: bool = False) -> Any:
        theme = themes.find(id, current_user, for_update=for_update)
        return or_404(theme if Role.COORDINATOR in current_user.roles_in(theme.host_id) else None)

    return _contact(find, "The host's coordinators", url_for("themes.show", id=id))


@blueprint.route("/programmes/<int:id>/contact-person", methods=["GET", "POST"])
@signed_in
def of_programme(id: int) -> Any:
    """Chosen by the programme's owners."""

    def find(for_update: bool = False) -> Any:
        programme = programmes.find_as(id, current_user, Role.OWNER)
        return programmes.lock(programme.id) if for_update else programme

    return _contact(find, "The programme's owners", url_for("programmes.show", id=id))


def _contact(find: Callable[..., Any], everybody: str, back: str) -> Any:
    of = find()
    form, status = ContactForm().offer(of, queries.team(of), everybody), 200
    seen = fingerprint(of, *NAMES)
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                with transaction():
                    _choose(find(for_update=True), form)
                return redirect(back, 303)
            except EditConflict:
                form.was_slower(fingerprint(find(), *NAMES))
                status = 409
            except Refusal as refusal:
                form.refuse(refusal)
    else:
        form.seen.data = seen
    return render_template("contacts/choose.html", form=form, of=find(), back_url=back), status


def _choose(of: Any, form: ContactForm) -> None:
    if form.seen.data != fingerprint(of, *NAMES):
        raise EditConflict(of)
    operations.choose(of, by=current_user, **form.given())
    say("Saved. This is whom people find there from now on.", "success")


@blueprint.app_template_global("contact_of")
def contact_of(of: Any) -> queries.Shown | None:
    return queries.shown(of, current_user)
