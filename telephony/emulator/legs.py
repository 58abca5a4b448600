"""The life of a leg: its parameters, status changes and callbacks, ringing, hanging up, being redirected."""

import asyncio

from telephony.emulator.callbacks import CallbackPlan
from telephony.emulator.clock import within
from telephony.emulator.models import Call, Direction, Line
from telephony.emulator.office import Office
from telephony.emulator.sids import new_sid
from telephony.emulator.transcription import stop_transcriptions
from telephony.emulator.twiml import Source
from telephony.ports import CallStatus

SIP_CODES = {CallStatus.BUSY: 486, CallStatus.NO_ANSWER: 480, CallStatus.CANCELED: 487, CallStatus.FAILED: 404}
EVENT_OF_STATUS = {
    CallStatus.QUEUED: "initiated",
    CallStatus.RINGING: "ringing",
    CallStatus.IN_PROGRESS: "answered",
}
CALLS_KEPT = 5000
FINAL_ONLY = frozenset({"completed"})


def new_call(
    office: Office, caller: str, called: str, direction: Direction, callback: CallbackPlan, parent: str = ""
) -> Call:
    call = Call(new_sid("CA"), caller, called, direction, office.clock.now(), callback=callback, parent=parent)
    office.calls[call.sid] = call
    _forget_old_calls(office)
    return call


def _forget_old_calls(office: Office) -> None:
    """A carrier that runs for weeks keeps the latest calls only."""
    if len(office.calls) > CALLS_KEPT:
        for old in [call for call in office.calls.values() if call.is_over][: CALLS_KEPT // 10]:
            del office.calls[old.sid]


def call_parameters(office: Office, call: Call) -> dict[str, str]:
    """What every voice webhook carries."""
    told = {
        "AccountSid": office.settings.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": call.status.value,
        "Called": call.called,
        "Caller": call.caller,
        "Direction": call.direction.value,
        "From": call.caller,
        "To": call.called,
    }
    if call.parent:
        told["ParentCallSid"] = call.parent
    return {**call.extra, **told}


def set_status(office: Office, call: Call, status: CallStatus) -> None:
    """Move the leg forward and tell whoever asked to know; a leg that is over stays as it is."""
    if call.is_over:
        return
    call.status = status
    if status is CallStatus.IN_PROGRESS and call.started is None:
        call.started = office.clock.now()
    if status.is_terminal:
        call.ended = office.clock.now()
        call.sip_code = SIP_CODES.get(status, 200)
    call.tell({"type": "status", "status": status.value})
    _tell_status(office, call)


def _tell_status(office: Office, call: Call) -> None:
    if not call.callback.wants(EVENT_OF_STATUS.get(call.status, "completed")):
        return
    told = call_parameters(office, call) | {
        "Timestamp": office.callbacks.timestamp(),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.sequence),
    }
    call.sequence += 1
    if call.is_over:
        told["SipResponseCode"] = str(call.sip_code)
    if call.status is CallStatus.COMPLETED:
        told |= {"CallDuration": str(call.seconds), "Duration": str(-(-call.seconds // 60))}
    office.callbacks.tell(call.sid, call.callback.url, call.callback.method, told)


# --- ringing -----------------------------------------------------------------------------------------------------


def lines_of(office: Office, address: str) -> list[Line]:
    """Who is there to ring: every window open under this number or identity."""
    return list(office.lines.get(address.partition("?")[0], ()))


async def ring(office: Office, call: Call, seconds: float) -> CallStatus:
    """Ring until somebody takes it. The leg's status is set; a failed attempt ends the leg."""
    if call.is_over:
        return call.status
    call.ringing = lines_of(office, call.called)
    if not call.ringing:
        is_client = call.called.startswith("client:")
        set_status(office, call, CallStatus.NO_ANSWER if is_client else CallStatus.FAILED)
        return call.status
    call.answer = asyncio.get_running_loop().create_future()
    set_status(office, call, CallStatus.RINGING)
    call.tell({"type": "incoming", "from": call.caller, "to": call.called, "parameters": dict(call.extra)})
    try:
        outcome = await within(office.clock, seconds, _answered(call.answer))
    except TimeoutError:
        outcome = CallStatus.NO_ANSWER
    finally:
        if call.line is None:
            call.tell({"type": "canceled"})
    set_status(office, call, outcome)
    return outcome


async def _answered(answer: "asyncio.Future[CallStatus]") -> CallStatus:
    return await answer


def accept(call: Call, line: Line) -> bool:
    """The first to pick up has the call; the others stop ringing."""
    if call.answer is None or call.answer.done() or line not in call.ringing:
        return False
    for other in call.ringing:
        if other is not line:
            other.send({"type": "canceled", "sid": call.sid})
    call.attach(line)
    call.ringing = []
    call.answer.set_result(CallStatus.IN_PROGRESS)
    return True


def decline(call: Call, line: Line, outcome: CallStatus = CallStatus.BUSY) -> None:
    """One of the ringing phones says no or is gone; the call fails when none is left."""
    if call.answer is None or call.answer.done() or line not in call.ringing:
        return
    call.ringing.remove(line)
    if not call.ringing:
        call.answer.set_result(outcome)


# --- ending ------------------------------------------------------------------------------------------


def redirect(call: Call, source: Source) -> None:
    """Interrupt what the call does now; it fetches `source` next."""
    call.turn = source
    if call.pilot:
        call.pilot.cancel()


def hang_up(office: Office, call: Call, status: CallStatus | None = None) -> None:
    """End the leg from either side. Before it was answered that is a cancellation."""
    if call.is_over:
        return
    if status is None:
        status = CallStatus.COMPLETED if call.started else CallStatus.CANCELED
    stop_transcriptions(office, call)
    set_status(office, call, status)
    call.tell({"type": "ended", "status": status.value})
    if call.answer and not call.answer.done():
        call.answer.set_result(status)
    if call.pilot and call.pilot is not asyncio.current_task():
        call.pilot.cancel()
