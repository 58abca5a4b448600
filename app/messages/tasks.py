"""What is done with messages in the background."""

from time import monotonic

from celery import shared_task

from app.db import transaction
from app.handover import give
from app.messages import sending
from app.webhooks import carrier, public_url

STATUS_PATH = "/telephony/sms/status"
# Well below the time after which a task is killed: a message in flight then would count as lost.
LONGEST_SWEEP = 60.0


def hand_over(message_id: int) -> None:
    """Ask a worker to send it now. With the broker dead the sweep will find it."""
    give(send_message, message_id)


@shared_task(name="messages.send")  # type: ignore[untyped-decorator]
def send_message(message_id: int) -> None:
    sending.send(message_id, carrier(), public_url(STATUS_PATH))


@shared_task(name="messages.sweep")  # type: ignore[untyped-decorator]
def sweep_messages() -> None:
    """Stops at the first message that the carrier cannot take, and in time with one that is slow: the next goes on."""
    until = monotonic() + LONGEST_SWEEP
    with transaction():
        sending.give_up_lost_claims()
        waiting = list(sending.due())
    for message_id in waiting:
        if monotonic() > until or not sending.send(message_id, carrier(), public_url(STATUS_PATH)):
            return
