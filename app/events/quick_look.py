"""A quick look over all chains. What does not plainly fit is left to `verification.py`, which is slow and knows why.

The lines are read as text and written anew by orjson, which takes a third of the time of the json module. Where it does
not write the canonical form (1e+16, integers beyond 64 bits), the hash does not fit, and the exact look decides: this
one may doubt too much, never too little.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select, true, tuple_

from app.db import session
from app.events.models import Event
from app.events.service import FIRST
from app.events.verification import BATCH, UNREADABLE, Subject


class RawLine(NamedTuple):
    """`stamp`, `payload` and `audience` as text."""

    subject_type: str
    subject_id: int
    seq: int
    kind: str
    stamp: str
    actor_id: int | None
    payload: str
    version: int | None
    audience: str
    previous: str
    hash: str


_KEY = (Event.subject_type, Event.subject_id, Event.subject_seq)


def raw_lines(wanted: ColumnElement[bool] | None = None) -> Iterator[RawLine]:
    """In the order of the chains, in batches."""
    query = _columns().where(true() if wanted is None else wanted).order_by(*_KEY).limit(BATCH)
    after: tuple[str, int, int] | None = None
    while True:
        batch = _read(query if after is None else query.where(after < tuple_(*_KEY)))
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1][:3]


def doubtful(rows: Iterable[RawLine]) -> Iterator[Subject]:
    """The histories among the rows in which some line does not plainly fit, in their order."""
    subject: Subject = ("", 0)
    previous, seq, is_doubted = FIRST, 0, False
    for row in rows:
        if (row[0], row[1]) != subject:
            subject, previous, seq, is_doubted = (row[0], row[1]), FIRST, 0, False
        if is_doubted:
            continue
        seq += 1
        if row.seq != seq or row.previous != previous or not _fits(row):
            is_doubted = True
            yield subject
        previous = row.hash


def _fits(row: RawLine) -> bool:
    """Lines of the first release are hashed without version and audience."""
    kind_, id_, seq, kind, stamp, actor_id, payload, version, audience, previous, expected = row
    try:
        line = [previous, kind_, id_, seq, kind, stamp, actor_id, orjson.loads(payload)]
        return _digest([*line, version, orjson.loads(audience)]) == expected or _digest(line) == expected
    except (ValueError, TypeError):
        return False


def _digest(line: list[Any]) -> str:
    return hashlib.sha256(orjson.dumps(line, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _columns() -> Select[Any]:
    is_postgresql = session().get_bind().dialect.name == "postgresql"
    # Connections keep UTC (app.db). SQLite holds the text that SQLAlchemy wrote: "2026-11-23 04:00:00.000000".
    as_text = func.to_char(Event.at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    stamp = as_text if is_postgresql else func.replace(cast(Event.at, Text), " ", "T").concat(literal("Z"))
    return select(
        *_KEY,
        Event.kind,
        stamp,
        Event.actor_id,
        cast(Event.payload, Text),
        Event.version,
        cast(Event.audience, Text),
        Event.previous_hash,
        Event.hash,
    )


def _read(query: Select[Any]) -> list[RawLine]:
    try:
        return [RawLine._make(row) for row in session().execute(query)]
    except UNREADABLE:  # what SQLite lets somebody write need not even be text: all of this batch is doubtful
        keys = session().execute(query.with_only_columns(*_KEY)).all()
        return [RawLine(*key, "", "", None, "", None, "", "", "") for key in keys]
