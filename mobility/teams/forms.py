"""The forms of teams and of an organisation's page."""

from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mobility.core.fields import Several, address, choices, long_text, name_field, person_name, text
from mobility.core.forms import CreateForm
from mobility.core.wording import country_name
from mobility.people import places
from mobility.people.regions import regions
from mobility.people.roles import KIND_LABELS, ROLE_LABELS, OrganisationKind, Role
from mobility.people.sectors import SECTORS
from mobility.people.topics import MOST_TOPICS, TOPICS, too_many


class InviteForm(CreateForm):
    """Into an organisation or a programme: `roles` are those of it."""

    name = person_name("Name", autocomplete="off")
    email = address(autocomplete="off")
    role = SelectField("Role", validators=[InputRequired("Choose a role.")])

    def offer(self, roles: tuple[Role, ...]) -> "InviteForm":
        self.role.choices = choices({role: ROLE_LABELS[role] for role in roles}, "Choose a role")
        return self


class OrganisationForm(CreateForm):
    """For the administrator; see `for_reader`. `seen` tells whether somebody else changed it meanwhile."""

    seen = HiddenField()
    name = name_field("Name of the organisation")
    kind = SelectField("Kind", choices=choices(KIND_LABELS, "Choose a kind"), validators=[InputRequired("Choose a kind.")])
    country = SelectField(
        "Country",
        choices=lambda: choices(dict(places.country_choices()), "Choose a country"),
        validators=[InputRequired("Choose a country.")],
    )
    region = SelectField(
        "Region",
        description="Its public holidays count when guests are paid by working days.",
        filters=[lambda value: value or ""],
        validators=[Optional()],
    )
    city = text("City", help="For distances. In a smaller town, name the nearest city.", most=100, list="cities")
    sectors = Several("Sectors", choices=choices(SECTORS), validators=[Optional()])
    topics = Several(
        "What your services are about",
        choices=choices(TOPICS),
        validators=[Optional()],
        description=f"Up to {MOST_TOPICS}. They are shown on your page, and count as offers in programmes’ competence maps.",
    )
    website = StringField(
        "Website",
        filters=[lambda value: value.strip() if value else ""],
        validators=[Optional(), Length(max=300, message="Keep this to 300 characters.")],
        render_kw={"maxlength": 300, "inputmode": "url", "placeholder": "https://"},
    )
    about = long_text("About", required=False, help="What others should know before they come to you or receive you.", most=3000)

    def validate_website(self, field: StringField) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError("Begin with https://, such as https://www.example.org.")

    def validate_topics(self, field: Several) -> None:
        if why := too_many(field.data or ()):
            raise ValidationError(why)

    def offer_regions(self, country: str) -> "OrganisationForm":
        """Those of the country that is chosen; none is asked for where all have the same holidays."""
        if offered := regions(country):
            self.region.choices = choices(offered, "Not stated")
            self.region.invalid_choice_message = f"Choose a region of {country_name(country)}, or leave it as not stated."
        else:
            del self.region
        return self

    def for_kind(self, kind: str) -> "OrganisationForm":
        """Others than providers have themes, which name topics of their own."""
        if kind != OrganisationKind.PROVIDER:
            del self.topics
        return self

    def for_reader(self, user: Any) -> "OrganisationForm":
        """Name, kind and country decide what an organisation may do: they stay with the administrator."""
        if not user.is_administrator:
            del self.name, self.kind, self.country
        return self
