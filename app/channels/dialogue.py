"""The talk with a duty officer. Pure: where the talk stands and what was pressed in, what follows and what is said out.

The officer is asked for the PIN, hears one case after another, and answers each with a key.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from app.channels import spoken
from telephony.ports import (
    Gather,
    Hangup,
    Record,
    Redirect,
    Say,
    StartTranscription,
    StopTranscription,
    Verb,
)

Verbs = tuple[Verb, ...]
Url = Callable[[str], str]  # a path of ours -> the address the carrier reaches it at

DUTY = "/telephony/duty"
CALLED = f"{DUTY}/called"
ANSWERED, HEARD, RECORDED = f"{DUTY}/answered", f"{DUTY}/heard", f"{DUTY}/recorded"
RECORDING, WORDS, STATUS = f"{DUTY}/recording", f"{DUTY}/words", f"{DUTY}/status"

MOST_SILENCES = 3
LONGEST_NOTE = 120
PIN_SECONDS, KEY_SECONDS = 8, 6


class At(StrEnum):
    PIN = "pin"
    CASE = "case"
    REASON = "reason"
    NOTE = "note"
    CONFIRM = "confirm"
    OVER = "over"


class Purpose(StrEnum):
    """What a voice note is for."""

    RESULT = "result"
    RETURN = "return"


class Key(StrEnum):
    ACCEPT = "1"
    RETURN = "2"
    REPORT = "3"
    NEXT = "8"
    REPEAT = "9"
    CENTRE = "0"
    BACK = "*"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the talk stands. `said`: the words before the next question; `silent`: how often nothing was pressed;
    `read`: the cases this talk is done with."""

    at: At
    case_id: int | None = None
    note_id: int | None = None
    purpose: Purpose = Purpose.RESULT
    seconds: int = 0
    silent: int = 0
    said: str = ""
    read: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def scene_from(stored: Mapping[str, Any] | None) -> Scene:
    if not stored:
        return Scene(At.PIN)
    typed = {"at": At(stored["at"]), "purpose": Purpose(stored["purpose"]), "read": tuple(stored["read"])}
    return Scene(**{**stored, **typed})


@dataclass(frozen=True, slots=True)
class Matter:
    """A case as it is read out. `until` is already in words; `keys`: what this unit may do with it now."""

    tail: str
    name: str
    condition: str
    place: str
    closing: str
    until: str
    keys: frozenset[Key]
    is_late: bool = False
    is_again: bool = False
    is_co: bool = False
    urges: int = 0
    number: int = 1
    count: int = 1


@dataclass(frozen=True, slots=True)
class Talk:
    """Stands in every address of the talk, so that each answer says what it answers."""

    call_id: int
    attempt: int
    step: int
    note_id: int | None = None

    @property
    def query(self) -> str:
        note = f"&note={self.note_id}" if self.note_id is not None else ""
        return f"?call={self.call_id}&attempt={self.attempt}&step={self.step}{note}"


class Do(StrEnum):
    """What the officer wants, or what follows from silence."""

    TRY_PIN = "try_pin"
    ACCEPT = "accept"
    ASK_REASON = "ask_reason"
    RETURN = "return"
    RECORD = "record"
    SUBMIT = "submit"
    READ = "read"
    NEXT = "next"
    CALL_CENTRE = "call_centre"
    ASK_AGAIN = "ask_again"
    PASS_ON = "pass_on"
    END = "end"


@dataclass(frozen=True, slots=True)
class Wish:
    """`text`: the PIN, the reason, or what is said first; `purpose`: of the note to record."""

    do: Do
    text: str = ""
    purpose: Purpose = Purpose.RESULT


# --- what follows --------------------------------------------------------------------------------------------------


def react(scene: Scene, keys: str, matter: Matter | None) -> Wish:
    """`keys` "": nothing was pressed in time."""
    if not keys:
        return _nothing_pressed(scene)
    if scene.at is At.PIN:
        return Wish(Do.TRY_PIN, keys)
    if scene.at is At.CASE:
        return _at_case(keys, matter)
    if scene.at is At.REASON:
        return _at_reason(keys)
    if scene.at is At.CONFIRM:
        return _at_confirm(scene, keys)
    return Wish(Do.READ)


def _nothing_pressed(scene: Scene) -> Wish:
    if scene.at is At.NOTE:
        return Wish(Do.READ, spoken.NOTHING_SAID)
    if scene.silent + 1 < MOST_SILENCES:
        return Wish(Do.ASK_AGAIN, spoken.NOTHING_PRESSED)
    # Whoever does not know the PIN hears nothing more; who knew it has heard this case.
    return Wish(Do.END if scene.at is At.PIN else Do.PASS_ON, spoken.NOTHING_PRESSED)


def _at_case(keys: str, matter: Matter | None) -> Wish:
    wanted = {
        Key.ACCEPT: Wish(Do.ACCEPT),
        Key.RETURN: Wish(Do.ASK_REASON),
        Key.REPORT: Wish(Do.RECORD, purpose=Purpose.RESULT),
        Key.NEXT: Wish(Do.NEXT),
        Key.REPEAT: Wish(Do.READ),
        Key.CENTRE: Wish(Do.CALL_CENTRE),
    }
    offered = (matter.keys if matter else frozenset()) | {Key.REPEAT, Key.CENTRE}
    found = next((wish for key, wish in wanted.items() if key == keys and key in offered), None)
    return found or Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)


def _at_reason(keys: str) -> Wish:
    if keys == Key.BACK:
        return Wish(Do.READ)
    if keys == spoken.OTHER_REASON:
        return Wish(Do.RECORD, purpose=Purpose.RETURN)
    reason = spoken.REASONS.get(keys)
    return Wish(Do.RETURN, reason) if reason else Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)


def _at_confirm(scene: Scene, keys: str) -> Wish:
    if keys == "1":
        return Wish(Do.SUBMIT, purpose=scene.purpose)
    if keys == "2":
        return Wish(Do.RECORD, purpose=scene.purpose)
    return Wish(Do.READ) if keys == Key.BACK else Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)


def again(scene: Scene, said: str, *, is_silence: bool) -> Scene:
    return replace(scene, said=said, silent=scene.silent + 1 if is_silence else 0)


# --- what is said --------------------------------------------------------------------------------------------------


def speak(scene: Scene, url: Url, talk: Talk, matter: Matter | None) -> Verbs:
    if scene.at is At.OVER:
        return (*_say(scene.said), Hangup())
    if scene.at is At.NOTE:
        return _take_note(scene, url, talk)
    if scene.at is At.PIN:
        return _ask(url, talk, scene.said, spoken.ASK_PIN, digits=None, timeout=PIN_SECONDS)
    if scene.at is At.REASON:
        return _ask(url, talk, scene.said, spoken.ASK_REASON)
    if scene.at is At.CONFIRM:
        question = spoken.CONFIRM_RESULT if scene.purpose is Purpose.RESULT else spoken.CONFIRM_REASON
        stop = StopTranscription(name=note_name(scene.note_id))
        # A question that is asked again has stopped it already; carriers only warn of that.
        return (stop, *_ask(url, talk, scene.said, question.format(seconds=scene.seconds)))
    if matter is None:  # it left the unit between two sentences: on to the next at once
        return (Redirect(url(HEARD + talk.query)),)
    return _ask(url, talk, scene.said, *read(matter))


def hang_up() -> Verbs:
    return (Hangup(),)


def say_trouble() -> Verbs:
    """The database is away: what waits is read in the next call."""
    return (Say(spoken.TROUBLE), Hangup())


def note_name(note_id: int | None) -> str:
    return f"note-{note_id}"


def read(matter: Matter) -> tuple[str, ...]:
    """The case, and the keys that answer it."""
    opening = (
        spoken.ONE_OF_ONE.format(tail=matter.tail)
        if matter.count == 1
        else spoken.ONE_OF_MANY.format(place=matter.number, count=matter.count, tail=matter.tail)
    )
    what = spoken.CO if matter.is_co else spoken.AGAIN if matter.is_again else ""
    parts = [
        opening,
        spoken.MATTER.format(what=what, name=matter.name, condition=matter.condition, place=matter.place),
        spoken.WHAT_TO_DO.format(closing=matter.closing) if matter.closing else "",
        _until(matter),
        spoken.URGED.format(times=matter.urges) if matter.urges else "",
    ]
    return "".join(parts), "".join(_menu(matter))


def _until(matter: Matter) -> str:
    if not matter.until:
        return ""
    return (spoken.LATE if matter.is_late else spoken.UNTIL).format(until=matter.until)


def _menu(matter: Matter) -> list[str]:
    report = spoken.CO_REPORT if matter.is_co else spoken.REPORT
    words = {
        Key.ACCEPT: spoken.ACCEPT,
        Key.RETURN: spoken.RETURN,
        Key.REPORT: report,
        Key.NEXT: spoken.NEXT,
    }
    return [text for key, text in words.items() if key in matter.keys] + [spoken.REPEAT, spoken.CENTRE]


def _say(*texts: str) -> Verbs:
    return tuple(Say(text) for text in texts if text)


def _ask(url: Url, talk: Talk, *texts: str, digits: int | None = 1, timeout: int = KEY_SECONDS) -> Verbs:
    """Keys alone: what is said in the room must answer nothing. Silence leads to the same address without keys."""
    address = url(HEARD + talk.query)
    prompts = tuple(Say(text) for text in texts if text)
    listen = Gather(action=address, prompts=prompts, speech=False, num_digits=digits, timeout=timeout)
    return (listen, Redirect(address))


def _take_note(scene: Scene, url: Url, talk: Talk) -> Verbs:
    noted = replace(talk, note_id=scene.note_id)
    ask = spoken.SPEAK_RESULT if scene.purpose is Purpose.RESULT else spoken.SPEAK_REASON
    return (
        *_say(scene.said, ask),
        StartTranscription(status_callback=url(WORDS + noted.query), name=note_name(scene.note_id)),
        Record(
            action=url(RECORDED + noted.query),
            status_callback=url(RECORDING + noted.query),
            max_seconds=LONGEST_NOTE,
        ),
        Redirect(url(HEARD + talk.query)),
    )
