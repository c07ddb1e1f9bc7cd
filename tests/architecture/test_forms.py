"""Every form that changes something knows what it changes: its version, what was seen of it, or that it was sent before."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_wtf import FlaskForm

MARKS = {"version", "seen", "form_key"}
WITHOUT = {  # nothing that somebody else could have changed meanwhile is replaced by them
    "mobility.accounts.forms.AskForPasswordForm": "a mail",
    "mobility.accounts.forms.ChangePasswordForm": "asks for the current password",
    "mobility.accounts.forms.FactorForm": "nothing is changed",
    "mobility.accounts.forms.InvitationForm": "its link works once",
    "mobility.accounts.forms.NewPasswordForm": "its link works once",
    "mobility.accounts.forms.PasskeyForm": "nothing is changed",
    "mobility.accounts.forms.PersonalPasswordForm": "a part of the others about passwords",
    "mobility.accounts.forms.ProofForm": "nothing is changed; it travels with another form",
    "mobility.accounts.forms.SignInForm": "nothing is changed",
    "mobility.administration.forms.ResetFactorsForm": "asked for once, and only as long as there are factors",
    "mobility.asking.forms.AskingForm": "the forms of requests are made of it",
    "mobility.asking.forms.CostsForm": "the forms of requests and claims are made of it",
    "mobility.core.forms.Button": "one button: what it does is done, or had been already",
    "mobility.core.forms.Form": "what all forms are made of",
    "mobility.desk.forms.DecideForm": "each ticked voucher comes with its version",
    "mobility.desk.forms.DeskFilterForm": "in the address",
    "mobility.followup.forms.ChosenForm": "a mail, at most once a day",
    "mobility.joining.forms.ConfirmForm": "makes an account, of which an address has one",
    "mobility.joining.forms.RegisterForm": "a mail",
    "mobility.keyfigures.forms.FigureFields": "the forms of key figures are made of it",
    "mobility.papers.forms.CheckForm": "nothing is changed",
    "mobility.administration.forms.ActForForm": "acting for somebody begins once",
    "mobility.paying.forms.CloseForm": "an account is given up once",
    "mobility.paying.forms.ConfirmForm": "an account is confirmed once; its number is typed again",
    "mobility.payments.forms.RecordForm": "each payment is recorded once",
    "mobility.security.forms.NewAppForm": "its secret is set up once",
    "mobility.security.forms.NewPasskeyForm": "its question is answered once",
    "mobility.privacy.forms.StrangerForm": "an address is erased once",
    "mobility.talking.forms.JudgeForm": "a report is answered once",
    "mobility.talking.forms.ReportForm": "a message is reported once by each person",
    "mobility.themes.forms.ThemeFields": "the themes' forms are made of it",
}


def kinds_of(form: type[Any]) -> Iterator[type[Any]]:
    for each in form.__subclasses__():
        if each.__module__.startswith("mobility."):
            yield each
        yield from kinds_of(each)


def test_every_form_knows_what_it_changes(app: Flask) -> None:
    """`app` has imported them all."""
    without = {
        f"{form.__module__}.{form.__name__}" for form in kinds_of(FlaskForm) if not any(hasattr(form, mark) for mark in MARKS)
    }
    assert without == set(WITHOUT)
