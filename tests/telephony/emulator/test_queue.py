"""Waiting in a queue and coming out of it."""

from typing import Any

from tests.telephony.emulator.harness import Party, World

ENQUEUE = "<Enqueue waitUrl='/wait' action='/after'>hotline</Enqueue>"


def wait_in_queue(
    world: World, wait: Any = "<Say>请稍候</Say><Pause length='20'/>", number: str = "+8613800001234"
) -> Party:
    world.answer(voice=ENQUEUE, wait=wait, after="<Say>再见</Say>")
    phone = world.phone(number)
    phone.dial()
    phone.got("queued")
    return phone


def test_the_wait_document_is_told_the_place_and_loops(world: World) -> None:
    wait_in_queue(world)
    first = world.hotline.wait_for("/wait").form
    assert (first["QueuePosition"], first["QueueTime"], first["CurrentQueueSize"]) == ("1", "0", "1")
    assert first["QueueSid"].startswith("QU")
    assert "AvgQueueTime" in first
    world.advance(21)
    assert world.hotline.wait_for("/wait", 2).form["QueueTime"] in ("20", "21")


def test_a_wait_document_without_length_is_not_asked_in_a_storm(world: World) -> None:
    wait_in_queue(world, wait="")
    world.hotline.wait_for("/wait")
    world.advance(3)
    assert 3 <= len(world.hotline.requests("/wait")) <= 5


def test_leave_takes_the_caller_out_and_the_action_is_told(world: World) -> None:
    phone = wait_in_queue(world, wait="<Pause length='8'/><Leave/>")
    world.hotline.wait_for("/wait")
    world.advance(8)
    told = world.hotline.wait_for("/after").form
    assert (told["QueueResult"], told["QueueTime"]) == ("leave", "8")
    phone.heard("再见")


def test_hanging_up_in_the_queue_is_told(world: World) -> None:
    phone = wait_in_queue(world)
    world.hotline.wait_for("/wait")
    world.advance(3)
    phone.hang_up()
    told = world.hotline.wait_for("/after").form
    assert (told["QueueResult"], told["QueueTime"], told["CallStatus"]) == ("hangup", "3", "completed")


def test_a_rest_update_redirects_out_of_the_queue(world: World) -> None:
    phone = wait_in_queue(world)
    world.answer(agent="<Say>接通了</Say>")
    world.rest.calls(phone.sid).update(url=world.url("/agent"))
    assert world.hotline.wait_for("/after").form["QueueResult"] == "redirected"
    phone.heard("接通了")
    assert not [event for event in phone.events if event.get("text") == "再见"]
    assert world.rest.queues.list()[0].current_size == 0


def test_a_full_queue_turns_callers_away(world: World) -> None:
    queue = world.rest.queues.create(friendly_name="hotline", max_size=1)
    wait_in_queue(world)
    second = world.phone("+8613800005678")
    second.dial()
    told = world.hotline.wait_for("/after").form
    assert (told["QueueResult"], "QueueSid" in told) == ("queue-full", False)
    assert world.rest.queues(queue.sid).fetch().current_size == 1


def test_a_dead_wait_url_ends_the_wait_with_an_error(world: World) -> None:
    phone = wait_in_queue(world, wait=500)
    assert world.hotline.wait_for("/after").form["QueueResult"] == "error"
    phone.heard("再见")


def test_the_action_after_a_bridge_comes_only_when_the_talk_has_ended(world: World) -> None:
    phone = wait_in_queue(world)
    world.advance(6)
    world.answer(take="<Dial action='/dialled'><Queue>hotline</Queue></Dial>")
    other = world.phone("+8613900000000")
    world.rest.calls.create(to="+8613900000000", from_="96310", url=world.url("/take"))
    other.accept()
    phone.got("connected")
    phone.say("喂")
    assert other.heard("喂")["source"] == "peer"
    assert not world.hotline.requests("/after")
    world.advance(30)
    other.hang_up()
    told = world.hotline.wait_for("/after").form
    assert (told["QueueResult"], told["QueueTime"]) == ("bridged", "6")
    phone.heard("再见")
    ended = world.hotline.wait_for("/dialled").form
    assert (ended["DialCallStatus"], ended["CallStatus"]) == ("completed", "completed")


def test_being_sent_elsewhere_while_bridged_is_told_as_such(world: World) -> None:
    phone = wait_in_queue(world)
    other = world.phone("+8613900000000")
    world.rest.calls.create(
        to="+8613900000000", from_="96310", twiml="<Response><Dial><Queue>hotline</Queue></Dial></Response>"
    )
    other.accept()
    phone.got("connected")
    world.answer(survey="<Say>请评价</Say>")
    world.rest.calls(phone.sid).update(url=world.url("/survey"))
    phone.heard("请评价")
    assert world.hotline.wait_for("/after").form["QueueResult"] == "redirected-from-bridged"


def test_a_member_can_be_taken_by_rest_from_the_front(world: World) -> None:
    phone = wait_in_queue(world)
    world.answer(agent="<Say>接通了</Say>")
    queue = world.rest.queues.list()[0]
    assert [member.call_sid for member in queue.members.list()] == [phone.sid]
    world.rest.queues(queue.sid).members("Front").update(url=world.url("/agent"))
    phone.heard("接通了")


def test_keys_in_the_wait_document_reach_their_action(world: World) -> None:
    phone = wait_in_queue(world, wait="<Gather numDigits='1' action='/choice' timeout='30'/>")
    world.answer(choice="<Leave/>")
    phone.got("listening", keys=True)
    phone.press("1")
    assert world.hotline.wait_for("/choice").form["Digits"] == "1"
    assert world.hotline.wait_for("/after").form["QueueResult"] == "leave"
