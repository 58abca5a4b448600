"""What is done with cases in the background."""

import time

from celery import shared_task
from kombu.exceptions import OperationalError

from app.cases import recalculation, service
from app.db import transaction
from app.idempotency.service import forget_old

LONGEST = 50  # seconds


def hand_over_move() -> None:
    """Ask a worker to go on now. With the broker dead the sweep does."""
    try:
        move_deadlines.apply_async(retry=False, ignore_result=True)
    except OperationalError:
        return


@shared_task(name="cases.move_deadlines")  # type: ignore[untyped-decorator]
def move_deadlines() -> None:
    """A minute's worth of bites; killed or delivered twice, it goes on where the last committed bite ended."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        with transaction():
            if not recalculation.go_on():
                return


@shared_task(name="cases.sweep")  # type: ignore[untyped-decorator]
def sweep_cases() -> None:
    with transaction():
        service.resume_due()
    with transaction():
        forget_old()
    move_deadlines()
