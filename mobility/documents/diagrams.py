"""The workflows' tables as a page to read: a state diagram and the tables of each (docs/workflows.md is made from it)."""

from collections.abc import Iterable

from mobility.workflows.table import Promise, Reminder, Transition
from mobility.workflows.workflow import Workflow

HEAD = """# Workflows

Made from the tables in `mobility/*/workflow.py` by `flask --app wsgi workflow-docs > docs/workflows.md`: change those, not this.
"""


def as_markdown(workflows: Iterable[Workflow]) -> str:
    """One section for each workflow: Mermaid diagram, transitions, promises."""
    return "\n".join([HEAD, *(_section(workflow) for workflow in workflows)])


def _section(workflow: Workflow) -> str:
    parts = [f"## {workflow.label.capitalize()}", "", *_diagram(workflow), "", *_transitions(workflow), ""]
    if workflow.promises:
        parts += [*_promises(workflow), ""]
    return "\n".join(parts)


def _diagram(workflow: Workflow) -> list[str]:
    arrows = [
        f"    {source} --> {target}: {transition.action}"
        for transition in workflow.transitions
        for source in _in_order(workflow, transition.from_)
        for target in _targets(workflow, transition, source)
    ]
    ends = [f"    {state.name} --> [*]" for state in workflow.states if not _leaves(workflow, state.name)]
    names = [f"    {state.name}: {state.label}" for state in workflow.states]
    moved = [f"    [*] --> {name}: move_in" for name in _in_order(workflow, workflow.arrives_in)]
    moved += [f"    {name} --> {workflow.leaves_to}: move_out" for name in _in_order(workflow, workflow.arrives_in)]
    begins = f"    [*] --> {workflow.states[0].name}"
    return ["```mermaid", "stateDiagram-v2", *names, begins, *moved, *arrows, *ends, "```"]


def _transitions(workflow: Workflow) -> list[str]:
    rows = [
        _row(
            transition.action,
            _told(transition),
            ", ".join(_in_order(workflow, transition.from_)),
            _target(transition) or ("same" if transition.to is None else "same, or the next of these"),
            ", ".join(transition.actors),
            ", ".join(sorted(transition.through)),
        )
        for transition in workflow.transitions
    ]
    return [_row("action", "in the history", "from", "to", "who", "also carried by"), "|---|---|---|---|---|---|", *rows]


def _told(transition: Transition) -> str:
    """What happened, and what else it is called where the system did it."""
    own = transition.past_by_system
    return f"{transition.past}; {own} (system)" if own else transition.past


def _promises(workflow: Workflow) -> list[str]:
    rows = [
        _row(
            promise.name,
            ", ".join(_in_order(workflow, promise.states)),
            ", ".join(promise.owed_by),
            "; ".join(_when(reminder) for reminder in promise.reminders),
            _consequence(promise),
        )
        for promise in workflow.promises
    ]
    return [_row("promise", "in state", "owed by", "reminders", "then"), "|---|---|---|---|---|", *rows]


def _when(reminder: Reminder) -> str:
    days = "working days" if reminder.working else "days"
    if reminder.before is not None:
        return "on the day" if reminder.before == 0 else f"{reminder.before} {days} before"
    return "at the beginning" if not reminder.after else f"after {reminder.after} {days}"


def _consequence(promise: Promise) -> str:
    return f"escalate to {', '.join(promise.escalates_to)}" if promise.then == "escalate" else promise.then


def _target(transition: Transition) -> str | None:
    return transition.to if isinstance(transition.to, str) else None


def _targets(workflow: Workflow, transition: Transition, source: str) -> list[str]:
    """Where the object decides (a signature may be the last one), it stays or goes on to a later one of the sources."""
    if isinstance(transition.to, str):
        return [transition.to]
    order = _in_order(workflow, transition.from_)
    return order[order.index(source) :] if transition.to else [source]


def _leaves(workflow: Workflow, state: str) -> bool:
    return any(state in transition.from_ for transition in workflow.transitions)


def _in_order(workflow: Workflow, names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [state.name for state in workflow.states if state.name in wanted]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
