"""What Prometheus reads: requests as counted by the processes, and what the database says at this moment."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from mobility.core import clock
from mobility.running import metrics
from mobility.upkeep import queries

CONTENT_TYPE = CONTENT_TYPE_LATEST


def written() -> bytes:
    return generate_latest(metrics.everything()) + generate_latest(_Now())


class _Now(CollectorRegistry):
    """Asked of the database whenever it is read."""

    def collect(self) -> Iterator[Metric]:
        yield from _mail()
        yield from _jobs()
        yield _promises()
        yield from _backup()
        yield GaugeMetricFamily("mobility_troubles", "What an administrator is told of", len(queries.current_troubles()))


def _mail() -> Iterator[Metric]:
    outbox = queries.outbox()
    age = (clock.utc_now() - outbox.oldest).total_seconds() if outbox.oldest else 0
    yield GaugeMetricFamily("mobility_outbox_waiting", "Messages that wait", outbox.waiting)
    yield GaugeMetricFamily("mobility_outbox_dead", "Messages that could not be sent", outbox.dead)
    yield GaugeMetricFamily("mobility_outbox_oldest_seconds", "Age of the message that waits longest", age)


def _jobs() -> Iterator[Metric]:
    last = GaugeMetricFamily("mobility_job_last_run_timestamp_seconds", "When a job ran last", labels=["job"])
    took = GaugeMetricFamily("mobility_job_last_run_seconds", "How long its last run took", labels=["job"])
    wrong = GaugeMetricFamily("mobility_job_last_run_failed", "How much failed in its last run", labels=["job"])
    failures = CounterMetricFamily("mobility_job_failures", "Runs in which something failed", labels=["job"])
    for each in queries.states():
        last.add_metric([each.job], each.began_at.timestamp())
        took.add_metric([each.job], each.seconds)
        wrong.add_metric([each.job], each.failed)
        failures.add_metric([each.job], each.failures)
    yield from (last, took, wrong, failures)


def _promises() -> Metric:
    overdue = GaugeMetricFamily("mobility_promises_overdue", "Open promises whose day is over", labels=["subject"])
    for name, count in queries.overdue().items():
        overdue.add_metric([name], count)
    return overdue


def _backup() -> Iterator[Metric]:
    proved = [each.made_at for each in queries.backups() if each.proved_at]
    if proved:
        text = "When the last backup that was proved was made"
        yield GaugeMetricFamily("mobility_backup_timestamp_seconds", text, max(proved).timestamp())
