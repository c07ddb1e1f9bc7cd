"""Every route says who may call it; reading never writes; every action has an operation and a page."""

import inspect
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing.converters import AnyConverter, NumberConverter

from mobility.subjects import workflows

OURS = {"static", "bootstrap.static"}
# Done by the system alone: no page.
SYSTEM_ACTIONS = {
    ("application", "lapse"),
    ("application", "offer_place"),
    ("application", "end_waiting"),
    ("exchange", "close"),
    ("exchange", "pass_on_endorsement"),
    ("followup", "go_with_claim"),
    ("followup", "miss"),
    ("joining", "call_off"),
    ("joining", "lapse"),
    ("joining", "pass_on"),
    ("mentoring", "lapse"),
    ("mentoring", "leave"),
    ("story", "pass_on"),
    ("voucher", "expire"),
    ("voucher", "lapse"),
}
# Carried by recording what the bank did with a batch.
CARRIED = {("voucher", "pay"), ("payment", "settle")}


def routes(app: Flask) -> Iterator[tuple[str, Any]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in OURS:
            yield rule.endpoint, app.view_functions[rule.endpoint]


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    undeclared = [endpoint for endpoint, view in routes(app) if not getattr(view, "access", None)]
    assert undeclared == []


def test_the_public_routes_are_exactly_these(app: Flask) -> None:
    """Written by hand: a route becomes public on purpose only."""
    public = {endpoint for endpoint, view in routes(app) if view.access == "public"}
    assert public == PUBLIC


PUBLIC = {
    "mailings.stop",
    "accounts.back_from_provider",
    "accounts.be_demo_person",
    "accounts.forgotten",
    "accounts.go",
    "calendars.feed",
    "delegates.another",
    "delegates.by_link",
    "delegates.calendar_by_link",
    "accounts.invitation",
    "accounts.new_password",
    "accounts.passkey_options",
    "accounts.second",
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.switch",
    "accounts.with_passkey",
    "accounts.with_provider",
    "addresses.stop",
    "followups.by_link",
    "followups.confirm",
    "followups.thanks",
    "home.index",
    "home.security",
    "joining.confirm",
    "joining.register",
    "people.organisation",
    "programmes.index",
    "reviews.index",
    "reviews.public_export",
    "reviews.snapshot",
    "rates.version",
    "rates.versions",
    "programmes.show",
    "themes.feed",
    "themes.index",
    "themes.show",
    "papers.check",
    "papers.certificate_by_link",
    "papers.check_code",
    "papers.story_pdf",
    "stories.feed",
    "stories.index",
    "stories.picture",
    "stories.public",
    "stories.show",
    "upkeep.healthz",
    "upkeep.measured",
    "upkeep.readyz",
    "texts.first_steps",
    "texts.of_programme",
    "texts.show",
}


@pytest.mark.parametrize("workflow", workflows().values(), ids=workflows())
def test_every_action_has_a_page(app: Flask, workflow: Any) -> None:
    missing = {
        (workflow.name, transition.action)
        for transition in workflow.transitions
        if f"{workflow.things}.{transition.action}" not in app.view_functions
    }
    assert missing == {pair for pair in SYSTEM_ACTIONS | CARRIED if pair[0] == workflow.name}


def test_each_page_of_an_action_answers_get_and_post(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        prefix, _, action = rule.endpoint.partition(".")
        workflow = {each.things: each for each in workflows().values()}.get(prefix)
        if workflow and action in {transition.action for transition in workflow.transitions}:
            assert {"GET", "POST"} <= (rule.methods or set()), rule.endpoint


def test_views_are_functions_of_ours(app: Flask) -> None:
    for endpoint, view in routes(app):
        assert inspect.getmodule(inspect.unwrap(view)).__name__.startswith("mobility"), endpoint


def test_no_two_routes_have_an_address_in_common(app: Flask) -> None:
    """Two features that are merged on one day may both have taken it: one of them would be reached no more."""
    taken = []
    for rule in app.url_map.iter_rules():
        for values in _values(rule):
            address = rule.build(values)[1]  # type: ignore[index]
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                found = _at(app, address, method)
                taken += [(method, address, rule.endpoint, found)] if found not in (rule.endpoint, "") else []
    assert taken == []


def _at(app: Flask, address: str, method: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(address, method=method)[0])
    except NotFound:
        return ""  # a word of another kind is expected there


def _values(rule: Any) -> Iterator[dict[str, Any]]:
    """Something for each part of its address, and all there is where only some words are."""
    names = sorted(rule.arguments - set(rule.defaults or {}))
    offered = [_offered(rule._converters[name]) for name in names]
    return (dict(rule.defaults or {}) | dict(zip(names, chosen, strict=True)) for chosen in product(*offered))


def _offered(converter: Any) -> list[Any]:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)
    return [7] if isinstance(converter, NumberConverter) else ["word"]
