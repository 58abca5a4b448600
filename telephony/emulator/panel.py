"""The developer's panel: calls in progress, the webhook log, the chaos switch."""

from typing import Any

from aiohttp import web

from telephony.emulator.chaos import Chaos
from telephony.emulator.models import Call
from telephony.emulator.office import Office
from telephony.emulator.phones import check_origin
from telephony.emulator.rest.answers import OFFICE

CALLS_SHOWN = 50
LONGEST_DELAY = 60.0
MOST_REPEATS = 5


async def show_state(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    calls = list(office.calls.values())[-CALLS_SHOWN:]
    return web.json_response(
        {
            "now": office.clock.now().isoformat(),
            "chaos": _chaos(office.chaos),
            "calls": [_call(call) for call in reversed(calls)],
            "queues": [{"name": q.name, "waiting": len(q.waiters)} for q in office.queues.values()],
            "lines": {address: len(windows) for address, windows in office.lines.items()},
            "log": _log(office),
        }
    )


def _call(call: Call) -> dict[str, Any]:
    doing = "queue" if call.waiter else "room" if call.member else "listening" if call.listener else ""
    return {
        "sid": call.sid,
        "from": call.caller,
        "to": call.called,
        "status": call.status.value,
        "direction": call.direction.value,
        "doing": "" if call.is_over else doing,
        "created": call.created.isoformat(),
    }


def _log(office: Office) -> list[dict[str, Any]]:
    return [
        {
            "at": line.at.isoformat(),
            "method": line.method,
            "url": line.url,
            "event": line.event,
            "result": line.result,
            "ms": line.milliseconds,
        }
        for line in reversed(office.postman.log)
    ]


def _chaos(chaos: Chaos) -> dict[str, Any]:
    return {
        "delay": chaos.delay,
        "shuffle": chaos.shuffle,
        "repeat": chaos.repeat,
        "refuse_rest": chaos.refuse_rest,
        "sms_error": chaos.sms_error,
    }


async def set_chaos(request: web.Request) -> web.Response:
    """JSON with any of delay, shuffle, repeat, refuse_rest, sms_error; answers the switch as it stands now."""
    check_origin(request)
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="application/json is required")
    chaos = request.app[OFFICE].chaos
    try:
        wanted = {**_chaos(chaos), **await request.json()}
        chaos.delay = min(max(float(wanted["delay"]), 0.0), LONGEST_DELAY)
        chaos.repeat = min(max(int(wanted["repeat"]), 0), MOST_REPEATS)
        chaos.refuse_rest = max(int(wanted["refuse_rest"]), 0)
        chaos.sms_error = max(int(wanted["sms_error"]), 0)
        chaos.shuffle = bool(wanted["shuffle"])
    except (TypeError, ValueError, OverflowError):
        raise web.HTTPBadRequest(text="numbers and booleans are expected") from None
    return web.json_response(_chaos(chaos))
