"""Recordings: real WAV files as long as the talk, a tone for each utterance, kept below the data directory."""

import array
import asyncio
import json
import math
import wave
from datetime import datetime
from pathlib import Path

from telephony.emulator.callbacks import NOBODY, CallbackPlan
from telephony.emulator.models import Recording, Room, Sound
from telephony.emulator.office import Office
from telephony.emulator.sids import new_sid, rfc2822

FRAMES_PER_SECOND = 8000
LOUDNESS = 6000
TONES = (440, 587, 698, 880)  # one pitch per voice, so that a listener can tell who speaks


def recordings_dir(office: Office) -> Path:
    return office.settings.data_dir / "recordings"


def media_path(office: Office, sid: str) -> Path:
    return recordings_dir(office) / f"{sid}.wav"


def begin_recording(
    office: Office, source: str, callback: CallbackPlan, *, call_sid: str = "", conference_sid: str = ""
) -> Recording:
    recording = Recording(
        new_sid("RE"), source, office.clock.now(), callback, call_sid=call_sid, conference_sid=conference_sid
    )
    office.recordings[recording.sid] = recording
    _tell(office, recording)
    return recording


def note_sound(office: Office, room: Room, voice: str, text: str) -> None:
    if room.recording is not None:
        add_sound(office, room.recording, voice, text)


def add_sound(office: Office, recording: Recording, voice: str, text: str) -> None:
    if recording.paused_at is not None:
        return
    if voice not in recording.voices:
        recording.voices.append(voice)
    offset = _elapsed(office, recording)
    pace = office.settings.seconds_per_character or 0.1
    recording.sounds.append(Sound(offset, min(len(text) * pace, 10.0), recording.voices.index(voice)))


def pause_recording(office: Office, recording: Recording) -> None:
    if recording.paused_at is None:
        recording.paused_at = office.clock.now()
        recording.status = "paused"


def resume_recording(office: Office, recording: Recording) -> None:
    if recording.paused_at is not None:
        recording.paused_seconds += (office.clock.now() - recording.paused_at).total_seconds()
        recording.paused_at = None
        recording.status = "in-progress"


def _elapsed(office: Office, recording: Recording) -> float:
    return (office.clock.now() - recording.created).total_seconds() - recording.paused_seconds


async def finish_recording(office: Office, recording: Recording) -> None:
    """Write the file, then tell; nobody is told of a file that is not there yet."""
    if recording.status in ("completed", "absent"):
        return
    resume_recording(office, recording)
    length = _elapsed(office, recording)
    recording.seconds = round(length)
    recording.status = "completed" if length > 0 else "absent"
    if recording.status == "completed":
        await asyncio.to_thread(_write, media_path(office, recording.sid), length, tuple(recording.sounds))
        _keep(office, recording)
    _tell(office, recording)


def _write(path: Path, seconds: float, sounds: tuple[Sound, ...]) -> None:
    samples = array.array("h", bytes(2 * round(seconds * FRAMES_PER_SECOND)))
    for sound in sounds:
        tone = _tone(sound)
        start = round(sound.offset * FRAMES_PER_SECOND)
        tone = tone[: max(len(samples) - start, 0)]
        samples[start : start + len(tone)] = tone
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FRAMES_PER_SECOND)
        file.writeframes(samples.tobytes())


def _tone(sound: Sound) -> "array.array[int]":
    count = round(sound.seconds * FRAMES_PER_SECOND)
    step = 2 * math.pi * TONES[sound.voice % len(TONES)] / FRAMES_PER_SECOND
    return array.array("h", (round(LOUDNESS * math.sin(step * n)) for n in range(count)))


# --- telling and keeping -----------------------------------------------------------------------------------------


def recording_url(office: Office, recording: Recording) -> str:
    return f"{office.settings.own_url}{office.api_path}/Recordings/{recording.sid}"


def recording_facts(office: Office, recording: Recording) -> dict[str, str]:
    """RecordingSid, RecordingUrl, RecordingStatus …; a conference's recording has no CallSid."""
    facts = {
        "AccountSid": office.settings.account_sid,
        "RecordingSid": recording.sid,
        "RecordingStatus": recording.status,
        "RecordingChannels": "1",
        "RecordingTrack": "both",
        "RecordingSource": recording.source,
        "RecordingStartTime": rfc2822(recording.created) or "",
        "ErrorCode": "0",
    }
    if recording.conference_sid:
        facts["ConferenceSid"] = recording.conference_sid
    elif recording.call_sid:
        facts["CallSid"] = recording.call_sid
    if recording.status == "completed":
        facts |= {
            "RecordingUrl": recording_url(office, recording),
            "RecordingDuration": str(recording.seconds),
        }
    return facts


def _tell(office: Office, recording: Recording) -> None:
    if recording.callback.wants(recording.status):
        plan = recording.callback
        office.callbacks.tell(recording.sid, plan.url, plan.method, recording_facts(office, recording))


def _keep(office: Office, recording: Recording) -> None:
    row = {
        "sid": recording.sid,
        "source": recording.source,
        "created": recording.created.isoformat(),
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "seconds": recording.seconds,
    }
    with (recordings_dir(office) / "index.jsonl").open("a", encoding="utf-8") as index:
        index.write(json.dumps(row) + "\n")


def load_recordings(office: Office) -> None:
    """Recordings of earlier runs whose file still exists."""
    index = recordings_dir(office) / "index.jsonl"
    if not index.exists():
        return
    for line in index.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if media_path(office, row["sid"]).exists():
            office.recordings[row["sid"]] = Recording(
                row["sid"],
                row["source"],
                datetime.fromisoformat(row["created"]),
                NOBODY,
                call_sid=row["call_sid"],
                conference_sid=row["conference_sid"],
                status="completed",
                seconds=row["seconds"],
            )
