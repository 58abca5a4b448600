"""Seats: what agents may choose, and what the clock does to them."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.db import work
from app.desk.queries import figures, seat_cards
from tests.calls.conftest import answer, run_sweep
from tests.support.people import Person
from tests.support.voice import Telephone, get_ready, new_agent, seat_of, set_status


@pytest.fixture
def agent(app: Flask) -> Person:
    person = new_agent(app, "王磊")
    get_ready(person)
    return person


@pytest.fixture
def wrapping_up(app: Flask, agent: Person) -> Telephone:
    phone = Telephone(app)
    phone.dial()
    phone.press("0")
    answer(agent, phone)
    phone.send(f"/telephony/voice/connect?call={phone.id}&attempt=1")
    phone.hang_up()
    return phone


def choose(agent: Person, status: str, reason: str = "") -> Any:
    return agent.post("/api/v1/seat/status", {"status": status, "reason": reason})


def test_a_seat_begins_offline(app: Flask) -> None:
    seat = seat_of(new_agent(app, "王磊"))
    assert (seat["status"], seat["state"], seat["call_id"]) == ("offline", "idle", None)


@pytest.mark.parametrize(
    ("status", "reason", "answered"),
    [
        ("ready", "", 200),
        ("busy", "", 200),
        ("break", "午餐", 200),
        ("training", "", 200),
        ("offline", "", 200),
        ("break", "", 422),
        ("break", "   ", 422),
        ("lagged", "", 422),
        ("", "", 422),
        ("busy", "长" * 41, 422),
    ],
)
def test_statuses_an_agent_may_choose(app: Flask, status: str, reason: str, answered: int) -> None:
    assert choose(new_agent(app, "王磊"), status, reason).status_code == answered


def test_only_agents_have_a_seat(app: Flask) -> None:
    assert choose(new_agent(app, "领导", Role.LEADER), "ready").status_code == 403


def test_choosing_the_same_again_changes_nothing(agent: Person) -> None:
    before = seat_of(agent)
    get_ready(agent)
    assert seat_of(agent) == before


def test_signing_out_during_a_talk_is_refused_and_a_break_begins_after_it(app: Flask, agent: Person) -> None:
    phone = Telephone(app)
    phone.dial()
    phone.press("0")
    answer(agent, phone)
    assert choose(agent, "offline").status_code == 409
    seat = choose(agent, "break", "午餐").json["seat"]
    assert (seat["status"], seat["state"]) == ("break", "talking")


def test_wrap_up_lasts_45_seconds_and_once_60_more(agent: Person, wrapping_up: Telephone) -> None:
    begun = seat_of(agent)
    assert begun["state"] == "wrap_up"
    longer = agent.post("/api/v1/seat/wrap-up/extend")
    assert longer.json["seat"]["extended"] is True
    assert longer.json["seat"]["wrap_up_until"] > begun["wrap_up_until"]
    assert agent.post("/api/v1/seat/wrap-up/extend").status_code == 409


def test_finishing_asks_for_a_disposition_first(agent: Person, wrapping_up: Telephone) -> None:
    refused = agent.post("/api/v1/seat/wrap-up/finish")
    assert refused.status_code == 409
    assert refused.json["call_id"] == wrapping_up.id
    agent.post(f"/api/v1/calls/{wrapping_up.id}/disposition", {"kind": "answered"})
    assert agent.post("/api/v1/seat/wrap-up/finish").json["seat"]["state"] == "idle"
    assert agent.post("/api/v1/seat/wrap-up/finish").status_code == 409


def test_time_ends_a_wrap_up_that_has_its_disposition(app: Flask, agent: Person, wrapping_up: Telephone) -> None:
    agent.post(f"/api/v1/calls/{wrapping_up.id}/disposition", {"kind": "answered"})
    with clock.standing_at(clock.now() + timedelta(seconds=44)):
        run_sweep(app)
        assert seat_of(agent)["state"] == "wrap_up"
    with clock.standing_at(clock.now() + timedelta(seconds=46)):
        run_sweep(app)
        assert (seat_of(agent)["status"], seat_of(agent)["state"]) == ("ready", "idle")


def test_without_a_disposition_time_makes_the_agent_busy_until_it_is_given(
    app: Flask, agent: Person, wrapping_up: Telephone
) -> None:
    with clock.standing_at(clock.now() + timedelta(seconds=46)):
        run_sweep(app)
        seat = seat_of(agent)
        assert (seat["status"], seat["reason"], seat["owes_call_id"]) == ("busy", "未登记小结", wrapping_up.id)
        assert choose(agent, "ready").status_code == 409
        agent.post(f"/api/v1/calls/{wrapping_up.id}/disposition", {"kind": "prank"})
        assert (seat_of(agent)["status"], seat_of(agent)["owes_call_id"]) == ("ready", None)


def test_a_disposition_given_during_the_talk_counts(app: Flask, agent: Person) -> None:
    phone = Telephone(app)
    phone.dial()
    phone.press("0")
    answer(agent, phone)
    phone.send(f"/telephony/voice/connect?call={phone.id}&attempt=1")
    agent.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "status_query"})
    phone.hang_up()
    assert agent.post("/api/v1/seat/wrap-up/finish").status_code == 200


def test_every_change_raises_the_version(agent: Person) -> None:
    first = seat_of(agent)["version"]
    versions = [first, *(set_status(agent, status)["version"] for status in ("busy", "training", "ready"))]
    assert versions == sorted(set(versions))


def test_figures_of_an_empty_desk_have_no_level_and_no_error(app: Flask) -> None:
    with app.app_context(), work():
        now = figures(clock.start_of_day(clock.now()))
        assert (now.waiting, now.seats, now.service_level) == (0, 0, None)
        assert seat_cards() == []


def test_figures_count_seats_by_what_they_do(app: Flask, agent: Person, wrapping_up: Telephone) -> None:
    get_ready(new_agent(app, "李娜"))
    set_status(new_agent(app, "孙洋"), "busy")
    set_status(new_agent(app, "陈晨"), "offline")
    with app.app_context(), work():
        now = figures(clock.start_of_day(clock.now()))
        assert (now.seats, now.online, now.ready, now.talking) == (4, 3, 1, 0)
        assert (now.answered, now.service_level) == (1, 1.0)
