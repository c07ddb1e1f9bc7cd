"""What resembles what, what a robot is, which mailbox an address leads to."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from mobility.joining.rules import Known, core, hints, opened_problem, resembling, throttle_key
from mobility.people.domains import is_disposable, own_domain, site_domain

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Mur Cluster GmbH", "mur cluster"),
        ("  MUR-Cluster, Ges.m.b.H. ", "mur cluster"),
        ("Clúster de la Automoción S.L.", "cluster automocion"),
        ("The Wood Cluster of Styria", "wood cluster styria"),
        ("Клъстер Мехатроника", "klster mekhatronika"),
        ("SA", "sa"),  # nothing would be left
    ],
)
def test_what_is_left_of_a_name(name: str, left: str) -> None:
    assert core(name) == left


def found(name: str, *others: str, city: str = "Graz", website: str = "", email: str = "", sites: str = "") -> list[str]:
    known = [Known(number, other, "AT", "Graz", sites) for number, other in enumerate(others)]
    like = resembling(name, country="AT", city=city, website=website, email=email, known=known)
    return [each.known.name for each in like]


@pytest.mark.parametrize(
    ("typed", "there", "same"),
    [
        ("Mur Cluster", "MUR-CLUSTER GmbH", True),
        ("Mur Clustr", "Mur Cluster", True),
        ("Automotive Cluster Styria", "Styrian Automotive Cluster", True),
        ("Donau Holz Cluster", "Holzcluster Donau GmbH", True),
        ("Silicon Alps", "Silicon Alps Cluster GmbH", True),
        ("Wien Energie Cluster", "Mur Cluster", False),
        ("Holzcluster Tirol", "Autocluster Wien", False),
        ("Human Technology Styria", "Green Tech Valley", False),
        ("", "Mur Cluster", False),
    ],
)
def test_what_resembles_what(typed: str, there: str, same: bool) -> None:
    assert found(typed, there) == [there] * same


def test_a_website_or_the_addresss_domain_says_it_too() -> None:
    assert found("Something else", "Mur Cluster", sites="https://www.mur.at/about") == []
    assert found("Something else", "Mur Cluster", sites="https://www.mur.at/about", website="http://mur.at") == ["Mur Cluster"]
    assert found("Something else", "Mur Cluster", sites="https://www.mur.at", email="ana@office.mur.at") == ["Mur Cluster"]
    assert found("Something else", "Mur Cluster", sites="https://gmail.com", email="ana@gmail.com") == []


def test_the_likeliest_come_first_and_not_too_many() -> None:
    names = [f"Mur Cluster {letter}" for letter in "abcdefghij"]
    like = found("Mur Cluster", *names, "Mur Cluster GmbH")
    assert (like[0], len(like)) == ("Mur Cluster GmbH", 6)


def test_ten_thousand_organisations_in_less_than_a_second() -> None:
    known = [
        Known(each, f"Regional Innovation Cluster Número {each} e.V.", "AT", "Graz", f"https://c{each}.at")
        for each in range(10000)
    ]
    began = process_time()
    resembling("ß" * 5000 + " cluster", country="AT", city="Graz", website="https://[", email="a@b.at", known=known)
    assert process_time() - began < 1


def test_a_domain_of_many_organisations_hints_at_none() -> None:
    assert hints([(1, "site"), (1, "people"), (2, "people")]) == [1, 2]
    assert hints([(1, "site"), (2, "people"), (3, "people")]) == []


@pytest.mark.parametrize(
    ("email", "own", "disposable"),
    [
        ("ana@mail.uni.example-cluster.co.uk", "example-cluster.co.uk", False),
        ("ana@gmx.at", None, False),
        ("ana@mailinator.com", "mailinator.com", True),
        ("ana@MAILINATOR.COM.", "mailinator.com", True),
        ("ana", None, False),
        ("", None, False),
    ],
)
def test_domains_of_addresses(email: str, own: str | None, disposable: bool) -> None:
    assert (own_domain(email), is_disposable(email)) == (own, disposable)


@pytest.mark.parametrize(
    ("site", "domain"),
    [
        ("https://www.mur.at/en?x=1", "mur.at"),
        ("http://mur.at.", "mur.at"),
        ("https://mur.wordpress.com", None),
        ("https://mur.github.io", "mur.github.io"),
        ("https://[broken", None),
        ("mur.at", None),
        ("", None),
    ],
)
def test_domains_of_sites(site: str, domain: str | None) -> None:
    assert site_domain(site) == domain


@pytest.mark.parametrize(
    ("seconds", "fine"), [(0, False), (2, False), (3, True), (12 * 3600, True), (12 * 3600 + 1, False), (-5, False)]
)
def test_how_long_a_page_was_open(seconds: int, fine: bool) -> None:
    assert (opened_problem(NOW - timedelta(seconds=seconds), NOW) is None) is fine


def test_never_opened() -> None:
    assert opened_problem(None, NOW)


def test_one_mailbox_however_it_is_written() -> None:
    assert throttle_key("Ana+news@Mur.at") == throttle_key("ana@mur.at") == "ana@mur.at"
