"""What the worker does for incidents. Every step is repeatable, and none is the only way something happens."""

from functools import partial

from celery import shared_task

from app.handover import give
from app.incidents import detection, telling
from app.retries import in_transaction

MOST_BITES = 100


def hand_over(incident_id: int) -> None:
    """Ask a worker to tell everybody now. With the broker dead the sweep will find it."""
    give(tell_everybody, incident_id)


@shared_task(name="incidents.tell")  # type: ignore[untyped-decorator]
def tell_everybody(incident_id: int) -> None:
    for _ in range(MOST_BITES):
        if not in_transaction(partial(telling.tell_some, incident_id)):
            return


@shared_task(name="incidents.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Every few seconds: proposes, and tells whoever a lost task left out."""
    in_transaction(detection.look)
    for incident_id in in_transaction(telling.waiting):
        tell_everybody(incident_id)
