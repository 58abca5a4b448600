"""Conferences and their participants: ring somebody in, mute, hold, coach, send away, end."""

from aiohttp import web
from multidict import MultiDict

from telephony.emulator.callbacks import CallbackPlan
from telephony.emulator.conferences import end_conference, play_to, set_held, set_muted
from telephony.emulator.legs import hang_up, new_call
from telephony.emulator.models import Call, Conference, Direction, Member, Terms
from telephony.emulator.rest.answers import OFFICE, RestError, flag, listing, not_found, read_form, whole
from telephony.emulator.rest.calls import NO_FROM, NO_TO, call_plan, required
from telephony.emulator.rest.shapes import show_conference, show_member, show_pending
from telephony.emulator.traffic import invite
from telephony.emulator.twiml import Source


def find_conference(request: web.Request) -> Conference:
    conference = request.app[OFFICE].conferences.get(request.match_info["conference"])
    if conference is None:
        raise not_found(request)
    return conference


async def fetch_conference(request: web.Request) -> web.Response:
    return web.json_response(show_conference(request.app[OFFICE], find_conference(request)))


async def list_conferences(request: web.Request) -> web.Response:
    office, query = request.app[OFFICE], request.query
    wanted = {"friendly_name": query.get("FriendlyName"), "status": query.get("Status")}
    rows = [show_conference(office, conference) for conference in reversed(office.conferences.values())]
    rows = [row for row in rows if all(value is None or row[name] == value for name, value in wanted.items())]
    return listing(request, "conferences", rows)


async def update_conference(request: web.Request) -> web.Response:
    office, conference, form = request.app[OFFICE], find_conference(request), await read_form(request)
    if form.get("Status") == "completed":
        end_conference(office, conference, "conference-ended-via-api")
    if form.get("AnnounceUrl"):
        announcement = Source(form["AnnounceUrl"], form.get("AnnounceMethod", "POST").upper())
        for member in conference.members.values():
            play_to(office, member, announcement)
    return web.json_response(show_conference(office, conference))


# --- participants ------------------------------------------------------------------------------------------------


async def create_participant(request: web.Request) -> web.Response:
    """Ring `To` into the conference, which may be named by its sid or by a friendly name that need not exist yet."""
    office, form = request.app[OFFICE], await read_form(request)
    to, caller = required(form, "To", NO_TO), required(form, "From", NO_FROM)
    address = request.match_info["conference"]
    conference = office.conferences.get(address)
    if conference is None and address.startswith("CF") and len(address) == 34:
        raise not_found(request)
    if conference is None:
        conference = office.open_conference(address)
    if conference.status == "completed":
        raise RestError(400, 21220, "The conference has ended")
    call = new_call(office, caller, to, Direction.OUTBOUND_API, call_plan(form))
    terms = _terms(form)
    invite(office, call, whole(form, "Timeout", 60), conference, terms)
    return web.json_response(show_pending(office, conference, call, terms), status=201)


def _terms(form: MultiDict[str]) -> Terms:
    return Terms(
        label=form.get("Label", ""),
        muted=flag(form, "Muted", False),
        starts=flag(form, "StartConferenceOnEnter", True),
        ends=flag(form, "EndConferenceOnExit", False),
        coach=form.get("CallSidToCoach", "") if flag(form, "Coaching", False) else "",
        wait=Source(form["WaitUrl"], form.get("WaitMethod", "POST").upper()) if "WaitUrl" in form else None,
        most=whole(form, "MaxParticipants", 250),
        record=form.get("ConferenceRecord", "") in ("true", "record-from-start"),
        callback=_plan(form, "ConferenceStatusCallback", ""),
        recording=_plan(form, "ConferenceRecordingStatusCallback", "completed"),
    )


def _plan(form: MultiDict[str], name: str, default: str) -> CallbackPlan:
    events = frozenset(event for value in form.getall(f"{name}Event", []) for event in value.split())
    return CallbackPlan(form.get(name, ""), form.get(f"{name}Method", "POST").upper(), events or frozenset({default}))


def _members(request: web.Request) -> tuple[Conference, Member | None, tuple[Call, Terms] | None]:
    """Who is meant, by call sid or label: somebody inside, or somebody whose phone still rings."""
    conference, name = find_conference(request), request.match_info["participant"]
    inside = (m for m in conference.members.values() if name in (m.call.sid, m.label))
    ringing = (p for p in conference.pending.values() if name in (p[0].sid, p[1].label))
    return conference, next(inside, None), next(ringing, None)


async def fetch_participant(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    conference, member, pending = _members(request)
    if member is not None:
        return web.json_response(show_member(office, conference, member))
    if pending is not None:
        return web.json_response(show_pending(office, conference, *pending))
    raise not_found(request)


async def update_participant(request: web.Request) -> web.Response:
    office, form = request.app[OFFICE], await read_form(request)
    conference, member, _ = _members(request)
    if member is None:
        raise not_found(request)
    if "Muted" in form:
        set_muted(office, member, flag(form, "Muted", False))
    if "Hold" in form:
        music = Source(form["HoldUrl"], form.get("HoldMethod", "POST").upper()) if form.get("HoldUrl") else None
        set_held(office, member, flag(form, "Hold", False), music)
    if "Coaching" in form:
        member.coach = form.get("CallSidToCoach", member.coach) if flag(form, "Coaching", False) else ""
    if "EndConferenceOnExit" in form:
        member.ends = flag(form, "EndConferenceOnExit", False)
    if form.get("AnnounceUrl"):
        play_to(office, member, Source(form["AnnounceUrl"], form.get("AnnounceMethod", "POST").upper()))
    return web.json_response(show_member(office, conference, member))


async def delete_participant(request: web.Request) -> web.Response:
    """Out of the conference: a leg with a document goes on with it, one that was rung in has nothing left to do."""
    _, member, pending = _members(request)
    if member is not None:
        member.out.set()
    elif pending is not None:
        hang_up(request.app[OFFICE], pending[0])
    else:
        raise not_found(request)
    return web.Response(status=204)


async def list_participants(request: web.Request) -> web.Response:
    office, conference = request.app[OFFICE], find_conference(request)
    rows = [show_member(office, conference, member) for member in conference.members.values()]
    rows += [show_pending(office, conference, call, terms) for call, terms in conference.pending.values()]
    for name in ("Muted", "Hold", "Coaching"):
        if name in request.query:
            rows = [row for row in rows if row[name.lower()] == (request.query[name].lower() == "true")]
    return listing(request, "participants", rows)
