"""All workflows by the name of what they move: for pages, documents and tests that go through every one."""

from mobility.applications.workflow import WORKFLOW as APPLICATION
from mobility.exchanges.workflow import WORKFLOW as EXCHANGE
from mobility.payments.workflow import WORKFLOW as PAYMENT
from mobility.themes.workflow import WORKFLOW as THEME
from mobility.vouchers.workflow import WORKFLOW as VOUCHER

WORKFLOWS = {workflow.name: workflow for workflow in (THEME, APPLICATION, EXCHANGE, VOUCHER, PAYMENT)}
