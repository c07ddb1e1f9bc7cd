"""Those of the demonstration who want to join: one to an organisation, one who was asked a question, and a new organisation that
resembles one that is here. And one who is offered a role, and has not answered yet."""

from mobility.demo.cast import Cast, address_of
from mobility.demo.stories import Story
from mobility.joining import operations
from mobility.people import operations as people
from mobility.people.roles import Role
from mobility.teams import operations as teams

ASKING_DAYS = (-5, -3, -1)
INVITING_DAY = -2
NOTE = "Has just registered, asked to join, and finds a question to answer."


def joining(cast: Cast) -> Story:
    """Their answers are still to come."""
    aveiro, graz = cast.organisations["aveiro"], cast.organisations["graz"]
    programme = cast.programmes["regional"]
    yield ASKING_DAYS[0]
    vera = people.create_person(email=address_of("Vera Lampl"), name="Vera Lampl", level="cluster_manager", demo_note=NOTE)
    words = "I have taken over international projects from my predecessor, and would like to travel this autumn."
    asked = operations.ask(vera, organisation=graz, role=Role.COORDINATOR, words=words)
    yield ASKING_DAYS[1]
    question = "Welcome! To travel you need not be a coordinator: would guest do for now?"
    operations.ask_back(asked, by=cast.coordinator(graz), question=question)
    rui = people.create_person(email=address_of("Rui Matos"), name="Rui Matos", level="cluster_manager")
    words = "Project manager since January; Tiago Valente knows me."
    operations.ask(rui, organisation=aveiro, role=Role.GUEST, words=words)
    yield ASKING_DAYS[2]
    anja = people.create_person(email=address_of("Anja Kos"), name="Anja Kos", level="cluster_manager")
    operations.ask_for_new(
        anja,
        name="Cluster Atlantic Ceramics",
        kind="cluster_organisation",
        country="PT",
        city="Aveiro",
        website="https://www.ceramics-cluster.example",
        words="I speak for our makers abroad.",
        programme=programme,
    )


def inviting(cast: Cast) -> Story:
    """The answer is still to come."""
    regional, national = cast.programmes["regional"], cast.programmes["national"]
    yield INVITING_DAY
    invited = cast.officer(national, Role.ASSESSOR)
    owner = cast.officer(regional, Role.OWNER)
    teams.invite_into_programme(regional, by=owner, email=invited.email, name=invited.name, role=Role.AUDITOR)
