"""What each column of text holds, so that nothing of a person is forgotten. A test asks of every column that it is here.

NOTHING: no word that a person wrote, and no name. OWN: what goes with the account. Everything else, and whatever is not declared,
is looked through for the person's traces, and they are replaced.
"""

NOTHING = frozenset(
    """
    attempt.kind attempt.key audit_entry.act audit_entry.earlier_hash audit_entry.hash form_receipt.key
    form_receipt.content job_run.job job_run.trace job_run.host job_state.job organisation.kind organisation.country
    organisation.region organisation.sectors organisation.topics programme.level programme.scheme programme.timezone
    programme.country programme.currency programme.eligible_countries programme.eligible_levels programme.second_factor
    user.level user.locale bank_account.bic expert.topics expert.sectors expert.languages expert.facets
    expert_asked.subject_type history_entry.subject_type history_entry.acted_as history_entry.action
    history_entry.from_state history_entry.to_state key_figure.state key_figure.kind key_figure.unit
    key_figure.waiting_for mailed_link.token_hash mailed_link.purpose membership.role outbox_message.kind
    outbox_message.message_id outbox_message.state outbox_message.subject_type outbox_message.promise paying_account.iban
    paying_account.bic paying_account.closed_as promise_record.subject_type promise_record.promise promise_record.owed_by
    promise_record.outcome questionnaire.key questionnaire.asked_of questionnaire.event questionnaire.months
    rate_card.voucher_kind rate_card.name rate_card.components role_invitation.role role_invitation.link_hash
    role_invitation.answer sign_in.token_hash sign_in.waits_for theme.state theme.levels theme.sectors theme.topics
    theme.languages theme.facets theme.waiting_for application.state application.waiting_for budget_line.voucher_kind
    payment_batch.state payment_batch.message_id payment_batch.waiting_for published_review.currency bank_file.message_id
    bank_file.payer_iban delegate.level exchange.state exchange.certificate_code exchange.waiting_for first_contact.kind
    kept_figure.key kept_table.key mentoring.state mentoring.waiting_for publish_consent.side publish_consent.publish
    success_story.state success_story.waiting_for take_over.state take_over.key take_over.waiting_for voucher.state
    voucher.kind voucher.code voucher.waiting_for voucher.scores claim.pay_to ledger_entry.event ledger_entry.key
    payment.end_to_end_id payment.outcome signature.side story_comment.chapter story_part.name story_picture.key
    story_picture.small_key story_picture.sha256 story_review.outcome take_over_confirmation.occasion
    take_over_evidence.content_type take_over_evidence.sha256 take_over_evidence.key evidence.content_type evidence.sha256
    evidence.key posting.account questionnaire_request.state questionnaire_request.waiting_for serving.subject_type
    story_consent.side story_consent.publish mail_choice.decisions mail_choice.deadlines mail_choice.news
    mail_choice.timezone merger.kind calendar_address.token_hash endorsement.kind exchange.endorsement exchange.endorser
    import.key import.read_as import.sha256 import.stage imported_row.kind imported_row.role join_request.new_country
    join_request.new_kind join_request.role join_request.state join_request.waiting_for message.key message.side
    message_file.content_type message_file.key message_file.sha256 programme.contact_role programme.endorsement
    public_text.key theme.contact_role mailing.list_name mailing.digest mailing_letter.left_out outbox_message.unsubscribe
    exchange.attended_places delegate_link.token_hash retention_night.key retention_period.key
    """.split()
)
OWN = frozenset(
    """
    address_change.earlier address_change.wanted authenticator_app.name authenticator_app.sealed_secret identity.issuer
    identity.subject passkey.name passkey.credential_id passkey.public_key recovery_code.code_hash sign_in.device
    user.email user.name user.password_hash user.demo_note
    """.split()
)
WORDS = frozenset(
    """
    audit_entry.by_name audit_entry.about audit_entry.network audit_entry.before audit_entry.after audit_entry.salt
    backup.place form_receipt.location job_run.done job_run.error job_state.done organisation.city organisation.about
    organisation.website organisation.name organisation.name_key programme.about programme.score_sheet programme.name
    programme.name_key bank_account.holder_name bank_account.iban call.name call.name_key expert.about
    history_entry.actor_name history_entry.note key_figure.name key_figure.strategy outbox_message.address
    outbox_message.subject_line outbox_message.text outbox_message.parts outbox_message.html outbox_message.dedupe_key
    outbox_message.leased_by outbox_message.last_error paying_account.holder_name paying_account.closed_because
    questionnaire.title questionnaire.introduction questionnaire.draft standing_in.reason theme.title theme.summary
    theme.learning_offered theme.benefit_wanted theme.practical theme.search_text application.motivation application.objectives
    application.brings budget_line.name kept_scope.flows lessons.keep lessons.change lessons.stop lessons.reason
    published_review.programme_name published_review.scope_name published_review.readings published_review.tables
    published_review.exchanges published_review.trace published_review.withdrawn_because questionnaire_version.items
    bank_file.content bank_file.voided_because delegate.name delegate.email exchange.attended exchange.certified_names
    exchange.confirmed_by_name exchange.manager_name exchange.manager_email first_contact.note kept_figure.value
    kept_figure.items kept_figure.cases kept_figure.paid kept_figure.shares kept_table.rows kept_table.columns
    kept_table.numbers kept_table.cases agreement_version.objectives agreement_version.guest_benefit
    agreement_version.host_benefit agreement_version.agenda agreement_version.host_contact agreement_version.guest_contact
    agreement_version.manager_name agreement_version.manager_email agreement_version.travellers
    agreement_version.signed_names mentoring.what_for mentoring.points success_story.title take_over.what take_over.who
    take_over.objective take_over.reason take_over.answered voucher.basis voucher.lines voucher.need
    voucher.conditions_declared voucher.conditions_confirmed voucher.expected_costs voucher.declarations
    voucher.holder_link voucher.provider_link voucher.issued_names voucher.question voucher.answer voucher.assessment
    claim.objectives_met claim.report claim.take_overs claim.invoice_number claim.actual_costs claim.lines
    claim.explanation claim.corrections ledger_entry.note payment.reason signature.name signature.link story_comment.text
    story_comment.resolved_by story_part.texts story_review.texts story_version.texts story_version.names
    story_version.figures take_over_confirmation.said take_over_confirmation.by_name take_over_evidence.name
    take_over_evidence.url evidence.name questionnaire_request.name questionnaire_request.email story_consent.by_name
    answer.answers answer.lines answer.by_name answer_draft.answers key_figure_value.note key_figure_value.by_name
    key_figure_value.ended_by_name merger.reason merger.moved erasure.reason conversation.newest_by conversation.title
    conversation_reader.draft endorsement.name endorsement.reason import.name import.problem import.report import.sheets
    imported_row.sheet join_request.new_city join_request.new_name join_request.new_name_key join_request.new_website
    join_request.words mailing.by_name mailing.filters mailing.list_path mailing.list_title
    mailing.reply_to mailing.subject_line mailing.text mailing_letter.about mailing_letter.name
    message.address message.author_name message.hidden_because message.organisation_name message.text
    message_file.name message_report.answer message_report.reason outbox_message.calendar outbox_message.reply_to
    delegate_link.email programme.contact_address public_text.body theme.contact_address voucher.granted_elsewhere
    voucher.paid_elsewhere
    """.split()
)
