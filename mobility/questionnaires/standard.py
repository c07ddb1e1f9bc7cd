"""The standard set of questionnaires (followup.md, the table), which each new programme gets a copy of. Data; pure.

Items that are named here carry figures under their key: an owner may reword them, but their kind and their options stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mobility.questionnaires.items import (
    CHOICE,
    DATE,
    LONG_TEXT,
    MONEY,
    NUMBER,
    NUMBERS,
    OBJECTIVE,
    PER_KEY_FIGURE,
    PER_OBJECTIVE,
    PER_TAKE_OVER,
    PERCENT,
    ROWS,
    SCALE_5,
    SCALE_10,
    SEVERAL,
    TEXT,
    YES_NO,
    Item,
    OnlyIf,
    Option,
)

GUEST, DELEGATE, HOST, HOLDER, PROVIDER, MANAGER = "guest", "delegate", "host", "holder", "provider", "manager"
AUDIENCES = {
    GUEST: "the guest",
    DELEGATE: "the other guests",
    HOST: "the host",
    HOLDER: "the holder of a knowledge voucher",
    PROVIDER: "the provider",
    MANAGER: "the guest's manager",
}
TAKE_OVERS_ITEM, STATES_ITEM, CONFIRMED_ITEM = "take_overs", "take_over_states", "confirmed"  # what moves take-overs
SIGNATURE, STAY, DELIVERY = "signature", "stay", "delivery"
END_GUEST, END_HOST = "end_guest", "end_host"  # the two that close an exchange; the guest's is the report of a claim
EVENTS = {SIGNATURE: "both have signed", STAY: "the last day of the visit", DELIVERY: "the delivery"}


@dataclass(frozen=True, kw_only=True)
class Standard:
    """One questionnaire of the set. It is asked `days` after the event, or so many `months` (each of them a round)."""

    key: str
    title: str
    introduction: str
    asked_of: str
    event: str = STAY
    days: int = 0
    months: tuple[int, ...] = ()
    items: tuple[Item, ...]


def _options(**labels: str) -> tuple[Option, ...]:
    return tuple(Option(key, label) for key, label in labels.items())


HALFWAY = _options(yes="Yes", partly="Partly", no="No")
LENGTH = _options(short="Too short", right="Just right", long="Too long")
PUBLISH = _options(with_names="Yes, with names", without="Yes, without names", no="No")
ANYWAY = _options(same="Yes, just the same", later="Yes, but later", smaller="Yes, but smaller", not_at_all="No, not at all")
PRACTICE = (
    Option("0", "We do not do it"),
    Option("1", "We have tried it"),
    Option("2", "Now and then"),
    Option("3", "Usually"),
    Option("4", "As a matter of course"),
)
STATES = _options(planned="Planned", started="Started", in_use="In use", dropped="Dropped")
JOINT = _options(project="Projects", proposal="Proposals", introduction="Introductions of members")
OBSTACLES = _options(
    time="Time", mandate="Mandate", money="Money", skills="Skills", leadership="Leadership", other="Something else"
)
CHANGES = _options(service="Service", tool="Tool", procedure="Procedure", policy_instrument="Policy instrument")


def practice(text: str) -> Item:
    return Item(key="practice", kind=PER_OBJECTIVE, text=text, options=PRACTICE, required=True)


def take_over_states(text: str = "How far is each thing you wanted to take over?") -> Item:
    return Item(key=STATES_ITEM, kind=PER_TAKE_OVER, text=text, options=STATES, why=True, required=True)


CHANGED = Item(
    key="changes",
    kind=ROWS,
    text="What has changed because of it?",
    help="Leave it empty if nothing has changed yet: that is an answer, too.",
    columns=(
        Item(key="kind", kind=CHOICE, text="Kind", options=CHANGES, required=True),
        Item(key="what", kind=TEXT, text="What"),
        Item(key="evidence", kind=TEXT, text="Where one can see it", help="A link, or the name of a document."),
    ),
)
JOINTLY = Item(key="joint", kind=NUMBERS, text="What have you begun together since?", options=JOINT)
SATISFIED = (
    Item(
        key="relevance", kind=SCALE_5, text="How relevant was it to your work?", help="1: not at all, 5: very much.", opinion=True
    ),
    Item(key="trust", kind=SCALE_5, text="How openly did your hosts speak?", help="1: not at all, 5: very openly.", opinion=True),
    Item(key="apply", kind=SCALE_5, text="How much of it can you use at home?", help="1: nothing, 5: nearly all.", opinion=True),
)
LENGTH_ITEM = Item(key="length", kind=CHOICE, text="How long was it?", options=LENGTH, opinion=True)
RECOMMEND = Item(
    key="recommend", kind=SCALE_10, text="Would you recommend it to a colleague?", help="0: never, 10: at once.", opinion=True
)
HOURS = Item(
    key="hours",
    kind=NUMBER,
    text="How many hours did the paperwork take you in all?",
    help="From the application to this page, roughly.",
    unit="hours",
    whole=False,
)
ANYWAY_ITEM = Item(key="anyway", kind=CHOICE, text="Would this have happened without the programme?", options=ANYWAY)
WORTH = Item(key="effort_worth", kind=YES_NO, text="Was it worth the effort?", opinion=True)
PUBLISHED = Item(
    key="publish",
    kind=CHOICE,
    text="May the programme tell others about your exchange?",
    help="You can change your mind at any time.",
    options=PUBLISH,
)

STANDARD = (
    Standard(
        key="before",
        title="Before your visit: where do you stand?",
        introduction="One tap for each objective. We ask again later, to see what has changed.",
        asked_of=GUEST,
        event=SIGNATURE,
        items=(practice("How far does your organisation do this today?"),),
    ),
    Standard(
        key="end_guest",
        title="How was your exchange?",
        introduction="Most of it is answered by a tap.",
        asked_of=GUEST,
        days=7,
        items=(
            Item(key="met", kind=PER_OBJECTIVE, text="Did you reach your objectives?", options=HALFWAY, required=True),
            Item(key="benefit", kind=CHOICE, text="Did you gain what was agreed?", options=HALFWAY, required=True),
            Item(
                key=TAKE_OVERS_ITEM,
                kind=ROWS,
                text="What do you take home and put to use?",
                help="Up to three things. We ask you after 3, 6 and 12 months how far they are.",
                columns=(
                    Item(key="what", kind=TEXT, text="What", required=True),
                    Item(key="who", kind=TEXT, text="Who does it"),
                    Item(key="by_when", kind=DATE, text="By when"),
                    Item(key="objective", kind=OBJECTIVE, text="For which objective"),
                ),
            ),
            WORTH,
            LENGTH_ITEM,
            *SATISFIED,
            Item(key="met_managers", kind=NUMBER, text="How many cluster managers did you meet?"),
            Item(key="met_policy_makers", kind=NUMBER, text="How many policy makers did you meet?"),
            Item(key="met_members", kind=NUMBER, text="How many members of the cluster did you meet?"),
            HOURS,
            Item(key="covered", kind=PERCENT, text="How much of your costs was covered?", unit="%"),
            RECOMMEND,
            Item(key="repeat", kind=YES_NO, text="Would you do it again?", opinion=True),
            Item(key="gave", kind=LONG_TEXT, text="What did you give your host?"),
            PUBLISHED,
        ),
    ),
    Standard(
        key="end_delegate",
        title="How was your visit?",
        introduction="Five taps.",
        asked_of=DELEGATE,
        days=7,
        items=(*SATISFIED, LENGTH_ITEM, RECOMMEND, Item(key="words", kind=LONG_TEXT, text="What else should we know?")),
    ),
    Standard(
        key="end_host",
        title="How was it with your guests?",
        introduction="Most of it is answered by a tap.",
        asked_of=HOST,
        days=7,
        items=(
            Item(key="prepared", kind=SCALE_5, text="How well had your guests prepared?", help="1: badly, 5: very well."),
            Item(key="worked", kind=SCALE_5, text="How well did the days go?", help="1: badly, 5: very well."),
            Item(key="learned", kind=LONG_TEXT, text="What did you learn from your guests?"),
            Item(key="adopted", kind=NUMBER, text="How many of their ideas will you adopt?"),
            Item(key="benefit", kind=CHOICE, text="Did you gain what was agreed?", options=HALFWAY, required=True),
            WORTH,
            HOURS,
            Item(key="contacts", kind=NUMBER, text="How many new contacts did you make?"),
            Item(
                key="again",
                kind=CHOICE,
                text="Would you host again?",
                options=_options(yes="Yes", unsure="I am not sure", no="No"),
            ),
            Item(key="change_theme", kind=LONG_TEXT, text="What would you change in your theme?"),
            PUBLISHED,
        ),
    ),
    Standard(
        key="month_3",
        title="Three months later: how far are you?",
        introduction="What you took home, and what stands in the way.",
        asked_of=GUEST,
        months=(3,),
        items=(
            take_over_states(),
            practice("How far does your organisation do this now?"),
            Item(key="shared", kind=NUMBER, text="How many colleagues have you told about it?"),
            Item(key="obstacles", kind=SEVERAL, text="What stands in the way?", options=OBSTACLES),
            Item(
                key="obstacles_other",
                kind=TEXT,
                text="What else stands in the way?",
                only_if=OnlyIf("obstacles", ("other",)),
            ),
            Item(key="contacts", kind=NUMBER, text="How often have you been in contact with your host since?"),
            Item(key="support", kind=LONG_TEXT, text="What support would help you?"),
        ),
    ),
    Standard(
        key="month_6",
        title="Six months later: what has changed?",
        introduction="What you took home, and what came of it.",
        asked_of=GUEST,
        months=(6,),
        items=(take_over_states(), CHANGED, JOINTLY),
    ),
    Standard(
        key="month_6_host",
        title="Six months later: what has changed at your organisation?",
        introduction="Two questions about what your guests brought you.",
        asked_of=HOST,
        months=(6,),
        items=(CHANGED, JOINTLY),
    ),
    Standard(
        key="month_12",
        title="A year later: what came of it?",
        introduction="The last time that we ask about this exchange.",
        asked_of=GUEST,
        months=(12,),
        items=(
            take_over_states(),
            practice("How far does your organisation do this now?"),
            Item(key="members_served", kind=NUMBER, text="How many of your members have benefited from it?"),
            Item(
                key="leveraged",
                kind=MONEY,
                text="How much money has it brought in?",
                help="Grants, fees and investments that followed from it.",
            ),
            Item(
                key="label",
                kind=CHOICE,
                text="Did it help with a quality label?",
                options=_options(none="No", improved="We improved ours", awarded="We were awarded one"),
            ),
            Item(key="policy", kind=YES_NO, text="Was a policy decision influenced by it?"),
            ANYWAY_ITEM,
            Item(
                key="key_figures",
                kind=PER_KEY_FIGURE,
                text="Where do your own key figures stand today?",
                help="Those that this exchange was to serve. Leave empty what was not measured.",
            ),
            Item(key="story", kind=YES_NO, text="Would you tell others about it in a success story?"),
        ),
    ),
    Standard(
        key="month_12_host",
        title="A year later: is it still in use?",
        introduction="Two taps.",
        asked_of=HOST,
        months=(12,),
        items=(Item(key="still_used", kind=YES_NO, text="Do you still use what your guests brought you?"), ANYWAY_ITEM),
    ),
    Standard(
        key="manager",
        title="Is it in use at your organisation?",
        introduction="One tap for each thing that your colleague brought home.",
        asked_of=MANAGER,
        months=(6, 12),
        items=(
            Item(
                key=CONFIRMED_ITEM,
                kind=PER_TAKE_OVER,
                text="Is it in use?",
                options=_options(in_use="In use", not_yet="Not yet", dropped="Dropped"),
            ),
        ),
    ),
    Standard(
        key="delivery",
        title="How was the service?",
        introduction="A few taps about what you received.",
        asked_of=HOLDER,
        event=DELIVERY,
        items=(
            Item(key="quality", kind=SCALE_5, text="How good was it?", help="1: poor, 5: excellent."),
            Item(key="fit", kind=SCALE_5, text="How well did it fit your need?", help="1: not at all, 5: exactly."),
            Item(key="answer_days", kind=NUMBER, text="How many days did the provider take to answer you?", unit="days"),
            Item(key="certificate", kind=YES_NO, text="Did you get a certificate?"),
        ),
    ),
    Standard(
        key="applied",
        title="Six months later: did you use it?",
        introduction="What came of what you bought.",
        asked_of=HOLDER,
        event=DELIVERY,
        months=(6,),
        items=(
            Item(key="applied", kind=CHOICE, text="Do you use what you bought or learnt?", options=HALFWAY, required=True),
            CHANGED,
            Item(key="bought_more", kind=YES_NO, text="Have you bought more of it since, without a voucher?"),
            ANYWAY_ITEM,
        ),
    ),
)
BY_KEY: Mapping[str, Standard] = {each.key: each for each in STANDARD}

FIGURES: Mapping[tuple[str, str], tuple[str, ...]] = {  # (questionnaire, item) -> what is worked out of it
    ("before", "practice"): ("Change in practice",),
    ("month_3", "practice"): ("Change in practice, on the way",),
    ("month_12", "practice"): ("Change in practice",),
    ("end_guest", "met"): ("Objectives met",),
    ("end_guest", "benefit"): ("Win-win rate",),
    ("end_host", "benefit"): ("Win-win rate",),
    ("end_guest", "take_overs"): ("Take-overs", "Take-overs in use after a year", "Cost of a take-over"),
    ("month_3", "take_over_states"): ("Take-overs",),
    ("month_6", "take_over_states"): ("Take-overs",),
    ("month_12", "take_over_states"): ("Take-overs", "Take-overs in use after a year", "Cost of a take-over"),
    ("manager", "confirmed"): ("Take-overs in use after a year", "Cost of a take-over"),
    ("end_guest", "hours"): ("Hours of administration",),
    ("end_host", "hours"): ("Hours of administration",),
    ("end_guest", "met_managers"): ("Whom the guests met",),
    ("end_guest", "met_policy_makers"): ("Whom the guests met",),
    ("end_guest", "met_members"): ("Whom the guests met",),
    ("month_6", "changes"): ("Changes by kind",),
    ("month_6_host", "changes"): ("Changes by kind",),
    ("applied", "changes"): ("Changes by kind",),
    ("month_6", "joint"): ("Joint works",),
    ("month_6_host", "joint"): ("Joint works",),
    ("month_12", "members_served"): ("Members served",),
    ("month_12", "leveraged"): ("Money leveraged",),
    ("month_12", "anyway"): ("Additionality",),
    ("month_12_host", "anyway"): ("Additionality",),
    ("applied", "anyway"): ("Additionality",),
    ("end_guest", "publish"): ("Which exchanges may be published",),
    ("end_host", "publish"): ("Which exchanges may be published",),
}


def standard_item(questionnaire: str, item: str) -> Item | None:
    """The item of the standard set with this key, if there is one."""
    found = BY_KEY.get(questionnaire)
    return next((each for each in found.items if each.key == item), None) if found else None


def figures_of(questionnaire: str, item: str) -> tuple[str, ...]:
    """The names of the figures that go with an item: all rest on answers to it alone."""
    return FIGURES.get((questionnaire, item), ())


def is_opinion(questionnaire: str, item: Item) -> bool:
    """Whether the programme's people read its answers only once the claim is paid; of a standard item the set says it."""
    return (standard_item(questionnaire, item.key) or item).opinion
