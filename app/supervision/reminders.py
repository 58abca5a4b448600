"""What somebody is to be told of, and the one digest in which they are told."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.cases.models import Case
from app.cases.terms import AT_THE_UNIT, Verification
from app.clock import QuietHours
from app.config import Settings
from app.db import session
from app.events.service import record_first
from app.supervision import texts
from app.supervision.models import CaseWatch, Digest, Reminder, SupervisionOrder
from app.supervision.texts import Due

# A desk with a bad morning gets one message in ten minutes at most; the rest waits for the next.
PAUSE = timedelta(minutes=10)
MOST_LISTED = 20
# Recipients told in one transaction: nobody else waits long for SQLite's only writer.
BITE = 50


@dataclass(slots=True)
class Waiting:
    """A reminder that has not been told yet."""

    id: int
    case_id: int
    clock: str
    percent: int
    mark: datetime
    recipient: str


_WAITING = select(*(getattr(Reminder, field.name) for field in fields(Waiting))).where(Reminder.state == "waiting")


def add_reminders(rows: Sequence[dict[str, Any]]) -> None:
    """One that exists already is left alone: nobody is told twice."""
    if rows:
        dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
        values = [{"state": "waiting", **row} for row in rows]
        session().execute(dialect.insert(Reminder).on_conflict_do_nothing(), values)


def send_digests(most: int = BITE) -> int:
    """One for each recipient who is not to be left in peace now. What waits through the night comes in the morning."""
    now = clock.now()
    _drop_settled()
    waiting = _waiting(now)
    last = _last_digests({each.recipient for each in waiting})
    due: list[tuple[str, list[Waiting]]] = []
    for recipient, group in groupby(waiting, key=lambda each: each.recipient):
        told_at = last.get(recipient)
        if told_at is None or now - told_at >= PAUSE:
            due.append((recipient, list(group)))
    _tell_all(due[:most], now)
    return len(due[:most])


def _waiting(now: datetime) -> list[Waiting]:
    """In quiet hours only for those whom something wakes: the others' heap grows until the morning, unread."""
    query = _WAITING
    if _quiet_hours().hold(now):
        woken = select(Reminder.recipient).where(Reminder.state == "waiting", Reminder.at_night)
        query = query.where(Reminder.recipient.in_(woken))
    query = query.order_by(Reminder.recipient, Reminder.mark, Reminder.id)
    return [Waiting(*row) for row in session().execute(query.with_for_update(skip_locked=True))]


def _drop_settled() -> None:
    """The case was handed in, moved or extended before anybody was told: then there is nothing to tell."""
    still = select(CaseWatch.case_id).where(
        CaseWatch.case_id == Reminder.case_id, CaseWatch.clock == Reminder.clock, CaseWatch.due_at == Reminder.mark
    )
    open_order = select(SupervisionOrder.id).where(
        SupervisionOrder.case_id == Reminder.case_id,
        SupervisionOrder.due_at == Reminder.mark,
        SupervisionOrder.state == "open",
        Reminder.clock == "order",
    )
    unverified = select(Case.id).where(
        Case.id == Reminder.case_id,
        Case.verification == Verification.ASKED,
        Case.verify_due_at == Reminder.mark,
        Reminder.clock == "verify",
    )
    unreached = select(Case.id).where(
        Case.id == Reminder.case_id,
        Case.state.in_(AT_THE_UNIT),
        Case.dispatched_at <= Reminder.mark,
        Reminder.clock.in_(texts.CONTACTS),
    )
    session().execute(
        update(Reminder)
        .where(Reminder.state == "waiting", *(~each.exists() for each in (still, open_order, unverified, unreached)))
        .values(state="settled")
        .execution_options(synchronize_session=False)
    )


def _last_digests(recipients: set[str]) -> dict[str, datetime]:
    query = select(Digest.recipient, func.max(Digest.at)).where(Digest.recipient.in_(recipients))
    return {name: at for name, at in session().execute(query.group_by(Digest.recipient))}


def _quiet_hours() -> QuietHours:
    settings: Settings = current_app.extensions["settings"]
    return QuietHours(settings.quiet_from, settings.quiet_until)


def _tell_all(due: Sequence[tuple[str, list[Waiting]]], now: datetime) -> None:
    """Each case once, at its highest rung. Read and written together: a bad minute has fifty recipients."""
    if not due:
        return
    cases = _names_of([each.case_id for _, mine in due for each in mine])
    digests = []
    for recipient, mine in due:
        told = _dues(mine, cases, now)
        digests.append((Digest(recipient=recipient, cases=len(told), text=texts.digest(told), at=now), told, mine))
    session().add_all([digest for digest, _, _ in digests])
    session().flush()
    rows = [{"id": each.id, "state": "told", "digest_id": digest.id} for digest, _, mine in digests for each in mine]
    session().execute(update(Reminder), rows)
    record_first("reminder.digest", [_line(digest, told) for digest, told, _ in digests])


def _line(digest: Digest, told: Sequence[Due]) -> tuple[tuple[str, int], list[str], dict[str, Any]]:
    payload = {
        "recipient": digest.recipient,
        "text": digest.text,
        "case_id": told[0].case_id,
        "cases": [each.as_payload() for each in told[:MOST_LISTED]],
        "total": len(told),
    }
    # Supervisors see on their page that somebody was reminded; the words are the recipient's.
    return ("digest", digest.id), [digest.recipient, "supervisors"], payload


def _names_of(case_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    query = select(Case.id, Case.number, Case.class_name).where(Case.id.in_(set(case_ids)))
    return {row.id: (row.number, row.class_name) for row in session().execute(query)}


def _dues(mine: Sequence[Waiting], cases: dict[int, tuple[str, str]], now: datetime) -> list[Due]:
    worst: dict[int, Waiting] = {}
    for each in mine:
        known = worst.get(each.case_id)
        worst[each.case_id] = each if known is None or each.percent > known.percent else known
    found = [
        Due(
            case_id=each.case_id,
            number=cases[each.case_id][0],
            class_name=cases[each.case_id][1],
            clock=each.clock,
            percent=each.percent,
            due_at=each.mark,
            is_late=each.mark <= now,
        )
        for each in worst.values()
    ]
    return sorted(found, key=lambda each: (each.due_at, each.case_id))
