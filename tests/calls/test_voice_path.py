"""The main way of a call: greeting, queue, agent, talk, end."""

from flask import Flask

from tests.calls.conftest import answer
from tests.support.carrier import FakeCarrier
from tests.support.people import Person
from tests.support.voice import Telephone, addresses, get_ready, new_agent, seat_of


def test_the_greeting_listens_and_falls_through_to_the_queue(agent: Person, caller: Telephone) -> None:
    heard = caller.dial()
    assert heard.status == 200
    assert heard.response.content_type == "text/xml; charset=utf-8"
    assert heard.names == ["Start", "Gather", "Enqueue"]
    assert "96310" in heard.said
    assert "录音" in heard.said
    gather = heard.verb("Gather").attrib
    assert gather["input"] == "dtmf speech"
    assert gather["language"] == "cmn-Hans-CN"
    assert 0 < len(gather["hints"]) <= 500
    assert caller.state == "greeting"


def test_every_address_in_our_answers_is_absolute_and_answered(agent: Person, caller: Telephone) -> None:
    for heard in (caller.dial(), caller.say("井盖坏了"), caller.wait()):
        for address in addresses(heard).values():
            assert address.startswith("http://localhost/")


def test_speech_is_kept_thanked_for_and_queued(agent: Person, caller: Telephone) -> None:
    caller.dial()
    heard = caller.say("百丈路井盖不见了")
    assert heard.names == ["Say", "Enqueue"]
    row = caller.row()
    assert row is not None
    assert row.heard == "百丈路井盖不见了"
    assert row.intent == "report"
    assert row.state == "offered"
    assert row.queued_at is not None


def test_pressing_zero_goes_straight_to_the_queue(agent: Person, caller: Telephone) -> None:
    caller.dial()
    assert caller.press("0").names == ["Enqueue"]
    assert caller.state == "offered"


def test_silence_reaches_the_queue_with_its_first_round_of_waiting(agent: Person, caller: Telephone) -> None:
    caller.dial()
    assert caller.state == "greeting"
    assert "Play" in caller.wait().names
    assert caller.state == "offered"


def test_the_longest_idle_ready_agent_rings(app: Flask, agent: Person, caller: Telephone) -> None:
    other = new_agent(app, "李娜")
    get_ready(other)
    caller.dial()
    caller.press("0")
    assert seat_of(agent)["state"] == "ringing"
    assert seat_of(agent)["call_id"] == caller.id
    assert seat_of(other)["state"] == "idle"


def test_answering_rings_the_agents_browser_and_moves_the_caller_into_the_same_conference(
    agent: Person, caller: Telephone, carrier: FakeCarrier
) -> None:
    caller.dial()
    caller.press("0")
    reply = answer(agent, caller)
    assert reply.status_code == 200
    assert reply.json["call"]["state"] == "talking"
    assert reply.json["call"]["agent"] == {"id": agent.account_id, "name": "王磊"}
    assert reply.json["seat"]["state"] == "talking"
    (ring,), (move,) = carrier.asked("ring_agent"), carrier.asked("move_call")
    assert ring["identity"] == f"agent_{agent.account_id}"
    assert move["call_sid"] == caller.sid
    told = caller.send(move["url"])
    assert told.names == ["Dial"]
    conference = told.verb("Conference")
    assert conference.text == ring["conference"]
    assert conference.attrib["endConferenceOnExit"] == "true"
    assert conference.attrib["record"] == "record-from-start"
    assert conference.attrib["statusCallback"] == ring["conference_callback"]


def test_a_second_press_of_answer_changes_nothing(agent: Person, talk: Telephone, carrier: FakeCarrier) -> None:
    assert answer(agent, talk).status_code == 200
    assert len(carrier.asked("ring_agent")) == 1


def test_the_whole_call_to_the_next_one(app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier) -> None:
    talk.send(carrier.asked("move_call")[0]["url"])
    talk.conference(carrier.asked("ring_agent")[0]["conference_callback"], "conference-start")
    talk.hang_up()
    row = talk.row()
    assert row is not None
    assert (row.state, row.hung_up_by) == ("ended", "caller")
    assert row.connected_at is not None
    seat = seat_of(agent)
    assert seat["state"] == "wrap_up"
    assert seat["wrap_up_until"] is not None
    refused = agent.post("/api/v1/seat/wrap-up/finish")
    assert refused.status_code == 409
    reply = agent.post(f"/api/v1/calls/{talk.id}/disposition", {"kind": "answered", "note": "已解释办理流程"})
    assert reply.json["call"]["disposition"] == "answered"
    assert agent.post("/api/v1/seat/wrap-up/finish").json["seat"]["state"] == "idle"
    following = Telephone(app, "+8613900001111")
    following.dial()
    following.press("0")
    assert seat_of(agent)["call_id"] == following.id


def test_an_agent_who_gets_ready_is_offered_who_waits_already(app: Flask, caller: Telephone) -> None:
    on_break = new_agent(app, "陈晨")
    on_break.post("/api/v1/seat/status", {"status": "busy", "reason": "整理材料"})
    caller.dial()
    caller.press("0")
    assert caller.state == "waiting"
    assert get_ready(on_break)["state"] == "ringing"
    assert caller.state == "offered"


def test_hanging_up_by_the_agent_is_stored_as_such(agent: Person, talk: Telephone, carrier: FakeCarrier) -> None:
    talk.send(carrier.asked("move_call")[0]["url"])
    reply = agent.post(f"/api/v1/calls/{talk.id}/hang-up")
    assert reply.json["call"]["state"] == "ended"
    assert carrier.asked("hang_up") == [{"call_sid": talk.sid}]
    talk.hang_up()
    row = talk.row()
    assert row is not None
    assert row.hung_up_by == "agent"
    assert agent.post(f"/api/v1/calls/{talk.id}/hang-up").status_code == 200


def test_hold_and_mute_show_on_call_and_seat(agent: Person, talk: Telephone, carrier: FakeCarrier) -> None:
    assert agent.post(f"/api/v1/calls/{talk.id}/hold", {"on": True}).json["seat"]["state"] == "hold"
    assert carrier.asked("set_held")[0]["call_sid"] == talk.sid
    reply = agent.post(f"/api/v1/calls/{talk.id}/mute", {"on": True}).json
    assert reply["call"]["muted"] is True
    assert reply["call"]["hold"] is True
    assert carrier.asked("set_muted")[0]["call_sid"] == carrier.asked("ring_agent")[0]["sid"]
    assert agent.post(f"/api/v1/calls/{talk.id}/hold", {"on": False}).json["seat"]["state"] == "talking"


def test_the_caller_card_knows_earlier_calls(app: Flask, agent: Person, talk: Telephone) -> None:
    talk.hang_up()
    again = Telephone(app, talk.caller)
    again.dial()
    card = agent.get(f"/api/v1/calls/{again.id}").json
    assert card["prior_calls"] == 1
    assert card["caller"]["calls"][0]["id"] == talk.id
    assert card["phone"] == "138****3821"
    assert card["caller"]["phone"] == talk.caller


def test_nobody_but_the_agent_of_the_call_may_touch_it(app: Flask, talk: Telephone) -> None:
    stranger = new_agent(app, "赵敏")
    for path, body in (
        ("hang-up", {}),
        ("hold", {"on": True}),
        ("mute", {"on": True}),
        ("disposition", {"kind": "answered"}),
    ):
        assert stranger.post(f"/api/v1/calls/{talk.id}/{path}", body).status_code == 403
    assert stranger.put(f"/api/v1/calls/{talk.id}/draft", {"form": {}}).status_code == 403
    assert talk.state == "talking"
