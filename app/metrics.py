"""Figures about the running system for Prometheus."""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Histogram(
    "hotline_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
EVENTS_PUSHED = Counter("hotline_events_pushed_total", "Events pushed to consoles", ["kind"])
CALLS_STARTED = Counter("hotline_calls_total", "Calls that reached the hotline")
SMS_SENT = Counter("hotline_sms_total", "Outgoing messages by outcome", ["outcome"])


def exposition() -> tuple[bytes, str]:
    """The text for a scrape; with several processes they share PROMETHEUS_MULTIPROC_DIR."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
