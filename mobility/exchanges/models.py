"""The exchanges that follow from confirmed applications, and the versions of their agreement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, joinedload, load_only, mapped_column, relationship

from mobility.applications.models import Application, Delegate
from mobility.core import clock
from mobility.core.database import Model
from mobility.exchanges.endorsing import HOME, OFF
from mobility.exchanges.states import PLANNING
from mobility.exchanges.workflow import WORKFLOW
from mobility.people.models import Organisation, User
from mobility.programmes.models import Programme
from mobility.themes.models import Theme
from mobility.workflows.history import Subject
from mobility.workflows.workflow import Workflow


class Exchange(Subject, Model):
    """The agreed stay. `first_day`..`last_day` are those of the agreement in force, or of the plan until there is one.

    `actual_*`, `attended` come from the host's confirmation; `attended_places` are the same in the delegation, as two may have
    one name (empty if it was confirmed before these were kept). `manager_*` is who was named since the agreement to confirm later
    what is in use (rules.manager_of). `endorsement` is the programme's rule as it was when the guest confirmed, `endorser` who
    gives it ("home", or "programme" where nobody there can), `objected`: the newest version is objected to (guards.py).
    """

    __tablename__ = "exchange"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        Index("ix_exchange_waiting_for_due_on", "waiting_for", "due_on"),
        Index("ix_exchange_state_first_day", "state", "first_day"),
        Index("ix_exchange_host_id_state", "host_id", "state"),
        Index("ix_exchange_guest_id_state", "guest_id", "state"),
    )
    workflow: ClassVar[Workflow] = WORKFLOW
    searched = ("theme.title", "guest.name", "guest_organisation.name", "host.name")

    state: Mapped[str] = mapped_column(default=PLANNING)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    guest_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    guest_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    self_funded: Mapped[bool] = mapped_column(default=False)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    newest_version_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_version.id", use_alter=True), default=None)
    agreed_version_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_version.id", use_alter=True), default=None)
    actual_first_day: Mapped[date | None] = mapped_column(Date, default=None)
    actual_last_day: Mapped[date | None] = mapped_column(Date, default=None)
    attended: Mapped[list[Any]] = mapped_column(default=list)
    attended_places: Mapped[list[Any]] = mapped_column(default=list)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    confirmed_on: Mapped[date | None] = mapped_column(Date, default=None)
    certified_names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    confirmed_by_name: Mapped[str] = mapped_column(default="")
    certificate_code: Mapped[str | None] = mapped_column(unique=True, default=None)
    manager_name: Mapped[str] = mapped_column(default="")
    manager_email: Mapped[str] = mapped_column(default="")
    endorsement: Mapped[str] = mapped_column(default=OFF)
    endorser: Mapped[str] = mapped_column(default=HOME)
    objected: Mapped[bool] = mapped_column(default=False)

    application: Mapped[Application] = relationship(back_populates="exchange")
    delegates: Mapped[list[Delegate]] = relationship(
        primaryjoin="Exchange.application_id == foreign(Delegate.application_id)", order_by="Delegate.position", viewonly=True
    )
    theme: Mapped[Theme] = relationship()
    programme: Mapped[Programme] = relationship()
    host: Mapped[Organisation] = relationship(foreign_keys=[host_id])
    guest: Mapped[User] = relationship(foreign_keys=[guest_id])
    guest_organisation: Mapped[Organisation] = relationship(foreign_keys=[guest_organisation_id])
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])
    versions: Mapped[list["AgreementVersion"]] = relationship(
        back_populates="exchange", order_by="AgreementVersion.number", foreign_keys="AgreementVersion.exchange_id"
    )
    newest_version: Mapped["AgreementVersion | None"] = relationship(foreign_keys=[newest_version_id], post_update=True)
    agreed_version: Mapped["AgreementVersion | None"] = relationship(foreign_keys=[agreed_version_id], post_update=True)
    vouchers: Mapped[list[Any]] = relationship("Voucher", back_populates="exchange", order_by="Voucher.id", viewonly=True)

    @property
    def timezone(self) -> str:
        return self.programme.timezone

    @property
    def about(self) -> str:
        return self.theme.title

    @property
    def between(self) -> str:
        return f"{self.guest.name}, {self.guest_organisation.name}, with {self.host.name}"

    @property
    def sides(self) -> Mapping[str, str]:
        return {"guest": self.guest.name, "host": self.host.name}

    @classmethod
    def brief(cls) -> tuple[Any, ...]:
        told = (AgreementVersion.number, AgreementVersion.last_day, AgreementVersion.agreed_elsewhere_on)
        version = joinedload(cls.newest_version).load_only(*told)
        return *cls.named(), version.selectinload(AgreementVersion.signatures).load_only(Signature.side, Signature.signed_by_id)

    @classmethod
    def named(cls) -> tuple[Any, ...]:
        days = (cls.first_day, cls.last_day, cls.endorsement, cls.endorser, cls.objected)
        who = (cls.application_id, cls.theme_id, cls.programme_id, cls.host_id, cls.guest_id, cls.guest_organisation_id)
        return (
            load_only(*cls.waiting_columns(), *days, *who),
            joinedload(cls.theme, innerjoin=True).load_only(Theme.title, Theme.host_id, Theme.programme_id),
            joinedload(cls.programme, innerjoin=True).load_only(*Programme.told()),
            joinedload(cls.host, innerjoin=True).load_only(Organisation.name),
            joinedload(cls.guest, innerjoin=True).options(*User.by_name()),
            joinedload(cls.guest_organisation, innerjoin=True).load_only(Organisation.name),
        )

    @property
    def names_on_certificate(self) -> "Names":
        return Names(**self.certified_names) if self.certified_names else Names.of(self)

    @property
    def to_go_unfunded(self) -> bool:
        """The newest version, be it signed or not, says that the guest organisation pays."""
        return self.newest_version is not None and self.newest_version.self_funded

    @property
    def voucher(self) -> Any | None:
        """The exchange's voucher: the newest, as one that was withdrawn or rejected may be followed by another."""
        return self.vouchers[-1] if self.vouchers else None


@dataclass(frozen=True)
class Names:
    """What a record calls those it is between: as it was then, however they are called later."""

    theme: str
    programme: str
    host: str
    host_city: str
    guest_organisation: str
    guest_city: str
    guest_country: str
    guests: list[list[str]]
    """(name, level) of each who travels."""

    @classmethod
    def of(cls, exchange: Exchange) -> "Names":
        host, home = exchange.host, exchange.guest_organisation
        places = {"host_city": host.city, "guest_city": home.city, "guest_country": home.country}
        guests = [[each.name, each.level] for each in exchange.delegates]
        names = (exchange.theme.title, exchange.programme.name)
        return cls(*names, host=host.name, guest_organisation=home.name, guests=guests, **places)


class AgreementVersion(Model):
    """One version of the agreement: the plan, with objectives and benefits of both sides (P4, P5). Amended by the next.

    Objectives and benefits are one to five lines {"key": "o1", "text": "A price list"} in their order (lines.py); empty only in
    what was written before they were asked for. `agenda` is a list of {"day": "2027-03-03", "plan": "..."} in the order of days;
    `travellers` are names, one on each line. The manager can confirm later what is in use; empty: nobody is named.
    `signed_names` are the `Names` on it, from the first signature on. `agreed_elsewhere_on`: on which day both sides
    agreed, before it came here.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("exchange_id", "number"),)

    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchange.id"))
    number: Mapped[int]
    objectives: Mapped[list[Any]]
    guest_benefit: Mapped[list[Any]]
    host_benefit: Mapped[list[Any]]
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    agenda: Mapped[list[Any]] = mapped_column(default=list)
    host_contact: Mapped[str] = mapped_column(default="")
    guest_contact: Mapped[str] = mapped_column(default="")
    manager_name: Mapped[str] = mapped_column(default="")
    manager_email: Mapped[str] = mapped_column(default="")
    travellers: Mapped[str] = mapped_column(default="")
    self_funded: Mapped[bool] = mapped_column(default=False)
    signed_names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    agreed_elsewhere_on: Mapped[date | None] = mapped_column(Date, default=None)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), default=None)
    written_at: Mapped[datetime] = mapped_column(default=clock.utc_now)

    exchange: Mapped[Exchange] = relationship(back_populates="versions", foreign_keys=[exchange_id])
    written_by: Mapped[User | None] = relationship()
    signatures: Mapped[list["Signature"]] = relationship(back_populates="agreement_version", lazy="selectin")
    endorsements: Mapped[list["Endorsement"]] = relationship(back_populates="agreement_version", order_by="Endorsement.id")

    @property
    def names(self) -> Names:
        return Names(**self.signed_names) if self.signed_names else Names.of(self.exchange)


class Signature(Model):
    """One side's signature on one version: side is "host" or "guest".

    `name` is what the person was called on that day. `link` is the link between both organisations that it declares; empty says
    that there is none.
    """

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("agreement_version_id", "side"),)

    agreement_version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    side: Mapped[str]
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    link: Mapped[str] = mapped_column(default="")

    agreement_version: Mapped[AgreementVersion] = relationship(back_populates="signatures")
    signed_by: Mapped[User] = relationship()


class Endorsement(Model):
    """What the home organisation says to one version: kind is "endorsed" or "objected", for a `reason`.

    `name` is what the person was called on that day, `for_programme`: an owner gave it, as nobody at home could.
    """

    __tablename__ = "endorsement"
    __table_args__ = (UniqueConstraint("agreement_version_id", "kind"),)

    agreement_version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    kind: Mapped[str]
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(default=clock.utc_now)
    for_programme: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")

    agreement_version: Mapped[AgreementVersion] = relationship(back_populates="endorsements")
    given_by: Mapped[User] = relationship()
