"""Mobility: staff exchanges and vouchers of a cluster programme."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from mobility import cli, home, journey
from mobility.accounts import session, views_administration, views_teams
from mobility.accounts import views as accounts
from mobility.applications import views as applications
from mobility.banking import views as banking
from mobility.claims import views as claims
from mobility.core import actions, pages
from mobility.core.database import db
from mobility.core.links import Site
from mobility.documents import views as documents
from mobility.exchanges import views as exchanges
from mobility.matching import views as matching
from mobility.notifications import views as notifications
from mobility.payments import views as payments
from mobility.people import views as people
from mobility.programmes import views as programmes
from mobility.programmes import views_budget as _budget  # noqa: F401 (adds its pages to those of programmes)
from mobility.programmes import views_rates as _rates  # noqa: F401 (adds its pages to those of programmes)
from mobility.themes import views as themes
from mobility.visits import views as _visits  # noqa: F401 (adds its pages to those of exchanges and vouchers)
from mobility.vouchers import views as vouchers
from mobility.vouchers import views_check as _check  # noqa: F401 (adds its pages to those of vouchers)
from mobility.vouchers import views_desk as _desk  # noqa: F401 (adds its pages to those of vouchers)
from mobility.vouchers import views_knowledge as _knowledge  # noqa: F401 (adds its pages to those of vouchers)
from mobility.vouchers import views_safeguards as _safeguards  # noqa: F401 (adds its pages to those of vouchers)

ROOT = Path(__file__).parent.parent
BLUEPRINTS = (
    home.blueprint,
    people.blueprint,
    notifications.blueprint,
    accounts.blueprint,
    views_teams.blueprint,
    views_administration.blueprint,
    banking.blueprint,
    programmes.blueprint,
    themes.blueprint,
    applications.blueprint,
    exchanges.blueprint,
    vouchers.blueprint,
    payments.blueprint,
    claims.blueprint,
    documents.blueprint,
)


def create_app(settings: Mapping[str, Any]) -> Flask:
    """The web application; wiring only. `settings` as config.py makes them."""
    app = Site(__name__, root_path=str(ROOT))
    app.config.from_mapping(settings)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    Bootstrap5(app)
    session.init_app(app)
    pages.init_app(app)
    matching.init_app(app)
    home.init_app(app)
    app.jinja_env.globals.update(
        actions_for=actions.actions_for, waits_for_me=actions.waits_for_me, journey_of=journey.journey_of
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.init_app(app)
    if hops := app.config.get("PROXY_HOPS"):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
