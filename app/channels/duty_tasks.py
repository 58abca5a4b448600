"""Calls to duty telephones, in the background."""

from celery import shared_task

from app.channels import ringing
from app.db import transaction
from app.handover import give
from app.webhooks import carrier, public_url


def hand_over(call_id: int) -> None:
    """Ask a worker to ring now. With the broker dead the sweep will find it; a call that is not due yet stays."""
    give(ring, call_id)


@shared_task(name="channels.ring")  # type: ignore[untyped-decorator]
def ring(call_id: int) -> None:
    ringing.ring(call_id, carrier(), public_url)


@shared_task(name="channels.sweep_calls")  # type: ignore[untyped-decorator]
def sweep_calls() -> None:
    """One telephone that hangs must not hold up the others: each call is a task of its own."""
    with transaction():
        ringing.repair()
        waiting = list(ringing.due())
    for call_id in waiting:
        hand_over(call_id)
