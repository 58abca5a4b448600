"""Messages, queues, recordings and their media."""

from aiohttp import web

from telephony.emulator.legs import redirect
from telephony.emulator.messages import Refusal, submit
from telephony.emulator.models import Queue, Recording, Waiter
from telephony.emulator.recordings import finish_recording, media_path, pause_recording, resume_recording
from telephony.emulator.rest.answers import OFFICE, RestError, listing, not_found, read_form, source_of, whole
from telephony.emulator.rest.conferences import find_conference
from telephony.emulator.rest.shapes import show_message, show_queue, show_recording, show_waiter

# --- messages ----------------------------------------------------------------------------------------------------


async def create_message(request: web.Request) -> web.Response:
    office, form = request.app[OFFICE], await read_form(request)
    sender = form.get("From") or (office.settings.numbers[0] if form.get("MessagingServiceSid") else "")
    try:
        message = submit(office, form.get("To", ""), sender, form.get("Body", ""), form.get("StatusCallback", ""))
    except Refusal as refusal:
        raise RestError(400, refusal.code, refusal.text) from None
    return web.json_response(show_message(office, message), status=201)


async def fetch_message(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    message = office.messages.get(request.match_info["message"])
    if message is None:
        raise not_found(request)
    return web.json_response(show_message(office, message))


async def list_messages(request: web.Request) -> web.Response:
    office, query = request.app[OFFICE], request.query
    wanted = {"to": query.get("To"), "from": query.get("From")}
    rows = [show_message(office, message) for message in reversed(office.messages.values())]
    rows = [row for row in rows if all(value is None or row[name] == value for name, value in wanted.items())]
    return listing(request, "messages", rows)


# --- queues ------------------------------------------------------------------------------------------------------


def _find_queue(request: web.Request) -> Queue:
    queue = request.app[OFFICE].queues.get(request.match_info["queue"])
    if queue is None:
        raise not_found(request)
    return queue


async def list_queues(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    return listing(request, "queues", [show_queue(office, queue) for queue in office.queues.values()])


async def create_queue(request: web.Request) -> web.Response:
    office, form = request.app[OFFICE], await read_form(request)
    name = form.get("FriendlyName", "")
    if not name or len(name) > 64:
        raise RestError(400, 22003, "FriendlyName must have 1 to 64 characters")
    queue = office.queue_named(name)
    queue.size = whole(form, "MaxSize", queue.size)
    return web.json_response(show_queue(office, queue), status=201)


async def fetch_queue(request: web.Request) -> web.Response:
    return web.json_response(show_queue(request.app[OFFICE], _find_queue(request)))


async def update_queue(request: web.Request) -> web.Response:
    queue, form = _find_queue(request), await read_form(request)
    queue.name, queue.size = form.get("FriendlyName", queue.name), whole(form, "MaxSize", queue.size)
    return web.json_response(show_queue(request.app[OFFICE], queue))


async def list_members(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    return listing(request, "queue_members", [show_waiter(office, w) for w in _find_queue(request).waiters])


def _find_waiter(request: web.Request) -> Waiter:
    name, waiters = request.match_info["member"], _find_queue(request).waiters
    found = waiters[0] if name == "Front" and waiters else next((w for w in waiters if w.call.sid == name), None)
    if found is None:
        raise not_found(request)
    return found


async def fetch_member(request: web.Request) -> web.Response:
    return web.json_response(show_waiter(request.app[OFFICE], _find_waiter(request)))


async def update_member(request: web.Request) -> web.Response:
    """Take somebody out of the queue: the call goes on with the given URL."""
    waiter, source = _find_waiter(request), source_of(await read_form(request))
    if source is None:
        raise RestError(400, 21205, "Url parameter is required.")
    shown = show_waiter(request.app[OFFICE], waiter)
    redirect(waiter.call, source)
    return web.json_response(shown)


# --- recordings --------------------------------------------------------------------------------------------------


def _find_recording(request: web.Request) -> Recording:
    recording = request.app[OFFICE].recordings.get(request.match_info["recording"])
    if recording is None:
        raise not_found(request)
    return recording


async def list_recordings(request: web.Request) -> web.Response:
    office, query = request.app[OFFICE], request.query
    call = query.get("CallSid") or request.match_info.get("call")
    conference = query.get("ConferenceSid") or request.match_info.get("conference")
    found = [
        recording
        for recording in reversed(office.recordings.values())
        if (call is None or recording.call_sid == call)
        and (conference is None or recording.conference_sid == conference)
    ]
    return listing(request, "recordings", [show_recording(office, recording) for recording in found])


async def fetch_recording(request: web.Request) -> web.Response:
    return web.json_response(show_recording(request.app[OFFICE], _find_recording(request)))


async def fetch_media(request: web.Request) -> web.StreamResponse:
    office, recording = request.app[OFFICE], _find_recording(request)
    path = media_path(office, recording.sid)
    if not path.exists():
        raise not_found(request)
    return web.FileResponse(path, headers={"Content-Type": "audio/x-wav"})


async def delete_recording(request: web.Request) -> web.Response:
    office, recording = request.app[OFFICE], _find_recording(request)
    media_path(office, recording.sid).unlink(missing_ok=True)
    del office.recordings[recording.sid]
    return web.Response(status=204)


async def update_conference_recording(request: web.Request) -> web.Response:
    """Pause, resume or stop; `Twilio.CURRENT` is the one running."""
    office, conference, form = request.app[OFFICE], find_conference(request), await read_form(request)
    recording = conference.recording
    if recording is None or request.match_info["recording"] not in (recording.sid, "Twilio.CURRENT"):
        raise not_found(request)
    status = form.get("Status")
    if status == "paused":
        pause_recording(office, recording)
    elif status == "in-progress":
        resume_recording(office, recording)
    elif status == "stopped":
        conference.recording = None
        await finish_recording(office, recording)
    else:
        raise RestError(400, 20001, "Status must be paused, in-progress or stopped")
    return web.json_response(show_recording(office, recording))
