"""What is said in a call, and what the classifier makes of the caller's words."""

from sqlalchemy import select

from app import clock
from app.calls.models import Call, CallState, Utterance
from app.calls.rows import locked_by_sid, whisper
from app.cases.understanding import MOST_CHARACTERS, Suggestion, suggest, weight_of
from app.db import session
from app.desk import service as queue
from nlp.types import Classifier
from telephony.ports import Track, Transcript

TRACKS = {Track.CALLER: "caller", Track.AGENT: "agent"}
LONGEST_UTTERANCE = 4000


def take_utterance(heard: Transcript, classifier: Classifier) -> None:
    """Store a final utterance once, however often it is delivered; the caller's words are understood anew.

    The event carries the redacted text: history is kept for years and read by many, the sealed row is not.
    """
    call = locked_by_sid(heard.call_sid)
    if call is None or _is_prompt(call, heard) or _is_known(call, heard):
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
    session().add(line)
    session().flush()
    whisper("call.transcript", call, _line(line, classifier.redact(line.text or "")))
    if heard.track is Track.CALLER:
        understand(call, classifier)


def understand(call: Call, classifier: Classifier) -> Suggestion | None:
    """Classify everything the caller has said so far; danger words lift a caller who still waits."""
    text = caller_text(call)
    if not text:
        return None
    found = suggest(classifier, text)
    shown = found.model_dump(mode="json")
    call.intent = found.intent
    if queue.lift(call.id, weight_of(found)):
        call.note = found.urgency_reason[:120]
    if shown != call.suggestion:
        call.suggestion = shown
        session().flush()
        whisper("call.suggested", call, {"suggestion": shown})
    return found


def caller_text(call: Call) -> str:
    """The greeting's answer and all later utterances; live transcription may have heard that answer, too."""
    said = [line.text or "" for line in utterances(call.id) if line.track == "caller"]
    if call.heard and not any(_is_same(call.heard, line) for line in said):
        said.insert(0, call.heard)
    return "\n".join(said)[-MOST_CHARACTERS:]


def utterances(call_id: int) -> list[Utterance]:
    return list(session().scalars(select(Utterance).where(Utterance.call_id == call_id).order_by(Utterance.id)))


def _is_prompt(call: Call, heard: Transcript) -> bool:
    """Before an agent is there, what the caller hears are our own announcements."""
    return heard.track is Track.AGENT and call.state not in (CallState.TALKING, CallState.ENDED)


def _is_known(call: Call, heard: Transcript) -> bool:
    same = select(Utterance.id).where(
        Utterance.call_id == call.id,
        Utterance.transcription_sid == heard.transcription_sid,
        Utterance.sequence == heard.sequence,
        Utterance.track == TRACKS[heard.track],
    )
    return session().scalar(same) is not None


def _is_same(heard: str, line: str) -> bool:
    return _letters(heard) == _letters(line)


def _letters(text: str) -> str:
    """Two recognisers of one sentence differ in punctuation first."""
    return "".join(char for char in text if char.isalnum())


def _line(line: Utterance, text: str) -> dict[str, object]:
    at = line.at.isoformat().replace("+00:00", "Z")
    return {"seq": line.id, "track": line.track, "text": text, "final": line.final, "at": at}
