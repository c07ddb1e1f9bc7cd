import pytest

from mobility.core.database import db
from mobility.notifications.models import OutboxMessage
from tests.factories import make_exchange

pytestmark = pytest.mark.usefixtures("db_session")


def test_smoke():
    e = make_exchange(signed=True)
    assert e.state == "agreed"
    for m in db.session.query(OutboxMessage):
        print(m.subject_line, "\n", m.text)
