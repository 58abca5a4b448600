"""Calls: create, fetch, update (redirect, hang up, cancel), list; live transcription of a call."""

from aiohttp import web
from multidict import MultiDict

from telephony.emulator.callbacks import CallbackPlan
from telephony.emulator.legs import hang_up, new_call, redirect
from telephony.emulator.models import Call, Direction
from telephony.emulator.rest.answers import OFFICE, RestError, listing, not_found, read_form, source_of, whole
from telephony.emulator.rest.shapes import show_call
from telephony.emulator.traffic import place_call
from telephony.emulator.transcription import start_transcription, stop_transcriptions
from telephony.emulator.twiml import Source
from telephony.ports import CallStatus

NOT_IN_PROGRESS = 21220
NO_TO = 21201
NO_FROM = 21213
NO_URL = 21205


def find_call(request: web.Request) -> Call:
    call = request.app[OFFICE].calls.get(request.match_info["call"])
    if call is None:
        raise not_found(request)
    return call


def call_plan(form: MultiDict[str]) -> CallbackPlan:
    """StatusCallbackEvent may be repeated or hold several names; without one only the end is told."""
    events = frozenset(name for value in form.getall("StatusCallbackEvent", []) for name in value.split())
    return CallbackPlan(
        form.get("StatusCallback", ""),
        form.get("StatusCallbackMethod", "POST").upper(),
        events or frozenset({"completed"}),
    )


def required(form: MultiDict[str], name: str, code: int) -> str:
    value = form.get(name, "").strip()
    if not value:
        raise RestError(400, code, f"No '{name}' specified")
    return value


async def create_call(request: web.Request) -> web.Response:
    office, form = request.app[OFFICE], await read_form(request)
    to, caller = required(form, "To", NO_TO), required(form, "From", NO_FROM)
    source = source_of(form)
    if source is None:
        raise RestError(400, NO_URL, "Url parameter is required.")
    call = new_call(office, caller, to, Direction.OUTBOUND_API, call_plan(form))
    if form.get("FallbackUrl"):
        call.fallback = Source(form["FallbackUrl"], form.get("FallbackMethod", "POST").upper())
    place_call(office, call, whole(form, "Timeout", 60), source)
    return web.json_response(show_call(office, call), status=201)


async def fetch_call(request: web.Request) -> web.Response:
    return web.json_response(show_call(request.app[OFFICE], find_call(request)))


async def update_call(request: web.Request) -> web.Response:
    """Url or Twiml interrupts what the call does; Status completed or canceled ends it."""
    office, call, form = request.app[OFFICE], find_call(request), await read_form(request)
    if call.is_over:
        raise RestError(400, NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
    status = form.get("Status")
    if status is not None:
        _end(request, call, status)
        return web.json_response(show_call(office, call))
    source = source_of(form)
    if source is not None:
        if call.status is not CallStatus.IN_PROGRESS:
            raise RestError(400, NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
        redirect(call, source)
    if form.get("StatusCallback"):
        call.callback = call_plan(form)
    return web.json_response(show_call(office, call))


def _end(request: web.Request, call: Call, status: str) -> None:
    """`completed` ends any call (one nobody answered yet becomes canceled); `canceled` never cuts a talk."""
    if status not in ("completed", "canceled"):
        raise RestError(400, 20001, "Status must be completed or canceled")
    if status == "completed" or call.started is None:
        hang_up(request.app[OFFICE], call)


async def list_calls(request: web.Request) -> web.Response:
    office, query = request.app[OFFICE], request.query
    wanted = {"status": query.get("Status"), "to": query.get("To"), "from": query.get("From")}
    rows = [show_call(office, call) for call in reversed(office.calls.values())]
    rows = [row for row in rows if all(value is None or row[name] == value for name, value in wanted.items())]
    return listing(request, "calls", rows)


async def create_transcription(request: web.Request) -> web.Response:
    office, call, form = request.app[OFFICE], find_call(request), await read_form(request)
    transcription = start_transcription(
        office,
        call,
        url=form.get("StatusCallbackUrl", ""),
        method=form.get("StatusCallbackMethod", "POST").upper(),
        name=form.get("Name", ""),
        track=form.get("Track", "both_tracks"),
        language=form.get("LanguageCode", "en-US"),
        partial=form.get("PartialResults", "false") == "true",
    )
    return web.json_response(
        _transcription(request, call, transcription.sid, form.get("Name"), "in-progress"), status=201
    )


async def update_transcription(request: web.Request) -> web.Response:
    call, name = find_call(request), request.match_info["transcription"]
    if not any(name in (t.name, t.sid) for t in call.transcriptions):
        raise not_found(request)
    stop_transcriptions(request.app[OFFICE], call, name)
    return web.json_response(_transcription(request, call, name, name, "stopped"))


def _transcription(request: web.Request, call: Call, sid: str, name: str | None, status: str) -> dict[str, object]:
    office = request.app[OFFICE]
    return {
        "sid": sid,
        "account_sid": office.settings.account_sid,
        "call_sid": call.sid,
        "name": name,
        "status": status,
        "date_updated": None,
        "uri": f"{office.api_path}/Calls/{call.sid}/Transcriptions/{sid}.json",
    }
