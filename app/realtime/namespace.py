"""The consoles' socket: who may connect, what they are told at once, and which rooms they may ask for."""

from typing import Any

from flask import request
from flask_socketio import emit, join_room, leave_room

from app import clock
from app.accounts.roles import Permission, Principal
from app.accounts.sessions import find_principal
from app.cases.queries import find_case
from app.cases.visibility import lookouts
from app.db import transaction, work
from app.desk import presence
from app.errors import NotFound
from app.extensions import socketio
from app.realtime.rooms import may_watch_calls, rooms_for


@socketio.on("connect")  # type: ignore[untyped-decorator]
def connect(_auth: object = None) -> bool | None:
    """Refuses strangers. The session cookie is checked as for any request."""
    with work():
        person = find_principal()
        looks_down = lookouts(person) if person is not None else set()
    if person is None:
        return False
    for room in rooms_for(person) | looks_down:
        join_room(room)
    if person.may(Permission.TAKE_CALLS):
        with transaction():
            presence.seat_seen(person.id or 0, _sid())
    emit("hello", {"server_time": _stamp()})
    return None


@socketio.on("disconnect")  # type: ignore[untyped-decorator]
def disconnect(_reason: object = None) -> None:
    with work():
        person = find_principal()
    if person is not None and person.may(Permission.TAKE_CALLS):
        with transaction():
            presence.seat_lost(person.id or 0, _sid())


@socketio.on("watch")  # type: ignore[untyped-decorator]
def watch(wanted: Any) -> dict[str, object]:
    """{"case": 12} or {"call": 7}; the acknowledgement says whether the room was entered."""
    room = _room(wanted)
    if room is None:
        return {"ok": False}
    join_room(room)
    return {"ok": True}


@socketio.on("unwatch")  # type: ignore[untyped-decorator]
def unwatch(wanted: Any) -> dict[str, object]:
    room = _room(wanted)
    if room is not None:
        leave_room(room)
    return {"ok": room is not None}


@socketio.on("beat")  # type: ignore[untyped-decorator]
def beat(_nothing: object = None) -> dict[str, str]:
    """The console measures the line and says that it is still there; its answer carries the server's clock."""
    with work():
        person = find_principal()
    if person is not None and person.may(Permission.TAKE_CALLS):
        with transaction():
            presence.seat_seen(person.id or 0, _sid())
    return {"server_time": _stamp()}


def _room(wanted: Any) -> str | None:
    if not isinstance(wanted, dict):
        return None
    with work():
        person = find_principal()
        if person is None:
            return None
        if _is_id(wanted.get("case")):
            return _case_room(person, wanted["case"])
    if _is_id(wanted.get("call")) and may_watch_calls(person):
        return f"call:{wanted['call']}"
    return None


def _is_id(value: object) -> bool:
    """JSON knows true and numbers that no database column holds."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _case_room(person: Principal, case_id: int) -> str | None:
    try:
        find_case(person, case_id)
    except NotFound:
        return None
    return f"case:{case_id}"


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _stamp() -> str:
    return clock.now().isoformat().replace("+00:00", "Z")
