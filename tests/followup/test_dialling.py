"""An agent rings a citizen: both telephones meet in a conference, and every way in which they do not is survived."""

from typing import Any

import pytest
from flask import Flask

from app.calls.models import Call, CallState
from app.calls.tasks import sweep as sweep_lines
from app.db import session, work
from telephony.ports import TelephonyError
from tests.followup.conftest import Desk
from tests.support.carrier import FakeCarrier
from tests.support.sms import CITIZEN
from tests.support.voice import Heard, Telephone, get_ready, seat_of, set_status

pytestmark = pytest.mark.usefixtures("everybody_is_asked")


class Line:
    """One call-back on the way: the carrier's words about it."""

    def __init__(self, desk: Desk, carrier: FakeCarrier) -> None:
        self.desk, self.carrier = desk, carrier
        case = desk.close(desk.file())
        (self.task,) = desk.call_backs(case)
        self.agent = desk.agent
        get_ready(self.agent)
        assert self.agent.post(f"/api/v1/call-backs/{self.task['id']}/claim").status_code == 200

    def dial(self) -> Any:
        return self.agent.post(f"/api/v1/call-backs/{self.task['id']}/dial")

    @property
    def placed(self) -> dict[str, Any]:
        return self.carrier.asked("place_call")[-1]

    @property
    def citizen(self) -> Telephone:
        return Telephone(self.desk.app, CITIZEN, sid=self.placed["sid"])

    def picks_up(self) -> Heard:
        return self.citizen.send(self.placed["url"])

    def reports(self, status: str) -> None:
        self.citizen.send(self.placed["status_callback"], CallStatus=status, SequenceNumber=3)

    def call(self) -> Call:
        with self.desk.app.app_context(), work():
            session().expire_all()
            task = self.desk.agent.get(f"/api/v1/call-backs?case_id={self.task['case']['id']}").json["items"][0]
            return session().get_one(Call, task["call_id"])


@pytest.fixture
def line(desk: Desk, carrier: FakeCarrier) -> Line:
    return Line(desk, carrier)


def sweep(app: Flask) -> None:
    with app.app_context():
        sweep_lines()


def test_the_agent_and_the_citizen_meet_in_one_conference(line: Line) -> None:
    answer = line.dial()
    assert answer.status_code == 200, answer.json
    (rung,) = line.carrier.asked("ring_agent")
    assert rung["identity"] == f"agent_{line.agent.account_id}"
    assert line.placed["recipient"] == CITIZEN
    assert answer.json["call"]["is_outbound"] is True
    assert "13800001234" not in answer.text
    assert seat_of(line.agent)["state"] == "talking"
    conference = line.picks_up().verb("Conference")
    assert (conference.text or "") == rung["conference"]


def test_the_talk_is_recorded_and_ends_in_after_call_work_that_owes_nothing(line: Line) -> None:
    line.dial()
    line.picks_up()
    line.reports("completed")
    assert line.call().state == CallState.ENDED
    seat = seat_of(line.agent)
    assert (seat["state"], seat["owes_call_id"]) == ("wrap_up", None)
    assert line.agent.post("/api/v1/seat/wrap-up/finish").status_code == 200


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_nobody_answers_and_the_agent_is_free_at_once(line: Line, status: str) -> None:
    line.dial()
    line.reports(status)
    assert line.call().state == CallState.ENDED
    assert seat_of(line.agent)["state"] == "idle"
    assert line.carrier.asked("hang_up")[-1]["call_sid"] == line.carrier.asked("ring_agent")[-1]["sid"]
    assert line.dial().status_code == 200  # and may try again


def test_the_agent_hangs_up_while_it_rings(line: Line) -> None:
    call_id = line.dial().json["call"]["id"]
    assert line.agent.post(f"/api/v1/calls/{call_id}/hang-up").status_code == 200
    assert line.carrier.asked("hang_up")[-1]["call_sid"] == line.placed["sid"]
    assert line.picks_up().names == ["Hangup"]
    assert seat_of(line.agent)["state"] == "idle"


def test_a_line_that_cannot_be_had_leaves_nothing_behind(line: Line) -> None:
    line.carrier.refuse_next(TelephonyError("no", permanent=False))
    assert line.dial().status_code == 503
    assert seat_of(line.agent)["state"] == "idle"
    assert line.carrier.asked("place_call") == []


def test_a_number_that_cannot_be_rung_drops_the_agents_leg(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_facts: object) -> str:
        raise TelephonyError("no such number", permanent=True, code=21211)

    monkeypatch.setattr(line.carrier, "place_call", refuse)
    assert line.dial().status_code == 503
    assert line.carrier.asked("hang_up")[-1]["call_sid"] == line.carrier.asked("ring_agent")[-1]["sid"]
    assert seat_of(line.agent)["state"] == "idle"


def test_a_citizen_whose_agent_is_lost_is_not_put_into_the_queue(line: Line, desk: Desk) -> None:
    line.dial()
    line.picks_up()
    leg = Telephone(desk.app, CITIZEN, sid=line.carrier.asked("ring_agent")[-1]["sid"])
    leg.send(line.carrier.asked("ring_agent")[-1]["status_callback"], CallStatus="completed", SequenceNumber=4)
    desk.later(seconds=6)
    sweep(desk.app)
    assert line.carrier.asked("move_call") == []
    assert line.carrier.asked("hang_up")[-1]["call_sid"] == line.placed["sid"]
    assert line.call().state == CallState.ENDED


def test_an_end_that_nobody_told_is_found(line: Line, desk: Desk) -> None:
    line.dial()
    desk.later(seconds=40)
    sweep(desk.app)
    assert line.call().state == CallState.ENDED
    assert seat_of(line.agent)["state"] == "idle"


def test_only_who_has_the_task_and_a_free_seat_may_dial(line: Line, desk: Desk) -> None:
    assert desk.other.post(f"/api/v1/call-backs/{line.task['id']}/dial").status_code == 409
    set_status(line.agent, "offline")
    assert "上线" in line.dial().json["detail"]
    get_ready(line.agent)
    line.dial()
    assert line.dial().status_code == 409
    assert len(line.carrier.asked("place_call")) == 1


def test_no_figure_of_callers_counts_a_call_of_ours(line: Line, desk: Desk) -> None:
    before = desk.supervisor.get("/api/v1/wall/snapshot").json["tiles"]["calls_today"]
    line.dial()
    line.picks_up()
    assert desk.supervisor.get("/api/v1/wall/snapshot").json["tiles"]["calls_today"] == before
    phone = Telephone(desk.app, CITIZEN)
    phone.dial()
    assert phone.row() is not None
    assert phone.row().prior_calls == 0  # type: ignore[union-attr]
