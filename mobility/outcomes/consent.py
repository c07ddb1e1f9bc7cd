"""Which cases may be told, and how: guest and host both have to agree (review_example.md, 18). Pure.

A leave withdrawn changes no figure: it takes the case out of what is told with its name or without.
"""

from collections.abc import Mapping
from datetime import date

from mobility.followup.leave import ASKED_IN, NO, STRICTNESS
from mobility.outcomes.facts import Key
from mobility.outcomes.scope import Scope


def leave(scope: Scope) -> dict[Key, str]:
    """Of each completed exchange: with_names, without or no, as both sides allow it today; the stricter word holds."""
    words = {side: _words(scope, side) for side in ASKED_IN}
    return {
        each.key: max((words[side].get(each.key, NO) for side in words), key=STRICTNESS.__getitem__) for each in scope.completed
    }


def _words(scope: Scope, side: str) -> Mapping[Key, str]:
    """The last word of each exchange's guest or host: in the questionnaire, or changed later."""
    said: dict[Key, tuple[date, str]] = {}
    for request, sending in scope.answered(ASKED_IN[side]):
        if sending.answers.get("publish") in STRICTNESS:
            said[request.about.key] = (sending.sent_on, sending.answers["publish"])
    for consent in scope.facts.consents:
        if consent.side == side and consent.on >= said.get(consent.exchange, (consent.on, ""))[0]:
            said[consent.exchange] = (consent.on, consent.publish)
    return {key: word for key, (_, word) in said.items()}
