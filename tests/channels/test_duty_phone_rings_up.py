"""A unit that answers by telephone rings up the hotline itself, to report or to hear what it missed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import session, transaction
from app.network.models import RoutingRule
from app.network.service import renew_stamp
from tests.support.carrier import FakeCarrier
from tests.support.duty import LANDLINE, PIN, DutyPhone, calls_of, ring_due
from tests.support.people import Person, stored
from tests.support.voice import Heard, Telephone


class Caller(Telephone):
    """Follows the addresses in the answers, whatever they are."""

    heard: Heard

    def ring_up(self) -> Heard:
        self.heard = self.dial()
        return self.heard

    def key(self, keys: str) -> Heard:
        self.heard = self.send(str(self.heard.verb("Gather").get("action")), Digits=keys)
        return self.heard


@pytest.fixture
def caller(city_app: Flask, case: dict[str, Any]) -> Caller:
    return Caller(city_app, caller=LANDLINE)


def test_the_unit_reports_later_what_it_accepted_in_an_earlier_call(
    city_app: Flask, agent: Person, phone: DutyPhone, case: dict[str, Any], carrier: FakeCarrier, caller: Caller
) -> None:
    phone.identify()
    phone.press("1")
    phone.hang_up()
    assert "办理本单位案件请按一" in caller.ring_up().said
    assert "密码" in caller.key("1").said
    case_read = caller.key(PIN).said
    assert "接单请按一" in case_read  # others were dispatched before
    while "接单请按一" in case_read:
        case_read = caller.key("8").said
    assert "已办结请按三" in case_read
    assert "接单请按一" not in case_read
    record = caller.key("3").verb("Record")
    facts = {"RecordingSid": "RE1", "RecordingUrl": "http://localhost:9/RE1", "RecordingDuration": 5}
    caller.heard = caller.send(str(record.get("action")), **facts)
    assert "已提交核查" in caller.key("1").said
    caller.hang_up()
    assert stored(city_app, case["id"]).state == "checking"
    assert calls_of(city_app, case["unit"]["id"])[-1].state == "done"


def test_a_telephone_that_only_a_rule_names_may_ring_up_too(city_app: Flask, case: dict[str, Any]) -> None:
    crew = "+8657455500099"
    with city_app.app_context(), transaction():
        rule = session().scalars(select(RoutingRule).where(RoutingRule.unit_id == case["unit"]["id"])).first()
        assert rule is not None
        rule.duty_phone = crew
        renew_stamp("routing")
    assert "办理本单位案件请按一" in Caller(city_app, caller=crew).ring_up().said


def test_a_missed_call_is_made_up_for_and_not_repeated(
    city_app: Flask, phone: DutyPhone, case: dict[str, Any], carrier: FakeCarrier, caller: Caller
) -> None:
    phone.status("no-answer")
    caller.ring_up()
    caller.key("1")
    caller.key(PIN)
    caller.key("8")
    assert "已接单" in caller.key("1").said
    caller.hang_up()
    assert [call.state for call in calls_of(city_app, case["unit"]["id"])] == ["done"]
    assert ring_due(city_app, carrier) == 0


def test_whoever_presses_nothing_is_greeted_as_any_citizen(caller: Caller) -> None:
    offered = caller.ring_up()
    assert caller.row() is None
    greeted = caller.send(str(offered.verb("Redirect").text))
    assert "请讲您要反映的问题" in greeted.said
    assert caller.row() is not None


def test_a_citizen_is_offered_nothing_of_it(city_app: Flask, case: dict[str, Any]) -> None:
    assert "单位" not in Telephone(city_app).dial().said


def test_wrong_pins_lock_the_telephone_for_its_own_calls_too(
    city_app: Flask, caller: Caller, carrier: FakeCarrier
) -> None:
    caller.ring_up()
    caller.key("1")
    for _ in range(3):
        caller.key("0000")
    assert "锁定" in caller.heard.said
    caller.hang_up()
    again = Caller(city_app, caller=LANDLINE)
    again.ring_up()
    assert "暂时锁定" in again.key("1").said
    assert ring_due(city_app, carrier) == 0


def test_one_telephone_is_in_one_talk(city_app: Flask, phone: DutyPhone, caller: Caller) -> None:
    phone.answer()
    caller.ring_up()
    assert "另一个电话" in caller.key("1").said
    assert "已接单" in (phone.press(PIN) and phone.press("1")).said
