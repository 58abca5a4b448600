"""The calls of the demonstration: those that led to a case, and the many more that were answered or given up."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.calls.models import Call, CallState, Disposition
from app.cases.models import Case
from app.db import session
from app.demo.cast import Caller, Cast
from app.demo.city import DATA
from app.demo.rhythm import days_before, moments
from app.demo.stories import Story
from app.desk.models import Outcome, WaitingEntry
from app.desk.service import HOTLINE
from app.privacy import fingerprint
from telephony.ports import CallStatus

DAYS = 15  # today is compared with the same day last week, and that with the one before
CALLS_A_DAY = 230
_ABANDONED = 0.022
_SLOW = 0.12


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that is over; `answered` is None for a caller who gave up."""

    started: datetime
    queued: datetime
    answered: datetime | None
    ended: datetime
    caller: Caller
    agent_id: int | None
    disposition: Disposition | None
    note: str = ""
    case_id: int | None = None


def talks_of_cases(stories: list[Story], case_ids: list[int], random: Random) -> list[Talk]:
    """The call in which each case was taken down: filed while the caller was still on the line."""
    pairs = zip(stories, case_ids, strict=True)
    return [_talk_of(story, case_id, random) for story, case_id in pairs if story.source == "call"]


def other_talks(now: datetime, cast: Cast, random: Random) -> list[Talk]:
    """Questions, status queries, pranks, and callers who gave up."""
    kinds = _read_kinds()
    starts = (start for day in days_before(now, DAYS) for start in moments(day, CALLS_A_DAY, random))
    drawn = [_other(start, kinds, cast, random) for start in starts]
    return [talk for talk in drawn if talk.ended <= now]


def write_calls(talks: list[Talk], random: Random) -> None:
    ordered = sorted(talks, key=lambda talk: talk.started)
    sids = [f"CA{random.getrandbits(128):032x}" for _ in ordered]
    rows = [_call_row(talk, sid) for talk, sid in zip(ordered, sids, strict=True)]
    session().execute(insert(Call), _count_prior(rows))
    ids = {row.sid: row.id for row in session().execute(select(Call.sid, Call.id))}
    placed = [(talk, ids[sid]) for talk, sid in zip(ordered, sids, strict=True)]
    session().execute(insert(WaitingEntry), [_entry_row(talk, call_id) for talk, call_id in placed])
    _point_back([(talk.case_id, call_id) for talk, call_id in placed if talk.case_id])


def _talk_of(story: Story, case_id: int, random: Random) -> Talk:
    opened = story.opened_at
    answered = opened - timedelta(seconds=random.randint(55, 210))
    queued = answered - timedelta(seconds=_wait(random))
    return Talk(
        started=queued - timedelta(seconds=random.randint(5, 12)),
        queued=queued,
        answered=answered,
        ended=opened,
        caller=story.caller,
        agent_id=story.agent.id,
        disposition=Disposition.CASE,
        case_id=case_id,
    )


def _other(started: datetime, kinds: list[tuple[int, Disposition, str]], cast: Cast, random: Random) -> Talk:
    caller = cast.caller(random)
    queued = started + timedelta(seconds=random.randint(5, 12))
    if random.random() < _ABANDONED:
        given_up = queued + timedelta(seconds=random.randint(12, 75))
        return Talk(started, queued, None, given_up, caller, None, None)
    answered = queued + timedelta(seconds=_wait(random))
    _, disposition, note = random.choices(kinds, [kind[0] for kind in kinds])[0]
    longest = 25 if disposition is Disposition.PRANK else 280
    ended = answered + timedelta(seconds=random.randint(12, longest))
    agent = cast.agent(started, random)
    return Talk(started, queued, answered, ended, caller, agent.id, disposition, note)


def _wait(random: Random) -> float:
    """Seconds in the queue: mostly a few, sometimes more than the twenty of the service level."""
    return round(random.uniform(20, 95) if random.random() < _SLOW else random.triangular(2, 19, 5), 1)


def _read_kinds() -> list[tuple[int, Disposition, str]]:
    with (DATA / "consultations.csv").open(encoding="utf-8", newline="") as lines:
        return [(int(row["weight"]), Disposition(row["disposition"]), row["note"]) for row in csv.DictReader(lines)]


def _call_row(talk: Talk, sid: str) -> dict[str, Any]:
    return {
        "sid": sid,
        "version": 1,
        "state": CallState.ENDED,
        "caller_number": talk.caller.phone,
        "caller_hash": fingerprint(talk.caller.phone),
        "called": "96310",
        "location": "浙江宁波",
        "started_at": talk.started,
        "queued_at": talk.queued,
        "answered_at": talk.answered,
        "connected_at": talk.answered,
        "ended_at": talk.ended,
        "last_contact_at": talk.ended,
        "hung_up_by": "caller",
        "carrier_status": CallStatus.COMPLETED.value,
        "carrier_rank": CallStatus.COMPLETED.rank,
        "agent_id": talk.agent_id,
        "attempt": 1 if talk.answered else 0,
        "disposition": talk.disposition,
        "disposition_note": talk.note,
        "disposed_at": talk.ended if talk.disposition else None,
        "case_id": talk.case_id,
    }


def _count_prior(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[str, int] = {}
    for row in rows:
        caller = row["caller_hash"]
        row["prior_calls"] = seen.get(caller, 0)
        seen[caller] = row["prior_calls"] + 1
    return rows


def _entry_row(talk: Talk, call_id: int) -> dict[str, Any]:
    is_answered = talk.answered is not None
    return {
        "call_id": call_id,
        "queue": HOTLINE,
        "caller_hash": fingerprint(talk.caller.phone),
        "entered_at": talk.queued,
        "ranked_since": talk.queued,
        "answered_by": talk.agent_id,
        "answer_seconds": (talk.answered - talk.queued).total_seconds() if talk.answered else None,
        "left_at": (talk.answered or talk.ended).astimezone(UTC),
        "outcome": Outcome.ANSWERED if is_answered else Outcome.ABANDONED,
        "version": 1,
    }


def _point_back(pairs: list[tuple[int, int]]) -> None:
    # Past the mapper: pointing back at the call is no new version of the case.
    statement = update(Case).where(Case.id == bindparam("row_id")).values(call_id=bindparam("row_call"))
    session().connection().execute(statement, [{"row_id": case, "row_call": call} for case, call in pairs])
