"""What a caller's phone and the hotline see of a call."""

import json

import pytest
from twilio.request_validator import RequestValidator

from tests.telephony.emulator.harness import TOKEN, World


def test_dialling_the_hotline_asks_its_voice_url_with_a_genuine_signature(world: World) -> None:
    world.answer(voice="<Say language='cmn-CN'>您好</Say>")
    phone = world.phone()
    sid = phone.dial()
    asked = world.hotline.wait_for("/telephony/voice")
    assert asked.form["CallSid"] == sid
    assert asked.form["From"] == "+8613800001234"
    assert asked.form["To"] == "96310"
    assert asked.form["CallStatus"] == "ringing"
    assert asked.form["Direction"] == "inbound"
    assert asked.headers["user-agent"] == "TwilioProxy/1.1"
    assert asked.headers["i-twilio-idempotency-token"]
    assert RequestValidator(TOKEN).validate(asked.url, asked.form, asked.headers["x-twilio-signature"])
    assert phone.heard("您好")["language"] == "cmn-CN"


def test_a_withheld_number_arrives_as_anonymous(world: World) -> None:
    phone = world.phone()
    phone.dial(withhold=True)
    assert world.hotline.wait_for("/telephony/voice").form["From"] == "anonymous"


def test_when_the_document_ends_the_call_is_completed_and_its_length_is_told(world: World) -> None:
    world.answer(voice="<Pause length='7'/>")
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    world.advance(7)
    phone.got("ended", status="completed")
    told = world.hotline.wait_for("/telephony/voice/status").form
    assert (told["CallStatus"], told["CallDuration"], told["SequenceNumber"]) == ("completed", "7", "0")
    assert told["Timestamp"].endswith("+0000")


def test_a_number_that_is_not_the_hotlines_fails_without_asking_anybody(world: World) -> None:
    phone = world.phone()
    phone.dial("10086")
    phone.got("ended", status="failed")
    assert not world.hotline.asked


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_rejected_call_was_never_answered(world: World, reason: str, status: str) -> None:
    world.answer(voice=f"<Reject reason='{reason}'/>")
    phone = world.phone()
    phone.dial()
    phone.got("ended", status=status)
    assert "CallDuration" not in world.hotline.wait_for("/telephony/voice/status").form


def test_redirect_is_resolved_against_the_last_document(world: World) -> None:
    world.answer(voice="<Redirect>voice/deeper/first</Redirect>")
    world.hotline.answers["/telephony/voice/deeper/first"] = "<Redirect method='GET'>second?a=1</Redirect>"
    world.hotline.answers["/telephony/voice/deeper/second"] = "<Say>到了</Say>"
    phone = world.phone()
    phone.dial()
    asked = world.hotline.wait_for("/telephony/voice/deeper/second")
    assert asked.method == "GET"
    assert asked.query["a"] == "1"
    assert asked.query["CallSid"] == phone.sid
    assert not asked.form
    assert RequestValidator(TOKEN).validate(asked.url, {}, asked.headers["x-twilio-signature"])
    phone.heard("到了")


def test_a_rest_update_interrupts_the_current_verb(world: World) -> None:
    world.answer(voice="<Pause length='3600'/>", next="<Say>换了</Say>")
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    world.rest.calls(phone.sid).update(url=world.url("/next"))
    phone.heard("换了")
    world.advance(5)
    phone.got("ended", status="completed")


def test_a_rest_update_with_completed_hangs_up(world: World) -> None:
    world.answer(voice="<Pause length='3600'/>")
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    assert world.rest.calls(phone.sid).update(status="completed").status == "completed"
    phone.got("ended", status="completed")


def test_a_call_created_by_rest_rings_and_runs_its_document_when_taken(world: World) -> None:
    world.answer(out="<Say>回访</Say>")
    phone = world.phone()
    call = world.rest.calls.create(
        to="+8613800001234",
        from_="96310",
        url=world.url("/out"),
        status_callback=world.url("/progress"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert call.status == "queued"
    assert phone.accept() == call.sid
    phone.heard("回访")
    phone.hang_up()
    world.hotline.wait_for("/progress", 4)
    told = [(asked.form["CallStatus"], asked.form["SequenceNumber"]) for asked in world.hotline.requests("/progress")]
    assert told == [("queued", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]


def test_a_landline_that_is_rung_up_takes_keys_and_a_message_after_the_tone(world: World) -> None:
    world.answer(
        duty="<Gather input='dtmf' action='/keys' timeout='5'><Say>请输入</Say></Gather><Hangup/>",
        keys="<Start><Transcription name='note' statusCallbackUrl='/words'/></Start>"
        "<Record action='/done' recordingStatusCallback='/recording' finishOnKey='#'/><Redirect>/duty</Redirect>",
        done="<Stop><Transcription name='note'/></Stop><Say>再见</Say>",
    )
    landline = world.phone("+8657455500017")
    world.rest.calls.create(to="+8657455500017", from_="96310", url=world.url("/duty"), method="POST")
    landline.accept()
    landline.heard("请输入")
    landline.got("listening", keys=True)
    landline.press("4821#")
    keys = world.hotline.wait_for("/keys").form
    assert (keys["Digits"], keys["To"], keys["Direction"]) == ("4821", "+8657455500017", "outbound-api")
    landline.got("listening", speech=True)
    landline.say("井盖已更换")
    world.advance(3)
    landline.press("#")
    done = world.hotline.wait_for("/done").form
    assert (done["Digits"], done["RecordingDuration"]) == ("#", "3")
    landline.heard("再见")
    assert world.hotline.wait_for("/recording").form["RecordingUrl"] == done["RecordingUrl"]
    assert world.hotline.wait_for("/words", 3).form["TranscriptionEvent"] == "transcription-stopped"
    words = world.hotline.requests("/words")[1].form
    assert (words["Track"], json.loads(words["TranscriptionData"])["transcript"]) == ("inbound_track", "井盖已更换")


@pytest.mark.parametrize(
    ("deed", "status"), [("nothing", "no-answer"), ("reject", "busy"), ("complete", "canceled"), ("absent", "failed")]
)
def test_an_unanswered_call_ends_by_its_reason(world: World, deed: str, status: str) -> None:
    phone = None if deed == "absent" else world.phone()
    call = world.rest.calls.create(
        to="+8613800001234", from_="96310", twiml="<Response/>", timeout=20, status_callback=world.url("/progress")
    )
    if phone:
        phone.got("incoming")
    if deed == "nothing":
        world.advance(20)
    elif deed == "reject":
        phone.order(type="reject", sid=call.sid)
    elif deed == "complete":
        world.rest.calls(call.sid).update(status="completed")
    told = world.hotline.wait_for("/progress").form
    assert (told["CallStatus"], "CallDuration" in told) == (status, False)
    assert world.rest.calls(call.sid).fetch().status == status


def test_url_and_twiml_together_are_refused(world: World) -> None:
    form = {"To": "+8613800001234", "From": "96310", "Url": world.url("/x"), "Twiml": "<Response/>"}
    answer = world.rest.request("POST", f"{world.carrier.url}/2010-04-01/Accounts/AC{'0' * 32}/Calls.json", data=form)
    assert answer.status_code == 400


def test_an_empty_document_answers_and_hangs_up(world: World) -> None:
    world.answer(voice="")
    phone = world.phone()
    phone.dial()
    phone.got("ended", status="completed")
    assert world.hotline.wait_for("/telephony/voice/status").form["CallDuration"] == "0"


def test_parameters_of_a_browser_call_cannot_pass_for_the_carriers_own(world: World) -> None:
    agent = world.agent()
    agent.order(type="dial", to="+8613800001234", parameters={"CallSid": "CAforged", "Case": "12"})
    asked = world.hotline.wait_for("/telephony/voice").form
    assert (asked["CallSid"], asked["Case"], asked["From"]) == (agent.got("dialing")["sid"], "12", "client:agent-1")
