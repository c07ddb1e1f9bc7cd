"""A small world for stories in the browser: two clusters, a programme that pays, and the people who act."""

from mobility.people.models import Level, OrganisationKind, Role
from mobility.programmes.models import ProgrammeLevel, Scheme
from tests import factories

HOST, GUEST, COLLEAGUE, OWNER, AUDITOR = "Inês Duarte", "Anton Gruber", "Berta Gruber", "Olga Ferrante", "Aldo Rieger"
PROGRAMME = "Alpine Exchange Fund"
THEME = "Funding cluster services after the grant ends"


def settle() -> None:
    """Everybody, ready for one click on the sign-in page. In an application context; commits nothing."""
    programme = factories.make_funded_programme(
        name=PROGRAMME, level=ProgrammeLevel.REGIONAL, scheme=Scheme.LIGHT, timezone="Europe/Vienna"
    )
    ria = factories.make_organisation(name="Ria Food Cluster", country="PT", city="Aveiro", latitude=40.64, longitude=-8.65)
    mur = factories.make_organisation(name="Mur Valley Cluster", kind=OrganisationKind.CLUSTER_ORGANISATION)
    people = (
        (ria, HOST, Role.COORDINATOR),
        (mur, GUEST, Role.GUEST),
        (mur, COLLEAGUE, Role.GUEST),
        (programme, OWNER, Role.OWNER),
        (programme, AUDITOR, Role.AUDITOR),
    )
    for within, name, role in people:
        factories.make_member(within, role, name=name, level=Level.CLUSTER_MANAGER, demo_note=f"Is a {role.value} here.")
