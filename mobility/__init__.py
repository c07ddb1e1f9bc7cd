"""Mobility: staff exchanges and vouchers of a cluster programme."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from mobility import cli, home, journey
from mobility.accounts import session, standing, uptake
from mobility.accounts import views as accounts
from mobility.addresses import following
from mobility.addresses import views as addresses
from mobility.administration import views as administration
from mobility.administration.operations import Acting
from mobility.aid import views as aid
from mobility.aid.operations import DeMinimis
from mobility.applications import operations as application_operations
from mobility.applications import views as applications
from mobility.applications.operations import PlaceQueue
from mobility.applications.operations import follow_address as delegates_follow
from mobility.audit import views as audit
from mobility.banking import views as banking
from mobility.budgets import views as budgets
from mobility.calendars import views as calendars
from mobility.claims import views as claims
from mobility.consents import views as consents
from mobility.contacts import views as contacts
from mobility.core import web
from mobility.core.database import db
from mobility.delegates import views as delegates
from mobility.delegates.operations import follow_address as links_follow
from mobility.desk import views as desk
from mobility.exchanges import views as exchanges
from mobility.experts import views as experts
from mobility.followup import views as followup
from mobility.followup.operations import follow_address as requests_follow
from mobility.imports import views as imports
from mobility.joining import goals
from mobility.joining import views as joining
from mobility.keyfigures import views as keyfigures
from mobility.knowledge import views as knowledge
from mobility.lessons import views as lessons
from mobility.mailings import views as mailings
from mobility.matching import views as matching
from mobility.mending import views as mending
from mobility.merging import views as merging
from mobility.notifications import views as notifications
from mobility.papers import views as papers
from mobility.paying import views as paying
from mobility.payments import views as payments
from mobility.people import views as people
from mobility.privacy import views as privacy
from mobility.programmes import limits
from mobility.programmes import operations as programme_operations
from mobility.programmes import views as programmes
from mobility.questionnaires import operations as questionnaire_operations
from mobility.questionnaires import views as questionnaires
from mobility.rates import views as rates
from mobility.renewals import views as renewals
from mobility.retention import views as retention
from mobility.reviews import views as reviews
from mobility.running import logs, metrics
from mobility.running.patience import PATIENCE
from mobility.running.speed import Site
from mobility.safeguards import views as safeguards
from mobility.searching import views as searching
from mobility.security import views as security
from mobility.stories import views as stories
from mobility.takeovers import views as takeovers
from mobility.talking import operations as talking_operations
from mobility.talking import views as talking
from mobility.tasks import CasesOfRoles
from mobility.teams import affairs
from mobility.teams import views as teams
from mobility.teams.operations import Offered
from mobility.texts import views as texts
from mobility.themes import queries as theme_queries
from mobility.themes import queue
from mobility.themes import views as themes
from mobility.upkeep import views as upkeep
from mobility.visits import views as visits
from mobility.vouchers import views as vouchers
from mobility.workflows import actions

ROOT = Path(__file__).parent.parent
BLUEPRINTS = (
    people.blueprint,
    audit.blueprint,
    notifications.blueprint,
    accounts.blueprint,
    security.blueprint,
    addresses.blueprint,
    teams.blueprint,
    administration.blueprint,
    banking.blueprint,
    rates.blueprint,
    programmes.blueprint,
    joining.joining,
    joining.joinings,
    texts.blueprint,
    themes.blueprint,
    applications.blueprint,
    exchanges.blueprint,
    vouchers.blueprint,
    contacts.blueprint,
    talking.blueprint,
    mailings.blueprint,
    aid.blueprint,
    safeguards.blueprint,
    budgets.blueprint,
    mending.blueprint,
    knowledge.blueprint,
    questionnaires.blueprint,
    renewals.blueprint,
    keyfigures.blueprint,
    takeovers.blueprint,
    followup.blueprint,
    consents.blueprint,
    delegates.blueprint,
    visits.blueprint,
    claims.blueprint,
    paying.blueprint,
    payments.blueprint,
    desk.blueprint,
    experts.experts,
    experts.mentorings,
    stories.blueprint,
    lessons.blueprint,
    reviews.blueprint,
    upkeep.blueprint,
    merging.blueprint,
    privacy.blueprint,
    retention.blueprint,
    papers.blueprint,
    calendars.blueprint,
    imports.blueprint,
    searching.blueprint,
    home.blueprint,
)
LIMITS = (DeMinimis(),)
FURNISHING = (questionnaire_operations.furnish,)
QUEUES = (PlaceQueue(),)
ON_SENDING = (talking_operations.go_on,)
OFFERS = (Offered(),)
AFFAIRS = (CasesOfRoles(),)
GOALS = (theme_queries.goal_at,)
FOLLOWERS = (delegates_follow, links_follow, requests_follow)


def create_app(settings: Mapping[str, Any]) -> Flask:
    """The web application; wiring only. `settings` as config.py makes them."""
    app = Site(__name__, root_path=str(ROOT))
    app.config.from_mapping(settings, DEBUG=False)  # whatever FLASK_DEBUG says: pages would show our inside
    PATIENCE.seconds = app.config.get("DATABASE_TIMEOUT", PATIENCE.seconds)
    logs.MEASURES[:] = [metrics.count] if app.config.get("METRICS_TOKEN") else []
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    Bootstrap5(app)
    session.init_app(app)
    web.init_app(app)
    app.url_map.converters["kind"] = rates.KindOfVoucher
    matching.init_app(app)
    _introduce()
    home.init_app(app)
    app.jinja_env.globals.update(
        actions_for=actions.actions_for,
        waits_for_me=actions.waits_for_me,
        may_read_note=actions.may_read_note,
        journey_of=journey.journey_of,
        turn_of=journey.turn_of,
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app)
    if hops := app.config.get("PROXY_HOPS"):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _introduce() -> None:
    """Tell earlier features of later ones, which they do not import."""
    limits.set_to(LIMITS)
    programme_operations.FURNISHING[:] = FURNISHING
    queue.set_to(QUEUES)
    application_operations.ON_SENDING[:] = ON_SENDING
    uptake.set_to(OFFERS)
    affairs.set_to(AFFAIRS)
    following.set_to(FOLLOWERS)
    goals.set_to(GOALS)
    standing.set_to(Acting())
