"""Rooms legs talk in: a bridge between two legs."""

from telephony.emulator.models import Call, Member, Room
from telephony.emulator.office import Office
from telephony.emulator.recordings import finish_recording


def enter(office: Office, room: Room, call: Call) -> Member:
    member = Member(call, room, office.clock.now())
    room.members[call.sid] = member
    call.member = member
    if room.is_closed:
        member.out.set()
    return member


def leave(member: Member) -> None:
    member.room.members.pop(member.call.sid, None)
    if member.call.member is member:
        member.call.member = None


def close_room(room: Room) -> None:
    """Everybody has to go."""
    room.is_closed = True
    for member in list(room.members.values()):
        member.out.set()


async def talk(office: Office, room: Room, call: Call) -> None:
    """Sit in a bridge until either side leaves: a bridge with one leg is none."""
    member = enter(office, room, call)
    call.tell({"type": "connected"})
    try:
        await member.out.wait()
    finally:
        leave(member)
        close_room(room)
        if room.recording is not None and not room.members:
            office.spawn(finish_recording(office, room.recording))
