"""Faults of ours, told to a Sentry-compatible server, where SENTRY_DSN names one and the library is installed
(requirements-sentry.txt). Nothing of people leaves: no addresses, forms, headers, cookies, names or values of variables.
"""

from importlib import import_module
from typing import Any

from mobility.running import faults, logs

KEPT = ("method",)  # of a request


def begin(dsn: str, release: str) -> None:
    """From now on, in this process."""
    import_module("sentry_sdk").init(
        dsn=dsn,
        release=release,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrubbed,
    )


def scrubbed(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any] | None:
    """What may leave of an event; nothing of what is known to be wrong around us, which the log tells."""
    raised = (hint.get("exc_info") or (None, None))[1]
    if raised is not None and faults.cause_of(raised):
        return None
    for name in ("user", "extra", "breadcrumbs", "server_name", "modules"):
        event.pop(name, None)
    if "request" in event:
        event["request"] = {name: event["request"][name] for name in KEPT if name in event["request"]}
    for each in event.get("exception", {}).get("values", ()):
        each["value"] = ""  # a driver's words hold what was typed
    event.get("logentry", {}).pop("params", None)
    event["tags"] = {"request_id": logs.request_id()}
    return event
