"""Gather and Record: what the hotline hears."""

import pytest

from tests.telephony.emulator.harness import World


def dial_into(world: World, twiml: str, **answers: str):  # type: ignore[no-untyped-def]
    world.answer(voice=twiml, **answers)
    phone = world.phone()
    phone.dial()
    return phone


def test_speech_reaches_the_action_with_its_confidence(world: World) -> None:
    phone = dial_into(world, "<Gather input='speech' action='heard'/>")
    phone.got("listening", speech=True)
    phone.say("百丈路井盖丢失")
    asked = world.hotline.wait_for("/telephony/heard").form
    assert (asked["SpeechResult"], float(asked["Confidence"]) > 0.5) == ("百丈路井盖丢失", True)
    assert "Digits" not in asked


def test_speaking_interrupts_the_prompt(world: World) -> None:
    phone = dial_into(world, "<Gather input='speech' action='/heard'><Say>很长的话</Say><Pause length='600'/></Gather>")
    phone.heard("很长的话")
    phone.say("路灯不亮")
    phone.got("hush")
    assert world.hotline.wait_for("/heard").form["SpeechResult"] == "路灯不亮"


def test_without_an_action_the_same_document_is_asked_again_with_its_query(world: World) -> None:
    world.hotline.answers["/menu"] = "<Gather numDigits='1'/>"
    phone = dial_into(world, "<Redirect>/menu?step=2</Redirect>")
    phone.got("listening", keys=True)
    phone.press("7")
    asked = world.hotline.wait_for("/menu", 2)
    assert (asked.form["Digits"], asked.query["step"]) == ("7", "2")


def test_a_gather_with_get_puts_its_result_into_the_query(world: World) -> None:
    phone = dial_into(world, "<Gather numDigits='2' action='/keys?a=b' method='GET'/>")
    phone.got("listening", keys=True)
    phone.press("12")
    asked = world.hotline.wait_for("/keys")
    assert (asked.method, asked.query["Digits"], asked.query["a"], asked.form) == ("GET", "12", "b", {})


def test_silence_falls_through_to_the_next_verb_after_the_timeout(world: World) -> None:
    phone = dial_into(world, "<Gather action='/keys' timeout='4'/><Say>没听到</Say>")
    phone.got("listening", keys=True)
    world.advance(3.9)
    assert not [event for event in phone.events if event["type"] == "heard"]
    world.advance(0.2)
    phone.heard("没听到")
    assert not world.hotline.requests("/keys")


def test_an_empty_result_is_told_when_the_document_asks_for_it(world: World) -> None:
    phone = dial_into(world, "<Gather action='/keys' actionOnEmptyResult='true'/>")
    phone.got("listening", keys=True)
    world.advance(5)
    assert world.hotline.wait_for("/keys").form["Digits"] == ""


def test_the_finish_key_ends_the_input_and_is_left_out(world: World) -> None:
    phone = dial_into(world, "<Gather action='/keys' finishOnKey='#'/>")
    phone.got("listening", keys=True)
    phone.press("123#45")
    assert world.hotline.wait_for("/keys").form["Digits"] == "123"


def test_the_finish_key_before_any_digit_is_no_input(world: World) -> None:
    phone = dial_into(world, "<Gather action='/keys'/><Say>没有输入</Say>")
    phone.got("listening", keys=True)
    phone.press("#")
    phone.heard("没有输入")
    assert not world.hotline.requests("/keys")


def test_who_is_still_speaking_is_not_cut_off_by_the_timeout(world: World) -> None:
    phone = dial_into(
        world, "<Gather input='speech' timeout='3' action='/heard' partialResultCallback='/part'/><Say>没听到</Say>"
    )
    phone.got("listening", speech=True)
    phone.say("江东区", final=False)
    assert world.hotline.wait_for("/part").form["UnstableSpeechResult"] == "江东区"
    world.advance(10)
    phone.say("江东区百丈路")
    assert world.hotline.wait_for("/heard").form["SpeechResult"] == "江东区百丈路"


def test_a_redirect_from_the_action_loses_the_digits(world: World) -> None:
    world.hotline.answers["/keys"] = (302, "", {"Location": "/elsewhere"})
    world.answer(elsewhere="<Say>这里</Say>")
    phone = dial_into(world, "<Gather numDigits='1' action='/keys'/>")
    phone.got("listening", keys=True)
    phone.press("3")
    asked = world.hotline.wait_for("/elsewhere")
    assert (asked.method, "Digits" in asked.all, asked.query["CallSid"]) == ("GET", False, phone.sid)
    phone.heard("这里")


# --- Record ------------------------------------------------------------------------------------------------------

RECORD = "<Record action='/done' recordingStatusCallback='/recorded' {}/><Say>空的</Say>"


def test_a_message_is_recorded_until_the_caller_is_quiet_for_five_seconds(world: World) -> None:
    phone = dial_into(world, RECORD.format(""))
    phone.got("listening", speech=True)
    world.advance(2)
    phone.say("请回电话")
    world.advance(0)
    world.advance(5)
    asked = world.hotline.wait_for("/done").form
    assert (asked["RecordingDuration"], asked["Digits"]) == ("7", "")
    told = world.hotline.wait_for("/recorded").form
    assert (told["RecordingStatus"], told["CallSid"], told["RecordingSid"]) == (
        "completed",
        phone.sid,
        asked["RecordingSid"],
    )


def test_a_key_ends_the_message(world: World) -> None:
    phone = dial_into(world, RECORD.format("finishOnKey='*'"))
    phone.got("listening", speech=True)
    phone.say("请回电话")
    world.advance(1)
    phone.press("*")
    assert world.hotline.wait_for("/done").form["Digits"] == "*"


def test_an_hour_is_the_longest_message(world: World) -> None:
    phone = dial_into(world, RECORD.format("timeout='600'"))
    phone.got("listening", speech=True)
    for n in range(7):
        phone.say(f"还有第{n}点")
        world.advance(0)
        world.advance(580)
    assert world.hotline.wait_for("/done").form["RecordingDuration"] == "3600"


def test_an_empty_message_falls_through(world: World) -> None:
    phone = dial_into(world, RECORD.format(""))
    phone.got("listening", speech=True)
    world.advance(5)
    phone.heard("空的")
    assert not world.hotline.requests("/done")


def test_hanging_up_during_a_message_still_delivers_it(world: World) -> None:
    phone = dial_into(world, RECORD.format(""))
    phone.got("listening", speech=True)
    phone.say("我说完了")
    world.advance(3)
    phone.hang_up()
    asked = world.hotline.wait_for("/done").form
    assert (asked["Digits"], asked["RecordingDuration"], asked["CallStatus"]) == ("hangup", "3", "completed")


@pytest.mark.parametrize(
    "verb", ["<Play>http://127.0.0.1/x.mp3</Play>", "<Pause length='5'/>", "<Say>一二三四五</Say>"]
)
def test_prompts_take_their_time(world: World, verb: str) -> None:
    phone = dial_into(world, f"{verb}<Say>然后</Say>")
    phone.got("status", status="in-progress")
    world.advance(0.1)
    assert not [event for event in phone.events if event.get("text") == "然后"]
    world.advance(5)
    phone.heard("然后")
