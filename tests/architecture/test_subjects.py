"""What the subjects' tables promise of the system has a job that does it."""

from mobility.applications.models import Application
from mobility.followup.models import QuestionnaireRequest
from mobility.jobs import TIMETABLE, Act
from mobility.subjects import SUBJECTS
from mobility.workflows.workflow import Actor

# Done in the same moment by whatever frees a place (applications/operations.py, `PlaceQueue`) or extends a claim.
AT_ONCE = {(Application, "offer_place"), (QuestionnaireRequest, "go_with_claim")}
DONE = {(act.model, act.action) for job in TIMETABLE if isinstance(act := getattr(job.run, "__self__", None), Act)}


def test_every_act_of_the_system_has_its_job() -> None:
    acts = {
        (model, transition.action)
        for model in SUBJECTS
        for transition in model.workflow.transitions
        if Actor.SYSTEM in transition.actors
    }
    assert acts == DONE | AT_ONCE


def test_what_happens_when_a_promise_is_not_kept_has_its_job() -> None:
    broken = {(model, each.then) for model in SUBJECTS for each in model.workflow.promises if each.then != "escalate"}
    assert broken
    assert broken <= DONE
