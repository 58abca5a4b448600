"""Reading the history."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.db import session
from app.events.models import DaySeal, Event
from app.events.service import whole_history

MANY = ("case.", "call.")


def history(subject_type: str, subject_id: int, *, newest: int | None = None) -> Sequence[Event]:
    """The subject's lines, oldest first."""
    written = whole_history((subject_type, subject_id))
    if written is not None:
        return written if newest is None else written[-newest:]
    query = select(Event).where(Event.subject_type == subject_type, Event.subject_id == subject_id)
    if newest is None:
        return session().scalars(query.order_by(Event.subject_seq)).all()
    rows = session().scalars(query.order_by(Event.subject_seq.desc()).limit(newest)).all()
    return rows[::-1]


def count_lines() -> int:
    """Of all histories. What is sealed was counted then: only the lines since the last seal are counted now."""
    sealed, last_id = session().execute(select(func.sum(DaySeal.lines), func.max(DaySeal.last_id))).one()
    since = select(func.count()).select_from(Event).where(Event.id > (last_id or 0))
    return int(sealed or 0) + (session().scalar(since) or 0)


def newest(
    *,
    kind: str = "",
    subject: tuple[str, int | None] | None = None,
    actor_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Event]:
    """Lines of all histories, newest first; `before` is a line's id.

    A `kind` with a dot at its end takes all below, of the subjects that are called so.
    """
    query = select(Event).order_by(Event.id.desc()).limit(limit)
    if kind:
        query = query.where(Event.kind.startswith(kind, autoescape=True) if kind.endswith(".") else Event.kind == kind)
        # Few lines are of neither cases nor calls: they have an index of their own.
        query = query if kind.startswith(MANY) else query.where(Event.subject_type.not_in(("case", "call")))
    if subject is not None:
        query = query.where(Event.subject_type == subject[0])
        query = query.where(Event.subject_id == subject[1]) if subject[1] is not None else query
    if actor_id is not None:
        query = query.where(Event.actor_id == actor_id)
    if before is not None:
        query = query.where(Event.id < before)
    return session().scalars(query).all()
