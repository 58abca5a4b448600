"""The carrier's voice webhooks. Only the first three addresses are configured at the carrier; the rest stand in our
answers. Each is verified, parsed, handed to a service in one transaction, and rendered."""

from functools import partial

from flask import Blueprint, current_app

from app.calls import joining, lines, offers, outbound, party_lines, plan, rounds, service, transcripts
from app.calls.hints import greeting_hints
from app.calls.models import CallState
from app.channels import incoming as duty_phones
from app.extensions import csrf
from app.retries import in_transaction
from app.webhooks import Answer, carrier, current_webhook, public_url, settings, webhook
from nlp.types import Classifier
from telephony.ports import (
    CallFailing,
    CallProgress,
    CallStarted,
    ConferenceChanged,
    DialEnded,
    Keys,
    MalformedWebhook,
    QueueLeft,
    RecordingReady,
    Silence,
    Speech,
    Transcript,
    Waiting,
)

bp = Blueprint("voice", __name__)
csrf.exempt(bp)


@bp.post(plan.VOICE)
@webhook(lambda carrier: carrier.hear_call)
def voice(started: CallStarted) -> Answer:
    """A new call. Without a database the answer is 503 at once, and the carrier turns to the fallback below."""

    def begin() -> Answer:
        as_citizen = "citizen" in dict(current_webhook().query)
        if not as_citizen and (offer := duty_phones.greet(started.caller, public_url)) is not None:
            return offer
        desk, number = service.begin_call(started), settings().hotline_number
        return plan.greet(public_url, desk, number=number, hints=greeting_hints(), news=joining.news())

    return in_transaction(begin)


@bp.post(plan.VOICE + "/fallback")
@webhook(lambda carrier: carrier.hear_failing)
def fallback(_failing: CallFailing) -> Answer:
    """Asks nobody: database and broker may be down. The queue's own webhook makes up for the missing row later."""
    return plan.fall_back(public_url)


@bp.post(plan.VOICE + "/status")
@webhook(lambda carrier: carrier.hear_progress)
def status(progress: CallProgress) -> Answer:
    is_end = progress.status.is_terminal
    if not (is_end and in_transaction(partial(service.note_known_end, progress), single=True)):
        in_transaction(partial(service.note_progress, progress))
    if is_end and duty_phones.is_duty_call(progress.call_sid):
        in_transaction(partial(duty_phones.note_progress, progress))
    return None


@bp.post(plan.HEARD)
@webhook(lambda carrier: carrier.hear_gather, blind=lambda: plan.enqueue(public_url))
def heard(said: Keys | Speech | Silence) -> Answer:
    announced = _announced()
    return in_transaction(
        lambda: joining.hear_key(said, announced, public_url) or service.hear_answer(said, public_url, _classifier())
    )


@bp.post(plan.WAIT)
@webhook(lambda carrier: carrier.hear_waiting, blind=lambda: plan.wait_blindly(public_url))
def wait(waiting: Waiting) -> Answer:
    seen = rounds.see(waiting.call_sid)
    if seen is None or seen.state is CallState.GREETING:
        started = _call_of_this_request()
        in_transaction(lambda: service.queue_up(waiting.call_sid, started))
        seen = rounds.see(waiting.call_sid)
    if seen is None:
        return plan.wait_blindly(public_url)
    if rounds.has_to_be_noted(seen):
        in_transaction(partial(rounds.note, seen), single=True)
    if seen.may_be_served:
        in_transaction(offers.serve_soon)
    return rounds.play(seen, waiting, public_url)


@bp.post(plan.QUEUE_LEFT)
@webhook(lambda carrier: carrier.hear_queue_left)
def queue_left(left: QueueLeft) -> Answer:
    return in_transaction(lambda: service.leave_queue(left, public_url))


@bp.post(plan.REQUEUED)
@webhook(lambda carrier: carrier.hear_call)
def requeued(_call: CallStarted) -> Answer:
    """A caller whose talk was lost, fetched out of the conference."""
    return plan.requeue(public_url)


@bp.post(plan.CONNECT)
@webhook(lambda carrier: carrier.hear_call, blind=lambda: _connect_blindly())
def connect(moved: CallStarted) -> Answer:
    call_id, attempt = _which()
    if call_id is None or attempt is None:
        return plan.enqueue(public_url)
    return in_transaction(lambda: lines.arrive(moved.call_sid, call_id, attempt, public_url))


@bp.post(plan.TALK_ENDED)
@webhook(lambda carrier: carrier.hear_dial_ended, blind=plan.say_goodbye)
def talk_ended(ended: DialEnded) -> Answer:
    _, attempt = _which()
    return in_transaction(lambda: service.end_talk(ended, attempt, public_url))


@bp.post(plan.CONFERENCE)
@webhook(lambda carrier: carrier.hear_conference)
def conference(change: ConferenceChanged) -> Answer:
    call_id, attempt = _which()
    if call_id is not None and attempt is not None:
        _recall(in_transaction(lambda: lines.note_conference(change, call_id, attempt)))
    return None


@bp.post(plan.AGENT_LEG)
@webhook(lambda carrier: carrier.hear_progress)
def agent_leg(progress: CallProgress) -> Answer:
    call_id, attempt = _which()
    if call_id is not None and attempt is not None:
        _recall(in_transaction(lambda: lines.note_agent_leg(progress, call_id, attempt)))
    return None


@bp.post(plan.CALLED_BACK)
@webhook(lambda carrier: carrier.hear_call, blind=plan.hang_up)
def called_back(answered: CallStarted) -> Answer:
    """A citizen whom we rang has answered."""
    call_id, attempt = _which()
    if call_id is None or attempt is None:
        return plan.hang_up()
    return in_transaction(lambda: outbound.arrive(answered.call_sid, call_id, attempt, public_url))


@bp.post(plan.CITIZEN_LEG)
@webhook(lambda carrier: carrier.hear_progress)
def citizen_leg(progress: CallProgress) -> Answer:
    call_id, attempt = _which()
    if call_id is not None and attempt is not None:
        alone = in_transaction(lambda: outbound.note_citizen_leg(progress, call_id, attempt))
        if alone is not None:
            lines.drop_leg(alone, carrier())
    return None


@bp.post(plan.HANDED_ON)
@webhook(lambda carrier: carrier.hear_call)
def handed_on(_call: CallStarted) -> Answer:
    """A caller on the way from one agent to the next."""
    return plan.hand_on(public_url)


@bp.post(plan.PARTY_JOINS)
@webhook(lambda carrier: carrier.hear_call, blind=plan.hang_up)
def party_joins(answered: CallStarted) -> Answer:
    call_id, _, party_id = _which_party()
    if call_id is None or party_id is None:
        return plan.hang_up()
    return in_transaction(lambda: party_lines.bring_in(answered.call_sid, call_id, party_id, public_url))


@bp.post(plan.PARTY_LEFT)
@webhook(lambda carrier: carrier.hear_dial_ended)
def party_left(_ended: DialEnded) -> Answer:
    """A number outside came out of the conference; that it has left is told by the conference and by its own leg."""
    return plan.hang_up()


@bp.post(plan.PARTY_LEG)
@webhook(lambda carrier: carrier.hear_progress)
def party_leg(progress: CallProgress) -> Answer:
    call_id, _, party_id = _which_party()
    if call_id is not None and party_id is not None:
        _recall(in_transaction(lambda: party_lines.note_leg(progress, call_id, party_id)))
    return None


@bp.post(plan.SENT_OUT)
@webhook(lambda carrier: carrier.hear_call, blind=lambda: plan.enqueue(public_url))
def sent_out(moved: CallStarted) -> Answer:
    call_id, attempt, party_id = _which_party()
    if call_id is None or attempt is None or party_id is None:
        return plan.enqueue(public_url)
    return in_transaction(lambda: party_lines.send_out(moved.call_sid, call_id, attempt, party_id, public_url))


@bp.post(plan.OUTSIDE_ENDED)
@webhook(lambda carrier: carrier.hear_dial_ended, blind=lambda: plan.bring_back(public_url))
def outside_ended(ended: DialEnded) -> Answer:
    _, _, party_id = _which_party()
    return in_transaction(lambda: party_lines.end_outside(ended, party_id or 0, public_url))


@bp.post(plan.OUTSIDE_LEFT)
@webhook(lambda carrier: carrier.hear_call, blind=plan.say_goodbye)
def outside_left(alone: CallStarted) -> Answer:
    return in_transaction(lambda: party_lines.say_goodbye(alone.call_sid))


@bp.post(plan.RECORDED)
@webhook(lambda carrier: carrier.hear_recording, blind=plan.confirm_message)
def recorded(ready: RecordingReady) -> Answer:
    return in_transaction(lambda: service.keep_message(ready))


@bp.post(plan.RECORDING)
@webhook(lambda carrier: carrier.hear_recording)
def recording(ready: RecordingReady) -> Answer:
    call_id, _ = _which()
    in_transaction(lambda: service.keep_recording(ready, call_id))
    return None


@bp.post(plan.TRANSCRIPT)
@webhook(lambda carrier: carrier.hear_transcript)
def transcript(line: Transcript | None) -> Answer:
    """Interim results are not stored: the final one follows within a second."""
    if line is not None and line.is_final:
        in_transaction(lambda: transcripts.take_utterance(line, _classifier()))
    return None


def _recall(line: lines.Line | None) -> None:
    """A caller whose other side has gone: back to the queue, or goodbye after a talk with the outside."""
    if line is None:
        return
    if line.is_outside:
        party_lines.dismiss(line, carrier(), public_url)
    else:
        lines.recall(line, carrier(), public_url)


def _call_of_this_request() -> CallStarted | None:
    """Every voice webhook names caller and called number, too."""
    try:
        return carrier().hear_call(current_webhook())
    except MalformedWebhook:
        return None


def _connect_blindly() -> Answer:
    """The address itself says which conference; whether that talk is over only the database would know."""
    call_id, attempt = _which()
    if call_id is None or attempt is None:
        return plan.enqueue(public_url)
    return plan.connect(public_url, call_id, attempt)


def _which() -> tuple[int | None, int | None]:
    """The call and attempt that our own address named; signed with it."""
    query = dict(current_webhook().query)
    return _number(query.get("call")), _number(query.get("attempt"))


def _which_party() -> tuple[int | None, int | None, int | None]:
    return *_which(), _number(dict(current_webhook().query).get("party"))


def _announced() -> tuple[int, ...]:
    """The incidents whose keys the caller heard, in their order."""
    ids = (_number(each) for each in dict(current_webhook().query).get("news", "").split("-"))
    return tuple(each for each in ids if each is not None)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None


def _classifier() -> Classifier:
    found: Classifier = current_app.extensions["classifier"]
    return found
