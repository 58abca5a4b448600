"""Record what happened, in the transaction in which it happens."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, Table, bindparam, select
from sqlalchemy.orm import Session

from app import clock
from app.db import after_commit, session
from app.events import wake
from app.events.models import Event
from app.events.writing import write

Handler = Callable[[Event], None]
Taker = Callable[[Sequence[Event]], None]
_handlers: dict[str, list[Handler]] = defaultdict(list)
_takers: list[tuple[frozenset[str], Taker]] = []

FIRST = "0" * 64
_LINE = cast("Table", Event.__table__).c
# Bare columns, and made once: asked before nearly every line that is written.
_LAST = (
    select(_LINE.subject_seq, _LINE.hash)
    .where(_LINE.subject_type == bindparam("kind_of"), _LINE.subject_id == bindparam("which"))
    .order_by(_LINE.subject_seq.desc())
    .limit(1)
)


def on(*kinds: str) -> Callable[[Handler], Handler]:
    """Call the handler inside the recording transaction. It may write rows; it must not leave the process."""

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            _handlers[kind].append(handler)
        return handler

    return register


def on_all(*kinds: str) -> Callable[[Taker], Taker]:
    """As `on`, but called once for all lines of these kinds that are recorded at once, oldest first."""

    def register(taker: Taker) -> Taker:
        _takers.append((frozenset(kinds), taker))
        return taker

    return register


def record(
    kind: str,
    *,
    subject: tuple[str, int],
    audience: Iterable[str],
    payload: dict[str, Any],
    version: int | None = None,
    actor_id: int | None = None,
    is_new: bool = False,
) -> Event:
    """Append a line to the subject's history and let its handlers run. `audience` are the rooms that may see it.

    Two writers of one subject collide on its sequence number, so a history never forks.
    """
    lines = [(kind, payload)]
    return record_all(lines, subject=subject, audience=audience, version=version, actor_id=actor_id, is_new=is_new)[0]


def record_all(
    lines: Sequence[tuple[str, dict[str, Any]]],
    *,
    subject: tuple[str, int],
    audience: Iterable[str],
    version: int | None = None,
    actor_id: int | None = None,
    is_new: bool = False,
) -> list[Event]:
    """Several steps taken at once, `(kind, payload)` each, in one statement; the handlers run after the last.

    `is_new`: the subject was made in this transaction, so there is no earlier line to look for.
    """
    rooms, at = sorted(set(audience)), clock.now()
    told = [(kind, rooms, payload) for kind, payload in lines]
    return _append(told, subject=subject, at=at, version=version, actor_id=actor_id, is_new=is_new)


def record_each(
    lines: Sequence[tuple[str, Iterable[str], dict[str, Any]]],
    *,
    subject: tuple[str, int],
    version: int | None = None,
    actor_id: int | None = None,
) -> list[Event]:
    """As `record_all` for lines that go to different rooms: `(kind, audience, payload)` each."""
    told = [(kind, sorted(set(audience)), payload) for kind, audience, payload in lines]
    return _append(told, subject=subject, at=clock.now(), version=version, actor_id=actor_id, is_new=False)


def _append(
    lines: Sequence[tuple[str, list[str], dict[str, Any]]],
    *,
    subject: tuple[str, int],
    at: datetime,
    version: int | None,
    actor_id: int | None,
    is_new: bool,
) -> list[Event]:
    seq, previous = (0, FIRST) if is_new else _last_line(session(), subject)
    events = []
    for kind, rooms, payload in lines:
        seq += 1
        event = Event(
            kind=kind,
            subject_type=subject[0],
            subject_id=subject[1],
            subject_seq=seq,
            version=version,
            at=at,
            actor_id=actor_id,
            audience=rooms,
            payload=payload,
            previous_hash=previous,
        )
        event.hash = previous = line_hash(event)
        events.append(event)
    write(events)
    session().info.setdefault("last_line", {})[subject] = (seq, previous)
    _keep(subject, events, is_new=is_new)
    wake.after_this_commit(after_commit)
    _tell(events)
    return events


def record_first(kind: str, lines: Sequence[tuple[tuple[str, int], Sequence[str], dict[str, Any]]]) -> list[Event]:
    """The first lines of subjects made in this transaction, `(subject, audience, payload)` each, in one statement."""
    at = clock.now()
    events = []
    for subject, audience, payload in lines:
        event = Event(
            kind=kind,
            subject_type=subject[0],
            subject_id=subject[1],
            subject_seq=1,
            at=at,
            audience=sorted(set(audience)),
            payload=payload,
            previous_hash=FIRST,
        )
        event.hash = line_hash(event)
        session().info.setdefault("last_line", {})[subject] = (1, event.hash)
        events.append(event)
    write(events)
    wake.after_this_commit(after_commit)
    _tell(events)
    return events


def last_line_of(kind_of: str, which: ColumnElement[int]) -> tuple[ScalarSelect[int], ScalarSelect[str]]:
    """Number and hash of the last line, for whoever reads the subject's row anyway: see `remember_last`."""
    line = cast("Table", Event.__table__).alias().c

    def last(column: ColumnElement[Any]) -> ScalarSelect[Any]:
        of_it = select(column).where(line.subject_type == kind_of, line.subject_id == which)
        return of_it.order_by(line.subject_seq.desc()).limit(1).scalar_subquery()

    return last(line.subject_seq), last(line.hash)


def remember_last(subject: tuple[str, int], seq: int | None, hash_: str | None) -> None:
    """What `last_line_of` has found. Should it be stale after all, the next line collides and is written anew."""
    last = (seq, hash_) if seq is not None and hash_ is not None else (0, FIRST)
    session().info.setdefault("last_line", {})[subject] = last


def recall(subject: tuple[str, int]) -> None:
    """Reads all lines at once, for whoever goes on writing them and answers with them.

    The subject must be held: a line that another writes meanwhile would be missing.
    """
    of_subject = select(Event).where(Event.subject_type == subject[0], Event.subject_id == subject[1])
    lines = list(session().scalars(of_subject.order_by(Event.subject_seq)))
    last = (lines[-1].subject_seq, lines[-1].hash) if lines else (0, FIRST)
    session().info.setdefault("histories", {})[subject] = lines
    session().info.setdefault("last_line", {})[subject] = last


def whole_history(subject: tuple[str, int]) -> list[Event] | None:
    """Every line of a subject that was made or recalled in this transaction; None for any other: it must be read."""
    known: dict[tuple[str, int], list[Event]] = session().info.get("histories", {})
    return known.get(subject)


def line_hash(event: Event) -> str:
    """SHA-256 over the line and its predecessor's hash; independent of the database's own formatting."""
    return chain_hash(
        event.previous_hash,
        (event.subject_type, event.subject_id, event.subject_seq),
        event.kind,
        event.at,
        event.actor_id,
        event.payload,
        (event.version, event.audience),
    )


def chain_hash(
    previous: str,
    place: tuple[str, int, int],
    kind: str,
    at: datetime,
    actor_id: int | None,
    payload: dict[str, Any],
    shown: tuple[int | None, list[str]] | None = None,
) -> str:
    """`shown`: version and audience; None for lines of the first release, whose hashes did not cover them."""
    stamp = f"{at.strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond:06d}Z"
    line = [previous, *place, kind, stamp, actor_id, payload, *(shown or ())]
    return hashlib.sha256(_canonical(line).encode()).hexdigest()


# Made once: json.dumps with options builds an encoder for every call.
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _tell(events: Sequence[Event]) -> None:
    for event in events:
        for handler in _handlers[event.kind]:
            handler(event)
    for kinds, taker in _takers:
        if mine := [event for event in events if event.kind in kinds]:
            taker(mine)


def _keep(subject: tuple[str, int], events: list[Event], *, is_new: bool) -> None:
    histories: dict[tuple[str, int], list[Event]] = session().info.setdefault("histories", {})
    if is_new:
        histories[subject] = []
    if subject in histories:
        histories[subject] += events


def _last_line(db: Session, subject: tuple[str, int]) -> tuple[int, str]:
    known: dict[tuple[str, int], tuple[int, str]] = db.info.setdefault("last_line", {})
    if subject not in known:
        row = db.execute(_LAST, {"kind_of": subject[0], "which": subject[1]}).first()
        known[subject] = (row.subject_seq, row.hash) if row else (0, FIRST)
    return known[subject]
