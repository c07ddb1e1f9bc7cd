"""What becomes of each column that names an organisation or a person, when two are made one. Pure.

Of an organisation every column moves that is not named here (they are found by reflection). Of a person only the part in a case
moves: what somebody did stays with the account that did it, as history, money and signatures must not change their hand.
"""

MOVES, STAYS, ENDS = "moves", "stays", "ends"

OF_ORGANISATIONS = {
    "membership.organisation_id": ENDS,  # and begins in the other, since when it did
    "role_invitation.organisation_id": ENDS,  # and is made again in the other
    "bank_account.organisation_id": ENDS,  # whoever is paid says anew where to
}
OF_PEOPLE = dict.fromkeys(
    """
    application.guest_id exchange.guest_id voucher.holder_id mentoring.mentor_id mentoring.mentee_id
    questionnaire_request.respondent_id success_story.reviewer_id theme.contact_id programme.contact_id
    conversation.guest_id mail_refusal.person_id
    """.split(),
    MOVES,
) | dict.fromkeys(
    """
    address_change.person_id authenticator_app.user_id bank_account.user_id expert.person_id expert_asked.person_id
    identity.user_id mail_choice.person_id mailed_link.user_id membership.user_id passkey.user_id recovery_code.user_id
    role_invitation.person_id sign_in.user_id outbox_message.recipient_id calendar_address.user_id
    """.split(),
    ENDS,
) | dict.fromkeys(
    """
    bank_account.added_by_id history_entry.actor_id paying_account.proposed_by_id paying_account.confirmed_by_id
    paying_account.closed_by_id role_invitation.invited_by_id standing_in.administrator_id standing_in.person_id lessons.by_id
    payment_batch.collected_by_id payment_batch.approved_by_id published_review.published_by_id
    published_review.withdrawn_by_id questionnaire_version.published_by_id bank_file.made_by_id exchange.confirmed_by_id
    first_contact.recorded_by_id agreement_version.written_by_id publish_consent.by_id voucher.assessed_by_id
    voucher.validated_by_id claim.submitted_by_id ledger_entry.by_id signature.signed_by_id story_comment.by_id
    story_picture.added_by_id story_review.reviewer_id take_over_evidence.added_by_id evidence.added_by_id
    story_consent.by_id answer.by_id key_figure_value.by_id merger.by_id
    erasure.person_id erasure.asked_by_id import.by_id join_request.person_id public_text.changed_by_id endorsement.given_by_id
    conversation_reader.person_id message.author_id message.hidden_by_id message_file.added_by_id message_report.reporter_id
    message_report.decided_by_id mailing.by_id mailing_letter.person_id retention_period.set_by_id
    """.split(),
    STAYS,
)  # fmt: skip
# Of these each keeps its own where both have one: messages are records, and do not go from one conversation into another
STAYS_TWO = frozenset({"conversation.guest_id"})
THINGS = {  # what a table holds, for the preview
    "application": "applications",
    "conversation": "conversations",
    "exchange": "exchanges",
    "expert": "experts",
    "join_request": "requests to join",
    "key_figure": "own key figures",
    "membership": "roles",
    "mail_refusal": "senders whose news they want no more",
    "mailing": "mails to lists",
    "mentoring": "mentorings",
    "questionnaire_request": "requests for an answer",
    "role_invitation": "open invitations",
    "success_story": "stories to review",
    "take_over": "take-overs",
    "theme": "themes",
    "voucher": "vouchers",
}


def things(table: str) -> str:
    return THINGS.get(table, table.replace("_", " "))


def with_each_other(one: str, other: str, what: str) -> str:
    return (
        f"{one} and {other} have {what} with each other. As one, it would be host and guest, or decide for itself. "
        "They are two, or that case has to be cancelled first."
    )


def both_have(what: str, names: list[str]) -> str:
    """Two open requests of Ana Zupan, say, of which one would be left over."""
    told = f" ({', '.join(names)})" if names else ""
    return f"Both have the same among their {what}{told}. One of each two has to be ended or answered first."
