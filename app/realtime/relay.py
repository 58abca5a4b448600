"""Push committed events to this process's consoles. The event table is the truth; Redis only says when to look."""

import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import redis
import structlog
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import Row, Table, bindparam, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.db import session, work
from app.events.models import Event, push_of
from app.events.wake import CHANNEL
from app.realtime.cursor import Cursor
from app.realtime.figures import AT_MOST_EVERY, Figures
from app.realtime.frames import share_frames
from app.realtime.rooms import may_still_watch

log = structlog.get_logger(__name__)

Line = Row[*tuple[Any, ...]]

BATCH = 500
LOOK_EVERY = 1.0  # seconds without a wake-up, so that a dead Redis delays a console by a second and no more
REST = 0.02  # seconds between looks: with many events a second, one look takes several
IN_FLIGHT = 200  # ids below the newest that may still be uncommitted when this process starts

# Bare columns, and statements made once: this runs for every event in every web process.
_LINE = cast("Table", Event.__table__).c
_LINES = select(
    _LINE.id, _LINE.kind, _LINE.subject_type, _LINE.subject_id, _LINE.version, _LINE.at, _LINE.audience, _LINE.payload
)
_IS_NEW = _LINE.id > bindparam("high")
_NEW = _LINES.where(_IS_NEW).order_by(_LINE.id).limit(BATCH)
_NEW_OR_LATE = (
    _LINES.where(or_(_IS_NEW, _LINE.id.in_(bindparam("late", expanding=True)))).order_by(_LINE.id).limit(BATCH)
)


class Relay:
    """One reader for each web process; `step` is one look at the table."""

    def __init__(self, app: Flask, socketio: SocketIO, redis_url: str) -> None:
        self._app = app
        self._socketio = socketio
        self._redis_url = redis_url
        self._cursor: Cursor | None = None
        self._figures = Figures(socketio)
        self._has_news = False

    def start(self) -> None:
        share_frames(self._socketio)
        self._socketio.start_background_task(self._run)
        self._socketio.start_background_task(self._run_figures)

    def step(self) -> int:
        """Push what is new, then the figures; returns how many events that were."""
        total = self.push()
        self.count()
        return total

    def push(self) -> int:
        with self._app.app_context(), work():
            if self._cursor is None:
                self._cursor = _first_cursor()
            total = 0
            while events := _read(self._cursor):
                self._cursor.take([event.id for event in events], time.monotonic())
                for event in events:
                    self._push(event)
                total += len(events)
                if len(events) < BATCH:
                    break
            self._has_news = self._has_news or total > 0
            return total

    def count(self) -> None:
        """Apart from the pushing: working out the wall's figures takes longer than an event may."""
        with self._app.app_context(), work():
            changed, self._has_news = self._has_news, False
            self._figures.refresh(changed=changed)

    def _push(self, event: Line) -> None:
        if event.subject_type == "case":
            self._put_out(event)
        if event.audience:  # to Socket.IO, no room at all would mean everybody
            self._socketio.emit("event", push_of(event), to=event.audience)
        metrics.EVENTS_PUSHED.labels(event.kind).inc()
        if event.kind == "account.changed":
            self._expel(event.subject_id)

    def _put_out(self, event: Line) -> None:
        """A case that has left a unit is no longer watched from there."""
        server, watched = self._socketio.server, f"case:{event.subject_id}"
        for sid, _ in list(server.manager.get_participants("/", watched)):
            if not may_still_watch(server.rooms(sid), event.audience, watched):
                server.leave_room(sid, watched)

    def _expel(self, account_id: int) -> None:
        """Rights have changed: whoever is connected must come back with a fresh session."""
        server = self._socketio.server
        for sid, _ in list(server.manager.get_participants("/", f"account:{account_id}")):
            server.disconnect(sid)

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except redis.RedisError as error:
                log.warning("relay.redis_away", error=type(error).__name__)
                self._guard(self.push)
                self._socketio.sleep(LOOK_EVERY)

    def _run_figures(self) -> None:
        while True:
            self._socketio.sleep(AT_MOST_EVERY)
            self._guard(self.count)

    def _listen(self) -> None:
        client = redis.Redis.from_url(self._redis_url, socket_timeout=5, socket_connect_timeout=1)
        with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(CHANNEL)
            while True:
                channel.get_message(timeout=LOOK_EVERY)
                while channel.get_message(timeout=0) is not None:
                    pass  # many wake-ups, one look
                self._guard(self.push)
                self._socketio.sleep(REST)

    def _guard(self, look: Callable[[], object]) -> None:
        try:
            look()
        except SQLAlchemyError as error:
            # The cursor stands where it stood: the next look sends what this one could not read.
            log.warning("relay.database_away", error=type(error).__name__)
            self._socketio.sleep(LOOK_EVERY)
        except Exception as error:  # a loop that must outlive any fault: its end would freeze every console silently
            log.error("relay.look_failed", exc_info=error)
            self._socketio.sleep(LOOK_EVERY)


def _first_cursor() -> Cursor:
    """Begin at the newest event, but expect those that were in flight just now."""
    newest = session().scalar(select(func.max(Event.id))) or 0
    start = max(0, newest - IN_FLIGHT)
    present = session().scalars(select(Event.id).where(Event.id > start, Event.id <= newest)).all()
    cursor = Cursor(start)
    cursor.take(present, time.monotonic())
    return cursor


def _read(cursor: Cursor) -> Sequence[Line]:
    session().rollback()  # see what was committed since the last look
    if cursor.gaps:
        return session().execute(_NEW_OR_LATE, {"high": cursor.high, "late": list(cursor.gaps)}).all()
    return session().execute(_NEW, {"high": cursor.high}).all()
