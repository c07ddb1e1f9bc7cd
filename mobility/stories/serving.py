"""What a story serves: own key figures of the guest's organisation, and what was taken over (followup.md).

The draft keeps keys ("figure-12", "takeover-7"); a version keeps them with their words, as they were agreed to.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mobility.keyfigures import queries as keyfigures
from mobility.keyfigures.rules import label
from mobility.stories.models import SuccessStory
from mobility.takeovers import queries as take_overs
from mobility.takeovers.workflow import DROPPED

FIGURE, TAKE_OVER = "figure-", "takeover-"


def could_be(story: SuccessStory) -> dict[str, str]:
    """Key -> words of all that it could serve: current key figures, those it serves already, and what was not dropped."""
    figures = {each.id: each for each in (*keyfigures.current_of(story.guest_organisation_id), *keyfigures.served_by(story))}
    taken = [each for each in take_overs.of_exchange(story.exchange_id) if each.state != DROPPED] if story.exchange_id else []
    return {
        **{f"{FIGURE}{id}": label(each.name, each.unit) for id, each in sorted(figures.items())},
        **{f"{TAKE_OVER}{each.id}": each.what for each in taken},
    }


def in_words(story: SuccessStory, keys: Iterable[str]) -> list[dict[str, str]]:
    """What of it is there still, as a version keeps it."""
    wanted = set(keys)
    return [{"key": key, "words": words} for key, words in could_be(story).items() if key in wanted] if wanted else []


def figure_ids(keys: Iterable[str]) -> list[int]:
    return [int(key.removeprefix(FIGURE)) for key in keys if key.startswith(FIGURE)]


def address_of(served: Mapping[str, Any]) -> tuple[str, int]:
    """The endpoint and id of what stands behind it, for those who may see that."""
    thing, _, id = served["key"].rpartition("-")
    return ("keyfigures.show" if thing == "figure" else "takeovers.show"), int(id)
