"""Say, Play, Pause: what a caller hears."""

from telephony.emulator.executor import Outcome, Step, performs
from telephony.emulator.speech import say_to
from telephony.emulator.twiml import Element

# loop="0" means "until hung up"; Twilio itself stops after a thousand.
ENDLESS = 1000


def _rounds(element: Element) -> int:
    return element.whole("loop", 1, 0, ENDLESS) or ENDLESS


@performs("Say")
async def say(step: Step, element: Element) -> Outcome:
    text = element.text or " ".join(child.text for child in element.children if child.text)
    if not text:
        return None
    for _ in range(_rounds(element)):
        say_to(step.office, step.call, text, element.get("language", "en-US"))
        await step.office.clock.sleep(max(len(text) * step.office.settings.seconds_per_character, 0.001))
    return None


@performs("Play")
async def play(step: Step, element: Element) -> Outcome:
    if not element.text:
        return None
    step.call.tell({"type": "music", "on": True, "url": element.text})
    try:
        for _ in range(_rounds(element)):
            await step.office.clock.sleep(step.office.settings.music_seconds)
    finally:
        step.call.tell({"type": "music", "on": False})
    return None


@performs("Pause")
async def pause(step: Step, element: Element) -> Outcome:
    await step.office.clock.sleep(element.whole("length", 1, 0, 3600))
    return None
