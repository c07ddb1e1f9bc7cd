"""The ways in which files come: with a claim, as evidence of a take-over, as pictures of a story."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from mobility.claims import queries as claims
from mobility.core.database import db
from mobility.followup.ends import report_of
from mobility.questionnaires.operations import furnish
from mobility.takeovers.models import TakeOver
from mobility.uploads import files
from tests.support.cases import make_case
from tests.support.client import Client, Visitor
from tests.support.followups import visited
from tests.support.forms import values_of
from tests.support.stories import telling
from tests.support.takeovers import taken

Sent = tuple[str, bytes]  # name, content


@dataclass
class Way:
    """`page` has the form, `address` takes it; `field` takes the files. `typed` stands beside them and must not be lost."""

    client: Client
    page: str
    address: str
    field: str
    typed: tuple[str, str]
    rows: Callable[[], list[Any]]

    def send(self, *sent: Sent, **given: str) -> Any:
        """As a browser does it: with all fields of the page as they stand there."""
        fields = values_of(self.client.get(self.page)) | dict([self.typed]) | given
        parts = {**fields, self.field: [FileStorage(BytesIO(content), name) for name, content in sent]}
        boundary, body = encode_multipart(parts)
        return self.client.post(self.address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')

    def kept(self) -> list[Any]:
        """The rows, as they are stored now."""
        db.session.expire_all()
        return self.rows()

    def contents(self) -> Iterable[bytes]:
        return [files.store().read(each.key) for each in self.kept()]


def claim(visitor: Visitor) -> Way:
    case = make_case("full")
    furnish(case.programme)
    case.take_to("delivered")
    case.exchange.actual_first_day, case.exchange.actual_last_day = case.exchange.first_day, case.exchange.last_day
    db.session.commit()
    assert report_of(case.voucher) is not None

    def rows() -> list[Any]:
        found = claims.claim_of(case.voucher)
        return list(found.evidence) if found else []

    page = f"/vouchers/{case.voucher.id}/claim"
    return Way(visitor(case.holder), page, f"{page}/evidence", "files", ("q-gave", "Typed beside it."), rows)


def take_over(visitor: Visitor) -> Way:
    case = visited()
    found = taken(case.exchange, by=case.guest)
    page = f"/takeovers/{found.id}/add-evidence"

    def rows() -> list[Any]:
        return list(db.session.get_one(TakeOver, found.id).evidence)

    return Way(visitor(case.guest), page, page, "file", ("name", "Typed beside it"), rows)


def story(visitor: Visitor) -> Way:
    case = telling()
    id = case.begin().id
    page, address = f"/stories/{id}/edit", f"/stories/{id}/pictures"
    return Way(visitor(case.guest), page, address, "files", ("took", "Typed beside it."), lambda: list(case.story.pictures))


WAYS = {"claim": claim, "take-over": take_over, "story": story}
