"""A call's life as the carrier tells it: begun, heard, waiting, ended. Every function may be called twice."""

from sqlalchemy import func, select

from app import clock, metrics
from app.calls import parties, plan, texts, transcripts
from app.calls.models import Call, CallState, Disposition, PartyOutcome, Wish
from app.calls.offers import serve_soon
from app.calls.plan import Desk, Url, Verbs
from app.calls.rows import locked, locked_by_sid, tell
from app.cases.models import Case
from app.cases.understanding import WEIGHTS
from app.db import after_commit, session
from app.desk import queries as desk
from app.desk import seats
from app.desk import service as queue
from app.desk.models import Outcome
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
    Waiting,
)

LONGEST_SPEECH = 2000
KEPT_PLACE = "刚才来过电，保留原来的位置"
_STAYS = (QueueResult.BRIDGED, QueueResult.REDIRECTED, QueueResult.REDIRECTED_FROM_BRIDGED)


def begin_call(started: CallStarted) -> Call:
    """The call's row, made on the first webhook that names it, whichever that is."""
    known = locked_by_sid(started.call_sid)
    if known is not None:
        return known
    caller_hash = fingerprint(started.caller) if started.caller else None
    call = Call(
        sid=started.call_sid,
        state=CallState.GREETING,
        caller_number=started.caller,
        caller_hash=caller_hash,
        called=started.called[:64],
        prior_calls=_count_calls(caller_hash),
        started_at=clock.now(),
        last_contact_at=clock.now(),
    )
    insert_now(call)
    tell("call.started", call, is_new=True)
    after_commit(metrics.CALLS_STARTED.inc)
    return call


def look_at_desk() -> Desk:
    return Desk(*desk.service_and_queue())


def hear_answer(heard: Keys | Speech | Silence, url: Url, classifier: Classifier) -> Verbs:
    """What the caller said or pressed at the greeting. Anything leads on; words are kept and understood."""
    call, sees = locked_by_sid(heard.call_sid), look_at_desk()
    if call is None:
        return plan.go_on(url, sees)
    if call.state == CallState.ENDED:
        return plan.hang_up()
    found = None
    if isinstance(heard, Speech):
        call.heard = heard.text[:LONGEST_SPEECH]
        found = transcripts.understand(call, classifier)
    if sees.takes_callers:
        enter_queue(call)
    if not isinstance(heard, Speech):
        return plan.go_on(url, sees)
    return plan.thank(url, sees, is_danger=found is not None and found.urgency == Urgency.CRITICAL)


def enter_queue(call: Call) -> None:
    if call.state != CallState.GREETING:
        return
    suggestion = call.suggestion or {}
    entry = queue.enter_queue(
        call.id, caller_hash=call.caller_hash, weight=WEIGHTS.get(str(suggestion.get("urgency")), 0)
    )
    call.state, call.queued_at, call.is_voicemail = CallState.WAITING, entry.entered_at, False
    if entry.weight:
        call.note = str(suggestion.get("urgency_reason", ""))[:120]
    elif queue.kept_place(entry):
        call.note = KEPT_PLACE
    tell("call.waiting", call, entry=entry)
    serve_soon()


def wait(waiting: Waiting, started: CallStarted | None, url: Url) -> Verbs:
    """A round in the queue. `started` makes up for a first webhook that found the database away."""
    call = locked_by_sid(waiting.call_sid) or (begin_call(started) if started else None)
    if call is None:
        return plan.wait_blindly(url)
    if call.state == CallState.ENDED:
        return plan.hang_up()
    with session().no_autoflush:  # one UPDATE at the end instead of one before each question
        return _wait_on(call, waiting, url)


def _wait_on(call: Call, waiting: Waiting, url: Url) -> Verbs:
    call.last_contact_at = clock.now()
    if call.state == CallState.TALKING:
        return plan.pause()
    enter_queue(call)
    serve_soon()
    if call.state == CallState.WAITING and (not desk.is_anyone_online() or waiting.waited > plan.LONGEST_WAIT):
        return plan.give_up_waiting()
    return _announce(call, waiting, url)


def _announce(call: Call, waiting: Waiting, url: Url) -> Verbs:
    entry = queue.find_entry(call.id)
    position = desk.position_in_queue(entry.id) if entry else None
    announced = call.announced_position
    if position is not None and (announced is None or position < announced):
        call.announced_position = position
    return plan.wait(url, position=position, announced=announced, average_wait=waiting.average_wait)


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
    parties.close(call, PartyOutcome.CALLER_LEFT)
    # Not yet moved to the agent: the caller gave up in the second between answer and connection.
    was_connected = was_talking and (call.connected_at is not None if call.is_outbound else call.wish != Wish.CONNECT)
    call.state, call.ended_at = CallState.ENDED, clock.now()
    call.hung_up_by = call.hung_up_by or by
    call.wish, call.wished_at, call.hold, call.muted = None, None, False, False
    entry = queue.leave_queue(call.id, Outcome.ABANDONED) if call.queued_at is not None else None
    if was_talking and call.agent_id is not None:
        _free_agent(call, call.agent_id, was_connected=was_connected)
    tell("call.ended", call, entry=entry)
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
    if call_id is not None and session().get(Call, call_id) is not None:
        return locked(call_id)
    if ready.call_sid is not None:
        return locked_by_sid(ready.call_sid)
    if ready.conference_sid is None:
        return None
    found = session().scalar(select(Call.id).where(Call.conference_sid == ready.conference_sid))
    return locked(found) if found is not None else None


def _count_calls(caller_hash: str | None) -> int:
    if caller_hash is None:
        return 0
    return session().scalar(select(func.count()).select_from(Call).where(Call.caller_hash == caller_hash)) or 0


@on("case.opened")
def _note_case(event: Event) -> None:
    """A case filed from a call is the call's result; the agent need not say it again."""
    case = session().get(Case, event.subject_id)
    if case is None or case.call_id is None or session().get(Call, case.call_id) is None:
        return
    call = locked(case.call_id)
    if call.is_voicemail and call.agent_id is None:
        call.agent_id = case.agent_id
    if call.agent_id != case.agent_id or call.agent_id is None:
        return
    call.case_id = case.id
    if call.disposition is None:
        call.disposition, call.disposed_at = Disposition.CASE, clock.now()
        seats.note_disposed(call.agent_id, call.id)
        tell("call.disposed", call, actor_id=call.agent_id)
