"""The acts that the audit log knows: their names, what people read, and the groups one filters by. Declared here, once.

What a workflow does stands in its history and not here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """`label` heads the acts in the list one filters by."""

    name: str
    label: str
    acts: dict[str, str]


SIGNING_IN = Group(
    "signing_in",
    "Signing in",
    {
        "signed_in": "Signed in",
        "sign_in_failed": "Failed to sign in",
        "sign_in_locked": "Locked out after too many tries",
        "signed_out": "Signed out",
        "session_ended": "Ended a session",
        "sessions_ended": "Ended all sessions",
        "signed_in_again": "Proved again who they are",
        "password_set": "Set a password",
        "password_changed": "Changed the password",
        "password_reset_asked": "Asked for a new password",
        "second_factor_added": "Added a second factor",
        "second_factor_removed": "Removed a second factor",
        "second_factor_failed": "Failed with the second factor",
        "recovery_codes_made": "Made recovery codes",
        "recovery_code_used": "Used a recovery code",
        "factor_reset_asked": "Had lost second factors removed, a day later",
        "factor_reset_stopped": "Stopped the removal of second factors",
        "factors_reset": "Signed in after lost second factors were removed",
        "passkey_added": "Added a passkey",
        "passkey_removed": "Removed a passkey",
        "provider_linked": "Linked an account elsewhere to sign in with",
        "provider_unlinked": "Unlinked an account elsewhere",
        "calendar_address_made": "Made a private calendar address",
        "calendar_address_ended": "Ended the private calendar address",
    },
)
ROLES = Group(
    "roles",
    "Roles",
    {
        "role_invited": "Invited to a role",
        "role_invitation_withdrawn": "Withdrew an invitation to a role",
        "role_accepted": "Accepted a role",
        "role_declined": "Declined a role",
        "role_given": "Gave a role",
        "role_ended": "Ended a role",
        "role_left": "Left a role",
        "cases_passed_on": "Passed open cases on to a colleague",
        "interest_declared": "Declared an interest",
    },
)
ACCOUNTS = Group(
    "accounts",
    "Accounts and organisations",
    {
        "registration_asked": "Asked for an account",
        "account_registered": "Registered an account",
        "account_opened": "Opened an account",
        "account_changed": "Changed an account",
        "account_closed": "Closed an account",
        "account_reopened": "Reopened an account",
        "address_change_asked": "Asked for another address",
        "address_change_stopped": "Stopped a change of address",
        "address_changed": "Changed the address of an account",
        "link_sent": "Had a link sent to set a password",
        "administrator_made": "Made somebody an administrator",
        "administrator_unmade": "Took the administration away from somebody",
        "acting_begun": "Began to act for somebody",
        "acting_ended": "Ended acting for somebody",
        "organisation_opened": "Added an organisation",
        "organisation_changed": "Changed an organisation",
        "organisation_closed": "Closed an organisation",
        "organisations_merged": "Merged two organisations",
        "people_merged": "Merged two accounts",
        "data_taken": "Took their own data as a file",
        "erasure_asked": "Asked for an erasure",
        "erasure_stopped": "Stopped an erasure",
        "names_erased": "Erased a person",
    },
)
RULES = Group(
    "rules",
    "Rules",
    {
        "programme_opened": "Opened a programme",
        "programme_copied": "Copied a programme",
        "programme_changed": "Changed a programme's settings",
        "rate_card_published": "Put a rate card into force",
        "questionnaire_changed": "Changed a questionnaire's words or days",
        "questionnaire_published": "Published a questionnaire",
        "text_changed": "Changed a public text",
        "retention_changed": "Changed how long something is kept",
        "call_opened": "Opened a call",
        "call_changed": "Changed a call",
        "budget_line_opened": "Opened a budget line",
        "budget_line_changed": "Changed a budget line",
        "budget_appropriated": "Added money to a budget line",
        "budget_withdrawn": "Took money from a budget line",
        "budget_corrected": "Corrected money that was added",
    },
)
MONEY = Group(
    "money",
    "Accounts that are paid, and that pay",
    {
        "paying_account_proposed": "Proposed the account a programme pays from",
        "paying_account_confirmed": "Confirmed the account a programme pays from",
        "paying_account_declined": "Declined the account a programme pays from",
        "paying_account_withdrawn": "Withdrew the account a programme pays from",
        "paying_account_changed": "Changed the account a programme pays from",
        "bank_account_added": "Added a bank account",
        "bank_account_changed": "Changed a bank account",
        "bank_account_ended": "Ended a bank account",
    },
)
READING = Group(
    "reading",
    "Reading and exports",
    {
        "export_taken": "Took an export",
        "bank_file_taken": "Took a file for the bank",
        "evidence_read": "Read evidence",
        "bank_details_read": "Read bank details",
        "outbox_read": "Read the outbox",
        "reported_message_read": "Read a message that was reported",
        "audit_exported": "Exported the audit log",
    },
)
TALKING = Group(
    "talking",
    "Contacts and messages",
    {
        "contact_changed": "Changed a contact",
        "message_reported": "Reported a message",
        "message_hidden": "Hid a reported message",
        "message_left": "Left a reported message as it is",
        "mailing_sent": "Wrote to the people of a list",
        "news_refused": "Wants no more news from somebody",
        "news_wanted": "Wants news from somebody again",
        "delegate_link_sent": "Sent somebody who travels a personal link",
        "delegate_link_ended": "Ended the personal link of somebody who travels",
    },
)
RUNNING = Group(
    "running",
    "Running the installation",
    {
        "repaired": "Repaired by hand",
        "retention_done": "Removed what had been kept long enough",
        "import_handed_in": "Handed in a file to import",
        "import_entered": "Imported a file",
        "import_released": "Sent the invitations of an import",
        "import_undone": "Undid an import",
        "import_read": "Read the file of an import",
        "job_run": "Ran a job by hand",
        "mail_tried_again": "Had a mail sent again",
        "backup_made": "Made a backup",
        "backup_proved": "Proved a backup by restoring it",
        "database_restored": "Restored the database from a backup",
    },
)

GROUPS = (SIGNING_IN, ROLES, ACCOUNTS, RULES, MONEY, READING, TALKING, RUNNING)
LABELS = {name: label for group in GROUPS for name, label in group.acts.items()}
