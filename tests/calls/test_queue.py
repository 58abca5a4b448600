"""The queue: rings that nobody answers, who comes first, voicemail instead of endless music."""

from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from tests.calls.conftest import answer, run_sweep
from tests.support.carrier import FakeCarrier
from tests.support.people import Person
from tests.support.voice import Telephone, get_ready, new_agent, seat_of, set_status


def later(**delta: float):  # type: ignore[no-untyped-def]
    return clock.standing_at(clock.now() + timedelta(**delta))


def queue_up(app: Flask, number: str, text: str = "") -> Telephone:
    phone = Telephone(app, number)
    phone.dial()
    phone.say(text) if text else phone.press("0")
    return phone


def queue_of(agent: Person) -> list[int]:
    return [card["id"] for card in agent.get("/api/v1/calls").json["items"]]


@pytest.fixture
def away(app: Flask) -> Person:
    """Online, but not taking calls: the queue is open and nobody rings."""
    person = new_agent(app, "孙洋")
    set_status(person, "busy", "整理")
    return person


def test_a_ring_that_nobody_answers_brings_the_caller_to_the_front_with_the_original_clock(
    app: Flask, agent: Person
) -> None:
    first = queue_up(app, "+8613800000001")
    entered = agent.get(f"/api/v1/calls/{first.id}").json["waiting_since"]
    second = queue_up(app, "+8613800000002", "煤气味很重")
    set_status_later = new_agent(app, "林静")
    with later(seconds=21):
        set_status(set_status_later, "busy", "整理")
        run_sweep(app)
        card = agent.get(f"/api/v1/calls/{first.id}").json
        assert card["waiting_since"] == entered
        # It rings again at the only ready seat, before the more urgent caller who came later.
        assert card["state"] == "offered"
        assert queue_of(agent)[:2] == [first.id, second.id]


def test_an_unanswered_ring_goes_to_the_next_agent(app: Flask, agent: Person) -> None:
    other = new_agent(app, "李娜")
    get_ready(other)
    phone = queue_up(app, "+8613800000001")
    assert seat_of(agent)["state"] == "ringing"
    with later(seconds=21):
        run_sweep(app)
        assert seat_of(other)["call_id"] == phone.id
        assert seat_of(agent)["state"] == "idle"


def test_after_two_unanswered_rings_the_agent_is_taken_off_the_list(app: Flask, agent: Person) -> None:
    phone = queue_up(app, "+8613800000001")
    with later(seconds=21):
        run_sweep(app)
        assert seat_of(agent)["status"] == "ready"
    with later(seconds=42):
        run_sweep(app)
        seat = seat_of(agent)
        assert (seat["status"], seat["reason"], seat["state"]) == ("busy", "未应答", "idle")
        assert phone.state == "waiting"
        get_ready(agent)
        assert phone.state == "offered"


def test_a_ring_still_within_its_time_is_left_alone(app: Flask, agent: Person) -> None:
    queue_up(app, "+8613800000001")
    with later(seconds=19):
        run_sweep(app)
        assert seat_of(agent)["state"] == "ringing"


def test_going_away_while_it_rings_hands_the_caller_on_at_once(app: Flask, agent: Person) -> None:
    other = new_agent(app, "李娜")
    get_ready(other)
    phone = queue_up(app, "+8613800000001")
    seat = set_status(agent, "break", "喝水")
    assert (seat["status"], seat["state"]) == ("break", "idle")
    assert seat_of(other)["call_id"] == phone.id


def test_danger_words_lift_a_caller_and_say_why(app: Flask, away: Person) -> None:
    calm = queue_up(app, "+8613800000001", "路灯不亮")
    danger = queue_up(app, "+8613800000002", "煤气泄漏")
    assert queue_of(away) == [danger.id, calm.id]
    assert away.get(f"/api/v1/calls/{danger.id}").json["note"] == "提到“煤气”"


def test_danger_words_said_while_waiting_lift_too(app: Flask, away: Person) -> None:
    calm = queue_up(app, "+8613800000001")
    danger = queue_up(app, "+8613800000002")
    assert queue_of(away) == [calm.id, danger.id]
    danger.transcript("这里有煤气味")
    assert queue_of(away) == [danger.id, calm.id]


def test_who_rings_back_keeps_the_place(app: Flask, away: Person) -> None:
    gone = queue_up(app, "+8613800000001")
    other = queue_up(app, "+8613800000002")
    gone.leave_queue("hangup")
    back = queue_up(app, "+8613800000001")
    assert queue_of(away) == [back.id, other.id]
    assert "保留" in away.get(f"/api/v1/calls/{back.id}").json["note"]


def test_the_position_is_told_when_it_improves_and_never_as_zero_minutes(app: Flask, away: Person) -> None:
    ahead = [queue_up(app, f"+861380000000{n}") for n in range(1, 4)]
    last = queue_up(app, "+8613800000009")
    assert "前面还有3位" in last.wait(4, average=0).said
    assert "分钟" not in last.wait(4).said
    assert last.wait(4).said == ""
    ahead[0].leave_queue("hangup")
    assert "前面还有2位来电人，预计等待约2分钟" in last.wait(3, average=61).said
    assert last.wait(3, average=61).said == ""
    ahead[1].leave_queue("hangup")
    ahead[2].leave_queue("hangup")
    assert "第一位" in last.wait(1, average=20).said


def test_nobody_online_means_voicemail_and_no_music(app: Flask, caller: Telephone) -> None:
    heard = caller.dial()
    assert heard.names == ["Start", "Gather", "Say", "Record", "Say", "Hangup"]
    recording = heard.verb("Record").attrib
    assert recording["action"].endswith("/telephony/voice/recorded")
    done = caller.send("/telephony/voice/recorded", RecordingSid="RE1", RecordingUrl="http://r/1", RecordingDuration=9)
    assert done.names == ["Say", "Hangup"]
    caller.send(
        "/telephony/voice/recording",
        RecordingSid="RE1",
        RecordingStatus="completed",
        RecordingUrl="http://r/1",
        RecordingDuration=9,
    )
    caller.hang_up()
    agent = new_agent(app, "王磊")
    (card,) = agent.get("/api/v1/calls").json["items"]
    assert (card["id"], card["is_voicemail"]) == (caller.id, True)
    assert agent.post(f"/api/v1/calls/{caller.id}/disposition", {"kind": "answered"}).status_code == 200
    assert agent.get("/api/v1/calls").json["items"] == []


def test_a_voicemail_belongs_to_whoever_works_on_it_first(app: Flask, caller: Telephone) -> None:
    caller.dial()
    caller.send("/telephony/voice/recorded", RecordingSid="RE1", RecordingUrl="http://r/1", RecordingDuration=9)
    caller.hang_up()
    first, second = new_agent(app, "王磊"), new_agent(app, "李娜")
    draft = {"form": {"fields": {"description": "路灯不亮"}}}
    assert first.put(f"/api/v1/calls/{caller.id}/draft", draft).status_code == 200
    (card,) = second.get("/api/v1/agent/snapshot").json["voicemails"]
    assert card["agent"]["name"] == "王磊"
    assert second.put(f"/api/v1/calls/{caller.id}/draft", draft).status_code == 403
    assert second.post(f"/api/v1/calls/{caller.id}/disposition", {"kind": "prank"}).status_code == 403


def test_a_queue_that_nobody_serves_any_more_is_left_for_the_voicemail(app: Flask, away: Person) -> None:
    phone = queue_up(app, "+8613800000001")
    set_status(away, "offline")
    assert phone.wait().names == ["Leave"]
    assert "Record" in phone.leave_queue("leave").names
    assert phone.state == "greeting"


def test_a_round_of_waiting_that_changes_nothing_writes_nothing(app: Flask, away: Person) -> None:
    phone = queue_up(app, "+8613800000001")
    assert "第一位" in phone.wait().said
    before = phone.row()
    assert before is not None
    assert phone.wait().names == ["Play"]
    after = phone.row()
    assert after is not None
    assert (after.last_contact_at, after.version) == (before.last_contact_at, before.version)
    with later(minutes=1):
        phone.wait()
        row = phone.row()
        assert row is not None
        assert row.last_contact_at > before.last_contact_at


def test_nobody_waits_for_ever(app: Flask, away: Person) -> None:
    phone = queue_up(app, "+8613800000001")
    assert phone.wait(waited=901).names == ["Leave"]


def test_an_agent_who_answers_while_the_caller_is_led_to_the_voicemail_still_gets_the_call(
    app: Flask, agent: Person
) -> None:
    phone = queue_up(app, "+8613800000001")
    answer(agent, phone)
    assert phone.leave_queue("leave").names == ["Dial"]


def test_hanging_up_in_the_greeting_is_no_abandonment(app: Flask, away: Person, caller: Telephone) -> None:
    caller.dial()
    caller.hang_up()
    assert caller.state == "ended"
    assert figures(away)["service_level"] is None
    waiting = queue_up(app, "+8613800000002")
    waiting.leave_queue("hangup")
    assert figures(away)["service_level"] == 0.0


def figures(agent: Person) -> dict[str, float | None]:
    from app.calls.queries import figures as figures_now
    from app.db import work

    with agent.app.app_context(), work():
        return figures_now().model_dump()


def test_the_service_level_counts_from_entering_the_queue(app: Flask, away: Person) -> None:
    slow, fast = queue_up(app, "+8613800000001"), queue_up(app, "+8613800000002")
    agent, other = new_agent(app, "王磊"), new_agent(app, "李娜")
    get_ready(agent)
    answer(agent, slow)
    with later(seconds=25):
        run_sweep(app)
        get_ready(other)
        answer(other, fast)
        assert figures(away)["service_level"] == 0.5


def test_a_caller_who_gives_up_frees_the_ringing_seat(app: Flask, agent: Person, caller: Telephone) -> None:
    caller.dial()
    caller.press("0")
    caller.leave_queue("hangup")
    assert seat_of(agent)["state"] == "idle"
    refused = answer(agent, caller)
    assert refused.status_code == 409
    assert "挂断" in refused.json["detail"]


def test_only_ready_agents_may_take_a_call(app: Flask, away: Person) -> None:
    phone = queue_up(app, "+8613800000001")
    refused = answer(away, phone)
    assert refused.status_code == 409
    assert "就绪" in refused.json["detail"]


def test_an_agent_may_take_a_call_that_rings_elsewhere_and_frees_that_seat(
    app: Flask, agent: Person, carrier: FakeCarrier
) -> None:
    phone = queue_up(app, "+8613800000001")
    other = new_agent(app, "李娜")
    get_ready(other)
    assert answer(other, phone).status_code == 200
    assert seat_of(agent)["state"] == "idle"
    refused = answer(agent, phone)
    assert refused.status_code == 409
    assert refused.json["winner"] == "李娜"
    assert len(carrier.asked("ring_agent")) == 1
