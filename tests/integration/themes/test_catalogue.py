"""The public catalogue, its filters, its feed, and how many queries they take."""

from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from lxml import etree

from mobility.core import clock
from mobility.core.database import db
from mobility.people.roles import Role
from mobility.themes import operations, queries
from mobility.themes.queries import Filters
from tests.support.factories import make_member, make_organisation, make_programme, make_theme, make_window, sign_in
from tests.support.queries import queries as counted

pytestmark = pytest.mark.usefixtures("db_session")
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def titles(**filters: Any) -> list[str]:
    return [row.title for row in queries.catalogue(Filters(**filters)).items]


def page_titles(client: Any, address: str) -> list[str]:
    page = etree.HTML(client.get(address).text)
    return [text.strip() for text in page.xpath("//li[@class='theme-card']/h3/a/text()")]


@pytest.fixture
def three(db_session: Any) -> None:
    """Three themes that differ in everything that can be searched for."""
    porto = make_organisation(name="Porto Food", city="Porto", country="PT")
    graz = make_organisation(name="Styria Wood", city="Graz", country="AT")
    make_theme(
        title="Internationalisation of small firms",
        host=porto,
        levels=["policy_maker"],
        sectors=["food"],
        languages=["pt", "en"],
        programme=make_programme(name="Atlantic"),
        windows=[make_window(90, 10, 60)],
    )
    make_theme(
        title="100 % funding of cluster services",
        host=graz,
        levels=["cluster_manager", "policy_maker"],
        sectors=["wood", "food"],
        languages=["de"],
        programme=make_programme(name="Alps"),
        windows=[make_window(40, 10, 20), make_window(200, 10, 30)],
    )
    make_theme(title="A draft about food", host=graz, publish=False)
    operations.close(make_theme(title="A closed one", host=graz, by=(by := make_member(graz, Role.COORDINATOR))), by=by)
    make_theme(
        title="Digital hubs",
        host=graz,
        levels=["cluster_member"],
        sectors=["digital"],
        languages=["en"],
        programme=make_programme(name="Danube"),
        windows=[make_window(150, 10, 10)],
    )


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["Digital hubs", "100 % funding of cluster services", "Internationalisation of small firms"]),
        (
            {"sort": "newest"},
            ["Digital hubs", "100 % funding of cluster services", "Internationalisation of small firms"],
        ),
        ({"words": "PORTO"}, ["Internationalisation of small firms"]),
        ({"words": "PORTÚGAL"}, ["Internationalisation of small firms"]),
        ({"words": "austria hubs"}, ["Digital hubs"]),
        ({"words": "furniture styria"}, ["100 % funding of cluster services"]),
        (
            {"words": "internationalisation, digital hubs, funding …"},  # as the field itself suggests
            ["Digital hubs", "100 % funding of cluster services", "Internationalisation of small firms"],
        ),
        ({"words": "styria  funding"}, ["100 % funding of cluster services"]),
        ({"words": "styria porto"}, []),
        ({"words": "100 %"}, ["100 % funding of cluster services"]),
        ({"words": "_"}, []),
        ({"country": "PT"}, ["Internationalisation of small firms"]),
        ({"level": "policy_maker"}, ["100 % funding of cluster services", "Internationalisation of small firms"]),
        ({"sector": "food"}, ["100 % funding of cluster services", "Internationalisation of small firms"]),
        ({"sector": "food", "language": "de"}, ["100 % funding of cluster services"]),
        ({"language": "en"}, ["Digital hubs", "Internationalisation of small firms"]),
    ],
)
def test_filters(filters: dict[str, Any], found: list[str]) -> None:
    assert titles(**filters) == found


@pytest.mark.usefixtures("three")
def test_dates_look_at_each_window() -> None:
    def free(first: int | None, last: int | None) -> list[str]:
        days = [None if offset is None else clock.today() + timedelta(days=offset) for offset in (first, last)]
        return titles(first_day=days[0], last_day=days[1])

    assert free(95, 97) == ["Internationalisation of small firms"]
    assert free(45, 45) == ["100 % funding of cluster services"]
    assert free(120, 140) == []  # between the windows of the second theme
    assert free(None, 60) == ["100 % funding of cluster services"]
    assert free(151, None) == ["Digital hubs", "100 % funding of cluster services"]


@pytest.mark.usefixtures("three")
def test_programme_and_what_is_over(clock: Any) -> None:
    programmes = {name: id for id, name in queries.programme_names()}
    assert titles(programme=programmes["Alps"]) == ["100 % funding of cluster services"]

    clock.move(days=11)
    assert "Digital hubs" not in titles()


@pytest.mark.usefixtures("three")
def test_the_address_holds_the_filters(client: Any) -> None:
    assert page_titles(client, "/themes?q=porto&sector=food&country=PT&from=2027-05-01") == [
        "Internationalisation of small firms"
    ]
    page = etree.HTML(client.get("/themes?q=porto&sector=food").text)
    assert page.xpath("//a[starts-with(@class, 'chip')]/@href") == ["/themes?sector=food", "/themes?q=porto", "/themes"]
    assert page.xpath("//select[@id='sector']/option[@selected]/@value") == ["food"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "query",
    [
        "page=999999999999",
        "page=-1",
        "page=0",
        "page=abc",
        "country=XX&level=none&sector=%27%3B--&language=zz&programme=99999999999999999999&sort=sideways",
        "from=yesterday&to=2027-13-45",
        "from=9999-12-31&to=0001-01-01",
        "from=2027-05-05&to=2027-04-04",
        "q=" + "x" * 200,
        "q=%25%5F%5C%27%22%3Cscript%3E",
        "q=%F0%9F%98%80+%E2%80%AE%D7%A9%D7%9C%D7%95%D7%9D&q=2",
        "_external=1&_anchor=x&endpoint=home.index&_scheme=javascript",
        "programme=%EF%BC%91",
        "q=%ED%A0%80%FF",
    ],
)
def test_nonsense_in_the_address_is_met_calmly(client: Any, query: str) -> None:
    answer = client.get(f"/themes?{query}")

    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_dates_that_cannot_be_are_said_at_the_field(client: Any) -> None:
    page = etree.HTML(client.get("/themes?from=yesterday").text)

    assert "such as 2027-03-03" in "".join(page.xpath("//p[@id='from-error']//text()"))
    assert page.xpath("//input[@id='from']/@aria-describedby") == ["from-error"]


def test_a_page_after_the_last_is_the_last(client: Any) -> None:
    host, programme = make_organisation(), make_programme()
    by = make_member(host, Role.COORDINATOR)
    for number in range(27):
        make_theme(host=host, by=by, programme=programme, title=f"Number {number}")

    assert page_titles(client, "/themes?page=77") == ["Number 25", "Number 26"]
    assert len(page_titles(client, "/themes?sector=manufacturing")) == 25
    assert 'href="/themes?page=2&amp;sector=manufacturing"' in client.get("/themes?sector=manufacturing").text


def test_empty_is_friendly(client: Any) -> None:
    assert "No theme is open right now" in client.get("/themes").text
    assert "No theme matches all of this" in client.get("/themes?q=nothing").text


def test_suggestions_say_why(client: Any) -> None:
    make_theme(title="Wood and more", sectors=["wood"], levels=["cluster_manager"])
    make_theme(title="For others", sectors=["wood"], levels=["policy_maker"])
    guest = make_member(make_organisation(country="PT", sectors=["wood"]), Role.GUEST, level="cluster_manager")
    assert "Suggested for you" not in client.get("/themes").text
    sign_in(client, guest)

    page = etree.HTML(client.get("/themes").text)

    [suggested] = page.xpath("//section[@class='suggestions']//h3/a/text()")
    reasons = [text.strip() for text in page.xpath("//ul[@class='theme-reasons']/li//text()") if text.strip()]
    assert suggested == "Wood and more"
    assert reasons == ["You both work in wood, furniture and paper", "Made for cluster managers", "A view from Austria"]


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_number_of_queries_does_not_grow(client: Any, rows: int) -> None:
    host, programme = make_organisation(sectors=["manufacturing"]), make_programme()
    by = make_member(host, Role.COORDINATOR)
    for _ in range(rows):
        make_theme(host=host, by=by, programme=programme)
    guest = make_member(make_organisation(), Role.GUEST)
    client.get("/themes")

    def count(address: str, of: Any = client) -> int:
        with counted() as found:
            assert of.get(address).status_code == 200
        return found.count

    assert count("/themes") == 4  # countries, programmes, count, rows
    assert count("/themes.atom") == 2
    sign_in(client, guest)
    assert count("/themes?sector=manufacturing") == 5  # and the session with its memberships
    assert count("/themes") == 7  # and the guest's organisations, and what suits them
    host_client = client.application.test_client()
    sign_in(host_client, by)
    assert count("/themes/mine", host_client) == 3


def test_latest_are_the_newest_open_ones() -> None:
    make_theme(title="old")
    make_theme(title="draft", publish=False)
    make_theme(title="new")

    assert [row.title for row in queries.latest(5)] == ["new", "old"]
    assert [row.title for row in queries.latest(1)] == ["new"]


# The feed


def feed_of(client: Any) -> Any:
    answer = client.get("/themes.atom")
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return etree.fromstring(answer.data)


@pytest.mark.usefixtures("three")
def test_the_feed_is_atom(client: Any) -> None:
    feed = feed_of(client)

    assert feed.xpath("a:entry/a:title/text()", namespaces=ATOM) == [
        "Digital hubs",
        "100 % funding of cluster services",
        "Internationalisation of small firms",
    ]
    for name in ("id", "title", "updated"):
        assert len(feed.xpath(f"a:{name}", namespaces=ATOM)) == 1
    assert feed.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == ["http://localhost/themes.atom"]
    for entry in feed.xpath("a:entry", namespaces=ATOM):
        for name in ("id", "title", "updated", "published", "summary", "author/a:name"):
            assert len(entry.xpath(f"a:{name}", namespaces=ATOM)) == 1, name
        assert entry.xpath("a:link/@href", namespaces=ATOM)[0].startswith("http://localhost/themes/")
    ids = feed.xpath("a:entry/a:id/text()", namespaces=ATOM)
    assert len(set(ids)) == 3


def test_an_empty_feed_is_a_feed(client: Any) -> None:
    assert feed_of(client).xpath("a:entry", namespaces=ATOM) == []


def test_the_feed_survives_what_people_type(client: Any) -> None:
    make_theme(title="<b>Bold</b> & “quoted” ]]> \uffff\ufffe", summary="‮שלום \U0001f600 &amp;")

    [entry] = feed_of(client).xpath("a:entry", namespaces=ATOM)

    assert entry.xpath("a:title/text()", namespaces=ATOM) == ["<b>Bold</b> & “quoted” ]]> "]


def test_the_feed_holds_the_newest_fifty(client: Any) -> None:
    host, programme = make_organisation(), make_programme()
    by = make_member(host, Role.COORDINATOR)
    for number in range(52):
        make_theme(host=host, by=by, programme=programme, title=f"Number {number}")

    found = feed_of(client).xpath("a:entry/a:title/text()", namespaces=ATOM)

    assert (len(found), found[0], found[-1]) == (50, "Number 51", "Number 2")


def test_a_feed_that_has_not_changed_is_not_sent_again(client: Any) -> None:
    make_theme()
    tag = client.get("/themes.atom").headers["ETag"]

    assert client.get("/themes.atom", headers={"If-None-Match": tag}).status_code == 304


def test_a_revised_theme_is_updated_in_the_feed(client: Any, clock: Any) -> None:
    by = make_member(host := make_organisation(), Role.COORDINATOR)
    theme = make_theme(host=host, by=by)
    clock.move(days=1)
    operations.revise(theme, by=by, title="Better")
    db.session.flush()

    [entry] = feed_of(client).xpath("a:entry", namespaces=ATOM)

    assert entry.xpath("a:published/text()", namespaces=ATOM) == ["2027-03-01T09:00:00+00:00"]
    assert entry.xpath("a:updated/text()", namespaces=ATOM) == ["2027-03-02T09:00:00+00:00"]


def test_the_catalogue_links_to_the_feed(client: Any) -> None:
    page = etree.HTML(client.get("/themes").text)

    assert page.xpath("//link[@rel='alternate'][@type='application/atom+xml']/@href") == ["/themes.atom"]


# Today is the programme's day


def card(client: Any, title: str) -> str:
    page = etree.HTML(client.get("/themes").text)
    found = [item for item in page.xpath("//li[@class='theme-card']") if title in "".join(item.itertext())]
    return " ".join("".join(found[0].itertext()).split()) if found else ""


def test_half_an_hour_into_the_programme_s_day(client: Any, clock: ModuleType) -> None:
    for title, timezone in (("In Vienna", "Europe/Vienna"), ("In Lisbon", "Europe/Lisbon")):
        make_theme(title=title, programme=make_programme(name=title, timezone=timezone), windows=[make_window(40, 10, 20)])
    clock.set_to(datetime(2027, 3, 20, 23, 30, tzinfo=UTC))  # 00:30 in Vienna
    assert "21 March 2027, today" in card(client, "In Vienna")
    assert "21 March 2027, tomorrow" in card(client, "In Lisbon")
    clock.move(days=1)
    assert card(client, "In Vienna") == ""
    assert "21 March 2027, today" in card(client, "In Lisbon")
    assert titles(first_day=date(2027, 4, 10)) == ["In Lisbon"]


def test_a_card_names_the_days_that_one_can_still_apply_for(client: Any, clock: ModuleType) -> None:
    make_theme(title="Two windows", windows=[make_window(40, 10, 20), make_window(90, 10, 60)])
    assert "Visits 10 April to 8 June 2027" in card(client, "Two windows")
    clock.move(days=21)
    assert "Visits 30 May to 8 June 2027" in card(client, "Two windows")
