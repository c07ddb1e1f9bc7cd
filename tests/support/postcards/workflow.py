"""The postcard's workflow."""

from datetime import timedelta

from mobility.people.parts import host_side, person, programme_people
from mobility.workflows.parts import Actor, Watch
from mobility.workflows.table import Promise, Reminder, State, Transition, once
from mobility.workflows.workflow import Workflow

BLANK, SENT = "blank", "sent"

WORKFLOW = Workflow(
    name="postcard",
    label="postcard",
    states=(State(BLANK, "Blank"), State(SENT, "Sent", "done")),
    parts=(*host_side("exchange.host"), person(Actor.GUEST, "guest", Watch()), *programme_people("exchange.programme")),
    transitions=(Transition("send", from_={BLANK}, to=SENT, by=Actor.GUEST, button="Send the postcard", past="Postcard sent"),),
    promises=(
        Promise(
            "greeting",
            states={BLANK},
            owed_by=(Actor.GUEST,),
            also_reminded=(Actor.HOST_COORDINATOR,),
            action="send",
            asks="Send a postcard",
            reminds="Send {host} a postcard",
            reminds_others="Expect a postcard of {guest}",
            period=lambda postcard, today: (today, today + timedelta(days=7)),
            kept_on=once(SENT),
            reminders=(Reminder(before=2),),
            then="escalate",
            escalates_to=(Actor.OWNER,),
        ),
    ),
    follows="exchange",
    step="Follow-up",
)
