"""Is the history whole? Follows every chain line by line and names the first that does not fit.

A chain alone cannot show that lines at its end are missing: `seals.py` does.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain, pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, true, tuple_
from sqlalchemy.exc import DBAPIError

from app.db import session
from app.events.models import Event
from app.events.service import FIRST, chain_hash

BATCH = 2_000
Subject = tuple[str, int]


class FaultKind(StrEnum):
    CHANGED = "changed"  # the line's content does not give its hash
    UNLINKED = "unlinked"  # the line does not hang on the one before it
    MISSING = "missing"  # lines before this place were taken out
    RENUMBERED = "renumbered"
    CUT = "cut"  # lines at the end were taken out
    REWRITTEN = "rewritten"  # hashes were made anew for other content
    INSERTED = "inserted"  # a line that the day's seal does not know
    SEAL = "seal"  # a seal itself


@dataclass(frozen=True, slots=True)
class Fault:
    """`field`: which column, as far as that can be told; `number`: the case's, if a line still says it."""

    kind: FaultKind
    subject: Subject
    seq: int
    field: str = ""
    number: str = ""
    day: str = ""


class Line(NamedTuple):
    subject_type: str
    subject_id: int
    seq: int
    kind: str
    at: datetime
    actor_id: int | None
    payload: dict[str, Any]
    version: int | None
    audience: list[str]
    previous: str
    hash: str

    @property
    def subject(self) -> Subject:
        return (self.subject_type, self.subject_id)


_COLUMNS = (
    Event.subject_type,
    Event.subject_id,
    Event.subject_seq,
    Event.kind,
    Event.at,
    Event.actor_id,
    Event.payload,
    Event.version,
    Event.audience,
    Event.previous_hash,
    Event.hash,
)
_KEY = tuple_(Event.subject_type, Event.subject_id, Event.subject_seq)


def first_broken_line(subject_type: str, subject_id: int) -> Fault | None:
    """Of one history; None for a sound one."""
    of_it = (Event.subject_type == subject_type) & (Event.subject_id == subject_id)
    return next(faults(lines(of_it)), None)


def lines(wanted: ColumnElement[bool] | None = None) -> Iterator[Line]:
    """In the order of the chains. Read in batches, so that a million lines need the memory of two thousand."""
    query = select(*_COLUMNS).where(true() if wanted is None else wanted)
    query = query.order_by(Event.subject_type, Event.subject_id, Event.subject_seq).limit(BATCH)
    after: tuple[str, int, int] | None = None
    while True:
        batch = _read(query if after is None else query.where(after < _KEY))
        yield from batch
        if len(batch) < BATCH:
            return
        after = (batch[-1][0], batch[-1][1], batch[-1][2])


def _read(query: Any) -> list[Line]:
    try:
        return [Line._make(row) for row in session().execute(query)]
    except UNREADABLE:
        keys = query.with_only_columns(Event.subject_type, Event.subject_id, Event.subject_seq)
        return [_read_one((row[0], row[1], row[2])) for row in session().execute(keys).all()]


def _read_one(key: tuple[str, int, int]) -> Line:
    """What SQLite lets somebody write into a column need not be a time or JSON any more."""
    try:
        return Line._make(session().execute(select(*_COLUMNS).where(_KEY.in_([key]))).one())
    except UNREADABLE:
        return Line(*key, "", datetime(1970, 1, 1, tzinfo=UTC), None, {}, None, [], FIRST, "")


UNREADABLE = (ValueError, TypeError, DBAPIError)


def faults(rows: Iterable[Line]) -> Iterator[Fault]:
    """The first fault of each chain among the rows."""
    before: Line | None = None
    broken: Subject | None = None
    for line, following in pairwise(chain(rows, (None,))):
        assert line is not None
        if line.subject == broken:
            continue
        if before is not None and before.subject != line.subject:
            before = None
        found = _fault(line, before, following if following and following.subject == line.subject else None)
        if found is not None:
            broken = line.subject
            yield found
        before = line


def _fault(line: Line, before: Line | None, following: Line | None) -> Fault | None:
    previous, expected = (before.hash, before.seq + 1) if before else (FIRST, 1)
    fits = line.hash in _hashes(line)
    if line.seq == expected and line.previous == previous and fits:
        return None
    fault = Fault(
        FaultKind.CHANGED, line.subject, line.seq, number=_number(line) or (_number(before) if before else "")
    )
    if not fits:
        return _explain(fault, line, before, following, expected)
    if line.seq != expected:
        return replace(fault, kind=FaultKind.MISSING, seq=expected)
    return replace(fault, kind=FaultKind.UNLINKED, field="previous_hash")


def _explain(fault: Fault, line: Line, before: Line | None, following: Line | None, expected: int) -> Fault:
    """Which column was touched: the one that makes the hash right again when it is put back."""
    if any(line.hash in _hashes(line._replace(seq=seq)) for seq in range(max(1, expected - 50), expected + 50)):
        return replace(fault, kind=FaultKind.RENUMBERED, seq=expected, field="subject_seq")
    if line.seq != expected:
        return replace(fault, kind=FaultKind.MISSING, seq=expected)
    previous = before.hash if before else FIRST
    if line.hash in _hashes(line._replace(previous=previous)):
        return replace(fault, field="previous_hash")
    if following is not None and following.previous in _hashes(line):
        return replace(fault, field="hash")
    return replace(fault, field=next(_touched(line, before, following), "payload"))


def _touched(line: Line, before: Line | None, following: Line | None) -> Iterator[str]:
    """Tries what can be tried: the neighbours' values, and each digit of the time."""
    near = [each for each in (before, following) if each is not None]
    card = line.payload.get("case") if isinstance(line.payload, dict) else None
    trials: dict[str, list[Line]] = {
        "actor_id": [line._replace(actor_id=who) for who in {None, *range(300), *(each.actor_id for each in near)}],
        "version": [line._replace(version=_as_int(card.get("version")))] if isinstance(card, dict) else [],
        "audience": [line._replace(audience=each.audience) for each in near],
        "at": [line._replace(at=moment) for moment in _times_near(line.at)],
        "kind": [line._replace(kind=each.kind) for each in near],
    }
    for name, candidates in trials.items():
        if any(line.hash in _hashes(candidate) for candidate in candidates):
            yield name


def _times_near(moment: datetime) -> Iterator[datetime]:
    """Every moment that differs in one digit of its writing."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    for place, digit in enumerate(text):
        for other in "0123456789" if digit.isdigit() else "":
            try:
                yield datetime.fromisoformat(text[:place] + other + text[place + 1 :]).replace(tzinfo=UTC)
            except ValueError:  # no such day or hour
                continue
    yield from (moment + timedelta(hours=hours) for hours in (-8, 8))


def _hashes(line: Line) -> tuple[str, ...]:
    """Lines of the first release are hashed without version and audience; the hash itself says which way it was."""
    place = (line.subject_type, line.subject_id, line.seq)
    shown = (line.version, line.audience)
    now = chain_hash(line.previous, place, line.kind, line.at, line.actor_id, line.payload, shown)
    if now == line.hash:
        return (now,)
    return (now, chain_hash(line.previous, place, line.kind, line.at, line.actor_id, line.payload))


def _number(line: Line) -> str:
    card = line.payload.get("case") if isinstance(line.payload, dict) else None
    return str(card.get("number", "")) if isinstance(card, dict) else ""


def _as_int(value: object) -> int | None:
    return value if isinstance(value, int) else None
