"""A third in the talk, and a talk that changes hands: no caller is left in silence, one agent has the call."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from telephony.ports import TelephonyError
from tests.calls.conftest import answer, run_sweep
from tests.calls.test_races import at_once, same_line
from tests.support.carrier import FakeCarrier
from tests.support.people import Person
from tests.support.voice import Telephone, get_ready, new_agent, seat_of, set_status

BUSY_LINE = TelephonyError("busy", permanent=False)
CALLER_GONE = TelephonyError("not in progress", permanent=True, code=21220)
UNKNOWN = TelephonyError("timed out", permanent=False, outcome_unknown=True)


@pytest.fixture
def colleague(app: Flask, talk: Telephone, carrier: FakeCarrier) -> Person:
    """Ready, beside a talk that is connected."""
    talk.send(carrier.asked("move_call")[0]["url"])
    person = new_agent(app, "李娜")
    get_ready(person)
    return person


@pytest.fixture
def three(agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier) -> Telephone:
    """Caller, agent and colleague in one talk."""
    assert transfer(agent, talk, account_id=colleague.account_id).status_code == 200
    assert answer(colleague, talk).status_code == 200
    come_in(talk, carrier)
    return talk


def transfer(agent: Person, phone: Telephone, **wish: Any) -> Any:
    return agent.post(f"/api/v1/calls/{phone.id}/transfer", wish)


def complete(agent: Person, phone: Telephone) -> Any:
    return agent.post(f"/api/v1/calls/{phone.id}/transfer/complete")


def cancel(agent: Person, phone: Telephone) -> Any:
    return agent.post(f"/api/v1/calls/{phone.id}/transfer/cancel")


def come_in(phone: Telephone, carrier: FakeCarrier) -> None:
    ring = carrier.asked("ring_agent")[-1]
    phone.conference(ring["conference_callback"], "participant-join", ring["sid"], ParticipantLabel=ring["label"])


def leave(phone: Telephone, carrier: FakeCarrier, ring: dict[str, Any]) -> None:
    address = carrier.asked("ring_agent")[0]["conference_callback"]
    phone.conference(address, "participant-leave", ring["sid"], ParticipantLabel=ring.get("label", ""))


def ring_outside(agent: Person, phone: Telephone, carrier: FakeCarrier, number: str = "120") -> dict[str, Any]:
    answered = transfer(agent, phone, number=number)
    assert answered.status_code == 200, answered.json
    found: dict[str, Any] = carrier.asked("place_call")[-1]
    return found


def outside_joins(phone: Telephone, carrier: FakeCarrier, placed: dict[str, Any]) -> Any:
    heard = phone.send(placed["url"], CallSid=placed["sid"], Direction="outbound-api")
    label = heard.verb("Conference").get("participantLabel", "")
    address = carrier.asked("ring_agent")[0]["conference_callback"]
    phone.conference(address, "participant-join", placed["sid"], ParticipantLabel=label)
    return heard


def card(agent: Person, phone: Telephone) -> dict[str, Any]:
    found: dict[str, Any] = agent.get(f"/api/v1/calls/{phone.id}").json
    return found


def history(agent: Person, phone: Telephone) -> list[tuple[str, str]]:
    return [(line["kind"], line["text"]) for line in card(agent, phone)["history"]]


# --- a colleague ---------------------------------------------------------------------------------------------------


def test_a_colleague_is_rung_joins_the_same_conference_and_takes_over(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    first = carrier.asked("ring_agent")[0]
    assert transfer(agent, talk, account_id=colleague.account_id).status_code == 200
    assert (seat_of(colleague)["state"], seat_of(colleague)["call_id"]) == ("ringing", talk.id)
    assert answer(colleague, talk).status_code == 200
    second = carrier.asked("ring_agent")[1]
    assert second["conference"] == first["conference"]
    assert complete(agent, talk).status_code == 409  # not before the colleague is there
    come_in(talk, carrier)
    shown = card(agent, talk)
    assert (shown["agent"]["name"], shown["party"]["label"], shown["party"]["state"]) == ("王磊", "李娜", "joined")
    assert complete(agent, talk).status_code == 200
    assert card(agent, talk)["agent"]["name"] == "李娜"
    assert carrier.asked("hang_up") == [{"call_sid": first["sid"]}]
    assert (seat_of(agent)["state"], seat_of(agent)["owes_call_id"]) == ("wrap_up", None)
    assert seat_of(colleague)["state"] == "talking"
    assert [kind for kind, _ in history(agent, talk)] == [
        "answered", "party_asked", "party_joined", "transferred",
    ]  # fmt: skip
    assert talk.state == "talking"


def test_the_new_agent_has_the_call_alone(three: Telephone, agent: Person, colleague: Person) -> None:
    assert colleague.post(f"/api/v1/calls/{three.id}/hold", {"on": True}).status_code == 403
    complete(agent, three)
    assert agent.post(f"/api/v1/calls/{three.id}/hold", {"on": True}).status_code == 403
    assert colleague.post(f"/api/v1/calls/{three.id}/hold", {"on": True}).status_code == 200
    assert seat_of(colleague)["state"] == "hold"
    three.hang_up()
    assert (seat_of(colleague)["state"], seat_of(colleague)["owes_call_id"]) == ("wrap_up", three.id)
    assert seat_of(agent)["owes_call_id"] is None


def test_callbacks_of_the_agent_who_has_gone_do_not_touch_the_talk(
    three: Telephone, agent: Person, colleague: Person, carrier: FakeCarrier
) -> None:
    first, second = carrier.asked("ring_agent")
    complete(agent, three)
    for _ in range(2):
        leave(three, carrier, first)
        three.send(first["status_callback"], CallSid=first["sid"], CallStatus="completed")
    assert (three.state, seat_of(colleague)["state"]) == ("talking", "talking")
    # The new agent's line is lost like any other: back to the queue.
    three.send(second["status_callback"], CallSid=second["sid"], CallStatus="completed")
    assert three.send(carrier.asked("move_call")[-1]["url"]).names == ["Say", "Enqueue"]
    assert three.state in ("waiting", "offered")


def test_a_caller_on_hold_is_brought_back_before_the_agent_goes(
    three: Telephone, agent: Person, colleague: Person, carrier: FakeCarrier
) -> None:
    agent.post(f"/api/v1/calls/{three.id}/hold", {"on": True})
    assert complete(agent, three).status_code == 200
    assert [order["held"] for order in carrier.asked("set_held")] == [True, False]
    assert seat_of(colleague)["state"] == "talking"


def test_a_colleague_who_does_not_answer_costs_the_caller_nothing(
    app: Flask, agent: Person, talk: Telephone, colleague: Person
) -> None:
    transfer(agent, talk, account_id=colleague.account_id)
    with clock.standing_at(clock.now() + timedelta(seconds=21)):
        run_sweep(app)
        assert seat_of(colleague)["state"] == "idle"
        assert (talk.state, card(agent, talk)["party"]) == ("talking", None)
        assert history(agent, talk)[-1] == ("party_left", "李娜：无人接听")
        assert answer(colleague, talk).status_code == 409


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled", "completed"])
def test_a_colleagues_telephone_that_fails_leaves_the_talk_as_it_was(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier, status: str
) -> None:
    transfer(agent, talk, account_id=colleague.account_id)
    answer(colleague, talk)
    ring = carrier.asked("ring_agent")[1]
    talk.send(ring["status_callback"], CallSid=ring["sid"], CallStatus=status)
    assert (talk.state, seat_of(agent)["state"], seat_of(colleague)["state"]) == ("talking", "talking", "idle")
    assert len(carrier.asked("move_call")) == 1


def test_a_colleague_may_decline(agent: Person, talk: Telephone, colleague: Person) -> None:
    transfer(agent, talk, account_id=colleague.account_id)
    set_status(colleague, "busy")
    assert history(agent, talk)[-1] == ("party_left", "李娜：未接受")
    assert (talk.state, card(agent, talk)["party"]) == ("talking", None)


def test_a_colleague_may_leave_again_and_the_agent_goes_on(
    three: Telephone, agent: Person, colleague: Person, carrier: FakeCarrier
) -> None:
    assert colleague.post(f"/api/v1/calls/{three.id}/hang-up").status_code == 200
    assert carrier.asked("hang_up")[-1]["call_sid"] == carrier.asked("ring_agent")[1]["sid"]
    assert (three.state, seat_of(agent)["state"], seat_of(colleague)["state"]) == ("talking", "talking", "idle")
    leave(three, carrier, carrier.asked("ring_agent")[1])
    assert three.state == "talking"


def test_the_agent_may_stop_ringing_and_may_let_the_third_go(
    app: Flask, agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    transfer(agent, talk, account_id=colleague.account_id)
    assert cancel(agent, talk).status_code == 200
    assert seat_of(colleague)["state"] == "idle"
    assert seat_of(colleague)["status"] == "ready"
    ring_outside(agent, talk, carrier)
    carrier.refuse_next(BUSY_LINE)
    assert cancel(agent, talk).status_code == 200
    assert carrier.asked("hang_up") == []
    run_sweep(app)  # the leg that could not be dropped at once
    assert carrier.asked("hang_up") == [{"call_sid": carrier.asked("place_call")[0]["sid"]}]
    run_sweep(app)
    assert len(carrier.asked("hang_up")) == 1


def test_two_transfers_at_once_are_one(agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier) -> None:
    assert transfer(agent, talk, account_id=colleague.account_id).status_code == 200
    refused = transfer(agent, talk, number="120")
    assert refused.status_code == 409
    assert "李娜" in refused.json["detail"]
    assert carrier.asked("place_call") == []


def test_a_colleague_who_is_not_free_is_not_rung(app: Flask, agent: Person, talk: Telephone, colleague: Person) -> None:
    set_status(colleague, "busy")
    assert transfer(agent, talk, account_id=colleague.account_id).status_code == 409
    assert transfer(agent, talk, account_id=agent.account_id).status_code == 409
    assert transfer(agent, talk, account_id=10**6).status_code == 409
    assert transfer(colleague, talk, account_id=agent.account_id).status_code == 403
    assert card(agent, talk)["party"] is None


def test_a_lost_line_leaves_the_caller_with_the_colleague(
    three: Telephone, agent: Person, colleague: Person, carrier: FakeCarrier
) -> None:
    leave(three, carrier, carrier.asked("ring_agent")[0])
    assert card(agent, three)["agent"]["name"] == "李娜"
    assert (seat_of(agent)["state"], seat_of(colleague)["state"]) == ("wrap_up", "talking")
    assert len(carrier.asked("move_call")) == 1


def test_a_lost_line_while_the_colleague_still_rings_brings_the_caller_back(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    transfer(agent, talk, account_id=colleague.account_id)
    leave(talk, carrier, carrier.asked("ring_agent")[0])
    assert "重新接通" in talk.send(carrier.asked("move_call")[-1]["url"]).said
    assert talk.state == "offered"
    assert card(agent, talk)["party"] is None


@pytest.mark.parametrize("is_there", [True, False])
def test_a_caller_who_hangs_up_meanwhile_frees_everybody(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier, is_there: bool
) -> None:
    transfer(agent, talk, account_id=colleague.account_id)
    if is_there:
        answer(colleague, talk)
        come_in(talk, carrier)
    talk.hang_up()
    assert (talk.state, seat_of(agent)["state"], seat_of(colleague)["state"]) == ("ended", "wrap_up", "idle")
    assert complete(agent, talk).status_code == 409


def test_a_supervisor_at_the_seat_is_asked_for_help_even_when_busy(
    app: Flask, agent: Person, talk: Telephone, colleague: Person
) -> None:
    chief = new_agent(app, "周班长", Role.SUPERVISOR)
    targets = agent.get("/api/v1/transfer-targets").json
    assert [each["name"] for each in targets["colleagues"]] == ["李娜"]
    set_status(chief, "busy")
    targets = agent.get("/api/v1/transfer-targets").json
    assert [(each["name"], each["is_supervisor"]) for each in targets["colleagues"]] == [
        ("周班长", True),
        ("李娜", False),
    ]
    assert ("110", True) in [(line["number"], line["is_emergency"]) for line in targets["outside"]]
    assert transfer(agent, talk, account_id=chief.account_id).status_code == 200
    assert answer(chief, talk).status_code == 200


# --- a number outside ----------------------------------------------------------------------------------------------


def test_an_outside_number_joins_and_keeps_the_caller_when_the_agent_goes(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    placed = ring_outside(agent, talk, carrier)
    assert placed["recipient"] == "120"
    heard = outside_joins(talk, carrier, placed)
    assert heard.verb("Conference").text == carrier.asked("ring_agent")[0]["conference"]
    assert heard.verb("Conference").get("endConferenceOnExit") == "false"
    assert complete(agent, talk).status_code == 200
    shown = card(agent, talk)
    assert (shown["state"], shown["disposition"], shown["party"]["label"]) == (
        "outside",
        "emergency_transferred",
        "120 急救",
    )
    assert (seat_of(agent)["state"], seat_of(agent)["owes_call_id"]) == ("wrap_up", None)
    talk.hang_up()
    assert talk.state == "ended"
    assert card(agent, talk)["agent"]["name"] == "王磊"


def test_when_the_outside_hangs_up_last_the_caller_hears_goodbye_instead_of_silence(
    app: Flask, agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    placed = ring_outside(agent, talk, carrier)
    outside_joins(talk, carrier, placed)
    complete(agent, talk)
    carrier.refuse_next(BUSY_LINE)
    leave(talk, carrier, placed)
    assert talk.state == "outside"
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        run_sweep(app)
    back = carrier.asked("move_call")[-1]
    assert back["call_sid"] == talk.sid
    heard = talk.send(back["url"])
    assert heard.names == ["Say", "Hangup"]
    assert talk.state == "ended"
    assert talk.send(back["url"]).names == ["Say", "Hangup"]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_an_outside_number_that_does_not_answer_leaves_the_talk_as_it_was(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier, status: str
) -> None:
    placed = ring_outside(agent, talk, carrier, "0574-87001234")
    assert card(agent, talk)["party"]["label"] == "0574-8700****"
    for _ in range(2):
        talk.send(placed["status_callback"], CallSid=placed["sid"], CallStatus=status)
    assert (talk.state, card(agent, talk)["party"]) == ("talking", None)
    # Shuffled: the answer is told after the end.
    assert talk.send(placed["url"], CallSid=placed["sid"]).names == ["Hangup"]
    assert len(carrier.asked("move_call")) == 1
    assert sum(kind == "party_left" for kind, _ in history(agent, talk)) == 1


def test_a_number_that_is_none_and_a_carrier_that_fails_are_told(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    assert transfer(agent, talk, number="12").status_code == 422
    assert transfer(agent, talk, number="96310").status_code == 422
    assert transfer(agent, talk).status_code == 422
    assert transfer(agent, talk, number="110", account_id=colleague.account_id).status_code == 422
    carrier.refuse_next(BUSY_LINE)
    assert transfer(agent, talk, number="110").status_code == 503
    assert (talk.state, card(agent, talk)["party"]) == ("talking", None)


# --- cold ----------------------------------------------------------------------------------------------------------


def test_handed_on_cold_the_caller_goes_to_the_colleague_through_the_front_of_the_queue(
    app: Flask, agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    get_ready(new_agent(app, "更闲的人"))
    assert transfer(agent, talk, account_id=colleague.account_id, mode="cold").status_code == 200
    heard = talk.send(carrier.asked("move_call")[-1]["url"])
    assert heard.names == ["Say", "Enqueue"]
    assert "转接" in heard.said
    assert (talk.state, seat_of(colleague)["call_id"]) == ("offered", talk.id)
    assert (seat_of(agent)["state"], seat_of(agent)["owes_call_id"]) == ("wrap_up", None)
    assert answer(colleague, talk).status_code == 200
    assert card(agent, talk)["agent"]["name"] == "李娜"
    assert ("requeued", "转给李娜") in history(agent, talk)


def test_handed_on_cold_to_somebody_who_does_not_answer_the_next_free_agent_gets_the_caller(
    app: Flask, agent: Person, talk: Telephone, colleague: Person
) -> None:
    transfer(agent, talk, account_id=colleague.account_id, mode="cold")
    other = new_agent(app, "赵敏")
    with clock.standing_at(clock.now() + timedelta(seconds=21)):
        set_status(colleague, "busy")
        get_ready(other)
        run_sweep(app)
        assert seat_of(other)["call_id"] == talk.id


@pytest.mark.parametrize(("error", "status"), [(BUSY_LINE, 503), (CALLER_GONE, 409)])
def test_a_cold_transfer_that_fails_is_told(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier, error: TelephonyError, status: int
) -> None:
    carrier.refuse_next(error)
    assert transfer(agent, talk, account_id=colleague.account_id, mode="cold").status_code == status
    assert talk.state == ("talking" if status == 503 else "ended")
    assert seat_of(colleague)["state"] == "idle"


def test_a_cold_transfer_with_unknown_outcome_is_repeated(
    app: Flask, agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    carrier.refuse_next(UNKNOWN)
    assert transfer(agent, talk, number="110", mode="cold").status_code == 200
    assert cancel(agent, talk).status_code == 409
    with clock.standing_at(clock.now() + timedelta(seconds=6)):
        run_sweep(app)
        assert talk.send(carrier.asked("move_call")[-1]["url"]).names == ["Say", "Dial"]
        assert (talk.state, seat_of(agent)["state"]) == ("outside", "wrap_up")


def send_out(agent: Person, phone: Telephone, carrier: FakeCarrier, number: str = "95598") -> Any:
    assert transfer(agent, phone, number=number, mode="cold").status_code == 200
    assert seat_of(agent)["state"] == "talking"  # until the caller has really gone on
    return phone.send(carrier.asked("move_call")[-1]["url"])


def test_sent_out_cold_the_caller_is_dialled_on_and_the_agent_is_free(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier
) -> None:
    heard = send_out(agent, talk, carrier)
    assert heard.names == ["Say", "Dial"]
    assert heard.verb("Number").text == "95598"
    leave(talk, carrier, carrier.asked("ring_agent")[0])  # the conference has ended with the caller
    shown = card(agent, talk)
    assert (shown["state"], shown["disposition"]) == ("outside", "transferred")
    agent.post("/api/v1/seat/wrap-up/finish")
    assert answer(agent, talk).status_code == 409  # nobody fetches the caller back out of that talk
    ended = heard.verb("Dial").get("action", "")
    assert talk.send(ended, DialCallStatus="completed", DialCallSid="CAx", DialCallDuration="30").names == [
        "Say",
        "Hangup",
    ]
    assert talk.state == "ended"
    assert talk.send(ended, DialCallStatus="completed").names == ["Hangup"]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_sent_out_to_nobody_the_caller_comes_back_to_the_front(
    agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier, status: str
) -> None:
    heard = send_out(agent, talk, carrier, "110")
    ended = heard.verb("Dial").get("action", "")
    back = talk.send(ended, DialCallStatus=status, DialCallSid="CAx")
    assert back.names == ["Say", "Enqueue"]
    assert "转回话务员" in back.said
    assert talk.state == "offered"
    assert seat_of(colleague)["call_id"] == talk.id
    assert card(agent, talk)["disposition"] is None
    assert talk.send(ended, DialCallStatus=status).names == ["Enqueue"]  # told twice


@pytest.mark.parametrize("is_outside", [True, False])
def test_a_talk_whose_end_was_never_told_ends_by_itself(
    app: Flask, agent: Person, talk: Telephone, colleague: Person, carrier: FakeCarrier, is_outside: bool
) -> None:
    if is_outside:
        send_out(agent, talk, carrier)
    with clock.standing_at(clock.now() + timedelta(hours=5)):
        run_sweep(app)
        assert (talk.state, seat_of(agent)["state"]) == ("ended", "idle" if is_outside else "wrap_up")


# --- at once -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(3))
def test_completing_leaving_and_losing_the_line_at_once_leave_one_owner_or_none(
    committing_app: Flask, carrier: FakeCarrier, turn: int
) -> None:
    """Whatever comes first, the caller has one agent, or is back in front of the queue, or has gone."""
    agent, colleague = new_agent(committing_app, "王磊"), new_agent(committing_app, "李娜")
    get_ready(agent)
    phone = Telephone(committing_app, f"+8613800001{turn:03}")
    phone.dial()
    phone.press("0")
    assert answer(agent, phone).status_code == 200
    phone.send(carrier.asked("move_call")[0]["url"])
    get_ready(colleague)
    assert transfer(agent, phone, account_id=colleague.account_id).status_code == 200
    assert answer(colleague, phone).status_code == 200
    come_in(phone, carrier)
    first, second = carrier.asked("ring_agent")
    lines = [same_line(committing_app, phone) for _ in range(2)]
    at_once(
        lambda: complete(agent, phone),
        lambda: colleague.post(f"/api/v1/calls/{phone.id}/hang-up"),
        lambda: lines[0].send(first["status_callback"], CallSid=first["sid"], CallStatus="completed"),
        lambda: lines[1].send(second["status_callback"], CallSid=second["sid"], CallStatus="completed"),
    )
    call = phone.row()
    assert call is not None
    talking = {who.account_id for who in (agent, colleague) if seat_of(who)["state"] in ("talking", "hold")}
    assert talking == ({call.agent_id} if call.state == "talking" else set())
    assert call.party_id is None
    if call.state != "talking":  # nobody is left: the caller has been fetched out of the empty room
        assert call.state in ("waiting", "offered", "ended")
        assert "requeued" in carrier.asked("move_call")[-1]["url"] or call.state == "ended"


def test_two_windows_that_transfer_at_once_ring_one(committing_app: Flask, carrier: FakeCarrier) -> None:
    agent, colleague = new_agent(committing_app, "王磊"), new_agent(committing_app, "李娜")
    get_ready(agent)
    phone = Telephone(committing_app, "+8613800002000")
    phone.dial()
    phone.press("0")
    answer(agent, phone)
    phone.send(carrier.asked("move_call")[0]["url"])
    get_ready(colleague)
    replies = at_once(
        lambda: transfer(agent, phone, account_id=colleague.account_id), lambda: transfer(agent, phone, number="120")
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]
