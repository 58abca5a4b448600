"""Conferences: joining, starting, muting, holding, coaching, ending, and telling about each."""

from telephony.emulator.clock import cancel
from telephony.emulator.executor import play_once
from telephony.emulator.legs import hang_up
from telephony.emulator.models import Call, Conference, Member, Terms
from telephony.emulator.office import Office
from telephony.emulator.recordings import begin_recording, finish_recording
from telephony.emulator.rooms import close_room, leave
from telephony.emulator.twiml import Source

EVERY_EVENT = frozenset({"start", "end", "join", "leave", "mute", "hold", "modify", "announcement"})


async def confer(office: Office, call: Call, name: str, terms: Terms) -> None:
    """Sit in the conference until the leg leaves, is sent away or the conference ends."""
    conference = office.open_conference(name)
    if len(conference.members) >= terms.most:
        return
    member = join(office, conference, call, terms)
    try:
        await member.out.wait()
    finally:
        await part(office, conference, member)


def join(office: Office, conference: Conference, call: Call, terms: Terms) -> Member:
    conference.pending.pop(call.sid, None)
    member = Member(
        call,
        conference,
        office.clock.now(),
        label=terms.label,
        muted=terms.muted,
        starts=terms.starts,
        ends=terms.ends,
        coach=terms.coach,
        wait=terms.wait,
    )
    conference.members[call.sid] = member
    call.member = member
    _adopt(conference, terms)
    tell_conference(office, conference, "join", "participant-join", member)
    _start_if_due(office, conference)
    if conference.status != "in-progress":
        play_to(office, member, member.wait)
    call.tell({"type": "conference", "name": conference.name, "status": conference.status})
    return member


def _adopt(conference: Conference, terms: Terms) -> None:
    # Only what the first participant says about callbacks counts, as documented by Twilio.
    if conference.callback is None:
        conference.callback = terms.callback
    if terms.record and not conference.record:
        conference.record, conference.recording_callback = True, terms.recording


def _start_if_due(office: Office, conference: Conference) -> None:
    due = len(conference.members) >= 2 and any(member.starts for member in conference.members.values())
    if conference.status == "in-progress" or not due:
        return
    conference.status = "in-progress"
    for member in conference.members.values():
        silence(office, member)
        member.call.tell({"type": "connected"})
    if conference.record:
        conference.recording = begin_recording(
            office, "Conference", conference.recording_callback, conference_sid=conference.sid
        )
    tell_conference(office, conference, "start", "conference-start")


async def part(office: Office, conference: Conference, member: Member) -> None:
    """The leg leaves; the conference ends with its last leg, or with one whose leaving ends it."""
    silence(office, member)
    leave(member)
    tell_conference(office, conference, "leave", "participant-leave", member)
    if conference.status == "completed":
        return
    if member.ends:
        end_conference(office, conference, "participant-with-end-conference-on-exit-left", member.call.sid)
    elif not conference.members and not conference.pending:
        end_conference(office, conference, "last-participant-left", member.call.sid)


def end_conference(office: Office, conference: Conference, reason: str, by: str = "") -> None:
    if conference.status == "completed":
        return
    had_started = conference.callback is not None
    conference.status, conference.reason, conference.ended_by = "completed", reason, by
    conference.updated = office.clock.now()
    if conference.recording is not None:
        office.spawn(finish_recording(office, conference.recording))
    close_room(conference)
    for call, _ in list(conference.pending.values()):
        hang_up(office, call)
    if had_started:
        tell_conference(office, conference, "end", "conference-end")


# --- control -----------------------------------------------------------------------------------------------------


def set_muted(office: Office, member: Member, muted: bool) -> None:
    if member.muted != muted:
        member.muted = muted
        member.call.tell({"type": "muted", "on": muted})
        _tell_member(office, member, "mute", "participant-mute" if muted else "participant-unmute")


def set_held(office: Office, member: Member, held: bool, music: Source | None = None) -> None:
    if member.held == held:
        return
    member.held = held
    member.call.tell({"type": "held", "on": held})
    if held:
        play_to(office, member, music)
    else:
        silence(office, member)
    _tell_member(office, member, "hold", "participant-hold" if held else "participant-unhold")


def _tell_member(office: Office, member: Member, wanted: str, event: str) -> None:
    assert isinstance(member.room, Conference)
    tell_conference(office, member.room, wanted, event, member)


def play_to(office: Office, member: Member, source: Source | None) -> None:
    """Music for one leg: a document played once (a conference's waitUrl does not loop), or the carrier's own."""
    silence(office, member)
    if source is None:
        member.call.tell({"type": "music", "on": True})
    elif source.url:
        member.music = office.spawn(play_once(office, member.call, source))


def silence(office: Office, member: Member) -> None:
    if member.music is not None:
        office.spawn(cancel(member.music))
        member.music = None
    member.call.tell({"type": "music", "on": False})


def tell_conference(
    office: Office, conference: Conference, wanted: str, event: str, member: Member | None = None
) -> None:
    plan = conference.callback
    conference.updated = office.clock.now()
    if plan is None or not plan.wants(wanted):
        return
    conference.sequence += 1
    told = {
        "AccountSid": office.settings.account_sid,
        "ConferenceSid": conference.sid,
        "FriendlyName": conference.name,
        "StatusCallbackEvent": event,
        "SequenceNumber": str(conference.sequence),
        "Timestamp": office.callbacks.timestamp(),
    }
    if event == "conference-end":
        told |= {"ReasonConferenceEnded": conference.reason, "CallSidEndingConference": conference.ended_by}
    office.callbacks.tell(conference.sid, plan.url, plan.method, told | _member_facts(member))


def _member_facts(member: Member | None) -> dict[str, str]:
    if member is None:
        return {}
    facts = {
        "CallSid": member.call.sid,
        "Muted": str(member.muted).lower(),
        "Hold": str(member.held).lower(),
        "Coaching": str(bool(member.coach)).lower(),
        "EndConferenceOnExit": str(member.ends).lower(),
        "StartConferenceOnEnter": str(member.starts).lower(),
    }
    if member.label:
        facts["ParticipantLabel"] = member.label
    if member.coach:
        facts["CallSidToCoach"] = member.coach
    return facts
