"""The subjects, each one line: what pages, reminders and documents that go through every kind of thing go through."""

from typing import Any

from mobility.applications.models import Application
from mobility.exchanges.models import Exchange
from mobility.experts.models import Mentoring
from mobility.followup.models import QuestionnaireRequest
from mobility.payments.models import PaymentBatch
from mobility.stories.models import SuccessStory
from mobility.themes.models import Theme
from mobility.vouchers.models import Voucher
from mobility.workflows.workflow import Workflow

SUBJECTS: tuple[type[Any], ...] = (
    Theme,
    Application,
    Exchange,
    Voucher,
    PaymentBatch,
    QuestionnaireRequest,
    Mentoring,
    SuccessStory,
)


def workflows() -> dict[str, Workflow]:
    """All workflows by the name of what they move."""
    return {subject.workflow.name: subject.workflow for subject in SUBJECTS}
