"""How calls begin: from a phone to the hotline, and from the REST API to a phone or browser client."""

from telephony.emulator.callbacks import NOBODY, CallbackPlan
from telephony.emulator.conferences import confer, end_conference
from telephony.emulator.executor import execute, fly
from telephony.emulator.legs import FINAL_ONLY, hang_up, new_call, ring, set_status
from telephony.emulator.models import Call, Conference, Direction, Line, Terms
from telephony.emulator.office import Office
from telephony.emulator.twiml import Source
from telephony.ports import CallStatus

WITHHELD = "anonymous"


def dial_hotline(
    office: Office, line: Line, number: str, *, withhold: bool = False, extra: dict[str, str] | None = None
) -> Call:
    """A party dials `number`. A number that is nobody's ends at once as failed."""
    settings = office.settings
    is_client = line.address.startswith("client:")
    plan = CallbackPlan(settings.status_url, "POST", FINAL_ONLY)
    caller = WITHHELD if withhold else line.address
    call = new_call(office, caller, number, Direction.INBOUND, plan)
    call.attach(line)
    call.extra = dict(extra or {})
    call.fallback = Source(settings.fallback_url)
    line.send({"type": "dialing", "sid": call.sid, "to": number})
    if number in settings.numbers or is_client:
        set_status(office, call, CallStatus.RINGING)
        office.spawn(fly(office, call, execute(office, call, Source(settings.voice_url))))
    else:
        call.callback = NOBODY
        hang_up(office, call, CallStatus.FAILED)
    return call


def place_call(office: Office, call: Call, seconds: float, source: Source) -> None:
    """Calls.create: ring, and run the document once somebody answers."""
    office.spawn(_place(office, call, seconds, source))


async def _place(office: Office, call: Call, seconds: float, source: Source) -> None:
    _tell_initiated(office, call)
    if await ring(office, call, seconds) is CallStatus.IN_PROGRESS:
        await fly(office, call, execute(office, call, source))


def invite(office: Office, call: Call, seconds: float, conference: Conference, terms: Terms) -> None:
    """Participants.create: ring, and join the conference once somebody answers."""
    conference.pending[call.sid] = (call, terms)
    office.spawn(_invite(office, call, seconds, conference, terms))


async def _invite(office: Office, call: Call, seconds: float, conference: Conference, terms: Terms) -> None:
    _tell_initiated(office, call)
    try:
        outcome = await ring(office, call, seconds)
    finally:
        conference.pending.pop(call.sid, None)
    if outcome is CallStatus.IN_PROGRESS:
        await fly(office, call, confer(office, call, conference.name, terms))
    elif not conference.members and not conference.pending:
        # Nobody ever came: such a conference never existed for those who ask for its events.
        conference.callback = None
        end_conference(office, conference, "last-participant-left")


def _tell_initiated(office: Office, call: Call) -> None:
    set_status(office, call, CallStatus.QUEUED)
