"""What is done every minute."""

from celery import shared_task

from app.db import transaction
from app.followup.sweep import BITE, call_back_for_missed_promises, free_forgotten

# After an outage the backlog is worked off in one go, but never longer than a minute's worth.
MOST_BITES = 60


@shared_task(name="followup.sweep")  # type: ignore[untyped-decorator]
def sweep_follow_up() -> None:
    with transaction():
        free_forgotten()
    for _ in range(MOST_BITES):
        with transaction():
            made = call_back_for_missed_promises()
        if made < BITE:
            break
