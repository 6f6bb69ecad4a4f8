"""What machines ask: whether the site lives, whether it can serve, and figures to watch it by."""

from collections.abc import Iterator

from flask import Response, jsonify, request
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import CollectorRegistry

from feewatch.bootstrap import App
from feewatch.kernel.errors import ForbiddenError
from feewatch.services.health.figures import list_gauges
from feewatch.services.health.readiness import list_unready
from feewatch.web.access import ANYONE, Room, installation
from feewatch.web.request_log import tally_of
from feewatch.web.tally import Tally

room = Room("health", __name__, may_enter=ANYONE, url_prefix="")


@room.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@room.get("/readyz")
def ready() -> Response:
    """The site can serve; else 503 with the names of what keeps it."""
    unready = list_unready(installation())
    response = jsonify(status="unready" if unready else "ready", missing=unready)
    if unready:
        response.status_code = 503
        response.headers["Retry-After"] = "10"
    return response


@room.get("/metrics")
def figures() -> Response:
    """Figures in the text form of Prometheus, for the addresses that are configured."""
    app = installation()
    if request.remote_addr not in app.config.web.metrics_from:
        raise ForbiddenError(
            "METRICS-FROM",
            "此地址不在 [web] metrics_from 之列",
            "this address is not among [web] metrics_from",
        )
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(app, tally_of()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures:
    """All figures of a site as Prometheus names them."""

    def __init__(self, app: App, tally: Tally) -> None:
        self._app, self._tally = app, tally

    def collect(self) -> Iterator[Metric]:
        """Requests as counted by all processes, then what is on record."""
        requests = CounterMetricFamily(
            "feewatch_requests", "Requests by part and end", labels=["part", "status"]
        )
        seconds = HistogramMetricFamily(
            "feewatch_request_seconds", "Seconds of a request by part", labels=["part"]
        )
        for part, counted in self._tally.read().items():
            for status, count in counted.by_status.items():
                requests.add_metric([part, status], count)
            seconds.add_metric([part], counted.by_bound, counted.seconds)
        yield requests
        yield seconds
        yield from self._gauges()

    def _gauges(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in list_gauges(self._app):
            name = f"feewatch_{gauge.name}"
            family = families.setdefault(
                name, GaugeMetricFamily(name, gauge.help, labels=list(gauge.labels))
            )
            family.add_metric(list(gauge.labels.values()), gauge.value)
        yield from families.values()
