"""Finding a call's row to change it, and telling the consoles what has changed."""

from typing import Any

from sqlalchemy import ColumnElement, select

from app.calls.cards import card_of
from app.calls.models import Call
from app.db import session
from app.desk.models import WaitingEntry
from app.errors import NotFound
from app.events.service import record


def locked(call_id: int) -> Call:
    """Held until the transaction ends: the webhooks of one call come on several connections at once."""
    call = _lock(Call.id == call_id)
    if call is None:
        raise NotFound("没有这通电话")
    return call


def locked_by_sid(sid: str) -> Call | None:
    return _lock(Call.sid == sid)


def _lock(which: ColumnElement[bool]) -> Call | None:
    query = select(Call).where(which).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def tell(
    kind: str,
    call: Call,
    *,
    actor_id: int | None = None,
    entry: WaitingEntry | None = None,
    is_new: bool = False,
    **facts: Any,
) -> None:
    """Record `kind` with the call's card. The rooms are those that may see a masked number: never the wall.

    `entry`: the call's place in the queue, if the caller holds it. `is_new`: the call was made in this transaction.
    """
    session().flush()  # the card carries the version that this change gets
    record(
        kind,
        subject=("call", call.id),
        audience=_rooms(call),
        payload={"call": card_of(call, entry).model_dump(mode="json"), **facts},
        version=call.version,
        actor_id=actor_id,
        is_new=is_new,
    )


def whisper(kind: str, call: Call, payload: dict[str, Any]) -> None:
    """For the one who talks and whoever watches the call, not for every console."""
    rooms = [f"call:{call.id}", *([f"seat:{call.agent_id}"] if call.agent_id else [])]
    record(kind, subject=("call", call.id), audience=rooms, payload=payload, version=call.version)


def _rooms(call: Call) -> list[str]:
    return ["agents", "supervisors", f"call:{call.id}"]
