"""Counting requests for Prometheus, over all processes of this host: each keeps its counts in a folder that all of them read.

Only where METRICS_TOKEN is set: gunicorn.conf.py makes the folder then, and says where it is.
"""

import os
from functools import lru_cache
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_requests = Counter("mobility_requests", "Requests answered, by page and status", ["page", "status"])
_seconds = Counter("mobility_request_seconds", "Seconds spent on requests, by page", ["page"])
_queries = Counter("mobility_request_queries", "Statements of the database in requests, by page", ["page"])
_duration = Histogram("mobility_request_duration_seconds", "How long requests take", buckets=BUCKETS)


def count(page: str, status: int, seconds: float, queries: int) -> None:
    """One request. `page` is its endpoint, of which there are few hundred."""
    requests, spent, asked = _of(page, status)
    requests.inc()
    spent.inc(seconds)
    asked.inc(queries)
    _duration.observe(seconds)


@lru_cache(maxsize=2000)
def _of(page: str, status: int) -> tuple[Any, Any, Any]:
    return _requests.labels(page, status), _seconds.labels(page), _queries.labels(page)


def everything() -> CollectorRegistry:
    """What all processes have counted; of this one alone where there is no common folder."""
    if not os.environ.get(FOLDER):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry
