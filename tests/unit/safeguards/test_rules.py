"""Links between the parties of a voucher, and a provider's share of all redemptions (product.md)."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from mobility.safeguards.rules import Finding, Member, Party, found_between, own_domain, shares

IBAN, OTHER = "PT50000201231234567890154", "AT611904300234573201"


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("ana@cluster-aveiro.pt", "cluster-aveiro.pt"),
        ("ana@Cluster-Aveiro.PT", "cluster-aveiro.pt"),
        ("ana@mail.uni-graz.at", "uni-graz.at"),
        ("ana@live.cluster.pt", "cluster.pt"),
        ("ana@physics.uni.co.uk", "uni.co.uk"),
        ("ana@mail.lab.ac.uk", "lab.ac.uk"),
        ("ana@live.ac.uk", "live.ac.uk"),  # not the mail provider
        ("ana@lab.github.io", "lab.github.io"),  # under which anybody has one
        ("ana@github.io", None),
        ("ana@co.uk", None),
        ("ana@test.de", "test.de"),
        ("ana@gmail.com", None),
        ("ana@googlemail.com", None),
        ("ana@outlook.com", None),
        ("ana@outlook.pt", None),
        ("ana@hotmail.co.uk", None),
        ("ana@yahoo.com.tr", None),
        ("ana@gmx.de", None),
        ("ana@gmx.at", None),
        ("ana@web.de", None),
        ("ana@sapo.pt", None),
        ("ana@proton.me", None),
        ("ana@mail.web.de", None),
        ("ana@example.org", None),
        ("ana@mail.example.org", None),
        ("ana@a..b", None),
        ("ana@mobility.example", None),
        ("ana@localhost", None),
        ("ana", None),
        ("", None),
    ],
)
def test_a_domain_tells_for_whom_one_works_unless_everybody_can_have_one(email: str, domain: str | None) -> None:
    assert own_domain(email) == domain


def member(number: int, domain: str) -> Member:
    return Member(number, f"Person {number}", f"person{number}@{domain}")


def home(iban: str | None = None, *members: Member) -> Party:
    return Party("the holder's organisation", iban, frozenset(members))


def provider(iban: str | None = None, *members: Member) -> Party:
    return Party("the provider organisation", iban, frozenset(members))


def holder(iban: str | None = None) -> Party:
    return Party("the holder", iban)


def test_nothing_in_common() -> None:
    assert found_between(holder(IBAN), home(None, member(1, "a.pt")), provider(OTHER, member(2, "b.pt"))) == []
    assert found_between(holder(), home(), provider()) == []  # no account at all is not the same account


@pytest.mark.parametrize(
    ("parties", "words"),
    [
        (
            (holder(IBAN), home(), provider(IBAN)),
            ["The holder and the provider organisation have the same bank account."],
        ),
        (
            (holder(IBAN), home(IBAN), provider(OTHER)),
            ["The holder and the holder's organisation have the same bank account."],
        ),
        (
            (holder(), home(IBAN), provider(IBAN)),
            ["The holder's organisation and the provider organisation have the same bank account."],
        ),
    ],
)
def test_a_shared_account_is_named_but_never_shown(parties: tuple[Party, Party, Party], words: list[str]) -> None:
    found = found_between(*parties)
    assert [each.words for each in found] == words
    assert {each.kind for each in found} == {"account"}
    assert IBAN not in str(found)


def test_people_of_both_and_addresses_at_one_domain() -> None:
    both = member(3, "both.pt")
    found = found_between(holder(), home(None, member(1, "same.pt"), both), provider(None, member(2, "same.pt"), both))
    assert found == [
        Finding("people", "Works for both organisations: Person 3."),
        Finding("domain", "People of both organisations have mail addresses at same.pt."),
    ]


def test_somebody_who_works_for_both_does_not_make_their_domain_a_second_finding() -> None:
    both = member(3, "both.pt")
    found = found_between(holder(), home(None, both), provider(None, both, member(2, "other.pt")))
    assert [each.kind for each in found] == ["people"]


def test_many_people_are_not_all_named() -> None:
    people = [member(number, "a.pt") for number in range(1, 9)]
    found = found_between(holder(), home(None, *people), provider(None, *people))
    assert found[0].words.endswith("Person 1, Person 2, Person 3, Person 4, Person 5 and 3 more.")


@dataclass(frozen=True)
class Named:
    name: str


A, B, C, D = (Named(name) for name in "ABCD")


def flags(redeemed: list[tuple[Named, int, str]], limit: int = 30) -> dict[str, tuple[str, str, bool]]:
    found = shares([(provider, count, Decimal(amount)) for provider, count, amount in redeemed], limit)
    return {each.provider.name: (str(each.percent), str(each.percent_of_amount), each.above) for each in found}


def test_the_shares_of_all_redemptions_and_of_their_amount() -> None:
    assert flags([(A, 3, "3000.00"), (B, 3, "3000.00"), (C, 2, "2000.00"), (D, 2, "2000.00")]) == {
        "A": ("30.0", "30.0", False),  # at the limit is not above it
        "B": ("30.0", "30.0", False),
        "C": ("20.0", "20.0", False),
        "D": ("20.0", "20.0", False),
    }


def test_above_the_limit_by_number_or_by_amount() -> None:
    found = flags([(A, 4, "1000.00"), (B, 3, "1000.00"), (C, 3, "8000.00")])
    assert found == {"A": ("40.0", "10.0", True), "B": ("30.0", "10.0", False), "C": ("30.0", "80.0", True)}


def test_a_hair_above_the_limit_is_above_it_although_it_rounds_to_it() -> None:
    found = flags([(A, 30, "3000.01"), (B, 30, "3000.00"), (C, 40, "4000.00")], limit=30)
    assert found["A"] == ("30.0", "30.0", True)
    assert not found["B"][2]


@pytest.mark.parametrize(("count", "flagged"), [(4, False), (5, True)])
def test_fewer_than_five_redemptions_say_nothing_yet(count: int, flagged: bool) -> None:
    assert flags([(A, count, "1000.00")])["A"][2] is flagged


def test_the_largest_first_and_no_division_by_nothing() -> None:
    assert list(flags([(A, 1, "10.00"), (B, 5, "10.00"), (C, 5, "20.00")])) == ["C", "B", "A"]
    assert flags([(A, 5, "0")]) == {"A": ("100.0", "0", True)}
    assert flags([]) == {}
