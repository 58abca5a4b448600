"""What is said in a call, and what the classifier makes of the caller's words."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Table, bindparam, select

from app import clock
from app.calls.models import Call, CallState, Utterance
from app.calls.rows import Whispered, locked_by_sid, whisper
from app.cases.understanding import MOST_CHARACTERS, Suggestion, suggest, weight_of
from app.db import session
from app.desk import service as queue
from app.inserts import insert_once
from nlp.types import Classifier
from telephony.ports import Track, Transcript

TRACKS = {Track.CALLER: "caller", Track.AGENT: "agent"}
LONGEST_UTTERANCE = 4000
MOST_LINES = 200


def take_utterance(heard: Transcript, classifier: Classifier) -> None:
    """Store a final utterance once, however often it is delivered; the caller's words are understood anew.

    The event carries the redacted text: history is kept for years and read by many, the sealed row is not.
    """
    call = locked_by_sid(heard.call_sid)
    if call is None or _is_prompt(call, heard):
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
    if not insert_once(line):
        return
    whispered: list[Whispered] = [("call.transcript", _line(line, classifier.redact(line.text or "")))]
    if heard.track is Track.CALLER:
        said = said_by_caller(call.id)
        before = caller_text(call.heard, [text for line_id, text in said if line_id != line.id])
        whispered += understand(call, classifier, before, caller_text(call.heard, [text for _, text in said]))
    whisper(call, whispered)


def understand_answer(call: Call, classifier: Classifier, answer: str) -> list[Whispered]:
    """What the caller said to the greeting; live transcription may have told it already."""
    said = [text for _, text in said_by_caller(call.id)]
    before, call.heard = caller_text(call.heard, said), answer
    return understand(call, classifier, before, caller_text(answer, said))


def understand(call: Call, classifier: Classifier, before: str, now: str) -> list[Whispered]:
    """Classify everything the caller has said so far; danger words lift a caller who still waits.

    Returns what is to be whispered of it: nothing if what was said `before` is the same but for the punctuation.
    """
    if not now or (call.suggestion is not None and _is_same(before, now)):
        return []
    return _take_up(call, suggest(classifier, now))


def _take_up(call: Call, found: Suggestion) -> list[Whispered]:
    shown = found.model_dump(mode="json")
    call.intent = found.intent
    weight = weight_of(found)
    if weight and call.queued_at is not None and queue.lift(call.id, weight):
        call.note = found.urgency_reason[:120]
    if shown == call.suggestion:
        return []
    call.suggestion = shown
    return [("call.suggested", {"suggestion": shown})]


def caller_text(heard: str | None, lines: Sequence[str]) -> str:
    """The greeting's answer and all later utterances; live transcription may have heard that answer, too."""
    said = list(lines)
    if heard and not any(_is_same(heard, line) for line in said):
        said.insert(0, heard)
    return "\n".join(said)[-MOST_CHARACTERS:]


def utterances(call_id: int) -> list[Utterance]:
    return list(session().scalars(select(Utterance).where(Utterance.call_id == call_id).order_by(Utterance.id)))


_UTTERANCE = cast("Table", Utterance.__table__).c
# The newest, as many as a text for the classifier can hold: each has to be unsealed.
_SAID = (
    select(_UTTERANCE.id, _UTTERANCE.text)
    .where(_UTTERANCE.call_id == bindparam("of_call"), _UTTERANCE.track == TRACKS[Track.CALLER])
    .order_by(_UTTERANCE.id.desc())
    .limit(MOST_LINES)
)


def said_by_caller(call_id: int) -> list[tuple[int, str]]:
    """(id, text) of what the caller has said, oldest first."""
    return [(row.id, row.text or "") for row in reversed(session().execute(_SAID, {"of_call": call_id}).all())]


def _is_prompt(call: Call, heard: Transcript) -> bool:
    """Before an agent is there, what the caller hears are our own announcements."""
    return heard.track is Track.AGENT and call.state not in (CallState.TALKING, CallState.ENDED)


def _is_same(heard: str, line: str) -> bool:
    return _letters(heard) == _letters(line)


def _letters(text: str) -> str:
    """Two recognisers of one sentence differ in punctuation first."""
    return "".join(char for char in text if char.isalnum())


def _line(line: Utterance, text: str) -> dict[str, object]:
    at = line.at.isoformat().replace("+00:00", "Z")
    return {"seq": line.id, "track": line.track, "text": text, "final": line.final, "at": at}
