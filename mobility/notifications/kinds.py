"""Kinds of mail, and what one can choose of each: at once, once a day, or not at all. Pure.

A new kind is put into one of these; what is in none of them counts as a decision.
"""

AT_ONCE, DIGEST, NONE = "at_once", "digest", "none"

# About the account itself: always at once, as a day may be too late
SECURITY = frozenset(
    """
    account_added account_changed account_closed account_mended acted_for address_asked address_confirm address_moved
    address_taken delegate_link digest erasure_asked factor_added factor_removed factors_reset identity_linked invitation
    password_changed password_reset recovery_code_used registration registration_closed registration_known
    retention_reported role_answered role_ended role_invitation_wanted role_left role_offered role_taken upkeep
    """.split()
)
DEADLINES = frozenset(
    """
    reminder escalation questionnaire manager_asked mentoring_asked story_to_review batch_to_approve endorsement_asked
    join_asked
    """.split()
)
DECISIONS = frozenset(
    """
    acceptance_taken_back agreement_agreed agreement_amended agreement_signed application_accepted application_declined
    application_lapsed application_submitted application_withdrawn appropriation_corrected attendance_corrected
    attendance_objected call_corrected claim_extended exchanges_moved_in
    claim_returned claim_submitted claim_validated endorsement_informed exchange_cancelled exchange_confirmed
    exchange_no_show exchange_taken_over exchange_unfunded guest_newcomer guest_replaced join_accepted join_answered
    join_declined join_lapsed join_merged join_question join_withdrawn mailing manager_erased
    message_hidden message_reported offer_lapsed
    paying_account_closed paying_account_confirmed paying_account_proposed payment_bounced place_offered
    questionnaire_undelivered report_answered stay_agreed stay_cancelled stay_confirmed stay_endorsed stay_no_show stay_not_yours
    stay_objected stay_replaced stay_without_you
    story_returned story_without_reviewer validation_taken_back voucher_answered voucher_approved voucher_delivered
    voucher_expired voucher_extended voucher_issued voucher_lapsed voucher_paid voucher_question voucher_recommended
    voucher_recovered voucher_redeemed voucher_rejected voucher_requested voucher_revoked voucher_taken_over
    voucher_withdrawn waiting_ended
    """.split()
)
NEWS = frozenset(
    """
    application_contact_recorded contact_named last_place_gone mailing_news message_written mentoring_accepted mentoring_agreed
    mentoring_declined mentoring_ended mentoring_lapsed mentoring_looked_back mentoring_talked place_free_again
    story_begun story_published story_recommended story_released story_withdrawn theme_closed themes_moved_in
    voucher_drafted
    """.split()
)
GROUPS = {  # the columns of MailChoice: what each is called, and what of it one can choose
    "decisions": ("Decisions and money", (AT_ONCE, DIGEST)),
    "deadlines": ("Your own deadlines", (AT_ONCE, DIGEST)),
    "news": ("What others did", (AT_ONCE, DIGEST, NONE)),
}
EXAMPLES = {
    "decisions": "An application is accepted, a voucher approved, a claim paid.",
    "deadlines": "Reminders, questionnaires, what waits for you.",
    "news": "A conversation is noted, a story published, a place is free again; news of a programme or a host.",
}
CHOICES = {AT_ONCE: "At once", DIGEST: "Once a day", NONE: "Not at all"}
EVERY = (SECURITY, DEADLINES, DECISIONS, NEWS)
