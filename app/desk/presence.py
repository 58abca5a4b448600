"""Which agents have a browser open. Rows with a time, not counters: a killed web process leaves nothing wrong."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, select, update

from app import clock
from app.accounts.roles import Principal
from app.db import session
from app.desk import seats
from app.desk.models import SeatConnection

# Web processes report their consoles every fifteen seconds.
SILENT_AFTER = timedelta(seconds=45)


def console_came(agent: Principal, connection: str) -> None:
    """A window of the agent connected. `connection`: the socket's id."""
    if agent.id is not None:
        seat_seen(agent.id, connection)


def console_left(agent: Principal, connection: str) -> None:
    if agent.id is not None:
        seat_lost(agent.id, connection)


def consoles_stay(connections: Collection[str]) -> None:
    """A web process names the windows it still holds; whatever nobody names for a while is gone."""
    session().execute(update(SeatConnection).where(SeatConnection.id.in_(connections)).values(seen_at=clock.now()))


def seat_seen(account_id: int, connection: str) -> None:
    known = session().get(SeatConnection, connection)
    if known is not None:
        known.seen_at = clock.now()
        return
    session().add(SeatConnection(id=connection, account_id=account_id, seen_at=clock.now()))
    session().flush()
    seats.find_again(account_id)


def seat_lost(account_id: int, connection: str) -> None:
    """A window is gone; the seat is lost with the last one."""
    session().execute(delete(SeatConnection).where(SeatConnection.id == connection))
    _lose_if_alone(account_id)


def forget_silent(account_id: int) -> None:
    """For windows that vanished without a word, with their web process."""
    oldest = clock.now() - SILENT_AFTER
    session().execute(
        delete(SeatConnection).where(SeatConnection.account_id == account_id, SeatConnection.seen_at < oldest)
    )
    _lose_if_alone(account_id)


def _lose_if_alone(account_id: int) -> None:
    if not seats.has_seat(account_id):
        return
    # The seat first: two windows that close at once must not both still see the other.
    seats.locked(account_id)
    others = select(SeatConnection.id).where(SeatConnection.account_id == account_id).limit(1)
    if session().scalar(others) is None:
        seats.lose(account_id)
