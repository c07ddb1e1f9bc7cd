"""What an administrator may do for somebody else. Pure."""

from collections.abc import Collection
from datetime import timedelta

LASTS = timedelta(minutes=60)

# What may be sent in somebody's stead. Whatever is not here is refused, so also what is built later: money, signatures and what
# binds like one, consents, answers to questionnaires, passwords, second factors, bank accounts, roles.
FOR_ANOTHER = frozenset(
    """
    accounts.sign_in accounts.be_demo_person accounts.sign_out accounts.switch administration.end_acting
    themes.new themes.edit themes.publish themes.revise themes.close themes.reopen themes.archive
    applications.apply applications.edit applications.amount applications.submit applications.wait_for_place
    applications.leave_queue applications.record_contact applications.accept applications.decline applications.withdraw
    applications.take_back
    exchanges.amend exchanges.name_manager
    keyfigures.new keyfigures.record keyfigures.correct keyfigures.revise keyfigures.retire keyfigures.of_exchange
    takeovers.new takeovers.start takeovers.plan takeovers.drop takeovers.revise takeovers.add_evidence
    takeovers.take_out_evidence
    stories.begin stories.edit stories.add_pictures stories.remove_picture
    teams.edit_organisation
    """.split()
)
# not even read for somebody else
PRIVATE = frozenset("accounts security addresses privacy banking calendars claims consents followups paying payments".split())
READING = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED = (
    "This cannot be done for somebody else: money, signatures, consents, answers to questionnaires, passwords, bank accounts and "
    "roles are {name}'s alone. End acting, and ask {name} to do it."
)


def refused(endpoint: str, method: str, acts: Collection[str]) -> bool:
    """`acts`: the endpoints of pages that ask for one act, which would only lead to a refusal."""
    if endpoint in FOR_ANOTHER or endpoint.endswith("static"):
        return False
    return method not in READING or endpoint in acts or endpoint.partition(".")[0] in PRIVATE
