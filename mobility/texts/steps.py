"""The first steps of each role: what one does first, where, and what happens next. Data; pure."""

from collections.abc import Iterable
from typing import NamedTuple

from mobility.people.roles import Role


class Step(NamedTuple):
    """`page` is the endpoint where it is done, if it is the same for everybody; `link` the words that lead there."""

    title: str
    text: str
    page: str = ""
    link: str = ""


class Guide(NamedTuple):
    """The first steps of a role; `then` says what happens afterwards without you."""

    key: str
    role: str
    about: str
    steps: tuple[Step, ...]
    then: str


_ACCOUNT = Step(
    "Make your account safe",
    "Add a passkey or an authenticator app: money is decided with this role.",
    "security.index",
    "Security",
)
GUIDES = {
    each.key: each
    for each in (
        Guide(
            "guest",
            "Guest",
            "You travel to another cluster for a few days, learn something there, and bring it home.",
            (
                Step(
                    "Find a theme",
                    "Each says what you can learn, what the host would like in return, and when.",
                    "themes.index",
                    "Themes",
                ),
                Step(
                    "Apply",
                    "One page, saved while you write. The host answers by a promised day.",
                    "applications.index",
                    "Your applications",
                ),
                Step(
                    "Talk, then both say yes",
                    "You write objectives and a plan for each day together, and sign it.",
                    "exchanges.index",
                    "Exchanges",
                ),
                Step(
                    "Ask for the voucher",
                    "It is decided by a promised day. Show its code to your host when you arrive.",
                    "vouchers.index",
                    "Vouchers",
                ),
                Step(
                    "Report and claim",
                    "After the visit: what you take home, and proof that you were there. Enter where the money goes.",
                    "",
                    "",
                ),
            ),
            "Finance checks the claim and pays; you see the day. After 3, 6 and 12 months you are asked, by a "
            "few taps, what came of it.",
        ),
        Guide(
            "host",
            "Host",
            "You receive people from another cluster and show them how you work.",
            (
                Step(
                    "See your themes",
                    "What your organisation offers. A coordinator publishes them.",
                    "themes.mine",
                    "Your themes",
                ),
                Step(
                    "Read who applies",
                    "Your coordinator accepts or declines; you talk to the guests first.",
                    "applications.index",
                    "Applications",
                ),
                Step(
                    "Plan the days together",
                    "Change the plan until both sides are content; your coordinator signs.",
                    "exchanges.index",
                    "Exchanges",
                ),
                Step(
                    "Check your guests in",
                    "On the first day: scan the code of their voucher, or type it.",
                    "vouchers.index",
                    "Vouchers",
                ),
            ),
            "Your coordinator confirms the attendance. Seven days after the visit you are asked how it was, and "
            "once more after 6 and 12 months.",
        ),
        Guide(
            "coordinator",
            "Coordinator",
            "You speak for your organisation: you invite its people, publish its themes, accept guests and sign.",
            (
                Step(
                    "Look at your organisation’s page",
                    "Name, place, region and sectors: that is how others find you.",
                    "teams.your_roles",
                    "Your roles",
                ),
                Step(
                    "Invite your people",
                    "As guests, hosts or coordinators. Two coordinators are better than one.",
                    "teams.your_roles",
                    "Your roles",
                ),
                Step(
                    "Publish a theme",
                    "What others can learn from you, what you want in return, when, and for how many.",
                    "themes.mine",
                    "Your themes",
                ),
                Step(
                    "Answer applications",
                    "By the day that the programme promises. You can always say no, with a reason.",
                    "applications.index",
                    "Applications",
                ),
                Step(
                    "Sign, and confirm the attendance",
                    "You sign the agreement, and after the visit say who was there.",
                    "exchanges.index",
                    "Exchanges",
                ),
            ),
            "What your guests bring home is on your organisation’s board of take-overs; their manager says whether it is in use.",
        ),
        Guide(
            "provider",
            "Provider",
            "You sell training or services that are paid with knowledge vouchers.",
            (
                Step(
                    "Complete your page",
                    "What your services are about: those who need one find you by it.",
                    "teams.your_roles",
                    "Your roles",
                ),
                Step(
                    "Agree on a price",
                    "The holder describes the need and asks the programme. You hear of it when the voucher is requested.",
                ),
                Step(
                    "Redeem the code", "When they order, scan the code or type it. It works once.", "vouchers.index", "Vouchers"
                ),
                Step("Deliver", "The holder confirms what they received; you cannot do that yourself."),
                Step(
                    "Send your invoice",
                    "As a file, with its number and amount, and the account of your organisation.",
                    "vouchers.index",
                    "Vouchers",
                ),
            ),
            "Finance checks the invoice and pays by the promised day. The holder is asked how it was, and after "
            "six months whether they use it.",
        ),
        Guide(
            "owner",
            "Programme owner",
            "You run a programme: its rules, its money, its decisions, and what came of them.",
            (
                _ACCOUNT,
                Step(
                    "Set the rules",
                    "Who may take part, by when you answer, what you pay for. They are shown on the programme’s page.",
                    "programmes.index",
                    "Programmes",
                ),
                Step(
                    "Put a rate card into force",
                    "Amounts are computed from it, line by line; a voucher keeps the one it was computed with.",
                ),
                Step("Open a call and add money", "A call has budget lines, one for each kind of voucher."),
                Step("Invite your team", "Assessors, finance officers, auditors. Who assesses or decides does not also pay."),
                Step("Decide", "The decision desk lists what waits for you, with its deadline.", "home.index", "Home"),
            ),
            "Whatever you approve is issued, used, claimed and paid without you. The overview shows what is "
            "late, and a year on what came of it.",
        ),
        Guide(
            "assessor",
            "Assessor",
            "You read requests and give points; an owner decides.",
            (
                _ACCOUNT,
                Step("Say where you have an interest", "What you have a part in, somebody else assesses."),
                Step("Open the decision desk", "Requests with the earliest deadline come first.", "home.index", "Home"),
                Step(
                    "Give points and a reason",
                    "For each criterion; recommend it, or recommend against it. The applicant reads the "
                    "decision, not your sheet.",
                ),
            ),
            "An owner decides by the promised day. You see in the history what became of it.",
        ),
        Guide(
            "finance_officer",
            "Finance officer",
            "You check claims, pay them through the bank, and enter what came back.",
            (
                _ACCOUNT,
                Step("See the account that pays", "An owner proposes it, and one of you confirms it. Nothing is paid before."),
                Step(
                    "Check claims",
                    "The computed amount, line by line, beside what was agreed and confirmed.",
                    "home.index",
                    "Home",
                ),
                Step("Make a batch", "Validated claims become one file for the bank. Somebody else releases it."),
                Step("Enter what the bank says", "Paid, or came back and why. Only then is the money spent."),
            ),
            "Whoever is paid reads it in a mail. The ledger proves every euro; the overview shows what is still to be paid.",
        ),
        Guide(
            "auditor",
            "Auditor",
            "You see everything in your programme, and change nothing.",
            (
                _ACCOUNT,
                Step(
                    "Begin with the overview",
                    "How many exchanges, how much money, which promises were kept.",
                    "home.index",
                    "Home",
                ),
                Step("Follow one euro", "From the budget line through decision, voucher, claim and batch to the bank’s file."),
                Step("Read the audit log", "Who changed rules, roles and accounts, chained entry to entry."),
                Step("Recompute a figure", "Each figure of a review leads to its cases and can be saved as a spreadsheet."),
            ),
            "Your looking into evidence and exports is in the audit log, too.",
        ),
        Guide(
            "administrator",
            "Administrator",
            "You run the installation: organisations, accounts, programmes, and what the public pages say.",
            (
                _ACCOUNT,
                Step(
                    "Write the public texts",
                    "Imprint, privacy, contact: our texts only stand in for yours.",
                    "texts.administer",
                    "Texts",
                ),
                Step(
                    "Add organisations",
                    "Each with its first coordinator, who invites the others.",
                    "administration.organisations",
                    "Organisations",
                ),
                Step("Open a programme", "With its first owner, who sets the rules.", "programmes.administer", "Programmes"),
                Step(
                    "See that mail leaves",
                    "And that backups are proved: your first page tells you what is wrong.",
                    "home.index",
                    "Home",
                ),
            ),
            "You decide nothing in a programme. If you have to act for somebody, they are told, and the history "
            "names both of you.",
        ),
    )
}
_OF_ROLE = {
    Role.GUEST: "guest",
    Role.HOST: "host",
    Role.COORDINATOR: "coordinator",
    Role.PROVIDER: "provider",
    Role.OWNER: "owner",
    Role.ASSESSOR: "assessor",
    Role.FINANCE_OFFICER: "finance_officer",
    Role.AUDITOR: "auditor",
}


def guides_of(roles: Iterable[str], *, administers: bool = False) -> list[Guide]:
    """Those for somebody with these roles, in the order of the help page; a guest's for whoever has none."""
    wanted = {_OF_ROLE[Role(each)] for each in roles} | ({"administrator"} if administers else set())
    return [each for key, each in GUIDES.items() if key in (wanted or {"guest"})]


AFTER = {  # a step of the journey -> what happens after it
    "Theme": "Guests apply, and you answer each by the day that the programme promises.",
    "Application": "The host answers by the promised day; you talk first, and then both sides say yes.",
    "Match": "You write the agreement together: objectives, what both sides gain, a plan for each day. Both sign it.",
    "Agreement": "The guest asks the programme for a voucher with one page; it is decided by the promised day.",
    "Voucher": "The voucher gets its code, which the guest shows to the host on the first day.",
    "Self-funded": "The visit takes place as agreed; the host confirms the attendance.",
    "Visit": "The host confirms the attendance, and the guest reports and claims the amount.",
    "Report": "A finance officer checks the claim and pays it by the promised day.",
    "Payment": "Later, a few questions ask what has changed at home.",
    "Request": "The programme decides by the promised day; then the voucher gets its code.",
    "Order": "The provider redeems the code and delivers; the holder confirms what they received.",
    "Delivery": "The provider sends the invoice to the programme.",
    "Claim": "A finance officer checks the invoice and pays it by the promised day.",
}


def what_next(step: str) -> str:
    """After one that waits for somebody; "" after the last."""
    return AFTER.get(step, "")
