"""What the worker does for calls. Every step is repeatable, and none is the only way something happens."""

from functools import partial

from celery import shared_task
from sqlalchemy import select

from app.calls import offers, repairs
from app.calls.models import Call, CallState
from app.calls.rows import locked, tell
from app.db import session
from app.desk import presence, seats
from app.desk import queries as desk
from app.retries import in_transaction
from app.webhooks import carrier, public_url
from telephony.numbers import describe


@shared_task(name="calls.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Every second: rings that nobody answered, ended wrap-ups, lost consoles, wishes without effect, free agents."""
    offers.end_due_offers()
    for agent_id in in_transaction(desk.silent_seats):
        in_transaction(partial(presence.forget_silent, agent_id))
    for agent_id in in_transaction(desk.due_wrap_ups):
        in_transaction(partial(seats.end_due_wrap_up, agent_id))
    for agent_id in in_transaction(desk.lost_seats):
        in_transaction(partial(seats.sign_out_lost, agent_id))
    repairs.repair_lines(carrier(), public_url)
    repairs.repair_parties(carrier())
    repairs.end_silent_calls(carrier(), public_url)
    repairs.end_long_talks()
    offers.serve_queue()


@shared_task(name="calls.locate")  # type: ignore[untyped-decorator]
def locate() -> None:
    """Where callers' numbers belong. Not in the webhook: the tables take seconds to load."""
    for call_id in in_transaction(_unlocated):
        in_transaction(partial(_locate, call_id))


def _unlocated() -> list[int]:
    query = select(Call.id).where(Call.state != CallState.ENDED, Call.location == "", Call.caller_hash.is_not(None))
    return list(session().scalars(query.limit(100)))


def _locate(call_id: int) -> None:
    call = locked(call_id)
    # A blank keeps an unknown place from being looked up again every few seconds.
    call.location = describe(call.caller_number)[:60] or " "
    if call.location.strip():
        tell("call.changed", call)
