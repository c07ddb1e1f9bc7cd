"""The forms of signing in and of a person's own account."""

from typing import Any

from babel import Locale
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from mobility.accounts import uptake
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


def code_field(label: str, help: str) -> StringField:
    """Six digits, or a recovery code: telephones offer digits, and the code's letters can be typed, too."""
    return StringField(
        label,
        description=help,
        validators=[Length(max=60, message="A code is shorter.")],
        render_kw={"maxlength": 60, "autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "characters"},
    )


class FactorForm(Form):
    """A code; or a passkey's answer, which a script puts into the hidden fields."""

    code = code_field("Code", "Six digits from your authenticator app, or one of your recovery codes.")
    challenge = HiddenField()
    answer = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.flags.required = True  # where there is no answer

    def factor(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in ("code", "challenge", "answer")}


class PasskeyForm(Form):
    """A passkey alone: a script puts its answer into the hidden fields."""

    challenge = HiddenField()
    answer = HiddenField()


class ProofForm(Form):
    """A password or a factor, beside the fields of another form, whose names must not be the same."""

    proof_password = PasswordField(
        "Password",
        validators=[Length(max=LONGEST, message=f"Use at most {LONGEST} characters.")],
        render_kw={"maxlength": LONGEST, "autocomplete": "current-password"},
    )
    proof_code = code_field("Or a code", "Six digits from your authenticator app, or one of your recovery codes.")
    proof_challenge = HiddenField()
    proof_answer = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proof_password.flags.required = self.proof_code.flags.required = True  # one of them

    def was_answered(self) -> bool:
        return any(self[name].data for name in ("proof_password", "proof_code", "proof_answer"))

    def factor(self) -> dict[str, str]:
        return {name: self[f"proof_{name}"].data or "" for name in ("code", "challenge", "answer")}


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
        places |= {each.place.name for each in uptake.waiting(self.person)}
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
