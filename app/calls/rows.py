"""Finding a call's row to change it, and telling the consoles what has changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from app.calls.cards import card_of
from app.calls.models import Call
from app.db import session
from app.desk.models import WaitingEntry
from app.errors import NotFound
from app.events.service import last_line_of, record, record_each, remember_last

# Made once, and with the last line of the call's history: nearly every change of a call writes the next one.
_SEQ, _HASH = last_line_of("call", Call.__table__.c.id)
_ROW = select(Call).execution_options(populate_existing=True)
_BY_ID, _BY_SID = Call.id == bindparam("call_id"), Call.sid == bindparam("sid")


def _at_once(which: ColumnElement[bool]) -> Select[Any]:
    return _ROW.add_columns(_SEQ, _HASH).where(which).with_for_update(of=Call, skip_locked=True)


_HELD_BY_ID, _HELD_BY_SID = _at_once(_BY_ID), _at_once(_BY_SID)
_WAIT_FOR_ID, _WAIT_FOR_SID = (_ROW.where(which).with_for_update() for which in (_BY_ID, _BY_SID))


def locked(call_id: int) -> Call:
    """Held until the transaction ends: the webhooks of one call come on several connections at once."""
    call = find_locked(call_id)
    if call is None:
        raise NotFound("没有这通电话")
    return call


def find_locked(call_id: int) -> Call | None:
    """For addresses of our own that come back from the carrier: the call they name may be gone."""
    return _lock(_HELD_BY_ID, _WAIT_FOR_ID, {"call_id": call_id})


def locked_by_sid(sid: str) -> Call | None:
    return _lock(_HELD_BY_SID, _WAIT_FOR_SID, {"sid": sid})


def _lock(at_once: Select[Any], waiting: Select[Any], which: dict[str, Any]) -> Call | None:
    found = session().execute(at_once, which).first()
    if found is None:
        # Unknown, or held by another webhook of the call: whose last line is to be seen only after having waited.
        call: Call | None = session().scalar(waiting, which)
        return call
    call, seq, hash_ = found
    remember_last(("call", call.id), seq, hash_)
    return call


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


Whispered = tuple[str, dict[str, Any]]


def whisper(call: Call, lines: Sequence[Whispered]) -> None:
    """`(kind, payload)` each, for the one who talks and whoever watches the call, not for every console."""
    if lines:
        session().flush()
        told = [(kind, _listeners(call), payload) for kind, payload in lines]
        record_each(told, subject=("call", call.id), version=call.version)


def tell_waiting(call: Call, entry: WaitingEntry, position: int | None, whispered: Sequence[Whispered]) -> None:
    """The caller has entered the queue; what was whispered before stands in the history before."""
    session().flush()
    told: list[tuple[str, list[str], dict[str, Any]]] = [(kind, _listeners(call), line) for kind, line in whispered]
    card = card_of(call, entry, position)
    told.append(("call.waiting", _rooms(call), {"call": card.model_dump(mode="json")}))
    record_each(told, subject=("call", call.id), version=call.version)


def _rooms(call: Call) -> list[str]:
    return ["agents", "supervisors", f"call:{call.id}"]


def _listeners(call: Call) -> list[str]:
    return [f"call:{call.id}", *([f"seat:{call.agent_id}"] if call.agent_id else [])]
