"""Conferences as a call centre uses them: caller and agent, hold, mute, coach, recording, transcription."""

import io
import json
import urllib.error
import urllib.request
import wave
from base64 import b64encode

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.telephony.emulator.harness import KEY, SECRET, Asked, Party, World, until

CONFERENCE = (
    "<Dial action='/dialled'><Conference endConferenceOnExit='true' startConferenceOnEnter='true' waitUrl='{wait}'"
    " participantLabel='caller' statusCallback='/conf' statusCallbackEvent='start end join leave mute hold'"
    " record='record-from-start' recordingStatusCallback='/recorded'>call-1</Conference></Dial>"
)
TRANSCRIPTION = (
    "<Start><Transcription name='t1' statusCallbackUrl='/spoken' track='both_tracks' languageCode='cmn-CN'{}/></Start>"
)


def events(world: World) -> list[str]:
    return [asked.form["StatusCallbackEvent"] for asked in world.hotline.requests("/conf")]


def connect(world: World, before: str = "", wait: str = "") -> tuple[Party, Party]:
    """Agent rung into the conference first, the caller follows: both talk."""
    world.answer(voice=before + CONFERENCE.format(wait=wait), dialled="<Say>请评价</Say>")
    agent, phone = world.agent(), world.phone()
    world.rest.conferences("call-1").participants.create(
        from_="96310",
        to="client:agent-1",
        label="agent",
        end_conference_on_exit=False,
        conference_status_callback=world.url("/conf"),
        conference_status_callback_event=["start", "end", "join", "leave", "mute", "hold"],
    )
    agent.accept()
    world.hotline.wait_for("/conf")
    phone.dial()
    phone.got("connected")
    agent.got("connected")
    return phone, agent


def test_an_agent_is_rung_joins_and_talks_with_the_caller(world: World) -> None:
    phone, agent = connect(world)
    phone.say("百丈路井盖丢失")
    assert agent.heard("百丈路井盖丢失")["track"] == "outbound_track"
    agent.say("请问在几号附近？")
    phone.heard("请问在几号附近？")
    world.hotline.wait_for("/conf", 3)
    assert events(world) == ["participant-join", "participant-join", "conference-start"]
    joined = world.hotline.requests("/conf")[0].form
    assert (joined["FriendlyName"], joined["ParticipantLabel"], joined["CallSid"]) == ("call-1", "agent", agent.sid)
    assert [asked.form["SequenceNumber"] for asked in world.hotline.requests("/conf")] == ["1", "2", "3"]


def test_the_callers_leaving_ends_it_for_all(world: World) -> None:
    phone, agent = connect(world)
    phone.hang_up()
    agent.got("ended", status="completed")
    world.hotline.wait_for("/conf", 6)
    assert sorted(events(world)[3:]) == ["conference-end", "participant-leave", "participant-leave"]
    ended = next(asked.form for asked in world.hotline.requests("/conf") if "ReasonConferenceEnded" in asked.form)
    assert ended["CallSidEndingConference"] == phone.sid
    conference = world.rest.conferences.list(friendly_name="call-1")[0]
    assert conference.status == "completed"


def test_the_callers_dial_action_follows_when_the_conference_is_ended_by_rest(world: World) -> None:
    phone, agent = connect(world)
    conference = world.rest.conferences.list(friendly_name="call-1", status="in-progress")[0]
    world.rest.conferences(conference.sid).update(status="completed")
    told = world.hotline.wait_for("/dialled").form
    assert told["DialCallStatus"] == "completed"
    assert "DialCallSid" not in told
    assert "DialCallDuration" not in told
    phone.heard("请评价")
    agent.got("ended")


def test_the_agents_leaving_leaves_the_caller_in_the_conference(world: World) -> None:
    phone, agent = connect(world)
    agent.hang_up()
    world.hotline.wait_for("/conf", 4)
    people = world.rest.conferences.list(friendly_name="call-1")[0].participants.list()
    assert [(person.call_sid, person.label) for person in people] == [(phone.sid, "caller")]


def test_a_muted_agent_is_not_heard_and_a_held_caller_hears_only_music(world: World) -> None:
    phone, agent = connect(world)
    world.answer(music="<Say>请稍候音乐</Say>")
    conference = world.rest.conferences.list(friendly_name="call-1")[0]
    people = world.rest.conferences(conference.sid)
    assert people.participants("agent").update(muted=True).muted
    agent.say("听不见")
    people.participants("agent").update(muted=False)
    assert people.participants(phone.sid).update(hold=True, hold_url=world.url("/music")).hold
    phone.heard("请稍候音乐")
    agent.say("也听不见")
    world.advance(0)
    people.participants(phone.sid).update(hold=False)
    agent.say("又听见了")
    phone.heard("又听见了")
    assert not [event for event in phone.events if "听不见" in event.get("text", "")]
    world.hotline.wait_for("/conf", 7)
    assert events(world)[3:] == [
        "participant-mute",
        "participant-unmute",
        "participant-hold",
        "participant-unhold",
    ]


def test_a_coach_is_heard_by_the_agent_only(world: World) -> None:
    phone, agent = connect(world)
    boss = world.agent("boss")
    world.rest.conferences("call-1").participants.create(
        from_="96310", to="client:boss", coaching=True, call_sid_to_coach=agent.sid, label="boss"
    )
    boss.accept()
    boss.got("conference")
    boss.say("问他门牌号")
    agent.heard("问他门牌号")
    phone.say("在的")
    boss.heard("在的")
    assert not [event for event in phone.events if event.get("text") == "问他门牌号"]


def test_one_alone_hears_the_wait_document_once(world: World) -> None:
    world.answer(voice=CONFERENCE.format(wait="/music"), music="<Say>请等坐席</Say>")
    phone = world.phone()
    phone.dial()
    phone.heard("请等坐席")
    world.advance(60)
    assert len(world.hotline.requests("/music")) == 1
    assert world.rest.conferences.list(friendly_name="call-1")[0].status == "init"


def test_an_agent_who_does_not_answer_leaves_no_conference_behind(world: World) -> None:
    agent = world.agent()
    participant = world.rest.conferences("call-9").participants.create(
        from_="96310", to="client:agent-1", timeout=15, status_callback=world.url("/progress")
    )
    agent.got("incoming")
    assert world.rest.conferences(participant.conference_sid).participants(participant.call_sid).fetch().status in (
        "queued",
        "ringing",
    )
    world.advance(15)
    agent.got("canceled")
    assert world.hotline.wait_for("/progress").form["CallStatus"] == "no-answer"
    assert world.rest.conferences(participant.conference_sid).fetch().status == "completed"


def test_an_agent_without_open_console_is_told_at_once(world: World) -> None:
    world.rest.conferences("call-9").participants.create(
        from_="96310", to="client:nobody", status_callback=world.url("/progress")
    )
    assert world.hotline.wait_for("/progress").form["CallStatus"] == "no-answer"


def test_a_participant_can_be_sent_away(world: World) -> None:
    _, agent = connect(world)
    conference = world.rest.conferences.list(friendly_name="call-1")[0]
    assert world.rest.conferences(conference.sid).participants(agent.sid).delete()
    agent.got("ended")
    with pytest.raises(TwilioRestException) as refused:
        world.rest.conferences(conference.sid).participants(agent.sid).fetch()
    assert refused.value.code == 20404


# --- transcription -----------------------------------------------------------------------------------------------


def spoken(world: World) -> list[tuple[str, str, str]]:
    contents = [asked.form for asked in world.hotline.requests("/spoken")]
    return [
        (form["Track"], json.loads(form["TranscriptionData"])["transcript"], form["Final"])
        for form in contents
        if form["TranscriptionEvent"] == "transcription-content"
    ]


def test_live_transcription_tells_both_tracks_in_order(world: World) -> None:
    phone, agent = connect(world, before=TRANSCRIPTION.format(""))
    phone.say("百丈路井盖丢失")
    agent.heard("百丈路井盖丢失")
    agent.say("马上处理")
    phone.heard("马上处理")
    phone.hang_up()
    until(lambda: len(world.hotline.requests("/spoken")) == 4)
    assert spoken(world) == [("inbound_track", "百丈路井盖丢失", "true"), ("outbound_track", "马上处理", "true")]
    asked: list[Asked] = world.hotline.requests("/spoken")
    assert [one.form["SequenceId"] for one in asked] == ["1", "2", "3", "4"]
    assert [asked[0].form["TranscriptionEvent"], asked[3].form["TranscriptionEvent"]] == [
        "transcription-started",
        "transcription-stopped",
    ]
    content = asked[1].form
    assert (content["CallSid"], content["LanguageCode"]) == (phone.sid, "cmn-CN")
    assert content["TranscriptionSid"].startswith("GT")
    assert content["Timestamp"].endswith("Z")


def test_partial_results_come_only_when_asked_for(world: World) -> None:
    phone, agent = connect(world, before=TRANSCRIPTION.format(" partialResults='true'"))
    phone.say("百丈", final=False)
    phone.say("百丈路")
    agent.heard("百丈路")
    until(lambda: len(spoken(world)) == 2)
    assert spoken(world) == [("inbound_track", "百丈", "false"), ("inbound_track", "百丈路", "true")]


# --- recordings --------------------------------------------------------------------------------------------------


def test_the_conferences_recording_is_a_wav_file_of_the_talks_length(world: World) -> None:
    phone, agent = connect(world)
    world.advance(3)
    phone.say("百丈路井盖丢失")
    agent.heard("百丈路井盖丢失")
    world.advance(9)
    phone.hang_up()
    told = world.hotline.wait_for("/recorded").form
    assert (told["RecordingStatus"], told["RecordingDuration"], "CallSid" in told) == ("completed", "12", False)
    assert told["ConferenceSid"].startswith("CF")
    sound = download(told["RecordingUrl"] + ".wav")
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() == 12
        frames = file.readframes(file.getnframes())
    second = 2 * 8000
    assert not any(frames[: 3 * second])
    assert any(frames[3 * second : 4 * second])
    recording = world.rest.recordings(told["RecordingSid"]).fetch()
    assert (recording.duration, recording.conference_sid) == ("12", told["ConferenceSid"])


def download(url: str) -> bytes:
    credentials = b64encode(f"{KEY}:{SECRET}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read()


def test_nobody_hears_a_recording_without_credentials(world: World) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{world.carrier.url}/2010-04-01/Accounts/AC{'0' * 32}/Recordings/RE1.wav", timeout=5)
    assert refused.value.code == 401
    refused.value.close()


def test_a_paused_recording_leaves_out_what_is_said(world: World) -> None:
    phone, _ = connect(world)
    conference = world.rest.conferences.list(friendly_name="call-1")[0]
    recordings = world.rest.conferences(conference.sid).recordings
    world.advance(2)
    assert recordings("Twilio.CURRENT").update(status="paused").status == "paused"
    world.advance(10)
    recordings("Twilio.CURRENT").update(status="in-progress")
    world.advance(3)
    phone.hang_up()
    assert world.hotline.wait_for("/recorded").form["RecordingDuration"] == "5"
