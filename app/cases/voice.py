"""Voice notes: what units that answer by telephone say about a case. The sound stays with the carrier."""

import json
from collections.abc import Sequence

from sqlalchemy import select

from app import clock
from app.accounts.roles import Principal
from app.cases.discretion import told
from app.cases.models import Case, VoiceNote
from app.cases.queries import find_case
from app.cases.schemas import VoiceLine
from app.db import session
from app.errors import NotFound

MOST_PIECES, LONGEST_WORDS = 200, 4000


def begin_note(case: Case, unit_id: int, purpose: str) -> VoiceNote:
    """Before the tone."""
    note = VoiceNote(case_id=case.id, unit_id=unit_id, purpose=purpose, round=case.round, at=clock.now())
    session().add(note)
    session().flush()
    return note


def keep_sound(note: VoiceNote, sid: str, url: str | None, seconds: int | None) -> bool:
    """The carrier tells of a recording twice, in any order; whether this was the first word of it."""
    is_new = note.recording_sid is None
    if note.recording_sid in (None, sid):
        note.recording_sid, note.recording_url = sid, (url or note.recording_url or "")[:500] or None
        note.seconds = seconds if seconds is not None else note.seconds
    return is_new


def add_words(note: VoiceNote, sequence: int, text: str) -> None:
    """A piece of transcription; the same piece delivered twice is one."""
    pieces = _pieces(note)
    if len(pieces) < MOST_PIECES:
        pieces[sequence] = text[:LONGEST_WORDS]
        note.words = json.dumps(sorted(pieces.items()), ensure_ascii=False)


def words_of(note: VoiceNote) -> str:
    return "".join(text for _, text in sorted(_pieces(note).items()))[:LONGEST_WORDS]


def note_of(note_id: int) -> VoiceNote | None:
    return session().scalar(select(VoiceNote).where(VoiceNote.id == note_id).with_for_update())


def find_note(viewer: Principal, note_id: int) -> VoiceNote:
    """For whoever may see its case."""
    note = session().get(VoiceNote, note_id)
    if note is None or note.recording_url is None:
        raise NotFound("没有这段录音")
    find_case(viewer, note.case_id)
    return note


def lines_of(case: Case, viewer: Principal) -> list[VoiceLine]:
    """Oldest first; of a case that nobody spoke about, the database is asked nothing."""
    if not case.voice_notes:
        return []
    return [
        VoiceLine(
            id=note.id,
            url=f"/api/v1/voice-notes/{note.id}",
            purpose=note.purpose,
            round=note.round,
            seconds=note.seconds,
            submitted=note.submitted,
            text=told(viewer, case, words_of(note)),
            at=note.at,
        )
        for note in _notes(case.id)
        if note.recording_url is not None
    ]


def _notes(case_id: int) -> Sequence[VoiceNote]:
    return session().scalars(select(VoiceNote).where(VoiceNote.case_id == case_id).order_by(VoiceNote.id)).all()


def _pieces(note: VoiceNote) -> dict[int, str]:
    return {int(sequence): str(text) for sequence, text in json.loads(note.words or "[]")}
