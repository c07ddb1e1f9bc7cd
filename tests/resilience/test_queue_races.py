"""A freed place is offered once, whoever does what at the same moment."""

from datetime import timedelta

from sqlalchemy import func, select

from mobility.applications import operations as applications
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.notifications.models import OutboxMessage
from mobility.themes.models import Theme
from tests.support import factories
from tests.support.people_at_once import Browser, post_at_once
from tests.support.processes import LiveServer
