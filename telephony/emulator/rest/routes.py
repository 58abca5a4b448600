"""Which path does what."""

from aiohttp import web

from telephony.emulator.rest import calls, conferences, others


def rest_routes(api_path: str) -> list[web.RouteDef]:
    """Routes below `api_path`. The more particular ones come first."""
    routes: list[web.RouteDef] = []

    def add(path: str, *, get: object = None, post: object = None, delete: object = None) -> None:
        for method, handler in (("GET", get), ("POST", post), ("DELETE", delete)):
            if handler is not None:
                routes.append(web.route(method, api_path + path, handler))  # type: ignore[arg-type]

    add("/Calls.json", get=calls.list_calls, post=calls.create_call)
    add("/Calls/{call}/Recordings.json", get=others.list_recordings)
    add("/Calls/{call}/Transcriptions.json", post=calls.create_transcription)
    add("/Calls/{call}/Transcriptions/{transcription}.json", post=calls.update_transcription)
    add("/Calls/{call}.json", get=calls.fetch_call, post=calls.update_call)
    add("/Conferences.json", get=conferences.list_conferences)
    people = "/Conferences/{conference}/Participants"
    add(f"{people}.json", get=conferences.list_participants, post=conferences.create_participant)
    add(
        f"{people}/{{participant}}.json",
        get=conferences.fetch_participant,
        post=conferences.update_participant,
        delete=conferences.delete_participant,
    )
    add("/Conferences/{conference}/Recordings.json", get=others.list_recordings)
    add("/Conferences/{conference}/Recordings/{recording}.json", post=others.update_conference_recording)
    add("/Conferences/{conference}.json", get=conferences.fetch_conference, post=conferences.update_conference)
    add("/Messages.json", get=others.list_messages, post=others.create_message)
    add("/Messages/{message}.json", get=others.fetch_message)
    add("/Queues.json", get=others.list_queues, post=others.create_queue)
    add("/Queues/{queue}/Members.json", get=others.list_members)
    add("/Queues/{queue}/Members/{member}.json", get=others.fetch_member, post=others.update_member)
    add("/Queues/{queue}.json", get=others.fetch_queue, post=others.update_queue)
    add("/Recordings.json", get=others.list_recordings)
    add("/Recordings/{recording}.json", get=others.fetch_recording, delete=others.delete_recording)
    add("/Recordings/{recording}.wav", get=others.fetch_media)
    add("/Recordings/{recording}", get=others.fetch_media)
    return routes
