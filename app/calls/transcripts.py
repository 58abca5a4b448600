"""What is said in a call, and what the classifier makes of the caller's words."""

from collections.abc import Sequence

from sqlalchemy import select

from app import clock
from app.calls.models import Call, CallState, Utterance
from app.calls.rows import locked_by_sid, whisper
from app.cases.understanding import MOST_CHARACTERS, Suggestion, suggest, weight_of
from app.db import session
from app.desk import service as queue
from app.inserts import insert_now
from nlp.types import Classifier
from telephony.ports import Track, Transcript

TRACKS = {Track.CALLER: "caller", Track.AGENT: "agent"}
LONGEST_UTTERANCE = 4000


def take_utterance(heard: Transcript, classifier: Classifier) -> None:
    """Store a final utterance once, however often it is delivered; the caller's words are understood anew.

    The event carries the redacted text: history is kept for years and read by many, the sealed row is not.
    """
    call = locked_by_sid(heard.call_sid)
    if call is None or _is_prompt(call, heard):
        return
    said = utterances(call.id)
    if any(_is_delivered(heard, line) for line in said):
        return
    line = Utterance(
        call_id=call.id,
        transcription_sid=heard.transcription_sid,
        sequence=heard.sequence,
        track=TRACKS[heard.track],
        text=heard.text[:LONGEST_UTTERANCE],
        final=True,
        at=heard.at or clock.now(),
    )
    insert_now(line)
    whisper("call.transcript", call, _line(line, classifier.redact(line.text or "")))
    if heard.track is Track.CALLER:
        understand(call, classifier, [*said, line])


def understand(call: Call, classifier: Classifier, said: Sequence[Utterance] | None = None) -> Suggestion | None:
    """Classify everything the caller has said so far; danger words lift a caller who still waits."""
    with session().no_autoflush:  # one UPDATE at the end instead of one before each question
        text = caller_text(call, utterances(call.id) if said is None else said)
        return _take_up(call, suggest(classifier, text)) if text else None


def _take_up(call: Call, found: Suggestion) -> Suggestion:
    shown = found.model_dump(mode="json")
    call.intent = found.intent
    if call.queued_at is not None and queue.lift(call.id, weight_of(found)):
        call.note = found.urgency_reason[:120]
    if shown != call.suggestion:
        call.suggestion = shown
        session().flush()
        whisper("call.suggested", call, {"suggestion": shown})
    return found


def caller_text(call: Call, lines: Sequence[Utterance]) -> str:
    """The greeting's answer and all later utterances; live transcription may have heard that answer, too."""
    said = [line.text or "" for line in lines if line.track == "caller"]
    if call.heard and not any(_is_same(call.heard, line) for line in said):
        said.insert(0, call.heard)
    return "\n".join(said)[-MOST_CHARACTERS:]


def utterances(call_id: int) -> list[Utterance]:
    return list(session().scalars(select(Utterance).where(Utterance.call_id == call_id).order_by(Utterance.id)))


def _is_prompt(call: Call, heard: Transcript) -> bool:
    """Before an agent is there, what the caller hears are our own announcements."""
    return heard.track is Track.AGENT and call.state not in (CallState.TALKING, CallState.ENDED)


def _is_delivered(heard: Transcript, line: Utterance) -> bool:
    key = (heard.transcription_sid, heard.sequence, TRACKS[heard.track])
    return (line.transcription_sid, line.sequence, line.track) == key


def _is_same(heard: str, line: str) -> bool:
    return _letters(heard) == _letters(line)


def _letters(text: str) -> str:
    """Two recognisers of one sentence differ in punctuation first."""
    return "".join(char for char in text if char.isalnum())


def _line(line: Utterance, text: str) -> dict[str, object]:
    at = line.at.isoformat().replace("+00:00", "Z")
    return {"seq": line.id, "track": line.track, "text": text, "final": line.final, "at": at}
