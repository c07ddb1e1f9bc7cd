"""The forms of accounts, teams and administration."""

from typing import Any

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mobility.accounts.rules import LONGEST, SHORTEST, password_problem
from mobility.core.forms import CreateForm, Form, Several, long_text, text
from mobility.people import places
from mobility.people.models import KIND_LABELS, LEVEL_LABELS, ROLE_LABELS, Role
from mobility.people.sectors import SECTORS

ADDRESS_LENGTH = 254
LOCALES = ("en_GB", "bg_BG", "cs_CZ", "da_DK", "de_DE", "el_GR", "es_ES", "et_EE", "fi_FI", "fr_FR", "hr_HR", "hu_HU",
           "it_IT", "lt_LT", "lv_LV", "nl_NL", "pl_PL", "pt_PT", "ro_RO", "sk_SK", "sl_SI", "sv_SE")  # fmt: skip


def _is_address(form: Any, field: EmailField) -> None:
    try:
        validate_email(field.data, check_deliverability=False)
    except (EmailNotValidError, ValueError):
        raise ValidationError("Write an e-mail address such as ana.kovac@example.org.") from None


def choices(labels: dict[Any, str], first: str = "") -> list[SelectChoice]:
    """Of a list to choose from; `first` stands for nothing chosen."""
    return [SelectChoice("", first)] * bool(first) + [SelectChoice(str(key), label) for key, label in labels.items()]


def address(label: str = "E-mail address", **render: Any) -> EmailField:
    return EmailField(
        label,
        filters=[lambda value: value.strip() if value else value],
        validators=[
            InputRequired("Write an e-mail address."),
            Length(max=ADDRESS_LENGTH, message="This is too long."),
            _is_address,
        ],
        render_kw={"maxlength": ADDRESS_LENGTH, "autocomplete": "email", **render},
    )


def password(label: str, *, autocomplete: str, help: str = "") -> PasswordField:
    return PasswordField(
        label,
        description=help,
        validators=[
            InputRequired("Write a password."),
            Length(max=LONGEST, message=f"Use at most {LONGEST} characters."),
        ],
        render_kw={"maxlength": LONGEST, "autocomplete": autocomplete},
    )


def new_password(label: str = "Password") -> PasswordField:
    return password(
        label,
        autocomplete="new-password",
        help=f"At least {SHORTEST} characters, without your name. Three or four words in a row are easy to remember.",
    )


def level_field() -> SelectField:
    return SelectField(
        "You are a",
        description="Themes say whom they are for.",
        choices=choices(LEVEL_LABELS, "None of these"),
        validators=[Optional()],
    )


class SignInForm(Form):
    """An address is not checked for its form here: a wrong one is answered like an unknown one."""

    email = StringField(
        "E-mail address",
        filters=[lambda value: value.strip() if value else value],
        validators=[
            InputRequired("Write your e-mail address."),
            Length(max=ADDRESS_LENGTH, message="This is too long."),
        ],
        render_kw={
            "maxlength": ADDRESS_LENGTH,
            "autocomplete": "username",
            "inputmode": "email",
            "spellcheck": "false",
        },
    )
    password = password("Password", autocomplete="current-password")


class AskForPasswordForm(Form):
    email = address()


class PersonalPasswordForm(Form):
    """Whoever it is for is set before it is validated."""

    email_of_person = ""
    name_of_person = ""

    def for_person(self, person: Any) -> Any:
        self.email_of_person, self.name_of_person = person.email, person.name
        return self

    def validate_password(self, field: PasswordField) -> None:
        if problem := password_problem(field.data or "", email=self.email_of_person, name=self.name_of_person):
            raise ValidationError(problem)


class NewPasswordForm(PersonalPasswordForm):
    password = new_password("New password")


class InvitationForm(PersonalPasswordForm):
    name = text("Your name", autocomplete="name")
    level = level_field()
    password = new_password("Choose a password")


class ChangePasswordForm(PersonalPasswordForm):
    current_password = password("Present password", autocomplete="current-password")
    password = new_password("New password")


class AccountForm(Form):
    name = text("Your name", autocomplete="name")
    level = level_field()
    locale = SelectField(
        "Write amounts as in",
        validators=[InputRequired("Choose how amounts are written.")],
        description="Pages and mails are in English; this is for figures such as 1,017.00.",
        choices=choices({code: Locale.parse(code).get_display_name("en") or code for code in LOCALES}),
    )


class InviteForm(CreateForm):
    """Into an organisation or a programme: `roles` are those of it."""

    name = text("Name", autocomplete="off")
    email = address(autocomplete="off")
    role = SelectField("Role", validators=[InputRequired("Choose a role.")])

    def offer(self, roles: tuple[Role, ...]) -> "InviteForm":
        self.role.choices = choices({role: ROLE_LABELS[role] for role in roles}, "Choose a role")
        return self


class OrganisationForm(CreateForm):
    """For the administrator; see `for_coordinator`."""

    name = text("Name of the organisation")
    kind = SelectField("Kind", choices=choices(KIND_LABELS, "Choose a kind"), validators=[InputRequired("Choose a kind.")])
    country = SelectField(
        "Country",
        choices=lambda: choices(dict(places.country_choices()), "Choose a country"),
        validators=[InputRequired("Choose a country.")],
    )
    city = text("City", help="For distances. In a smaller town, name the nearest city.", most=100, list="cities")
    sectors = Several("Sectors", choices=choices(SECTORS), validators=[Optional()])
    website = StringField(
        "Website",
        filters=[lambda value: value.strip() if value else ""],
        validators=[Optional(), Length(max=300, message="Keep this to 300 characters.")],
        render_kw={"maxlength": 300, "inputmode": "url", "placeholder": "https://"},
    )
    about = long_text(
        "About", required=False, help="What others should know who come to you or receive you.", most=3000
    )

    def validate_website(self, field: StringField) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError("Begin with https://, such as https://www.example.org.")

    def for_coordinator(self) -> "OrganisationForm":
        """Name, kind and country decide what an organisation may do: they stay with the administrator."""
        del self.name, self.kind, self.country
        return self


class AccountOfOtherForm(CreateForm):
    """The administrator makes an account."""

    name = text("Name", autocomplete="off")
    email = address(autocomplete="off")
    level = SelectField("Level", choices=choices(LEVEL_LABELS, "None of these"), validators=[Optional()])
    is_administrator = BooleanField("This person administers Mobility")


class Button(FlaskForm):
    """A form of one button: only its token."""
