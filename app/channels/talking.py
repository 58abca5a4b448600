"""The talk with a duty officer: what was pressed moves the cases, in the unit's name and through the same workflow."""

from dataclasses import replace

from app import clock
from app.cases import voice
from app.cases.models import Case
from app.channels import dialogue, pins, spoken
from app.channels.dialogue import At, Scene, Talk, Url, Verbs, scene_from
from app.channels.models import DutyCall, DutyState
from app.channels.ringing import Which, locked
from app.channels.table import Table, spoken_number
from app.db import session
from app.network.queries import unit as find_unit
from telephony.ports import CallStarted, Keys, RecordingReady, Silence, Speech, Track, Transcript

_ANSWERABLE = (DutyState.PLACING, DutyState.RINGING, DutyState.WAITING)


def answer(which: Which, started: CallStarted, url: Url) -> Verbs:
    """Somebody has picked up: a person, or a machine that will press no keys."""
    call = locked(which.call_id)
    if call is None or call.attempt != which.attempt:
        return dialogue.hang_up()
    if call.state == DutyState.TALKING and call.sid == started.call_sid:
        return say(call, url)
    if call.state not in _ANSWERABLE:
        return dialogue.hang_up()
    return begin(call, started.call_sid, url)


def begin(call: DutyCall, sid: str, url: Url) -> Verbs:
    call.state, call.sid = DutyState.TALKING, sid
    call.answered_at = call.last_contact_at = clock.now()
    call.scene, call.step = _greeting(call).as_json(), 1
    return say(call, url)


def hear(which: Which, step: int, heard: Keys | Speech | Silence, url: Url) -> Verbs:
    """What was pressed. A repetition of an earlier answer hears again what followed it."""
    call = _talking(which, heard.call_sid)
    if call is None:
        return dialogue.hang_up()
    if step != call.step:
        return say(call, url)
    scene = scene_from(call.scene)
    keys = heard.digits if isinstance(heard, Keys) else ""
    table = Table(call, find_unit(call.unit_id))
    _move_on(call, table.carry_out(scene, dialogue.react(scene, keys, table.matter(scene)), is_silence=not keys))
    return say(call, url)


def keep_note(which: Which, step: int, note_id: int, ready: RecordingReady, url: Url) -> Verbs:
    """The message after the tone is over; who has hung up meanwhile has confirmed nothing, but the sound is kept."""
    _keep_sound(note_id, ready)
    call = _talking(which, ready.call_sid)
    if call is None:
        return dialogue.hang_up()
    scene = scene_from(call.scene)
    if step == call.step and scene.at is At.NOTE:
        _move_on(call, replace(scene, at=At.CONFIRM, seconds=ready.seconds or 1, silent=0, said=""))
    return say(call, url)


def note_recording(note_id: int, ready: RecordingReady) -> None:
    """The file is ready, perhaps after the talk."""
    if ready.status == "completed":
        _keep_sound(note_id, ready)


def note_words(note_id: int, line: Transcript) -> None:
    note = voice.note_of(note_id)
    if note is not None and line.track is Track.CALLER:
        voice.add_words(note, line.sequence, line.text)


def _keep_sound(note_id: int, ready: RecordingReady) -> None:
    note = voice.note_of(note_id)
    if note is not None and voice.keep_sound(note, ready.recording_sid, ready.url, ready.seconds):
        case = session().get_one(Case, note.case_id, with_for_update=True, populate_existing=True)
        case.voice_notes += 1


def _talking(which: Which, sid: str | None) -> DutyCall | None:
    call = locked(which.call_id)
    if call is None or call.attempt != which.attempt or call.state != DutyState.TALKING or call.sid != sid:
        return None
    return call


def _move_on(call: DutyCall, scene: Scene) -> None:
    call.scene, call.step = scene.as_json(), call.step + 1
    call.last_contact_at = clock.now()


def say(call: DutyCall, url: Url) -> Verbs:
    scene = scene_from(call.scene)
    matter = Table(call, find_unit(call.unit_id)).matter(scene)
    return dialogue.speak(scene, url, Talk(call.id, call.attempt, call.step), matter)


def _greeting(call: DutyCall) -> Scene:
    unit, number = find_unit(call.unit_id), spoken_number()
    count = len(Table(call, unit).left(Scene(At.PIN)))
    if not unit.pin_hash:
        return Scene(At.OVER, said=spoken.NO_PIN_SET.format(number=number))
    if pins.locked_until(unit.id, call.phone_hash):
        call.outcome = "locked"
        return Scene(At.OVER, said=spoken.LOCKED_BEFORE.format(number=number))
    if count == 0:
        call.outcome = "nothing"
        return Scene(At.OVER, said=spoken.NOTHING_LEFT)
    hello = spoken.HELLO_YOURSELF if call.incoming else spoken.HELLO
    return Scene(At.PIN, said=hello.format(number=number, unit=unit.name, count=count))
