"""What organisations, people and their roles can be: words only, usable in rules."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    CLUSTER_ORGANISATION = "cluster_organisation"
    PUBLIC_AUTHORITY = "public_authority"
    CLUSTER_MEMBER = "cluster_member"
    SUPPORT_ORGANISATION = "support_organisation"
    PROVIDER = "provider"


class Level(StrEnum):
    """What kind of colleague a person is: themes say whom they address (P6)."""

    CLUSTER_MANAGER = "cluster_manager"
    POLICY_MAKER = "policy_maker"
    CLUSTER_MEMBER = "cluster_member"


class Role(StrEnum):
    """What a person may do for an organisation (first four) or in a programme (the others)."""

    COORDINATOR = "coordinator"
    HOST = "host"
    GUEST = "guest"
    PROVIDER = "provider"
    OWNER = "owner"
    ASSESSOR = "assessor"
    FINANCE_OFFICER = "finance_officer"
    AUDITOR = "auditor"


ORGANISATION_ROLES = (Role.COORDINATOR, Role.HOST, Role.GUEST, Role.PROVIDER)
PROGRAMME_ROLES = (Role.OWNER, Role.ASSESSOR, Role.FINANCE_OFFICER, Role.AUDITOR)

KIND_LABELS = {
    OrganisationKind.CLUSTER_ORGANISATION: "Cluster organisation",
    OrganisationKind.PUBLIC_AUTHORITY: "Public authority",
    OrganisationKind.CLUSTER_MEMBER: "Cluster member",
    OrganisationKind.SUPPORT_ORGANISATION: "Support organisation",
    OrganisationKind.PROVIDER: "Provider",
}
LEVEL_LABELS = {
    Level.CLUSTER_MANAGER: "Cluster manager",
    Level.POLICY_MAKER: "Policy maker",
    Level.CLUSTER_MEMBER: "Cluster member",
}
ROLE_LABELS = {
    Role.COORDINATOR: "Coordinator",
    Role.HOST: "Host",
    Role.GUEST: "Guest",
    Role.PROVIDER: "Provider",
    Role.OWNER: "Programme owner",
    Role.ASSESSOR: "Assessor",
    Role.FINANCE_OFFICER: "Finance officer",
    Role.AUDITOR: "Auditor",
}


def a_role(role: str) -> str:
    """a guest, an assessor: as one says what somebody is."""
    label = ROLE_LABELS[Role(role)].lower()
    return f"{'an' if label[0] in 'aeiou' else 'a'} {label}"
