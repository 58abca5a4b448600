"""Reading calls: one in full, the caller's card, and what the agent console starts from."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import func, select

from app import clock
from app.accounts.roles import Permission, Principal
from app.calls.afterwork import draft_version
from app.calls.cards import agent_name, card_of
from app.calls.models import Call, CallState, Disposition, Utterance
from app.calls.schemas import (
    CallCard,
    CallDetail,
    Caller,
    CallerStats,
    EarlierCall,
    Figures,
    Shift,
    TalkMoment,
    UtteranceLine,
)
from app.calls.transcripts import utterances
from app.cases.cards import card_of as case_card
from app.cases.models import Case
from app.cases.queries import of_caller
from app.cases.schemas import Moment
from app.cases.workflow import ENDED
from app.db import session
from app.desk import queries as desk
from app.desk.cards import SeatCard
from app.desk.cards import card_of as seat_card
from app.errors import NotFound
from app.events import access
from app.events.access import Looked
from app.events.models import Event
from app.followup.queries import satisfaction
from app.network.queries import areas
from telephony.numbers import mask

MOST_EARLIER = 10
YEAR = timedelta(days=365)

Redact = Callable[[str], str]


class AgentDesk(BaseModel):
    """The desk's and the calls' part of the agent console; drafts and cases come from app.cases."""

    server_time: Moment
    seat: SeatCard | None
    call: CallDetail | None
    queue: list[CallCard]
    voicemails: list[CallCard]
    figures: Figures
    shift: Shift


def find_call(call_id: int) -> Call:
    call = session().get(Call, call_id)
    if call is None:
        raise NotFound("没有这通电话")
    return call


def agent_desk(agent: Principal) -> AgentDesk:
    agent_id = agent.id or 0
    seat = desk.seat_of(agent_id)
    call = find_call(seat.call_id) if seat is not None and seat.call_id is not None else None
    return AgentDesk(
        server_time=clock.now(),
        seat=seat_card(seat) if seat is not None else None,
        call=detail_of(call, agent, _hide) if call is not None else None,
        queue=waiting_calls(),
        voicemails=open_voicemails(),
        figures=figures(),
        shift=shift_of(agent_id),
    )


def waiting_calls() -> list[CallCard]:
    """Who is on the line without an agent: first the queue in its order, then those still at the greeting."""
    entries = desk.waiting_entries()
    calls = {call.id: call for call in session().scalars(select(Call).where(Call.state != CallState.ENDED))}
    queued = [
        card_of(calls[entry.call_id], entry, position)
        for position, entry in enumerate(entries, start=1)
        if entry.call_id in calls
    ]
    greeting = sorted((c for c in calls.values() if c.state == CallState.GREETING), key=lambda c: c.started_at)
    return queued + [card_of(call) for call in greeting]


def open_voicemails(limit: int = 50) -> list[CallCard]:
    """Left messages that nobody has worked on, oldest first."""
    query = (
        select(Call)
        .where(Call.is_voicemail.is_(True), Call.disposition.is_(None), Call.state == CallState.ENDED)
        .order_by(Call.started_at)
        .limit(limit)
    )
    calls = session().scalars(query).all()
    entries = desk.entries_of(call.id for call in calls if call.queued_at is not None)
    return [card_of(call, entries.get(call.id)) for call in calls]


def figures() -> Figures:
    now = desk.figures(clock.start_of_day(clock.now()))
    return Figures(
        waiting=now.waiting,
        longest_wait_since=now.longest_wait_since,
        service_level=now.service_level,
        talking=now.talking,
        ready=now.ready,
        online=now.online,
        seats=now.seats,
    )


def shift_of(agent_id: int) -> Shift:
    since = clock.start_of_day(clock.now())
    talks = session().execute(
        select(Call.answered_at, Call.ended_at).where(Call.agent_id == agent_id, Call.answered_at >= since)
    )
    seconds = [_seconds(answered, ended) for answered, ended in talks]
    finished = [each for each in seconds if each is not None]
    filed = select(func.count()).select_from(Case).where(Case.agent_id == agent_id, Case.opened_at >= since)
    answered, satisfied = satisfaction(Case.agent_id == agent_id, since - timedelta(days=30))
    return Shift(
        calls=len(seconds),
        cases=session().scalar(filed) or 0,
        avg_talk=round(sum(finished) / len(finished)) if finished else None,
        satisfaction=satisfied / answered if answered else None,
    )


def detail_of(call: Call, viewer: Principal, redact: Redact) -> CallDetail:
    """Whole words for those who may know numbers, redacted ones for everybody else."""
    sees_all = viewer.may(Permission.SEE_FULL_NUMBERS)
    case = session().get(Case, call.case_id) if call.case_id is not None else None
    heard = call.heard or ""
    return CallDetail(
        **dict(card_of(call)),
        heard=heard if sees_all else redact(heard),
        transcript=[_line(line, sees_all, redact) for line in utterances(call.id)],
        suggestion=call.suggestion,
        draft=(call.draft or {}).get("form"),
        draft_version=draft_version(call),
        caller=caller_of(call, viewer),
        case=case_card(case) if case is not None else None,
        disposition_note=call.disposition_note,
        article_id=call.article_id,
        has_recording=call.recording_url is not None,
        recording_seconds=call.recording_seconds,
        history=talk_history(call.id),
    )


# What changes whose call it is, or who takes part; the rest of a call's events is its transcript.
_MOMENTS = ("answered", "party_asked", "party_joined", "party_left", "transferred", "sent_out", "requeued", "ended")


def talk_history(call_id: int) -> list[TalkMoment]:
    """Who had the call when, oldest first."""
    kinds = [f"call.{name}" for name in _MOMENTS]
    query = (
        select(Event)
        .where(Event.subject_type == "call", Event.subject_id == call_id, Event.kind.in_(kinds))
        .order_by(Event.subject_seq)
    )
    return [_moment(event) for event in session().scalars(query)]


def _moment(event: Event) -> TalkMoment:
    actor = agent_name(event.actor_id)
    text = str(event.payload.get("text", ""))
    return TalkMoment(at=event.at, kind=event.kind.removeprefix("call."), actor=actor.name if actor else "", text=text)


def caller_of_call(call_id: int) -> str | None:
    """Fingerprint of who called: known cases of the same caller come first among the like ones."""
    return session().scalar(select(Call.caller_hash).where(Call.id == call_id))


def number_of_call(call_id: int) -> str | None:
    """Where a case's caller is reached who has named no other number; None if it was withheld."""
    return session().scalar(select(Call.caller_number).where(Call.id == call_id))


def caller_of(call: Call, viewer: Principal) -> Caller:
    sees_all = viewer.may(Permission.SEE_FULL_NUMBERS)
    if sees_all and call.caller_number:
        access.note(viewer.id, ("call", call.id), Looked.NUMBER)
    cases = of_caller(call.caller_hash) if call.caller_hash else []
    return Caller(
        name=next((case.reporter_name for case in cases if case.reporter_name), "") if sees_all else "",
        phone=call.caller_number if sees_all and call.caller_number else mask(call.caller_number),
        home=_home(cases),
        stats=_stats(call, cases),
        cases=[case_card(case) for case in cases],
        calls=_earlier_calls(call),
    )


def _hide(_text: str) -> str:
    """Whoever opens the agent console without the right to see numbers sees no words."""
    return ""


def _line(line: Utterance, sees_all: bool, redact: Redact) -> UtteranceLine:
    text = line.text or ""
    return UtteranceLine(
        seq=line.id,
        track="agent" if line.track == "agent" else "caller",
        text=text if sees_all else redact(text),
        final=line.final,
        at=line.at,
    )


def _home(cases: Sequence[Case]) -> str:
    """Where most of the caller's cases lie."""
    places = Counter(case.street_code or case.district_code for case in cases if case.district_code)
    if not places:
        return ""
    code, _ = places.most_common(1)[0]
    return areas().text(code) if code and areas().find(code) else ""


def _stats(call: Call, cases: Sequence[Case]) -> CallerStats:
    now = clock.now()
    calls_year = 0
    if call.caller_hash:
        query = select(func.count()).select_from(Call)
        calls_year = (
            session().scalar(query.where(Call.caller_hash == call.caller_hash, Call.started_at > now - YEAR)) or 0
        )
    ratings = [case.rating for case in cases if case.rating is not None]
    return CallerStats(
        calls_year=calls_year,
        cases=len(cases),
        open_overdue=sum(case.state not in ENDED and case.due_at is not None and case.due_at < now for case in cases),
        avg_rating=round(sum(ratings) / len(ratings), 1) if ratings else None,
    )


def _earlier_calls(call: Call) -> list[EarlierCall]:
    if call.caller_hash is None:
        return []
    query = select(Call).where(Call.caller_hash == call.caller_hash, Call.id != call.id)
    return [_earlier(each) for each in session().scalars(query.order_by(Call.started_at.desc()).limit(MOST_EARLIER))]


def _earlier(call: Call) -> EarlierCall:
    agent = agent_name(call.agent_id)
    return EarlierCall(
        id=call.id,
        started_at=call.started_at,
        state=CallState(call.state),
        disposition=Disposition(call.disposition) if call.disposition else None,
        agent=agent.name if agent else "",
    )


def _seconds(begun: datetime | None, ended: datetime | None) -> float | None:
    return (ended - begun).total_seconds() if begun is not None and ended is not None else None
