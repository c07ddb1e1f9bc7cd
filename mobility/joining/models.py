"""Requests to join an organisation, which may be a new one."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship, validates

from mobility.core.database import Model
from mobility.core.names import name_key
from mobility.core.wording import HOME_ZONE
from mobility.joining.workflow import ASKED, OPEN, WORKFLOW
from mobility.people.models import Organisation, User
from mobility.people.roles import ROLE_LABELS, Role, a_role
from mobility.programmes.models import Programme
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow

_OPEN = text(f"state IN ({', '.join(repr(each) for each in sorted(OPEN))})")


def _once(place: str) -> Index:
    name = f"ix_join_request_{place}_open"
    return Index(name, "person_id", place, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)


class JoinRequest(Subject, Model):
    """Who asks for which role where. `organisation` is empty while a new one is checked, which the columns `new_...` tell of;
    they stay as they were typed, also when it turns out to be one that is here already.

    `programme` is whose owners check a new organisation; none: an administrator does.
    """

    __tablename__ = "join_request"
    __table_args__ = (
        CheckConstraint("organisation_id IS NOT NULL OR new_name IS NOT NULL", name="somewhere"),
        _once("organisation_id"),
        _once("new_name_key"),
        Index("ix_join_request_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_join_request_organisation_id_state", "organisation_id", "state"),
        Index("ix_join_request_programme_id_state", "programme_id", "state"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW

    state: Mapped[str] = mapped_column(default=ASKED)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), default=None)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), default=None)
    role: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    new_name: Mapped[str | None] = mapped_column(default=None)
    new_name_key: Mapped[str | None] = mapped_column(default=None)
    new_kind: Mapped[str] = mapped_column(default="")
    new_country: Mapped[str] = mapped_column(default="")
    new_city: Mapped[str] = mapped_column(default="")
    new_website: Mapped[str] = mapped_column(default="")

    person: Mapped[User] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    programme: Mapped[Programme | None] = relationship()

    @validates("new_name")
    def _keep_key(self, _attribute: str, name: str | None) -> str | None:
        self.new_name_key = name_key(name) if name else None
        return name

    @property
    def is_new(self) -> bool:
        """An organisation that is not here yet, as far as anybody has found out."""
        return self.organisation_id is None

    @property
    def has_coordinator(self) -> bool:
        return self.organisation is not None and bool(self.organisation.coordinators())

    @property
    def place_name(self) -> str:
        return self.organisation.name if self.organisation else self.new_name or ""

    @property
    def role_label(self) -> str:
        return ROLE_LABELS[Role(self.role)]

    @property
    def a_role(self) -> str:
        """a guest"""
        return a_role(self.role)

    @property
    def timezone(self) -> str:
        return self.programme.timezone if self.programme else HOME_ZONE

    @property
    def holidays_of(self) -> str | None:
        """Where those who decide are."""
        return self.organisation.country if self.organisation else self.new_country

    @property
    def title(self) -> str:
        return f"Register {self.place_name}" if self.is_new else f"Join {self.place_name}"

    @property
    def asks(self) -> str:
        """What the first page says is to be done."""
        return f"Check a new organisation: {self.place_name}" if self.is_new else f"Answer {self.person.name}, who asks to join"

    @property
    def about(self) -> str:
        return self.place_name

    @property
    def between(self) -> str:
        return f"{self.person.name}, as {self.a_role}"

    @property
    def sides(self) -> Mapping[str, str]:
        return {"person": self.person.name, "place": self.place_name}

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        own = (cls.person_id, cls.organisation_id, cls.programme_id, cls.role, cls.new_name, cls.new_country)
        return (
            load_only(*cls.waiting_columns(), *own),
            joinedload(cls.person, innerjoin=True).options(*User.by_name()),
            joinedload(cls.organisation).load_only(Organisation.name, Organisation.country, Organisation.closed_at),
            joinedload(cls.programme).load_only(*Programme.told()),
        )
