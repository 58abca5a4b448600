"""The carrier's webhooks of calls to duty telephones. All addresses stand in what we asked or answered ourselves.

Each is verified, parsed, handed to the talk in one transaction, and rendered. Every one may come twice.
"""

from flask import Blueprint

from app.channels import dialogue, incoming, ringing, talking
from app.channels.ringing import Which
from app.extensions import csrf
from app.retries import in_transaction
from app.webhooks import Answer, carrier, current_webhook, public_url, webhook
from telephony.ports import CallProgress, CallStarted, Keys, RecordingReady, Silence, Speech, Transcript

bp = Blueprint("duty_voice", __name__)
# The carrier signs its requests; it knows no token of ours.
csrf.exempt(bp)


@bp.post(dialogue.ANSWERED)
@webhook(lambda carrier: carrier.hear_call, blind=dialogue.say_trouble)
def answered(started: CallStarted) -> Answer:
    which = _which()
    return in_transaction(lambda: talking.answer(which, started, public_url))


@bp.post(dialogue.CALLED)
@webhook(lambda carrier: carrier.hear_gather, blind=dialogue.say_trouble)
def called(pressed: Keys | Speech | Silence) -> Answer:
    """The duty telephone rang up itself."""
    keys = pressed.digits if isinstance(pressed, Keys) else ""
    caller = carrier().hear_call(current_webhook()).caller
    return in_transaction(lambda: incoming.begin(pressed.call_sid, caller, keys, public_url))


@bp.post(dialogue.HEARD)
@webhook(lambda carrier: carrier.hear_gather, blind=dialogue.say_trouble)
def heard(pressed: Keys | Speech | Silence) -> Answer:
    which, step = _which(), _number("step")
    return in_transaction(lambda: talking.hear(which, step, pressed, public_url))


@bp.post(dialogue.RECORDED)
@webhook(lambda carrier: carrier.hear_recording, blind=dialogue.say_trouble)
def recorded(ready: RecordingReady) -> Answer:
    which, step, note = _which(), _number("step"), _number("note")
    return in_transaction(lambda: talking.keep_note(which, step, note, ready, public_url))


@bp.post(dialogue.RECORDING)
@webhook(lambda carrier: carrier.hear_recording)
def recording(ready: RecordingReady) -> Answer:
    note = _number("note")
    in_transaction(lambda: talking.note_recording(note, ready))
    return None


@bp.post(dialogue.WORDS)
@webhook(lambda carrier: carrier.hear_transcript)
def words(line: Transcript | None) -> Answer:
    """Interim results are not stored: the final one follows within a second."""
    note = _number("note")
    if line is not None and line.is_final:
        in_transaction(lambda: talking.note_words(note, line))
    return None


@bp.post(dialogue.STATUS)
@webhook(lambda carrier: carrier.hear_progress)
def status(progress: CallProgress) -> Answer:
    which = _which()
    in_transaction(lambda: ringing.note_progress(which, progress))
    return None


def _which() -> Which:
    return Which(_number("call"), _number("attempt"))


def _number(name: str) -> int:
    """What our own address named, signed with it; 0 names nothing."""
    text = dict(current_webhook().query).get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
