"""What the carrier is told to do with a call, for every situation. Pure: facts in, verbs out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from app.calls import texts
from telephony.ports import (
    DialConference,
    DialNumber,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Record,
    Say,
    StartTranscription,
    Verb,
)

Verbs = tuple[Verb, ...]
Url = Callable[[str], str]  # a path of ours -> the address the carrier reaches it at

VOICE = "/telephony/voice"
HEARD, WAIT, QUEUE_LEFT = f"{VOICE}/heard", f"{VOICE}/wait", f"{VOICE}/queue-left"
CONNECT, TALK_ENDED, REQUEUED = f"{VOICE}/connect", f"{VOICE}/talk-ended", f"{VOICE}/requeued"
CALLED_BACK, CITIZEN_LEG = f"{VOICE}/called-back", f"{VOICE}/citizen-leg"
CONFERENCE, AGENT_LEG = f"{VOICE}/conference", f"{VOICE}/agent-leg"
HANDED_ON = f"{VOICE}/handed-on"
SENT_OUT, OUTSIDE_ENDED, OUTSIDE_LEFT = f"{VOICE}/sent-out", f"{VOICE}/outside-ended", f"{VOICE}/outside-left"
PARTY_JOINS, PARTY_LEG, PARTY_LEFT = f"{VOICE}/party-joins", f"{VOICE}/party-leg", f"{VOICE}/party-left"
RECORDED, RECORDING, TRANSCRIPT = f"{VOICE}/recorded", f"{VOICE}/recording", f"{VOICE}/transcript"
MUSIC = "/static/audio/hold.wav"

QUEUE = "hotline"
CALLER = "caller"
AGENT = "agent"
PARTY = "party-{id}"
OUTSIDE_RING = 30  # seconds
LONGEST_QUEUE = 100
LONGEST_WAIT = 15 * 60  # seconds until a caller is offered the voicemail instead of more music
LONGEST_MESSAGE = 180
MOST_HINTS = 500  # characters


@dataclass(frozen=True, slots=True)
class Desk:
    """What the plan must know of the other side."""

    is_anyone_online: bool
    queue_length: int

    @property
    def takes_callers(self) -> bool:
        return self.is_anyone_online and self.queue_length < LONGEST_QUEUE


@dataclass(frozen=True, slots=True)
class News:
    """A known incident as the greeting tells it."""

    incident_id: int
    text: str


def greet(url: Url, desk: Desk, *, number: str, hints: str, news: Sequence[News] = ()) -> Verbs:
    """One greeting that also listens; pressing a key or saying nothing goes straight on.

    With `news` a key may also say "that is what I call about"; the address itself says which key means what.
    """
    return (
        StartTranscription(status_callback=url(TRANSCRIPT), name="hotline"),
        Gather(
            action=url(HEARD + which_news(news)),
            prompts=(Say(_greeting(number, news)),),
            num_digits=1,
            timeout=5,
            hints=hints,
        ),
        *go_on(url, desk),
    )


def _greeting(number: str, news: Sequence[News]) -> str:
    if not news:
        return texts.GREETING.format(number=number)
    if len(news) == 1:
        told = texts.NEWS_ONE.format(what=news[0].text)
    else:
        pairs = zip(news, texts.KEYS, strict=False)
        told = "".join(texts.NEWS_MANY.format(what=each.text, key=key) for each, key in pairs)
    return texts.GREETING_NEWS.format(number=number, news=told, elsewise=texts.ELSEWISE)


def which_news(news: Sequence[News]) -> str:
    return f"?news={'-'.join(str(each.incident_id) for each in news)}" if news else ""


def after_joining(url: Url, desk: Desk, told: str) -> Verbs:
    """Thanked and told how far it is. An agent is offered, not insisted on: a surge needs the queue for the others."""
    if not desk.takes_callers:
        return (Say(told), *say_goodbye())
    prompt = texts.JOINED_OFFER.format(told=told)
    return (Gather(action=url(HEARD), prompts=(Say(prompt),), num_digits=1, timeout=6), *say_goodbye())


def over_by_now(url: Url, desk: Desk) -> Verbs:
    return (*((Say(texts.OVER_BY_NOW),) if desk.takes_callers else ()), *go_on(url, desk))


def go_on(url: Url, desk: Desk) -> Verbs:
    """To the queue, or to the voicemail when the queue leads nowhere."""
    if not desk.is_anyone_online:
        return take_message(url, texts.NOBODY_HERE)
    return enqueue(url) if desk.takes_callers else take_message(url, texts.VERY_BUSY)


def thank(url: Url, desk: Desk, *, is_danger: bool) -> Verbs:
    """After speech; someone in danger hears the emergency numbers whoever is online."""
    said: Verbs = (Say(texts.THANKS_DANGER),) if is_danger else (Say(texts.THANKS),)
    return (*(said if desk.takes_callers or is_danger else ()), *go_on(url, desk))


def enqueue(url: Url) -> Verbs:
    return (Enqueue(queue=QUEUE, action=url(QUEUE_LEFT), wait_url=url(WAIT)),)


def take_message(url: Url, prompt: str) -> Verbs:
    return (
        Say(prompt),
        Record(action=url(RECORDED), status_callback=url(RECORDING), max_seconds=LONGEST_MESSAGE),
        Say(texts.NOTHING_RECORDED),
        Hangup(),
    )


def wait(url: Url, *, position: int | None, announced: int | None, average_wait: int) -> Verbs:
    """A round of waiting. The position is told when it has improved since `announced`, and never gets worse aloud."""
    if position is None or (announced is not None and position >= announced):
        return (Play(url(MUSIC)),)
    return (Say(_tell_position(position, average_wait)), Play(url(MUSIC)))


def _tell_position(position: int, average_wait: int) -> str:
    people = position - 1
    if people == 0:
        return texts.NEXT_IN_LINE
    minutes = ceil(average_wait / 60)
    if minutes == 0:  # "about 0 minutes" would be a promise nobody keeps
        return texts.BEFORE_YOU.format(people=people)
    return texts.BEFORE_YOU_MINUTES.format(people=people, minutes=minutes)


def wait_blindly(url: Url) -> Verbs:
    """The database is away: the caller keeps waiting and notices nothing."""
    return (Say(texts.STILL_WAITING), Play(url(MUSIC)))


def pause() -> Verbs:
    """An agent has answered and the carrier is about to move the call."""
    return (Pause(2),)


def give_up_waiting() -> Verbs:
    return (Leave(),)


def connect(url: Url, call_id: int, attempt: int) -> Verbs:
    """The caller's end of the talk. When the caller leaves all is over; when the agent's line is lost it is not."""
    return (
        DialConference(
            name=conference_name(call_id, attempt),
            action=url(TALK_ENDED + which(call_id, attempt)),
            status_callback=url(CONFERENCE + which(call_id, attempt)),
            recording_callback=url(RECORDING + which(call_id, attempt)),
            label=CALLER,
        ),
    )


def conference_name(call_id: int, attempt: int) -> str:
    """One per attempt: the room of a lost talk may not be closed yet when the next agent answers."""
    return f"call-{call_id}" if attempt <= 1 else f"call-{call_id}-{attempt}"


def which(call_id: int, attempt: int) -> str:
    """Says in the address itself which talk a callback is about: it may come before the leg's sid is stored."""
    return f"?call={call_id}&attempt={attempt}"


def which_party(call_id: int, attempt: int, party_id: int) -> str:
    return f"{which(call_id, attempt)}&party={party_id}"


def bring_in(url: Url, call_id: int, attempt: int, party_id: int) -> Verbs:
    """A number outside has answered and joins the talk. When it leaves, the others go on."""
    asked = which(call_id, attempt)
    return (
        DialConference(
            name=conference_name(call_id, attempt),
            action=url(PARTY_LEFT),
            status_callback=url(CONFERENCE + asked),
            recording_callback=url(RECORDING + asked),
            label=PARTY.format(id=party_id),
            ends_for_all=False,
        ),
    )


def send_out(url: Url, name: str, number: str, party: str) -> Verbs:
    """The caller alone goes on to a number outside; with an action, what follows a Dial is never reached."""
    return (
        Say(texts.SENDING_OUT.format(name=name)),
        DialNumber(number=number, action=url(OUTSIDE_ENDED + party), timeout=OUTSIDE_RING),
    )


def hand_on(url: Url) -> Verbs:
    return (Say(texts.CONNECTING), *enqueue(url))


def bring_back(url: Url) -> Verbs:
    return (Say(texts.OUTSIDE_UNREACHED), *enqueue(url))


def requeue(url: Url) -> Verbs:
    return (Say(texts.TALK_LOST), *enqueue(url))


def say_goodbye() -> Verbs:
    return (Say(texts.GOODBYE), Hangup())


def confirm_message() -> Verbs:
    return (Say(texts.MESSAGE_TAKEN), Hangup())


def hang_up() -> Verbs:
    return (Hangup(),)


def fall_back(url: Url) -> Verbs:
    """Nothing may be asked of database or broker here: say so and queue. What is behind the queue heals the rest."""
    return (Say(texts.TROUBLE), *enqueue(url))


def hints(words: Iterable[str]) -> str:
    """As many words as the carrier takes, comma separated, whole words only."""
    taken: list[str] = []
    room = MOST_HINTS
    for word in dict.fromkeys(words):
        if len(word) + 1 > room:
            break
        taken.append(word)
        room -= len(word) + 1
    return ",".join(taken)
