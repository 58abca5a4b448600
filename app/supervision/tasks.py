"""定时报警 every minute."""

from celery import shared_task

from app.db import transaction
from app.supervision import reminders, watching
from app.supervision.sweep import BITE, sweep

# After an outage the backlog is worked off in one go, but never longer than a minute's worth.
MOST_BITES = 60


@shared_task(name="supervision.sweep")  # type: ignore[untyped-decorator]
def sweep_lamps() -> None:
    for _ in range(MOST_BITES):
        with transaction():
            looked_at = sweep()
        if looked_at < BITE:
            break
    for _ in range(MOST_BITES):
        with transaction():
            told = reminders.send_digests()
        if told < reminders.BITE:
            break


@shared_task(name="supervision.watch")  # type: ignore[untyped-decorator]
def watch_all() -> None:
    """Takes up whatever came in without passing through the workflow."""
    for _ in range(MOST_BITES):
        with transaction():
            if watching.find_unwatched() == 0:
                break
