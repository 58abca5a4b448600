"""A call's life as the carrier tells it: begun, heard, waiting, ended. Every function may be called twice."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from app import clock, metrics
from app.calls import parties, plan, texts, transcripts
from app.calls.models import Call, CallState, Disposition, PartyOutcome, Wish
from app.calls.offers import serve_soon
from app.calls.plan import Desk, Url, Verbs
from app.calls.rows import Whispered, find_locked, locked, locked_by_sid, tell, tell_waiting, whisper
from app.cases.models import Case
from app.cases.understanding import WEIGHTS
from app.db import after_commit, session
from app.desk import queries as desk
from app.desk import seats
from app.desk import service as queue
from app.desk.choice import Waiter, position_of
from app.desk.models import Outcome, WaitingEntry
from app.desk.queries import Entrance
from app.events.models import Event
from app.events.service import on
from app.inserts import insert_now
from app.privacy import fingerprint
from nlp.types import Classifier, Urgency
from telephony.ports import (
    CallProgress,
    CallStarted,
    CallStatus,
    DialEnded,
    Keys,
    QueueLeft,
    QueueResult,
    RecordingReady,
    Silence,
    Speech,
)

LONGEST_SPEECH = 2000
KEPT_PLACE = "刚才来过电，保留原来的位置"
_STAYS = (QueueResult.BRIDGED, QueueResult.REDIRECTED, QueueResult.REDIRECTED_FROM_BRIDGED)


# Everything that the first webhook has to know, in one statement.
_TABLE = cast("Table", Call.__table__)
_CALL = _TABLE.c
_ARRIVAL = select(
    select(_CALL.id).where(_CALL.sid == bindparam("sid")).scalar_subquery().label("known"),
    select(func.count()).where(_CALL.caller_hash == bindparam("caller_hash")).scalar_subquery().label("prior_calls"),
    desk.IS_ANYONE_ONLINE.label("is_online"),
    desk.WAITING.label("waiting"),
)


def begin_call(started: CallStarted) -> Desk:
    """Makes the call's row on the first webhook that names it, whichever that is; says how the desk stands."""
    caller_hash = fingerprint(started.caller) if started.caller else None
    asked = {"sid": started.call_sid, "caller_hash": caller_hash, **desk.moments()}
    found = session().execute(_ARRIVAL, asked).one()
    if found.known is None:
        _make_call(started, caller_hash, found.prior_calls)
    return Desk(bool(found.is_online), found.waiting)


def _make_call(started: CallStarted, caller_hash: str | None, prior_calls: int) -> None:
    now = clock.now()
    call = Call(
        sid=started.call_sid,
        state=CallState.GREETING,
        caller_number=started.caller,
        caller_hash=caller_hash,
        called=started.called[:64],
        prior_calls=prior_calls,
        started_at=now,
        last_contact_at=now,
    )
    insert_now(call)
    tell("call.started", call, is_new=True)
    after_commit(metrics.CALLS_STARTED.inc)


def look_at_desk() -> Desk:
    return Desk(*desk.service_and_queue())


def hear_answer(heard: Keys | Speech | Silence, url: Url, classifier: Classifier) -> Verbs:
    """What the caller said or pressed at the greeting. Anything leads on; words are kept and understood."""
    call = locked_by_sid(heard.call_sid)
    if call is None:
        return plan.go_on(url, look_at_desk())
    if call.state == CallState.ENDED:
        return plan.hang_up()
    with session().no_autoflush:  # one UPDATE at the end instead of one before each question
        entrance = desk.entrance(call.caller_hash)
        sees = Desk(entrance.is_anyone_online, len(entrance.waiters))
        whispered: list[Whispered] = []
        if isinstance(heard, Speech):
            whispered = transcripts.understand_answer(call, classifier, heard.text[:LONGEST_SPEECH])
        if not (sees.takes_callers and _enter(call, entrance, whispered)):
            whisper(call, whispered)
    if not isinstance(heard, Speech):
        return plan.go_on(url, sees)
    return plan.thank(url, sees, is_danger=(call.suggestion or {}).get("urgency") == Urgency.CRITICAL)


def queue_up(sid: str, started: CallStarted | None) -> None:
    """The carrier's queue holds this call. `started` makes up for a first webhook that found the database away."""
    call = locked_by_sid(sid)
    if call is None and started is not None:
        begin_call(started)
        call = locked_by_sid(sid)
    if call is not None:
        call.last_contact_at = clock.now()
        _enter(call, desk.entrance(call.caller_hash), ())


def _enter(call: Call, entrance: Entrance, whispered: Sequence[Whispered]) -> bool:
    """False if the call is further on already."""
    if call.state != CallState.GREETING:
        return False
    suggestion = call.suggestion or {}
    entry = queue.enter_queue(
        call.id,
        caller_hash=call.caller_hash,
        weight=WEIGHTS.get(str(suggestion.get("urgency")), 0),
        earlier_place=entrance.earlier_place,
        was_here=call.queued_at is not None,
    )
    call.state, call.queued_at, call.is_voicemail = CallState.WAITING, entry.entered_at, False
    if entry.weight:
        call.note = str(suggestion.get("urgency_reason", ""))[:120]
    elif queue.kept_place(entry):
        call.note = KEPT_PLACE
    tell_waiting(call, entry, _position(entry, entrance), whispered)
    serve_soon()
    return True


def _position(entry: WaitingEntry, entrance: Entrance) -> int | None:
    mine = Waiter(entry.id, entry.call_id, entry.ranked_since, entry.weight, entry.is_front)
    return position_of(entry.id, [*entrance.waiters, mine])


def leave_queue(left: QueueLeft, url: Url) -> Verbs:
    """The carrier took the call out of its queue, for a reason of its own or because we said so."""
    call = locked_by_sid(left.call_sid)
    if left.result is QueueResult.HANGUP:
        if call is not None:
            end_call(call, by="caller")
        return ()
    if left.result in _STAYS:
        return ()
    if call is None:
        return plan.take_message(url, texts.VERY_BUSY)
    if call.state == CallState.TALKING:  # an agent answered in the moment in which we let go
        return plan.connect(url, call.id, call.attempt)
    return _take_message(call, url)


def _take_message(call: Call, url: Url) -> Verbs:
    if call.state == CallState.ENDED:
        return plan.hang_up()
    queue.leave_queue(call.id, Outcome.VOICEMAIL)
    call.state = CallState.GREETING
    tell("call.to_voicemail", call)
    return plan.take_message(url, texts.VERY_BUSY if desk.is_anyone_online() else texts.NOBODY_HERE)


_NOTE_END = (
    update(_TABLE)
    .where(_CALL.sid == bindparam("of_call"), _CALL.state == CallState.ENDED, _CALL.carrier_rank < bindparam("rank"))
    .values(carrier_status=bindparam("status"), carrier_rank=bindparam("rank"), carrier_sequence=bindparam("sequence"))
    .returning(_CALL.id)
)


def note_known_end(progress: CallProgress) -> bool:
    """The commonest by far: the queue or the conference has told the end already, and only the carrier's own word for
    it is missing. Nothing that a console shows: the row keeps its version. False if there is more to do."""
    facts = {"of_call": progress.call_sid, "status": progress.status.value, "rank": progress.status.rank}
    return session().scalar(_NOTE_END, {**facts, "sequence": progress.sequence}) is not None


def note_progress(progress: CallProgress) -> None:
    """Status callbacks come in any order, more than once, and for calls that are not ours."""
    call = locked_by_sid(progress.call_sid)
    if call is None:
        return
    if progress.status is CallStatus.IN_PROGRESS and progress.at is not None:
        call.carrier_answered_at = min(progress.at, call.carrier_answered_at or progress.at)
    if progress.status.rank <= call.carrier_rank:
        return
    call.carrier_status, call.carrier_rank = progress.status.value, progress.status.rank
    call.carrier_sequence = progress.sequence
    if progress.status.is_terminal:
        end_call(call, by="caller")


def end_call(call: Call, *, by: str) -> None:
    """Idempotent. Whoever asked to hang up first stays on record, whatever is reported afterwards."""
    if call.state == CallState.ENDED:
        return
    was_talking = call.state == CallState.TALKING
    was_alone = call.state in (CallState.GREETING, CallState.WAITING)
    parties.close(call, PartyOutcome.CALLER_LEFT)
    # Not yet moved to the agent: the caller gave up in the second between answer and connection.
    was_connected = was_talking and (call.connected_at is not None if call.is_outbound else call.wish != Wish.CONNECT)
    entry = queue.leave_queue(call.id, Outcome.ABANDONED) if call.queued_at is not None else None
    call.state, call.ended_at = CallState.ENDED, clock.now()
    call.hung_up_by = call.hung_up_by or by
    call.wish, call.wished_at, call.hold, call.muted = None, None, False, False
    if was_talking and call.agent_id is not None:
        _free_agent(call, call.agent_id, was_connected=was_connected)
    tell("call.ended", call, entry=entry)
    if not was_alone:  # a seat has become free
        serve_soon()


def _free_agent(call: Call, agent_id: int, *, was_connected: bool) -> None:
    if was_connected:
        seats.begin_wrap_up(agent_id, call.id, is_disposed=call.disposition is not None)
    else:
        seats.drop_talk(agent_id, call.id)


def end_talk(ended: DialEnded, attempt: int | None, url: Url) -> Verbs:
    """The caller's leg came out of the conference by itself. A talk given back to the queue is not touched."""
    call = locked_by_sid(ended.call_sid)
    if call is None:
        return plan.say_goodbye()
    if attempt is not None and attempt != call.attempt:
        return plan.requeue(url)
    if call.state == CallState.TALKING and ended.status == "failed":
        return return_to_queue(call, url)
    end_call(call, by="caller")
    return plan.say_goodbye()


def return_to_queue(call: Call, url: Url) -> Verbs:
    if call.is_outbound:  # a citizen whom we rang has nothing to wait for
        end_call(call, by="line")
        return plan.say_goodbye()
    give_back(call, reason="line")
    return plan.requeue(url)


def give_back(call: Call, *, reason: str, text: str = "") -> None:
    """The talk did not come about, lost its agent or is handed on: to the front, with the original clock."""
    if call.state not in parties.TALKING:
        return
    parties.close(call, PartyOutcome.CANCELED)
    queue.give_back(call.id)
    call.state, call.agent_id, call.agent_leg_sid = CallState.WAITING, None, None
    call.conference_sid, call.connected_at, call.hung_up_by = None, None, None
    call.wish, call.wished_at, call.hold, call.muted = None, None, False, False
    call.announced_position = None
    tell("call.requeued", call, reason=reason, text=text)
    serve_soon()


def keep_recording(ready: RecordingReady, call_id: int | None) -> None:
    """A conference's recording names no call; our own address for its callback does."""
    call = _recorded_call(ready, call_id)
    if call is None or ready.status != "completed" or not ready.url or len(ready.url) > 500:
        return
    if call.recording_sid == ready.recording_sid:
        return
    call.recording_sid, call.recording_url, call.recording_seconds = ready.recording_sid, ready.url, ready.seconds
    tell("call.recorded", call)


def keep_message(ready: RecordingReady) -> Verbs:
    """A voicemail is over; its file follows by the recording's own callback."""
    call = locked_by_sid(ready.call_sid) if ready.call_sid else None
    if call is not None and not call.is_voicemail:
        call.is_voicemail = True
        call.recording_seconds = ready.seconds
        tell("call.left_message", call)
    return plan.confirm_message()


def _recorded_call(ready: RecordingReady, call_id: int | None) -> Call | None:
    if call_id is not None and (call := find_locked(call_id)) is not None:
        return call
    if ready.call_sid is not None:
        return locked_by_sid(ready.call_sid)
    if ready.conference_sid is None:
        return None
    found = session().scalar(select(Call.id).where(Call.conference_sid == ready.conference_sid))
    return locked(found) if found is not None else None


@on("case.opened")
def _note_case(event: Event) -> None:
    """A case filed from a call is the call's result; the agent need not say it again."""
    case = session().get(Case, event.subject_id)
    call = find_locked(case.call_id) if case is not None and case.call_id is not None else None
    if case is None or call is None:
        return
    if call.is_voicemail and call.agent_id is None:
        call.agent_id = case.agent_id
    if call.agent_id != case.agent_id or call.agent_id is None:
        return
    call.case_id = case.id
    if call.disposition is None:
        call.disposition, call.disposed_at = Disposition.CASE, clock.now()
        seats.note_disposed(call.agent_id, call.id)
        tell("call.disposed", call, actor_id=call.agent_id)
