"""The forms of signing in and of a person's own account."""

from typing import Any

from babel import Locale
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mobility.accounts.rules import LONGEST, SHORTEST, password_problem
from mobility.core.addresses import ADDRESS_LENGTH
from mobility.core.fields import address, choices, person_name
from mobility.core.forms import Form
from mobility.people.roles import LEVEL_LABELS

LOCALES = ("en_GB", "bg_BG", "cs_CZ", "da_DK", "de_DE", "el_GR", "es_ES", "et_EE", "fi_FI", "fr_FR", "hr_HR", "hu_HU",
           "it_IT", "lt_LT", "lv_LV", "nl_NL", "pl_PL", "pt_PT", "ro_RO", "sk_SK", "sl_SI", "sv_SE")  # fmt: skip


def password(label: str, *, autocomplete: str, help: str = "") -> PasswordField:
    return PasswordField(
        label,
        description=help,
        validators=[
            InputRequired("Enter a password."),
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
        description="Themes say who they are for.",
        choices=choices(LEVEL_LABELS, "None of these"),
        validators=[Optional()],
    )


class SignInForm(Form):
    """An address is not checked for its form here: a wrong one is answered like an unknown one."""

    email = StringField(
        "E-mail address",
        filters=[lambda value: value.strip() if value else value],
        validators=[
            InputRequired("Enter your e-mail address."),
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

    person: Any = None

    def for_person(self, person: Any) -> Any:
        self.person = person
        return self

    def validate_password(self, field: PasswordField) -> None:
        places = {each.place_name for each in self.person.current_memberships}
        if problem := password_problem(field.data or "", email=self.person.email, name=self.person.name, places=places):
            raise ValidationError(problem)


class NewPasswordForm(PersonalPasswordForm):
    password = new_password("New password")


class InvitationForm(PersonalPasswordForm):
    name = person_name("Your name", autocomplete="name")
    level = level_field()
    password = new_password("Choose a password")


class ChangePasswordForm(PersonalPasswordForm):
    current_password = password("Current password", autocomplete="current-password")
    password = new_password("New password")


class AccountForm(Form):
    """What a person sets in the own account. `seen` tells whether it was changed meanwhile, in another tab."""

    seen = HiddenField()
    name = person_name("Your name", autocomplete="name")
    level = level_field()
    locale = SelectField(
        "Write amounts as in",
        validators=[InputRequired("Choose how amounts are written.")],
        description="Pages and mails are in English; this is for figures such as 1,017.00.",
        choices=choices({code: Locale.parse(code).get_display_name("en") or code for code in LOCALES}),
    )
