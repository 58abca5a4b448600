"""The day's seal: what was written until midnight, as one digest that hangs on yesterday's. Also finds cut ends."""

import hashlib
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, func, insert, literal, select, text

from app import clock
from app.db import session
from app.events.models import DaySeal, Event, SealedTail
from app.events.service import FIRST
from app.events.verification import Fault, FaultKind

log = structlog.get_logger(__name__)

# After midnight: whoever began to write before it is through by then (the longest task takes two minutes).
GRACE = timedelta(minutes=10)
PATIENCE_SECONDS = 5.0
_NOWHERE = ("", 0)


def next_day_to_seal() -> date | None:
    """The day after the last seal, else yesterday: the first seal takes in all that was there before."""
    yesterday = clock.local(clock.now() - GRACE).date() - timedelta(days=1)
    last = session().scalar(select(func.max(DaySeal.day)))
    wanted = yesterday if last is None else last + timedelta(days=1)
    return wanted if wanted <= yesterday else None


def seal(day: date) -> DaySeal | None:
    """Seals what was written until the day's end. None while somebody is still writing: try again later.

    A line belongs to the first seal whose range holds its id, so one committed late falls into the next day's.
    """
    if not _everybody_is_through():
        return None
    before = sealed_until()
    after_id, previous = (before.last_id, before.digest) if before else (0, FIRST)
    made = DaySeal(
        day=day, after_id=after_id, last_id=_last_id(day, after_id), previous_digest=previous, sealed_at=clock.now()
    )
    made.lines, made.digest = digest(made)
    session().add(made)
    session().flush()
    _keep_tails(made)
    log.info("history.sealed", day=day.isoformat(), lines=made.lines, digest=made.digest)
    return made


def digest(made: DaySeal) -> tuple[int, str]:
    """How many lines stand in the seal's range now, and the digest over them."""
    total = hashlib.sha256(f"{made.previous_digest}|{made.day.isoformat()}|{made.after_id}|{made.last_id}".encode())
    count = 0
    for line_id, line_hash in _hashes(made.after_id, made.last_id):
        total.update(f"|{line_id}:{line_hash}".encode())
        count += 1
    return count, total.hexdigest()


def seals(day: date | None = None) -> list[DaySeal]:
    query = select(DaySeal).order_by(DaySeal.day)
    return list(session().scalars(query if day is None else query.where(DaySeal.day == day)))


def sealed_until() -> DaySeal | None:
    """The newest seal."""
    return session().scalar(select(DaySeal).order_by(DaySeal.day.desc()).limit(1))


def faults(checked: list[DaySeal]) -> Iterator[Fault]:
    """Of the seals and of what they cover."""
    for made in checked:
        lines, found = digest(made)
        if (lines, found) != (made.lines, made.digest):
            yield from _name(made)
        elif not _hangs_on_the_one_before(made):
            yield Fault(FaultKind.SEAL, _NOWHERE, 0, "previous_digest", day=made.day.isoformat())


def cut_tail(*, day: date | None = None, subject: tuple[str, int] | None = None) -> Fault | None:
    """The first history that no longer reaches where it reached when it was sealed."""
    query = (
        select(SealedTail, Event.hash)
        .outerjoin(Event, _same_line())
        .where((Event.id.is_(None)) | (Event.hash != SealedTail.hash))
        .order_by(SealedTail.subject_type, SealedTail.subject_id, SealedTail.subject_seq)
        .limit(1)
    )
    query = query.where(SealedTail.day == day) if day else query
    if subject is not None:
        query = query.where(SealedTail.subject_type == subject[0], SealedTail.subject_id == subject[1])
    row = session().execute(query).first()
    if row is None:
        return None
    tail, there = row
    kind = FaultKind.REWRITTEN if there else FaultKind.CUT
    seq = tail.subject_seq if there else _length(tail) + 1
    return Fault(kind, (tail.subject_type, tail.subject_id), seq, day=tail.day.isoformat())


def covered(made: DaySeal) -> ColumnElement[bool]:
    """The histories that grew on that day."""
    grew = select(SealedTail.subject_id).where(
        SealedTail.day == made.day,
        SealedTail.subject_type == Event.subject_type,
        SealedTail.subject_id == Event.subject_id,
    )
    return grew.exists()


def _name(made: DaySeal) -> Iterator[Fault]:
    found = cut_tail(day=made.day) or _inserted(made)
    yield found or Fault(FaultKind.SEAL, _NOWHERE, 0, "digest", day=made.day.isoformat())


def _inserted(made: DaySeal) -> Fault | None:
    tail = select(SealedTail.subject_seq).where(
        SealedTail.day == made.day,
        SealedTail.subject_type == Event.subject_type,
        SealedTail.subject_id == Event.subject_id,
    )
    reached = func.coalesce(tail.scalar_subquery(), 0)
    row = (
        session()
        .execute(
            select(Event.subject_type, Event.subject_id, Event.subject_seq)
            .where(_within(made.after_id, made.last_id), Event.subject_seq > reached)
            .order_by(Event.id)
            .limit(1)
        )
        .first()
    )
    if row is None:
        return None
    return Fault(FaultKind.INSERTED, (row[0], row[1]), row[2], day=made.day.isoformat())


def _hangs_on_the_one_before(made: DaySeal) -> bool:
    before = session().scalar(select(DaySeal).where(DaySeal.day < made.day).order_by(DaySeal.day.desc()).limit(1))
    expected = (before.digest, before.last_id) if before else (FIRST, 0)
    return (made.previous_digest, made.after_id) == expected and (
        before is None or made.day - before.day == timedelta(days=1)
    )


def _last_id(day: date, after_id: int) -> int:
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), clock.CITY)
    lately = select(func.max(Event.id)).where(Event.at < end, Event.at >= end - timedelta(days=2))
    ever = select(func.max(Event.id)).where(Event.at < end)
    return max(session().scalar(lately if after_id else ever) or 0, after_id)


def _keep_tails(made: DaySeal) -> None:
    """Copied inside the database: the first seal may cover a million histories."""
    ends = (
        select(Event.subject_type, Event.subject_id, func.max(Event.subject_seq).label("seq"))
        .where(_within(made.after_id, made.last_id))
        .group_by(Event.subject_type, Event.subject_id)
        .subquery()
    )
    last = select(
        literal(made.day, SealedTail.day.type), Event.subject_type, Event.subject_id, Event.subject_seq, Event.hash
    ).join(
        ends,
        (Event.subject_type == ends.c.subject_type)
        & (Event.subject_id == ends.c.subject_id)
        & (Event.subject_seq == ends.c.seq),
    )
    columns = ["day", "subject_type", "subject_id", "subject_seq", "hash"]
    session().execute(insert(SealedTail).from_select(columns, last))


def _hashes(after_id: int, last_id: int) -> Iterator[tuple[int, str]]:
    query = select(Event.id, Event.hash).where(Event.id <= last_id).order_by(Event.id).limit(10_000)
    while True:
        batch = session().execute(query.where(Event.id > after_id)).all()
        yield from ((row.id, row.hash) for row in batch)
        if len(batch) < 10_000:
            return
        after_id = batch[-1].id


def _within(after_id: int, last_id: int) -> ColumnElement[bool]:
    return (Event.id > after_id) & (Event.id <= last_id)


def _same_line() -> ColumnElement[bool]:
    return (
        (Event.subject_type == SealedTail.subject_type)
        & (Event.subject_id == SealedTail.subject_id)
        & (Event.subject_seq == SealedTail.subject_seq)
    )


def _length(tail: SealedTail) -> int:
    query = select(func.max(Event.subject_seq)).where(
        Event.subject_type == tail.subject_type, Event.subject_id == tail.subject_id
    )
    return session().scalar(query) or 0


def _everybody_is_through() -> bool:
    """PostgreSQL: ids are given out before they are committed, so wait for all that were writing when we asked."""
    if session().get_bind().dialect.name != "postgresql":
        return True  # SQLite has one writer, and that is us
    ahead = session().scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")) or 0
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (session().scalar(_OLDEST_WRITER) or 0) < ahead:
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


# READ COMMITTED: each statement sees with its own snapshot. We ourselves have written nothing yet and hold no id.
_OLDEST_WRITER = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
