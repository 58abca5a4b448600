"""Live transcription: what a leg's party says (inbound) and what it hears (outbound), as Twilio's callbacks tell it."""

import json
from datetime import datetime

from telephony.emulator.models import Call, Transcription
from telephony.emulator.office import Office
from telephony.emulator.sids import new_sid

INBOUND = "inbound_track"
OUTBOUND = "outbound_track"
CONFIDENCE = 0.96


def start_transcription(
    office: Office,
    call: Call,
    *,
    url: str,
    method: str = "POST",
    name: str = "",
    track: str = "both_tracks",
    language: str = "en-US",
    partial: bool = False,
) -> Transcription:
    tracks = frozenset({INBOUND, OUTBOUND}) if track == "both_tracks" else frozenset({track})
    transcription = Transcription(new_sid("GT"), name, url, method, tracks, language, partial, office.clock.now())
    call.transcriptions.append(transcription)
    _tell(office, call, transcription, "transcription-started", {"Track": track, "Name": name})
    return transcription


def stop_transcriptions(office: Office, call: Call, name: str = "") -> None:
    """Stop the one called `name`, or all."""
    for transcription in [t for t in call.transcriptions if not name or name in (t.name, t.sid)]:
        call.transcriptions.remove(transcription)
        _tell(office, call, transcription, "transcription-stopped", {})


def transcribe(office: Office, call: Call, track: str, text: str, is_final: bool) -> None:
    for transcription in call.transcriptions:
        if track not in transcription.tracks or not (is_final or transcription.partial):
            continue
        data = {"transcript": text, "confidence": CONFIDENCE} if is_final else {"transcript": text}
        told = {
            "Track": track,
            "TranscriptionData": json.dumps(data, ensure_ascii=False),
            "Final": "true" if is_final else "false",
        }
        if not is_final:
            told["Stability"] = "0.8"
        _tell(office, call, transcription, "transcription-content", told)


def _tell(office: Office, call: Call, transcription: Transcription, event: str, told: dict[str, str]) -> None:
    if not transcription.url:
        return
    transcription.sequence += 1
    parameters = {
        "AccountSid": office.settings.account_sid,
        "CallSid": call.sid,
        "TranscriptionSid": transcription.sid,
        "TranscriptionEvent": event,
        "SequenceId": str(transcription.sequence),
        "LanguageCode": transcription.language,
        "Timestamp": _iso(office.clock.now()),
        **told,
    }
    office.callbacks.tell(transcription.sid, transcription.url, transcription.method, parameters)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
