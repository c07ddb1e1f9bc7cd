"""Organisations, people and themes from a spreadsheet, all in one go: seen before, entered as one, undone as one."""

from io import BytesIO
from time import perf_counter, process_time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility import jobs
from mobility.audit.models import AuditEntry
from mobility.audit.operations import record
from mobility.core import clock
from mobility.core.database import db, transaction
from mobility.imports import operations, steps
from mobility.imports.models import Import, ImportedRow, Stage
from mobility.notifications.models import OutboxMessage
from mobility.people.models import Membership, Organisation, User
from mobility.people.roles import Role
from mobility.programmes.models import Programme
from mobility.spreadsheets import reading
from mobility.teams.models import RoleInvitation
from mobility.themes import operations as themes
from mobility.themes.models import Theme
from mobility.uploads import files
from mobility.workflows.history import HistoryEntry
from tests.support.client import Client
from tests.support.factories import (
    make_call,
    make_member,
    make_membership,
    make_organisation,
    make_programme,
    make_theme,
    make_user,
    sign_in,
)
from tests.support.forms import values_of
from tests.support.html import text_of
from tests.support.spreadsheets import ANA, MUR, ORGANISATIONS, PEOPLE, THEMES, xlsx

FUNDING = ["Mur Cluster", "Funding services", "How to", "2027-06-01", "2027-06-11", "2027-05-01", 2]


@pytest.fixture
def robin(db_session: Any, client: Client) -> User:
    found = make_user(name="Robin Keller", is_administrator=True, password_hash="x")
    make_programme(name="Alpine exchanges")
    sign_in(client, found)
    return found


def hand_in(client: Client, content: bytes, name: str = "all.xlsx", **values: Any) -> Any:
    values = {"form_key": f"{hash(content)}{name}", **values}
    return client.post("/imports", data={"file": (BytesIO(content), name), **values}, content_type="multipart/form-data")


def matched(client: Client, id: int, **changes: Any) -> Any:
    """The columns as they were guessed."""
    page = client.get(f"/imports/{id}/columns")
    values = values_of(page)
    if "programme_id" in values:
        values["programme_id"] = str(db.session.scalar(select(func.min(Programme.id))))
    return client.post(f"/imports/{id}/columns", data={**values, **changes})


def checked(client: Client, content: bytes, name: str = "all.xlsx") -> Import:
    """Handed in, read, matched as guessed, checked."""
    answer = hand_in(client, content, name)
    assert answer.status_code == 302, text_of(answer)
    id = int(answer.location.rpartition("/")[2])
    work(id)
    assert matched(client, id).status_code == 303
    work(id)
    return the(id)


def work(id: int) -> None:
    for _ in range(100):
        if not the(id).is_working:
            return
        jobs.run("advance-imports")


def the(id: int) -> Import:
    db.session.rollback()
    return db.session.get_one(Import, id)


def send(client: Client, batch: Import, act: str, **values: Any) -> Any:
    id = batch.id
    answer = client.post(f"/imports/{id}/{act}", data={"seen": str(batch.version), **values})
    work(id)
    return answer


def cells_of(batch: Import) -> list[tuple[str, str, str]]:
    """(sheet, cell, what is there) of each fault."""
    return [(each["sheet"], f"{each['column']}{each['row']}", each["found"]) for each in batch.report["faults"]]


def count(model: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def whole(**sheets: Any) -> bytes:
    rows = {"Organisations": [ORGANISATIONS, MUR], "People": [PEOPLE, ANA], "Themes": [THEMES, FUNDING], **sheets}
    return xlsx(**rows)


def test_all_in_one_go(client: Client, robin: User) -> None:
    batch = checked(client, whole())
    assert (batch.stage, batch.report["counts"]) == (
        "checked",
        {"organisations": 1, "people": 1, "roles": 1, "themes": 1},
    )
    assert count(Organisation) == 0, "a dry run enters nothing"
    assert send(client, batch, "enter").status_code == 303

    assert the(batch.id).stage == "entered"
    mur = db.session.scalars(select(Organisation)).one()
    assert (mur.name, mur.kind, mur.country, mur.city, mur.sectors) == (
        "Mur Cluster",
        "cluster_organisation",
        "AT",
        "Graz",
        ["automotive"],
    )
    ana = db.session.scalars(select(User).where(User.email == "ana@example.org")).one()
    assert (ana.name, ana.level, ana.password_hash) == ("Ana Zupan", "cluster_manager", "")
    theme = db.session.scalars(select(Theme)).one()
    assert (theme.title, theme.host_id, theme.state, theme.places) == ("Funding services", mur.id, "draft", 2)
    assert [str(each.first_day) for each in theme.windows] == ["2027-06-01"]
    assert count(OutboxMessage) == count(RoleInvitation) == count(Membership) == 0, "no mail and no role before somebody says so"

    send(client, the(batch.id), "release")
    assert the(batch.id).stage == "released"
    invitation = db.session.scalars(select(RoleInvitation)).one()
    assert (invitation.person_id, invitation.organisation_id, invitation.role) == (ana.id, mur.id, Role.COORDINATOR)
    assert [each.address for each in db.session.scalars(select(OutboxMessage))] == ["ana@example.org"]
    assert count(Membership) == 0, "a role begins when its person accepts"
    entry = db.session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "theme")).one()
    assert entry.note.startswith("Imported by Robin Keller on 1 March 2027, ")
    assert "row 2" in entry.note
    acts = {each.act: each.after for each in db.session.scalars(select(AuditEntry).where(AuditEntry.act.startswith("import_")))}
    assert set(acts) == {"import_handed_in", "import_entered", "import_released"}
    assert acts["import_entered"]["people"] == 1


# Faults: each is told at its cell, and nothing is entered

PLANTED: list[tuple[str, str, list[Any], str]] = [  # sheet, cell, row, what would be right
    ("Organisations", "A2", ["", *MUR[1:]], "Fill this in"),
    ("Organisations", "B2", ["X", "Klub", *MUR[2:]], "Write one of: Cluster organisation,"),
    ("Organisations", "C2", ["X", MUR[1], "Atlantis", "Graz"], "English name"),
    ("Organisations", "D2", ["X", MUR[1], "Austria", "Grazz"], "Did you mean Graz"),
    ("Organisations", "D2", ["X", MUR[1], "Germany", "Friedberg"], "There are 2 cities of this name"),
    ("Organisations", "E2", ["X", *MUR[1:4], "Cars"], "“cars” is none"),
    ("Organisations", "F2", ["X", *MUR[1:5], "javascript:alert(1)"], "https://"),
    ("Organisations", "A2", ["\u202eX", *MUR[1:]], "cannot be seen"),
    ("Organisations", "A2", ["GÃ¼ssing Hub", *MUR[1:]], "“Güssing Hub”"),
    ("Organisations", "A2", ["#REF!", *MUR[1:]], "has an error here"),
    ("Organisations", "A2", ["x" * 201, *MUR[1:]], "200 characters"),
    ("People", "A2", ["ana.zupan.com", *ANA[1:]], "address of a page"),
    ("People", "B2", ["Ana", "ana at example", *ANA[2:]], "such as ana.kovac@example.org"),
    ("People", "B2", ["Ana", "änä@example.org", *ANA[2:]], "“ä”"),
    ("People", "C2", [*ANA[:2], "Mur Clusster", *ANA[3:]], "Did you mean “Mur Cluster”?"),
    ("People", "C2", [*ANA[:2], "", *ANA[3:]], "of which organisation"),
    ("People", "D2", [*ANA[:3], "Boss"], "Write one of: Coordinator"),
    ("People", "E2", [*ANA[:4], "High"], "Cluster manager, Policy maker"),
    ("Themes", "A2", ["Nobody", *FUNDING[1:]], "no organisation of this name"),
    ("Themes", "B2", [FUNDING[0], "", *FUNDING[2:]], "Fill this in"),
    ("Themes", "C2", [*FUNDING[:2], "x" * 401, *FUNDING[3:]], "it has 401"),
    ("Themes", "D2", [*FUNDING[:3], "03/04/2027", *FUNDING[4:]], "Write 2027-04-03 or 2027-03-04"),
    ("Themes", "D2", [*FUNDING[:3], "31.6.2027", *FUNDING[4:]], "no such day"),
    ("Themes", "D2", [*FUNDING[:3], 46174, *FUNDING[4:]], "This is a number"),
    ("Themes", "E2", [*FUNDING[:4], "2027-05-31", *FUNDING[5:]], "last day is before the first"),
    ("Themes", "F2", [*FUNDING[:5], "2027-06-01", *FUNDING[6:]], "must end before the first day"),
    ("Themes", "F2", [*FUNDING[:5], "", *FUNDING[6:]], "needs a first day, a last day"),
    ("Themes", "G2", [*FUNDING[:6], "two"], "whole number"),
    ("Themes", "G2", [*FUNDING[:6], 51], "1 to 50 places"),
]


@pytest.mark.parametrize(("sheet", "cell", "row", "right"), PLANTED)
def test_a_planted_fault_is_told_at_its_cell(
    client: Client, robin: User, sheet: str, cell: str, row: list[Any], right: str
) -> None:
    header = {"Organisations": ORGANISATIONS, "People": PEOPLE, "Themes": THEMES}[sheet]
    rows = {sheet: [header, row, MUR]} if sheet == "Organisations" else {sheet: [header, row]}
    batch = checked(client, whole(**rows))
    assert [each[:2] for each in cells_of(batch)] == [(sheet, cell)]
    assert right in batch.report["faults"][0]["right"]
    shown = text_of(client.get(f"/imports/{batch.id}"))
    assert f"{sheet}, {cell}" in shown
    answer = send(client, batch, "enter")
    assert answer.status_code == 409
    assert count(Organisation) == count(Theme) == 0


@pytest.mark.parametrize(
    "written", ["2027-06-01", "1.6.2027", "01. 06. 2027", "13/6/2027", "1 June 2027", "June 1, 2027", "6/6/2027"]
)
def test_days_that_can_only_be_one_are_taken(client: Client, robin: User, written: str) -> None:
    row = [*FUNDING[:3], written, "2027-06-30", *FUNDING[5:]]
    assert cells_of(checked(client, whole(Themes=[THEMES, row]))) == []


def test_all_faults_of_a_file_are_told_at_once_in_the_order_of_its_cells(client: Client, robin: User) -> None:
    organisations = [ORGANISATIONS, MUR, ["", "Klub", "Austria", "Grazz", "Cars", "ftp"]]
    people = [PEOPLE, ["ana.zupan.com", "x", "Mur Clusster", "Boss", "High"]]
    themes = [THEMES, ["Nobody", "", "x" * 401, "3/4/2027", "soon", "2027-13-01", "two"]]
    batch = checked(client, whole(Organisations=organisations, People=people, Themes=themes))
    told = [f"{sheet[0]}{cell}" for sheet, cell, _ in cells_of(batch)]
    assert " ".join(told) == "OA3 OB3 OD3 OE3 OF3 PA2 PB2 PC2 PD2 PE2 TA2 TB2 TC2 TD2 TE2 TF2 TG2"


def test_two_people_of_one_address(client: Client, robin: User) -> None:
    make_user(name="Liis Tamm", email="liis@example.org")
    rows = [PEOPLE, ANA, ["Bea Zupan", "ANA@example.org ", *ANA[2:]], ["Lis Tam", "liis@example.org", *ANA[2:]]]
    batch = checked(client, whole(People=rows))
    assert [(each[1], each[2]) for each in cells_of(batch)] == [("B3", "ANA@example.org"), ("B4", "liis@example.org")]
    assert "Row 2 has this address for Ana Zupan" in batch.report["faults"][0]["right"]


def test_what_is_here_already_is_shown_and_used(client: Client, robin: User) -> None:
    mur = make_organisation(name="MUR  Cluster", country="AT")
    make_member(mur, Role.COORDINATOR, name="Ana Zupan", email="ana@example.org")
    rows = [PEOPLE, ANA, [*ANA[:3], "Guest"], [*ANA[:3], "guest"]]
    batch = checked(client, whole(People=rows))
    assert batch.report["counts"] == {"organisations": 0, "people": 0, "roles": 1, "themes": 1}
    assert [each["row"] for each in batch.report["same"]] == [2, 2, 3, 4]
    send(client, batch, "enter")
    assert db.session.scalars(select(Theme)).one().host_id == mur.id


def test_an_organisation_that_resembles_another_is_looked_at_first(client: Client, robin: User) -> None:
    make_organisation(name="Alpine Automotive Cluster GmbH")
    batch = checked(client, xlsx(Organisations=[ORGANISATIONS, ["Cluster Automotive Alpine", *MUR[1:]]]))
    assert [each["words"] for each in batch.report["alike"]] == ["resembles “Alpine Automotive Cluster GmbH”"]
    assert send(client, batch, "enter").status_code == 422
    assert count(Organisation) == 1
    assert send(client, the(batch.id), "enter", although_alike="y").status_code == 303
    assert count(Organisation) == 2


def test_all_or_nothing_also_when_somebody_is_quicker(client: Client, robin: User) -> None:
    """Between the check and the entering another person has got the address."""
    batch = checked(client, whole())
    make_user(name="Somebody Else", email="ana@example.org")
    db.session.commit()
    send(client, batch, "enter")
    assert (the(batch.id).stage, count(Organisation), count(Theme)) == ("checked", 0, 0)
    assert [each[1] for each in cells_of(the(batch.id))] == ["B2"]


# Undone


def test_undone_while_nothing_rests_on_it(client: Client, robin: User) -> None:
    before = {model: count(model) for model in (Organisation, User, Theme, ImportedRow)}
    batch = checked(client, whole())
    send(client, batch, "enter")
    assert send(client, the(batch.id), "undo").status_code == 303
    assert {model: count(model) for model in before} == before
    assert (the(batch.id).stage, the(batch.id).sheets, the(batch.id).key) == ("undone", [], "")


def test_not_undone_once_something_rests_on_it(client: Client, robin: User) -> None:
    batch = checked(client, whole())
    send(client, batch, "enter")
    mur = db.session.scalars(select(Organisation)).one()
    make_member(mur, Role.GUEST)
    db.session.commit()
    answer = send(client, the(batch.id), "undo")
    assert answer.status_code == 409
    assert "Somebody has a role: 1 of its organisations" in text_of(answer)
    assert count(Organisation) == 1


def test_not_undone_once_the_audit_log_names_somebody_of_it(client: Client, robin: User) -> None:
    batch = checked(client, whole())
    send(client, batch, "enter")
    ana = db.session.scalars(select(User).where(User.email == "ana@example.org")).one()
    with transaction():
        record("account_changed", by=None, about="Ana Zupan", person_id=ana.id)
    assert "the audit log names them once" in text_of(send(client, the(batch.id), "undo"))
    assert count(User, User.email == "ana@example.org") == 1


def test_what_fails_again_and_again_is_given_up_and_said(client: Client, robin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    id = int(hand_in(client, whole()).location.rpartition("/")[2])
    monkeypatch.setitem(steps.STEPS, Stage.CHECKING, lambda batch: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        matched(client, id)
    for _ in range(3):
        assert jobs.run("advance-imports").failed == 1
    assert (the(id).stage, jobs.run("advance-imports").failed) == ("unreadable", 0)
    assert "The file is kept" in text_of(client.get(f"/imports/{id}"))
    monkeypatch.undo()
    assert send(client, the(id), "retry").status_code == 303
    assert (the(id).stage, the(id).problem) == ("checked", ""), "one click, and it goes on where it stopped"
    assert send(client, the(id), "retry").status_code == 409


def test_not_undone_once_a_theme_is_changed(client: Client, robin: User) -> None:
    batch = checked(client, whole())
    send(client, batch, "enter")
    db.session.scalars(select(Theme)).one().title = "Other words"
    db.session.commit()
    assert "1 of its themes have been changed" in text_of(send(client, the(batch.id), "undo"))
    assert count(Theme) == 1


# Twice, two tabs


def test_the_same_file_twice(client: Client, robin: User) -> None:
    content = whole()
    assert hand_in(client, content).status_code == 302
    answer = hand_in(client, content, form_key="another")
    assert answer.status_code == 422
    assert "You handed in this very file on 1 March 2027" in text_of(answer)
    assert hand_in(client, content).status_code == 302, "the same form again leads to what it made"
    assert count(Import) == 1


def test_two_tabs(client: Client, robin: User) -> None:
    batch = checked(client, whole())
    seen = str(batch.version)
    assert client.post(f"/imports/{batch.id}/enter", data={"seen": seen}).status_code == 303
    answer = client.post(f"/imports/{batch.id}/discard", data={"seen": seen})
    assert answer.status_code == 409
    assert "perhaps in another tab" in text_of(answer)
    assert the(batch.id).stage == Stage.ENTERED


def test_the_file_is_kept_as_it_was_and_its_reading_is_told(client: Client, robin: User) -> None:
    content = whole()
    id = int(hand_in(client, content).location.rpartition("/")[2])
    answer = client.get(f"/imports/{id}/file")
    assert (answer.status_code, answer.data) == (200, content)
    assert count(AuditEntry, AuditEntry.act == "import_read") == 1
    jobs.run("sweep-files")
    assert client.get(f"/imports/{id}/file").data == content


def test_what_is_unreadable_says_why_and_is_kept(client: Client, robin: User) -> None:
    answer = hand_in(client, b"PK\x03\x04" + bytes(50))
    assert answer.status_code == 422
    assert "damaged" in text_of(answer)
    id = int(hand_in(client, xlsx(One=[["Name"], *([str(number)] for number in range(5100))])).location.rpartition("/")[2])
    work(id)
    assert (the(id).stage, client.get(f"/imports/{id}/file").status_code) == ("unreadable", 200)
    assert "more than 5,000 rows" in text_of(client.get(f"/imports/{id}"))


# Columns by hand


def test_columns_are_matched_by_hand(client: Client, robin: User) -> None:
    rows = [["Alpha", "Beta", "Gamma", "Delta"], ["AT", "Graz", "Mur Cluster", "Cluster organisation"]]
    id = int(hand_in(client, xlsx(Whatever=rows)).location.rpartition("/")[2])
    assert values_of(client.get(f"/imports/{id}/columns"))["kind_0"] == ""
    assert matched(client, id).status_code == 422
    assert matched(client, id, kind_0="organisations").status_code == 303, "asks for its columns next"
    answer = matched(client, id, field_0_name="2", field_0_kind="3", field_0_country="0")
    assert answer.status_code == 422
    assert "This is needed" in text_of(answer)
    matched(client, id, field_0_name="2", field_0_kind="3", field_0_country="0", field_0_city="1")
    assert the(id).report["counts"]["organisations"] == 1


def test_headings_in_other_words_are_guessed(client: Client, robin: User) -> None:
    rows = [["Firma", "Typ", "Land", "Ort"], ["Mur Cluster", "cluster_organisation", "at", "Graz"]]
    assert checked(client, xlsx(Mitglieder=rows)).report["counts"]["organisations"] == 1


# Who may


@pytest.mark.parametrize("chosen", [{}, {"on_behalf_of": ""}, {"on_behalf_of": "all"}])
def test_whoever_could_hand_in_for_several_chooses_for_whom(client: Client, db_session: Any, chosen: dict[str, str]) -> None:
    owner = make_member(make_programme(), Role.OWNER)
    make_membership(owner, make_programme(), Role.OWNER)
    sign_in(client, owner)
    answer = hand_in(client, whole(), **chosen)
    assert (answer.status_code, count(Import)) == (422, 0)
    assert "Choose for whom the file is." in answer.text or chosen.get("on_behalf_of")


def test_an_owner_moves_in_themes_of_the_own_programme_only(client: Client, db_session: Any) -> None:
    programme, other = make_programme(name="Mine"), make_programme(name="Other")
    make_theme(host=make_organisation(name="Mur Cluster"), programme=programme)
    sign_in(client, make_member(programme, Role.OWNER))
    assert hand_in(client, whole(), on_behalf_of=f"programme-{other.id}").status_code == 422
    answer = hand_in(client, whole(), on_behalf_of=f"programme-{programme.id}")
    id = int(answer.location.rpartition("/")[2])
    matched(client, id)
    batch = the(id)
    assert batch.report["counts"] == {"organisations": 0, "people": 0, "roles": 0, "themes": 1}
    send(client, batch, "enter")
    send(client, the(id), "release")
    theme = db.session.scalars(select(Theme).where(Theme.title == "Funding services")).one()
    assert theme.programme_id == programme.id
    assert theme.history()[0].acted_as == "programme owner"


def test_an_owner_makes_nobody_a_host_who_has_not_taken_part(client: Client, db_session: Any) -> None:
    """Neither in another's programme, nor by a draft that was moved in before."""
    programme, other = make_programme(name="Mine"), make_programme(name="Other")
    mur = make_organisation(name="Mur Cluster")
    make_theme(host=mur, programme=other)
    moved_in = themes.enter(host=mur, programme=programme, title="Moved in")
    db.session.flush()
    themes.hand_over(moved_in, by=make_user(is_administrator=True), note="")
    sign_in(client, make_member(programme, Role.OWNER))
    id = int(hand_in(client, whole(), on_behalf_of=f"programme-{programme.id}").location.rpartition("/")[2])
    matched(client, id)
    assert cells_of(the(id)) == [("Themes", "A2", "Mur Cluster")]
    assert "has not taken part" in the(id).report["faults"][0]["right"]


def test_the_host_is_told_once_of_all_drafts(client: Client, db_session: Any) -> None:
    programme = make_programme(name="Mine")
    mur = make_organisation(name="Mur Cluster")
    ana = make_member(mur, Role.COORDINATOR, name="Ana Zupan", email="ana@example.org")
    make_theme(host=mur, programme=programme, by=ana)
    make_member(mur, Role.GUEST, email="guest@example.org")
    sign_in(client, make_member(programme, Role.OWNER, name="Olga Owner"))
    rows = [THEMES, FUNDING, ["Mur Cluster", "Second", *FUNDING[2:]], ["Mur Cluster", "Third", *FUNDING[2:]]]
    id = int(hand_in(client, xlsx(Themes=rows), on_behalf_of=f"programme-{programme.id}").location.rpartition("/")[2])
    matched(client, id)
    send(client, the(id), "enter")
    assert count(OutboxMessage) == 0
    send(client, the(id), "release")
    (mail,) = db.session.scalars(select(OutboxMessage)).all()
    assert (mail.address, mail.subject_line) == (
        "ana@example.org",
        "3 drafts of themes were moved in for Mur Cluster: publish them or archive them",
    )
    assert "Olga Owner has moved in" in mail.text
    assert "- Third" in mail.text


def test_a_coordinator_moves_in_themes_of_the_own_organisation_only(client: Client, db_session: Any) -> None:
    make_call(make_programme(name="Alpine exchanges"))
    make_programme(name="Without a call")
    mur, other = make_organisation(name="Mur Cluster"), make_organisation(name="Drau Cluster")
    sign_in(client, make_member(mur, Role.COORDINATOR))
    rows = [THEMES, FUNDING, ["Drau Cluster", *FUNDING[1:]]]
    assert hand_in(client, xlsx(Themes=rows), on_behalf_of=f"host-{other.id}").status_code == 422
    id = int(hand_in(client, xlsx(Themes=rows), on_behalf_of=f"host-{mur.id}").location.rpartition("/")[2])
    page = client.get(f"/imports/{id}/columns").text
    assert "Alpine exchanges" in page
    assert "Without a call" not in page, "nobody could apply there"
    matched(client, id)
    assert [(each[1], each[2]) for each in cells_of(the(id))] == [("A3", "Drau Cluster")]
    assert "You import themes of Mur Cluster only." in the(id).report["faults"][0]["right"]

    own = hand_in(client, xlsx(Themes=[THEMES, FUNDING]), "own.xlsx", on_behalf_of=f"host-{mur.id}")
    id = int(own.location.rpartition("/")[2])
    matched(client, id)
    send(client, the(id), "enter")
    send(client, the(id), "release")
    theme = db.session.scalars(select(Theme)).one()
    assert (theme.host_id, theme.history()[0].acted_as) == (mur.id, "host coordinator")
    assert count(OutboxMessage) == 0, "whoever does it need not be told"


def test_a_coordinator_sees_what_the_own_organisation_has_handed_in(client: Client, db_session: Any) -> None:
    make_call(make_programme())
    mur = make_organisation(name="Mur Cluster")
    sign_in(client, make_member(mur, Role.COORDINATOR))
    id = int(hand_in(client, whole(), on_behalf_of=f"host-{mur.id}").location.rpartition("/")[2])
    sign_in(client, make_member(mur, Role.COORDINATOR))
    assert client.get(f"/imports/{id}").status_code == 200
    sign_in(client, make_member(make_organisation(), Role.COORDINATOR))
    assert client.get(f"/imports/{id}").status_code == 404
    assert client.post(f"/imports/{id}/discard", data={"seen": "1"}).status_code == 404


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR, Role.OWNER, Role.COORDINATOR, Role.GUEST])
def test_nobody_else_sees_it(client: Client, robin: User, role: Role) -> None:
    batch = checked(client, whole())
    id = batch.id
    within = make_organisation() if role in (Role.COORDINATOR, Role.GUEST) else make_programme(name="Another")
    client.post("/sign-out")
    sign_in(client, make_member(within, role))
    for path in (f"/imports/{id}", f"/imports/{id}/columns", f"/imports/{id}/file"):
        assert client.get(path).status_code == 404
    for act in ("enter", "release", "undo", "discard", "retry", "columns"):
        assert client.post(f"/imports/{id}/{act}", data={"seen": str(batch.version)}).status_code == 404
    for path in ("/imports", "/imports/template.xlsx"):
        assert client.get(path).status_code == (200 if role in (Role.OWNER, Role.COORDINATOR) else 404)
    assert client.get("/imports/people.csv").status_code == 404
    assert the(id).stage == "checked"


# Many


@pytest.fixture
def two_hundred() -> bytes:
    organisations = [[f"Cluster {number:03} {'abcdefghij'[number % 10] * 9}", *MUR[1:]] for number in range(200)]
    people = [
        [f"Person {number}", f"p{number}@example.org", organisations[number % 200][0], "Guest", ""] for number in range(1000)
    ]
    themes = [[organisations[number][0], f"Theme {number}", *FUNDING[2:]] for number in range(100)]
    return xlsx(Organisations=[ORGANISATIONS, *organisations], People=[PEOPLE, *people], Themes=[THEMES, *themes])


def test_two_hundred_organisations_a_thousand_people_a_hundred_themes(
    client: Client, robin: User, two_hundred: bytes, shared_app: Flask
) -> None:
    began = perf_counter()
    request = process_time()
    id = int(hand_in(client, two_hundred).location.rpartition("/")[2])
    assert process_time() - request < 1, "what is large is read by the job"
    assert the(id).stage == "received"
    work(id)
    matched(client, id)
    work(id)
    batch = the(id)
    assert batch.report["faults"] == []
    send(client, batch, "enter", although_alike="y")
    assert the(id).stage == "entered"
    assert the(id).report["counts"] == {"organisations": 200, "people": 1000, "roles": 1000, "themes": 100}
    assert perf_counter() - began < 60
    send(client, the(id), "release")
    assert count(RoleInvitation) == count(OutboxMessage) == 1000


def test_whoever_says_so_answers_for_it_also_when_the_one_who_handed_it_in_has_left(client: Client, robin: User) -> None:
    batch = checked(client, whole())
    robin.is_administrator = False
    other = make_user(name="Sam Other", is_administrator=True, password_hash="x")
    db.session.commit()
    sign_in(client, other)
    send(client, batch, "enter")
    send(client, the(batch.id), "release")
    assert the(batch.id).stage == Stage.RELEASED
    assert db.session.scalars(select(RoleInvitation)).one().invited_by_id == other.id
    acts = select(AuditEntry.by_id).where(AuditEntry.act.in_(["import_entered", "import_released"]))
    assert db.session.scalars(acts).all() == [other.id, other.id]
    assert "Sam Other" in db.session.scalars(select(HistoryEntry.note)).one()


@pytest.mark.parametrize(("act", "back_to"), [("enter", Stage.CHECKED), ("release", Stage.ENTERED)])
def test_nothing_goes_on_in_the_name_of_somebody_who_may_not_any_more(
    client: Client, robin: User, act: str, back_to: Stage
) -> None:
    batch = checked(client, whole())
    if act == "release":
        send(client, batch, "enter")
    with transaction():
        batch = the(batch.id)
        more = {"although_alike": False} if act == "enter" else {}
        getattr(operations, act)(batch, by=robin, seen=batch.version, **more)
        robin.is_administrator = False
    steps.advance(batch.id)
    assert (the(batch.id).stage, "may not import any more" in batch.problem) == (back_to, True)
    assert count(RoleInvitation) == 0
    assert count(Theme) == (0 if act == "enter" else 1)


def test_nothing_is_moved_into_a_closed_organisation(client: Client, robin: User) -> None:
    make_organisation(name="Mur Cluster", country="AT", city="Graz").closed_at = clock.utc_now()
    db.session.commit()
    batch = checked(client, whole())
    assert cells_of(batch) == [
        ("Organisations", "A2", "Mur Cluster"),
        ("People", "C2", "Mur Cluster"),
        ("Themes", "A2", "Mur Cluster"),
    ]
    assert all("is closed" in each["right"] for each in batch.report["faults"])
    assert send(client, batch, "enter").status_code == 409


def test_while_the_store_is_away_a_file_waits_for_the_job(client: Client, robin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Any, key: str) -> bytes:
        raise files.Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(type(files.store()), "read", away)
        answer = hand_in(client, whole())
        assert answer.status_code == 302
        id = int(answer.location.rpartition("/")[2])
        for _ in range(20):  # a hundred seconds of the job
            assert jobs.run("advance-imports").failed == 0
        assert (the(id).stage, the(id).tries) == (Stage.RECEIVED, 0)
        assert "as soon as it does" in text_of(client.get(f"/imports/{id}"))
    work(id)
    assert the(id).stage == Stage.READ
    assert "as soon as it does" not in text_of(client.get(f"/imports/{id}"))


def test_what_cannot_be_read_is_not_tried_again(client: Client, robin: User) -> None:
    many = xlsx(One=[["Name"], *([str(number)] for number in range(5100))])
    id = int(hand_in(client, many).location.rpartition("/")[2])
    work(id)
    assert "Try again" not in text_of(client.get(f"/imports/{id}"))
    assert client.post(f"/imports/{id}/retry", data={"seen": str(the(id).version)}).status_code == 409
    assert the(id).stage == "unreadable"


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_a_template_that_nobody_has_filled_in_holds_no_rows(client: Client, robin: User, suffix: str) -> None:
    content = client.get(f"/imports/template.{suffix}").data
    book = reading.read(f"template.{suffix}", content)
    assert [each.name for each in book.sheets] == ["Organisations", "People", "Themes", "Allowed values", "Examples"]
    assert [len(each.rows) for each in book.sheets[:3]] == [1, 1, 1], "the line of help"
    assert book.sheets[0].header[:4] == ["Name", "Kind", "Country", "City"]
    batch = checked(client, content, f"template.{suffix}")
    assert (batch.report["faults"], sum(batch.report["counts"].values())) == ([], 0)


def test_the_letters_of_a_csv_can_be_chosen_without_handing_it_in_again(client: Client, robin: User) -> None:
    text = "Name;Kind;Town;Country\nΑθήνα Hub;cluster organisation;Αθήνα;Greece\n"
    id = int(hand_in(client, text.encode("cp1253"), "organisations.csv").location.rpartition("/")[2])
    work(id)
    assert "you can choose there" in text_of(client.get(f"/imports/{id}"))
    page = client.get(f"/imports/{id}/columns")
    assert "Greek (Windows-1253): Αθήνα Hub" in text_of(page)
    values = values_of(page)
    assert values["letters"] != "cp1253"
    chosen = {"letters": "cp1253", "field_0_city": "2", "field_0_website": ""}
    answer = client.post(f"/imports/{id}/columns", data=values | chosen)
    assert (answer.status_code, answer.location) == (303, f"/imports/{id}/columns")
    work(id)
    batch = the(id)
    assert (batch.stage, batch.read_as) == (Stage.READ, "CSV, Windows-1253, cells separated by semicolons")
    assert batch.sheets[0]["rows"][0][1][0] == "Αθήνα Hub"
    assert batch.sheets[0]["columns"]["city"] == 2  # what was matched stays so
    again = values_of(client.get(f"/imports/{id}/columns"))
    assert again["letters"] == "cp1253"
    assert client.post(f"/imports/{id}/columns", data=again).status_code == 303
    work(id)
    assert the(id).stage == Stage.CHECKED


def test_a_choice_of_letters_is_kept_when_reading_failed(client: Client, robin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Name;Kind;Town;Country\nΑθήνα Hub;cluster organisation;Αθήνα;Greece\n"
    id = int(hand_in(client, text.encode("cp1253"), "organisations.csv").location.rpartition("/")[2])
    values = values_of(client.get(f"/imports/{id}/columns"))
    monkeypatch.setattr(reading, "read", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.post(f"/imports/{id}/columns", data=values | {"letters": "cp1253"})
    for _ in range(3):
        jobs.run("advance-imports")
    assert the(id).was_given_up
    assert "cp1253" not in text_of(client.get(f"/imports/{id}"))
    monkeypatch.undo()
    send(client, the(id), "retry")
    work(id)
    assert the(id).read_as == "CSV, Windows-1253, cells separated by semicolons"
    assert the(id).sheets[0]["rows"][0][1][0] == "Αθήνα Hub"


def test_a_file_that_says_how_it_is_written_is_not_asked_about(client: Client, robin: User) -> None:
    for name, text in (("a.csv", "Name;City\nJiří Hub;Plzeň\n"), ("b.csv", "Name;City\nHub;Graz\n")):
        id = int(hand_in(client, text.encode(), name).location.rpartition("/")[2])
        work(id)
        assert "letters" not in values_of(client.get(f"/imports/{id}/columns"))
