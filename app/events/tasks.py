"""Sealing the days."""

from celery import shared_task

from app.db import transaction
from app.events import seals
from app.events.checking import take_your_time


@shared_task(name="events.seal")  # type: ignore[untyped-decorator]
def seal_days() -> None:
    """Each day in a transaction of its own; after an outage the days that were missed, oldest first."""
    while _seal_one():
        pass


def _seal_one() -> bool:
    with transaction():
        take_your_time()
        day = seals.next_day_to_seal()
        return day is not None and seals.seal(day) is not None
