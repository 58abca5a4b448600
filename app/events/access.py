"""Who looked at what is confidential. Noted where it is shown, written down before the answer leaves the house."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from flask import request
from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.db import session, transaction
from app.events.models import AccessLine

R = TypeVar("R")
Subject = tuple[str, int]

# One line for each quarter of an hour: a console that refreshes itself is one look, not a hundred.
WINDOW = timedelta(minutes=15)
MOST_SHOWN = 200
_NOTES = "confidential_looks"


class Looked(StrEnum):
    NUMBER = "number"  # the whole telephone number and name
    RECORDING = "recording"
    CONFIDENTIAL = "confidential"  # a case whose caller asked for confidence


def note(viewer_id: int | None, subject: Subject, what: Looked) -> None:
    """Costs nothing here; `write_down` keeps it at the request's end."""
    if viewer_id is not None:
        session().info.setdefault(_NOTES, set()).add((viewer_id, subject, what))


def write_down(answer: R) -> R:
    """After each request that only reads: whoever changes something stands in the history already."""
    noted: set[tuple[int, Subject, Looked]] = session().info.pop(_NOTES, set())
    if not noted or request.method not in ("GET", "HEAD"):
        return answer
    now = clock.now()
    since = datetime.fromtimestamp(now.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds(), UTC)
    # Asking first spares the write: of a console's many looks within the window only the first is new.
    if fresh := [look for look in sorted(noted) if not _is_known(*look, since)]:
        with transaction():
            for look in fresh:
                _insert(*look, since, now)
    return answer


def looks(*subjects: Subject) -> Sequence[AccessLine]:
    """At any of the subjects, newest first."""
    wanted = or_(*((AccessLine.subject_type == kind) & (AccessLine.subject_id == which) for kind, which in subjects))
    query = select(AccessLine).where(wanted).order_by(AccessLine.at.desc(), AccessLine.id.desc())
    return session().scalars(query.limit(MOST_SHOWN)).all()


def _is_known(viewer_id: int, subject: Subject, what: Looked, since: datetime) -> bool:
    query = select(AccessLine.id).where(
        AccessLine.subject_type == subject[0],
        AccessLine.subject_id == subject[1],
        AccessLine.viewer_id == viewer_id,
        AccessLine.what == what.value,
        AccessLine.since == since,
    )
    return session().scalar(query) is not None


def _insert(viewer_id: int, subject: Subject, what: Looked, since: datetime, now: datetime) -> None:
    values = {
        "viewer_id": viewer_id,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "what": what.value,
        "since": since,
        "at": now,
    }
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    session().execute(dialect.insert(AccessLine).values(values).on_conflict_do_nothing())
