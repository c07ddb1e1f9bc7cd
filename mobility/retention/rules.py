"""Which data is kept for how long, which for ever, and why. Pure.

Every table of the database stands in `TABLES`: with the class that ends what it holds, or with the reason why it stays.
"""

from dataclasses import dataclass
from datetime import date, timedelta

NIGHTS = 7  # nights that only report, after a period is set or shortened
YEAR = 365
LEDGER_DAYS = 10 * YEAR + 3  # records of money: privacy/rules.py, PAID_YEARS
MOST_DAYS = 36_500
REMOVED = b"This file was removed when its time was over: Administration, How long data is kept.\n"


@dataclass(frozen=True)
class Class:
    """`goes` and `stays` say what ends and what is left. `days` is the period where nobody has set another, from `since` on;
    an administrator can set none below `least`."""

    key: str
    label: str
    goes: str
    stays: str
    since: str
    days: int
    least: int


CLASSES = (
    Class(
        "mails",
        "Mails",
        "Subject, text and calendar file of mails that have left, or were not to be sent any more",
        "That there was a mail, to whom, of which kind and when: so nothing is sent twice",
        "the mail was written",
        YEAR,
        30,
    ),
    Class(
        "join_requests",
        "Requests to join that came to nothing",
        "Requests that were declined, withdrawn or not answered, with what was typed into them",
        "Their history: who decided when; and that the promise was kept or not",
        "the last act",
        YEAR,
        30,
    ),
    Class(
        "applications",
        "Applications that came to nothing",
        "Motivation, objectives, what the guest brings, and the names and addresses of the delegation",
        "Who applied for which theme when, the history, and the figures, which count heads and not names",
        "the last act",
        3 * YEAR,
        YEAR,
    ),
    Class(
        "application_drafts",
        "Applications that were never sent",
        "What was written into drafts for themes that are over, and the names and addresses of the delegation",
        "That there was a draft",
        "it was begun, and the theme was over",
        YEAR,
        30,
    ),
    Class(
        "answer_drafts",
        "Drafts of answers",
        "What was typed into questionnaires that are not asked any more",
        "The answer that was sent, if one was",
        "the last day to answer",
        YEAR,
        30,
    ),
    Class(
        "message_drafts",
        "Messages that were never sent",
        "Drafts in conversations in which nobody has written since, and their files",
        "The conversation",
        "the last message",
        YEAR,
        30,
    ),
    Class(
        "messages",
        "Conversations of cases that are over",
        "The text of messages, their files, and reports of abuse that were answered",
        "Who wrote when and for which side",
        "the last message, and the last act of the case",
        3 * YEAR,
        YEAR,
    ),
    Class(
        "imports",
        "Files that were moved in",
        "The file and what was read of it, once its invitations are sent; files that were never entered",
        "Who moved in what when, and what each row became",
        "the invitations were sent, or the file was handed in",
        90,
        7,
    ),
    Class(
        "evidence",
        "Evidence",
        "The files of claims whose voucher is over: paid, or come to nothing",
        "The claim, its lines and amounts, and who handed in a file when",
        "the end of the year in which it was paid, or had its last act",
        LEDGER_DAYS,
        LEDGER_DAYS,
    ),
    Class(
        "mailings",
        "Mails to lists",
        "What was written, from which list, and whom it reached about what",
        "Who wrote to how many people when, and in whose name",
        "the mail was sent",
        2 * YEAR,
        90,
    ),
    Class(
        "accounts",
        "Accounts that came to nothing",
        "Name and address of whoever was invited and never chose a password, or registered and never got a role: they are erased "
        "by the next night. Whoever can sign in is told before, and can stop it for 30 days",
        "That there was an account, under a number; who invited it when",
        "the last sign of life: an invitation that ended, a request that was answered, signing in",
        YEAR,
        90,
    ),
    Class(
        "asked",
        "People without an account who were asked",
        "Name and address of whoever was sent a questionnaire by a personal link, once it is not asked any more",
        "The answer, if there is one, and for which organisation it was given",
        "the last day to answer",
        2 * YEAR,
        YEAR,
    ),
    Class(
        "strangers",
        "Addresses of people without an account",
        "Address and text of mails to whoever has no account: who asked to register and never confirmed it, who travels along",
        "That there was a mail, of which kind and when",
        "the mail was written, and its case is over",
        180,
        30,
    ),
    Class(
        "traveller_links",
        "Personal links of those who travel along",
        "The address for which each link was made",
        "That there was a link: whoever opens it reads that the stay is over",
        "the link was over: 366 days after the stay, 60 days after one that was cancelled",
        30,
        1,
    ),
    Class(
        "links",
        "Mailed links",
        "Links to set a password or to take up an invitation that are over",
        "The audit log's entry that one was sent",
        "the link was over",
        30,
        1,
    ),
    Class(
        "job_runs",
        "Runs of jobs",
        "What each run did or why it failed",
        "How each job ran last",
        "the run",
        90,
        7,
    ),
)
BY_KEY = {each.key: each for each in CLASSES}

# Why a table stays as it is: groups of tables with one reason
_BOOKS = "The books: amounts, decisions and payments are proved from it. An erasure takes the name out."
_RECORD = "The record of who did, decided or signed what. An erasure takes the name out."
_ACCOUNT = "It belongs to an account, as long as that is there. An erasure takes it away."
_RULES = "The programme's and the installation's own rules and words; no data of people."
_CASE = "A case, which its two sides, its programme and the figures go on reading. An erasure takes the name out."
_TIDY = "Deleted within hours, days or weeks by the job tidy, whatever is set here."
_PROOF = "The proof of who acted: nothing of it is ever deleted. An erasure takes the name out."
_REASONS = {
    _BOOKS: """
        appropriation_correction bank_account bank_file budget_line claim ledger_entry paying_account payment payment_batch
        posting voucher
    """,
    _RECORD: """
        agreement_version answer asking endorsement erasure expert_asked first_contact history_entry key_figure_value
        lessons membership merger promise_record publish_consent role_invitation signature standing_in story_comment
        story_consent story_review story_version
        take_over_confirmation take_over_evidence
    """,
    _ACCOUNT: """
        address_change authenticator_app calendar_address expert identity mail_choice mail_refusal passkey
        recovery_code
    """,
    _RULES: """
        backup call computation hosting_window job_state kept_figure kept_scope kept_table organisation programme
        public_text published_review questionnaire questionnaire_version rate_card retention_night retention_period
        serving theme
    """,
    _CASE: """
        exchange key_figure mentoring story_part story_picture success_story take_over
    """,
    _TIDY: "attempt form_receipt sign_in",
    _PROOF: "audit_entry",
}
STAYS = {table: reason for reason, tables in _REASONS.items() for table in tables.split()}
ENDS = {
    "outbox_message": ("mails", "strangers"),
    "mailing": ("mailings",),
    "mailing_letter": ("mailings",),
    "user": ("accounts",),
    "questionnaire_request": ("asked",),
    "delegate_link": ("traveller_links",),
    "join_request": ("join_requests",),
    "application": ("applications", "application_drafts"),
    "delegate": ("applications", "application_drafts"),
    "answer_draft": ("answer_drafts",),
    "conversation_reader": ("message_drafts",),
    "message_file": ("message_drafts", "messages"),
    "message": ("messages",),
    "message_report": ("messages",),
    "conversation": ("messages",),
    "import": ("imports",),
    "imported_row": ("imports",),
    "evidence": ("evidence",),
    "mailed_link": ("links",),
    "job_run": ("job_runs",),
}


def reasons() -> dict[str, list[str]]:
    """Why what stays: the tables of each reason, for the page."""
    return {reason: sorted(tables.split()) for reason, tables in _REASONS.items()}


def cutoff(today: date, days: int) -> date:
    """What began before that day is over."""
    return today - timedelta(days=days)


def in_words(days: int | None) -> str:
    """2 years, 90 days, for ever."""
    if days is None:
        return "for ever"
    years, rest = divmod(days, YEAR)
    if years and rest <= years // 4 + 1 and (rest == 0 or years >= 4):
        return "1 year" if years == 1 else f"{years} years"
    return "1 day" if days == 1 else f"{days:,} days"


def acts_after(nights: int) -> int:
    """How many more nights only report."""
    return max(0, NIGHTS - nights)


def is_stricter(before: int | None, after: int | None) -> bool:
    """More would go than before: so it is reported first."""
    return after is not None and (before is None or after < before)
