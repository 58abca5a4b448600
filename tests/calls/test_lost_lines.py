"""Lines that break: nobody is dropped, nothing is done twice, and the agent learns why."""

from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from app.db import transaction
from app.desk import presence
from telephony.ports import TelephonyError
from tests.calls.conftest import answer, run_sweep
from tests.support.carrier import FakeCarrier
from tests.support.people import Person
from tests.support.voice import Telephone, get_ready, new_agent, seat_of

BUSY_LINE = TelephonyError("busy", permanent=False)
CALLER_GONE = TelephonyError("not in progress", permanent=True, code=21220)
NO_ANSWER = TelephonyError("timed out", permanent=False, outcome_unknown=True)


def queue_up(app: Flask, number: str = "+8613800000001") -> Telephone:
    phone = Telephone(app, number)
    phone.dial()
    phone.press("0")
    return phone


def conference_of(carrier: FakeCarrier) -> dict[str, str]:
    found: dict[str, str] = carrier.asked("ring_agent")[-1]
    return found


def test_when_the_agent_cannot_be_rung_the_caller_stands_in_front_and_the_agent_learns_why(
    app: Flask, agent: Person, carrier: FakeCarrier
) -> None:
    phone, behind = queue_up(app), queue_up(app, "+8613800000002")
    carrier.refuse_next(BUSY_LINE)
    refused = answer(agent, phone)
    assert refused.status_code == 503
    assert "队列最前" in refused.json["detail"]
    assert carrier.asked("move_call") == []
    # Still in the carrier's queue, and offered again at once.
    assert phone.state == "offered"
    assert behind.state == "waiting"
    assert seat_of(agent)["call_id"] == phone.id


def test_when_the_caller_cannot_be_moved_the_agents_leg_is_dropped(
    app: Flask, agent: Person, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = queue_up(app)
    monkeypatch.setattr(carrier, "move_call", lambda *_: refuse(BUSY_LINE))
    assert answer(agent, phone).status_code == 503
    assert carrier.asked("hang_up") == [{"call_sid": conference_of(carrier)["sid"]}]
    assert phone.state == "offered"


def test_a_caller_who_hung_up_before_the_connection_leaves_no_wrap_up(
    app: Flask, agent: Person, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = queue_up(app)
    monkeypatch.setattr(carrier, "move_call", lambda *_: refuse(CALLER_GONE))
    refused = answer(agent, phone)
    assert refused.status_code == 409
    assert "挂断" in refused.json["detail"]
    assert phone.state == "ended"
    assert seat_of(agent)["state"] == "idle"


def test_an_unknown_outcome_is_repeated_by_the_sweep(
    app: Flask, agent: Person, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = queue_up(app)
    with monkeypatch.context() as patch:
        patch.setattr(carrier, "move_call", lambda *_: refuse(NO_ANSWER))
        assert answer(agent, phone).status_code == 200
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        run_sweep(app)
        (move,) = carrier.asked("move_call")
        assert phone.send(move["url"]).names == ["Dial"]
    with clock.standing_at(clock.now() + timedelta(seconds=20)):
        run_sweep(app)
        assert len(carrier.asked("move_call")) == 1


def test_a_claim_whose_process_died_is_given_back(
    app: Flask, agent: Person, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = queue_up(app)
    with monkeypatch.context() as patch:
        patch.setattr(carrier, "ring_agent", lambda *_, **__: die())
        with pytest.raises(SystemExit):
            answer(agent, phone)
    assert phone.state == "talking"
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        run_sweep(app)
        assert phone.state == "offered"


@pytest.mark.parametrize("how", ["leaves the conference", "no-answer", "completed", "failed", "busy"])
def test_a_lost_agent_leg_brings_the_caller_back_to_the_front(
    app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier, how: str
) -> None:
    behind = queue_up(app, "+8613800000002")
    ring = conference_of(carrier)
    talk.send(carrier.asked("move_call")[0]["url"])
    if how == "leaves the conference":
        talk.conference(ring["conference_callback"], "participant-leave", ring["sid"], ParticipantLabel="agent")
    else:
        talk.send(ring["status_callback"], CallSid=ring["sid"], CallStatus=how)
    back = carrier.asked("move_call")[-1]
    assert back["call_sid"] == talk.sid
    heard = talk.send(back["url"])
    assert heard.names == ["Say", "Enqueue"]
    assert "重新接通" in heard.said
    assert talk.state == "offered"
    assert behind.state == "waiting"
    assert seat_of(agent)["call_id"] == talk.id


def test_a_lost_leg_reported_by_both_callbacks_is_one_return(app: Flask, talk: Telephone, carrier: FakeCarrier) -> None:
    ring = conference_of(carrier)
    for _ in range(2):
        talk.conference(ring["conference_callback"], "participant-leave", ring["sid"], ParticipantLabel="agent")
        talk.send(ring["status_callback"], CallSid=ring["sid"], CallStatus="completed")
    assert len(carrier.asked("move_call")) == 2  # once to the agent, once back


def test_callbacks_of_an_earlier_attempt_do_not_touch_the_next_talk(
    app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier
) -> None:
    old = conference_of(carrier)
    talk.send(old["status_callback"], CallSid=old["sid"], CallStatus="failed")
    assert answer(agent, talk).status_code == 200
    new = conference_of(carrier)
    assert new["conference"] != old["conference"]
    talk.conference(old["conference_callback"], "participant-leave", old["sid"], ParticipantLabel="agent")
    talk.send(old["status_callback"], CallSid=old["sid"], CallStatus="completed")
    assert talk.state == "talking"


def test_when_caller_and_agent_leave_together_the_call_has_ended(
    app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent's leave may be told first; the carrier knows that nobody is there to be fetched."""
    ring = conference_of(carrier)
    talk.send(carrier.asked("move_call")[0]["url"])
    monkeypatch.setattr(carrier, "move_call", lambda *_: refuse(CALLER_GONE))
    talk.conference(ring["conference_callback"], "participant-leave", ring["sid"], ParticipantLabel="agent")
    assert talk.state == "ended"
    assert seat_of(agent)["state"] == "wrap_up"
    talk.hang_up()
    assert seat_of(agent)["state"] == "wrap_up"


def test_a_recall_that_fails_is_repeated_by_the_sweep(app: Flask, talk: Telephone, carrier: FakeCarrier) -> None:
    ring = conference_of(carrier)
    talk.send(carrier.asked("move_call")[0]["url"])
    carrier.refuse_next(BUSY_LINE)
    talk.conference(ring["conference_callback"], "participant-leave", ring["sid"], ParticipantLabel="agent")
    assert talk.state == "talking"
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        run_sweep(app)
        assert talk.state == "offered"


def test_a_hang_up_that_fails_is_repeated_by_the_sweep(
    app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier
) -> None:
    carrier.refuse_next(BUSY_LINE)
    assert agent.post(f"/api/v1/calls/{talk.id}/hang-up").status_code == 503
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        run_sweep(app)
        row = talk.row()
        assert row is not None
        assert (row.state, row.hung_up_by) == ("ended", "agent")


def test_hanging_up_a_caller_who_has_just_gone_is_no_error(
    agent: Person, talk: Telephone, carrier: FakeCarrier
) -> None:
    carrier.refuse_next(CALLER_GONE)
    assert agent.post(f"/api/v1/calls/{talk.id}/hang-up").status_code == 200
    assert talk.state == "ended"


def test_hold_before_the_connection_is_a_conflict(agent: Person, talk: Telephone, carrier: FakeCarrier) -> None:
    carrier.refuse_next(TelephonyError("no conference", permanent=True, code=20404))
    assert agent.post(f"/api/v1/calls/{talk.id}/hold", {"on": True}).status_code == 409
    row = talk.row()
    assert row is not None
    assert row.hold is False


def test_losing_the_browser_during_a_talk_drops_nobody(
    app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier
) -> None:
    talk.send(carrier.asked("move_call")[0]["url"])
    with app.app_context():
        with transaction():
            presence.seat_seen(agent.account_id, "window-1")
            presence.seat_seen(agent.account_id, "window-2")
        with transaction():
            presence.seat_lost(agent.account_id, "window-1")
        assert seat_of(agent)["state"] == "talking"
        with transaction():
            presence.seat_lost(agent.account_id, "window-2")
    assert seat_of(agent)["state"] == "lagged"
    assert talk.state == "talking"
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        run_sweep(app)
        assert talk.state == "talking"
        with app.app_context(), transaction():
            presence.seat_seen(agent.account_id, "window-3")
        assert seat_of(agent)["state"] == "talking"


def test_a_lost_idle_seat_is_not_offered_calls_and_is_signed_out(app: Flask, agent: Person) -> None:
    with app.app_context(), transaction():
        presence.seat_seen(agent.account_id, "window-1")
    with app.app_context(), transaction():
        presence.seat_lost(agent.account_id, "window-1")
    phone = queue_up(app)
    assert phone.state == "waiting"
    with clock.standing_at(clock.now() + timedelta(seconds=61)):
        run_sweep(app)
        assert (seat_of(agent)["status"], seat_of(agent)["reason"]) == ("offline", "连接中断")


def test_windows_of_a_killed_web_process_are_forgotten(app: Flask, agent: Person) -> None:
    with app.app_context(), transaction():
        presence.seat_seen(agent.account_id, "window-1")
        presence.seat_seen(agent.account_id, "window-2")
    with clock.standing_at(clock.now() + timedelta(seconds=40)), app.app_context(), transaction():
        presence.consoles_stay(["window-2"])
    with clock.standing_at(clock.now() + timedelta(seconds=50)):
        run_sweep(app)
        assert seat_of(agent)["state"] == "idle"
    with clock.standing_at(clock.now() + timedelta(seconds=90)):
        run_sweep(app)
        assert seat_of(agent)["state"] == "lagged"


def test_a_ring_at_a_vanished_browser_is_handed_on_without_counting_as_missed(app: Flask, agent: Person) -> None:
    phone = queue_up(app)
    with app.app_context(), transaction():
        presence.seat_seen(agent.account_id, "window-1")
    with app.app_context(), transaction():
        presence.seat_lost(agent.account_id, "window-1")
    other = new_agent(app, "李娜")
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        get_ready(other)
        run_sweep(app)
        assert seat_of(other)["call_id"] == phone.id


def test_a_waiting_caller_who_vanished_without_a_word_is_found_by_asking_the_carrier(
    app: Flask, carrier: FakeCarrier
) -> None:
    away = new_agent(app, "孙洋")
    away.post("/api/v1/seat/status", {"status": "busy", "reason": ""})
    gone, there = queue_up(app), queue_up(app, "+8613800000002")
    with clock.standing_at(clock.now() + timedelta(minutes=6)):
        there.wait()
        carrier.refuse_next(CALLER_GONE)
        run_sweep(app)
    assert gone.state == "ended"
    assert there.state == "waiting"


def refuse(error: TelephonyError) -> None:
    raise error


def die() -> str:
    raise SystemExit
