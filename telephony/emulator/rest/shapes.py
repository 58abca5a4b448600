"""Resources as Twilio's JSON shows them."""

from typing import Any

from telephony.emulator.models import Call, Conference, Member, Message, Queue, Recording, Terms, Waiter
from telephony.emulator.office import Office
from telephony.emulator.recordings import recording_url
from telephony.emulator.sids import rfc2822
from telephony.segments import count_segments

VERSION = "2010-04-01"


def show_call(office: Office, call: Call) -> dict[str, Any]:
    uri = f"{office.api_path}/Calls/{call.sid}.json"
    return {
        "sid": call.sid,
        "account_sid": office.settings.account_sid,
        "api_version": VERSION,
        "parent_call_sid": call.parent or None,
        "to": call.called,
        "to_formatted": call.called,
        "from": call.caller,
        "from_formatted": call.caller,
        "status": call.status.value,
        "direction": call.direction.value,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.ended or call.started or call.created),
        "start_time": rfc2822(call.started),
        "end_time": rfc2822(call.ended),
        "duration": str(call.seconds) if call.is_over else None,
        "price": None,
        "price_unit": "USD",
        "answered_by": None,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "phone_number_sid": None,
        "uri": uri,
        "subresource_uris": {"recordings": f"{office.api_path}/Calls/{call.sid}/Recordings.json"},
    }


def show_conference(office: Office, conference: Conference) -> dict[str, Any]:
    path = f"{office.api_path}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": office.settings.account_sid,
        "api_version": VERSION,
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "cn1",
        "date_created": rfc2822(conference.created),
        "date_updated": rfc2822(conference.updated),
        "reason_conference_ended": conference.reason or None,
        "call_sid_ending_conference": conference.ended_by or None,
        "uri": f"{path}.json",
        "subresource_uris": {"participants": f"{path}/Participants.json", "recordings": f"{path}/Recordings.json"},
    }


def show_member(office: Office, conference: Conference, member: Member) -> dict[str, Any]:
    return _participant(office, conference, member.call, member.joined) | {
        "label": member.label or None,
        "muted": member.muted,
        "hold": member.held,
        "coaching": bool(member.coach),
        "call_sid_to_coach": member.coach or None,
        "start_conference_on_enter": member.starts,
        "end_conference_on_exit": member.ends,
        "status": "connected",
    }


def show_pending(office: Office, conference: Conference, call: Call, terms: Terms) -> dict[str, Any]:
    """A participant whose phone still rings."""
    status = {"queued": "queued", "ringing": "ringing", "in-progress": "connecting"}.get(call.status.value, "failed")
    return _participant(office, conference, call, call.created) | {
        "label": terms.label or None,
        "muted": terms.muted,
        "hold": False,
        "coaching": bool(terms.coach),
        "call_sid_to_coach": terms.coach or None,
        "start_conference_on_enter": terms.starts,
        "end_conference_on_exit": terms.ends,
        "status": status,
    }


def _participant(office: Office, conference: Conference, call: Call, since: Any) -> dict[str, Any]:
    return {
        "account_sid": office.settings.account_sid,
        "call_sid": call.sid,
        "conference_sid": conference.sid,
        "date_created": rfc2822(since),
        "date_updated": rfc2822(office.clock.now()),
        "queue_time": "0",
        "uri": f"{office.api_path}/Conferences/{conference.sid}/Participants/{call.sid}.json",
    }


def show_message(office: Office, message: Message) -> dict[str, Any]:
    path = f"{office.api_path}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": office.settings.account_sid,
        "api_version": VERSION,
        "messaging_service_sid": None,
        "body": message.body,
        "from": message.sender,
        "to": message.recipient,
        "direction": message.direction,
        "status": message.status,
        "num_segments": str(count_segments(message.body)),
        "num_media": "0",
        "error_code": message.error_code,
        "error_message": None,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.sent or message.created),
        "price": None,
        "price_unit": "USD",
        "uri": f"{path}.json",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }


def show_queue(office: Office, queue: Queue) -> dict[str, Any]:
    path = f"{office.api_path}/Queues/{queue.sid}"
    return {
        "sid": queue.sid,
        "account_sid": office.settings.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.waiters),
        "max_size": queue.size,
        "average_wait_time": queue.average_wait,
        "date_created": rfc2822(queue.created),
        "date_updated": rfc2822(queue.created),
        "uri": f"{path}.json",
        "subresource_uris": {"members": f"{path}/Members.json"},
    }


def show_waiter(office: Office, waiter: Waiter) -> dict[str, Any]:
    queue = waiter.queue
    return {
        "account_sid": office.settings.account_sid,
        "call_sid": waiter.call.sid,
        "queue_sid": queue.sid,
        "position": queue.waiters.index(waiter) + 1 if waiter in queue.waiters else 0,
        "wait_time": round((office.clock.now() - waiter.since).total_seconds()),
        "date_enqueued": rfc2822(waiter.since),
        "uri": f"{office.api_path}/Queues/{queue.sid}/Members/{waiter.call.sid}.json",
    }


def show_recording(office: Office, recording: Recording) -> dict[str, Any]:
    return {
        "sid": recording.sid,
        "account_sid": office.settings.account_sid,
        "api_version": VERSION,
        "call_sid": recording.call_sid or None,
        "conference_sid": recording.conference_sid or None,
        "status": recording.status,
        "source": recording.source,
        "channels": 1,
        "duration": str(recording.seconds) if recording.status == "completed" else None,
        "start_time": rfc2822(recording.created),
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.created),
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "media_url": recording_url(office, recording),
        "uri": f"{office.api_path}/Recordings/{recording.sid}.json",
        "subresource_uris": {},
    }
