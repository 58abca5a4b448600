"""Dial to numbers and clients."""

import pytest

from tests.telephony.emulator.harness import World


def test_the_first_of_several_numbers_to_answer_wins(world: World) -> None:
    world.answer(voice="<Dial action='/after'><Number>+8613900000001</Number><Number>+8613900000002</Number></Dial>")
    one, two, caller = world.phone("+8613900000001"), world.phone("+8613900000002"), world.phone()
    caller.dial()
    one.got("incoming")
    sid = two.accept()
    one.got("canceled")
    caller.got("connected")
    two.say("我是二号")
    caller.heard("我是二号")
    world.advance(9)
    two.hang_up()
    told = world.hotline.wait_for("/after").form
    assert (told["DialCallStatus"], told["DialCallSid"], told["DialCallDuration"]) == ("completed", sid, "9")


@pytest.mark.parametrize(("deed", "status"), [("reject", "busy"), ("wait", "no-answer"), ("absent", "failed")])
def test_a_dial_nobody_answers_tells_why(world: World, deed: str, status: str) -> None:
    world.answer(voice="<Dial timeout='15' action='/after'>+8613900000001</Dial><Say>达不到</Say>")
    callee = None if deed == "absent" else world.phone("+8613900000001")
    caller = world.phone()
    caller.dial()
    if deed == "reject":
        callee.got("incoming")
        callee.order(type="reject", sid=callee.got("incoming")["sid"])
    elif deed == "wait":
        callee.got("incoming")
        world.advance(15)
    assert world.hotline.wait_for("/after").form["DialCallStatus"] == status
    assert not [event for event in caller.events if event.get("text") == "达不到"]


def test_without_an_action_the_next_verb_follows(world: World) -> None:
    world.answer(voice="<Dial><Client>nobody</Client></Dial><Say>请稍后再拨</Say>")
    caller = world.phone()
    caller.dial()
    caller.heard("请稍后再拨")


def test_the_callers_hanging_up_ends_the_other_leg(world: World) -> None:
    world.answer(voice="<Dial action='/after'><Client>agent-1</Client></Dial>")
    agent, caller = world.agent(), world.phone()
    caller.dial()
    agent.accept()
    caller.got("connected")
    caller.hang_up()
    agent.got("ended", status="completed")
    told = world.hotline.wait_for("/after").form
    assert (told["DialCallStatus"], told["CallStatus"]) == ("completed", "completed")


def test_a_caller_who_gives_up_while_it_rings_stops_the_ringing(world: World) -> None:
    world.answer(voice="<Dial><Client>agent-1</Client></Dial>")
    agent, caller = world.agent(), world.phone()
    caller.dial()
    sid = agent.got("incoming")["sid"]
    caller.hang_up()
    agent.got("canceled")
    assert world.rest.calls(sid).fetch().status == "canceled"


def test_the_star_key_ends_a_talk_where_the_document_says_so(world: World) -> None:
    world.answer(voice="<Dial hangupOnStar='true'><Client>agent-1</Client></Dial><Say>还有别的吗</Say>")
    agent, caller = world.agent(), world.phone()
    caller.dial()
    agent.accept()
    caller.got("connected")
    caller.press("*")
    agent.got("ended")
    caller.heard("还有别的吗")


def test_a_talk_ends_at_its_time_limit(world: World) -> None:
    world.answer(voice="<Dial timeLimit='60'><Client>agent-1</Client></Dial><Say>时间到</Say>")
    agent, caller = world.agent(), world.phone()
    caller.dial()
    agent.accept()
    caller.got("connected")
    world.advance(60)
    agent.got("ended")
    caller.heard("时间到")
