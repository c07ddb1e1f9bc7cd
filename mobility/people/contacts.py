"""Whom to turn to about a theme or a programme: one of its people, or an address that its people read."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship


class Contacted:
    """A named person (`contact_id`), or a role with its address (`contact_role`, `contact_address`); neither: the coordinators of
    a host, the owners of a programme. `contact_shown`: the person's own address may be seen by whoever is signed in;
    `contact_public`: all of it by everybody."""

    contact_role: Mapped[str] = mapped_column(default="")
    contact_address: Mapped[str] = mapped_column(default="")
    contact_shown: Mapped[bool] = mapped_column(default=False)
    contact_public: Mapped[bool] = mapped_column(default=False)

    @declared_attr
    def contact_id(cls) -> Mapped[int | None]:  # noqa: N805 (a class method to SQLAlchemy)
        return mapped_column(ForeignKey("user.id"), default=None)

    @declared_attr
    def contact(cls) -> Mapped[Any]:  # noqa: N805
        return relationship("User", foreign_keys=f"{cls.__name__}.contact_id")  # type: ignore[attr-defined]
