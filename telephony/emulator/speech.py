"""Voices: what a party says goes to whoever listens; what it hears goes to its phone and its transcription."""

from telephony.emulator.models import Call, Heard, Member, Room
from telephony.emulator.office import Office
from telephony.emulator.recordings import note_sound
from telephony.emulator.transcription import INBOUND, OUTBOUND, transcribe


def utter(office: Office, call: Call, text: str, is_final: bool = True) -> None:
    """The party of this leg speaks."""
    text = text.strip()
    if not text or call.started is None or call.is_over:
        return
    transcribe(office, call, INBOUND, text, is_final)
    if call.listener is not None and call.listener.speech:
        call.listener.heard.put_nowait(Heard(text=text, is_final=is_final))
    elif call.member is not None:
        _carry(office, call.member, text, is_final)


def press(call: Call, keys: str) -> None:
    """The party presses keys; nobody notices unless a verb listens."""
    if call.listener is None or not call.listener.keys:
        return
    for key in keys:
        if key in "0123456789*#":
            call.listener.heard.put_nowait(Heard(key=key))


def _carry(office: Office, speaker: Member, text: str, is_final: bool) -> None:
    if speaker.muted or speaker.held:
        return
    if is_final and not speaker.coach:
        note_sound(office, speaker.room, speaker.call.sid, text)
    for listener in speaker.room.members.values():
        if listener is not speaker and can_hear(listener, speaker):
            transcribe(office, listener.call, OUTBOUND, text, is_final)
            listener.call.tell(_line(office, text, is_final, "peer"))


def can_hear(listener: Member, speaker: Member) -> bool:
    """A coach is heard by the coached leg alone; who is on hold hears nobody."""
    if listener.held or not _is_talking(listener.room):
        return False
    return not speaker.coach or listener.call.sid == speaker.coach


def _is_talking(room: Room) -> bool:
    return getattr(room, "status", "in-progress") == "in-progress"


def say_to(office: Office, call: Call, text: str, language: str = "cmn-CN") -> None:
    """The carrier's own voice: a Say or an announcement."""
    transcribe(office, call, OUTBOUND, text, True)
    call.tell({**_line(office, text, True, "hotline"), "language": language})


def _line(office: Office, text: str, is_final: bool, source: str) -> dict[str, object]:
    return {
        "type": "heard",
        "text": text,
        "final": is_final,
        "source": source,
        "track": OUTBOUND,
        "at": office.clock.now().isoformat(),
    }
