"""A unit that works by SMS: the ticket comes to its telephone, and its answers move the case."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.db import session, transaction, work
from app.events.models import Event
from app.messages.models import Ticket
from app.messages.tickets import Answer, read_answer
from app.network.models import Unit
from app.network.service import renew_stamp
from app.privacy import fingerprint
from app.supervision import reminders
from tests.support.carrier import FakeCarrier, Hook
from tests.support.duty import command
from tests.support.people import Person, file_case, picture, somebody, stored
from tests.support.sms import Handset, send_due

DUTY = "+8613900000001"


@pytest.fixture
def unit_id(app: Flask, agent: Person) -> int:
    """The unit that gets the covers of this place, now reached by SMS."""
    found = int(file_case(agent)["unit"]["id"])
    with app.app_context(), work(), transaction():
        unit = session().get_one(Unit, found)
        unit.channel, unit.duty_phone = "sms", DUTY
        renew_stamp("routing")
    return found


@pytest.fixture
def duty(app: Flask) -> Handset:
    return Handset(Hook(app.test_client()), DUTY)


@pytest.fixture
def case(agent: Person, unit_id: int) -> dict[str, Any]:
    filed = file_case(agent)
    assert filed["unit"]["id"] == unit_id
    return filed


@pytest.fixture
def ticket(app: Flask, carrier: FakeCarrier, case: dict[str, Any]) -> str:
    send_due(app)
    return carrier.texts_to(DUTY)[-1]


@pytest.fixture
def code(ticket: str) -> str:
    found = re.search(r"工单(\d+)", ticket)
    assert found is not None, ticket
    return found[1]


def state(app: Flask, case: dict[str, Any]) -> str:
    return stored(app, case["id"]).state


def upload(app: Flask, ticket: str, data: bytes) -> Any:
    client = app.test_client()
    path = re.search(r"/t/[\w-]+", ticket)
    assert path is not None
    page = client.get(path[0]).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"photos": (io.BytesIO(data), "done.png"), "csrf_token": token[1]}
    return client.post(path[0], data=form, follow_redirects=True)


def test_the_ticket_names_matter_place_deadline_and_answers_but_never_the_caller(ticket: str) -> None:
    assert "雨水井盖" in ticket
    assert "百丈路与中兴路口" in ticket
    assert "前处置" in ticket
    assert "接单" in ticket
    assert "周女士" not in ticket
    assert "13800001234" not in ticket


def test_a_unit_accepts_sends_a_photograph_and_reports_by_sms_alone(
    app: Flask, duty: Handset, agent: Person, case: dict[str, Any], ticket: str, code: str
) -> None:
    assert "已接单" in duty.text(f"{code} 1")
    assert state(app, case) == "handling"
    assert "照片" in duty.text(f"{code} 3 井盖已更换")
    assert state(app, case) == "handling"
    assert "已收到 1 张" in upload(app, ticket, picture()).text
    assert "提交核查" in duty.text(f"{code} 3 井盖已更换")
    history = agent.get(f"/api/v1/cases/{case['id']}").json["history"]
    assert [line["kind"] for line in history][-3:] == ["case.accepted", "case.photographed", "case.fed_back"]
    assert history[-1]["actor"].endswith("（短信）")
    assert "井盖已更换" in history[-1]["text"]


def test_a_return_needs_a_reason_and_goes_to_the_dispatcher(
    app: Flask, duty: Handset, case: dict[str, Any], code: str
) -> None:
    assert "原因" in duty.text(f"{code} 2")
    assert state(app, case) == "dispatched"
    assert "已回退" in duty.text(f"{code} 2 属于街道管理")
    assert state(app, case) == "filed"


def test_a_bare_digit_counts_where_there_is_only_one_ticket(
    app: Flask, duty: Handset, case: dict[str, Any], code: str
) -> None:
    assert "已接单" in duty.text("1")
    assert state(app, case) == "handling"


def test_without_a_code_nothing_moves_where_there_are_two_and_the_answer_says_why(
    app: Flask, duty: Handset, agent: Person, case: dict[str, Any], code: str
) -> None:
    other = file_case(agent, address="百丈路与彩虹路口")
    drafts = len(agent.get("/api/v1/agent/snapshot").json["drafts"])
    for answer in ("1", "2 不归我们管"):
        assert f"您有2张工单在办（{code}" in duty.text(answer)
    assert (state(app, case), state(app, other)) == ("dispatched", "dispatched")
    assert len(agent.get("/api/v1/agent/snapshot").json["drafts"]) == drafts


def test_the_code_of_another_unit_moves_nothing_and_is_no_complaint(
    app: Flask, agent: Person, duty: Handset, case: dict[str, Any], code: str
) -> None:
    drafts = len(agent.get("/api/v1/agent/snapshot").json["drafts"])
    with app.app_context(), work(), transaction():
        foreign = session().get_one(Ticket, int(code))
        foreign.phone_hash = "of another telephone"
        session().add(Ticket(unit_id=1, case_id=case["id"], phone_hash=fingerprint(DUTY), token="t", at=foreign.at))
    assert f"没有工单{code}" in duty.text(f"{code} 1")
    assert state(app, case) == "dispatched"
    assert len(agent.get("/api/v1/agent/snapshot").json["drafts"]) == drafts


def test_a_case_that_is_given_to_another_unit_is_called_off(
    app: Flask, agent: Person, carrier: FakeCarrier, case: dict[str, Any], code: str
) -> None:
    other = somebody(app, Role.HANDLER, nth=5).unit_id
    command(app, case, "reassign", unit_id=other, reason="不在辖区")
    send_due(app)
    assert f"工单{code}" in carrier.texts_to(DUTY)[-1]
    assert "无须再处置" in carrier.texts_to(DUTY)[-1]


def test_a_ticket_that_does_not_arrive_is_told_to_those_who_dispatch(
    app: Flask, agent: Person, carrier: FakeCarrier, duty: Handset, unit_id: int
) -> None:
    duty.text("TD")
    case = file_case(agent)
    send_due(app)
    assert carrier.texts_to(DUTY) == []
    history = agent.get(f"/api/v1/cases/{case['id']}").json["history"]
    assert history[-1]["kind"] == "case.ticket_undelivered"
    dispatcher = somebody(app, Role.DISPATCHER, area="330212")
    with app.app_context(), work(), transaction():
        reminders.send_digests()
        told = session().scalars(select(Event.payload).where(Event.kind == "reminder.digest")).all()
    mine = [each["text"] for each in told if each["recipient"] == f"account:{dispatcher.account_id}"]
    assert any(case["number"] in text and "工单短信未送达" in text for text in mine)


def test_a_unit_whose_own_telephone_reports_its_case_gets_the_ticket(
    agent: Person, app: Flask, carrier: FakeCarrier, unit_id: int
) -> None:
    assert file_case(agent, reporter_phone=DUTY)["unit"]["id"] == unit_id
    send_due(app)
    (text,) = carrier.texts_to(DUTY)
    assert "工单" in text


def test_the_code_of_a_closed_case_is_refused_with_its_reason(
    app: Flask, duty: Handset, case: dict[str, Any], code: str
) -> None:
    supervisor = somebody(app, Role.SUPERVISOR)
    current = supervisor.get(f"/api/v1/cases/{case['id']}").json
    answer = supervisor.post(f"/api/v1/cases/{case['id']}/actions/void", {"reason": "重复"}, version=current["version"])
    assert answer.status_code == 200, answer.json
    assert "未能办理" in duty.text(f"{code} 1")


def test_the_link_and_the_code_of_a_case_that_was_given_back_tell_nothing_any_more(
    app: Flask, duty: Handset, case: dict[str, Any], ticket: str, code: str
) -> None:
    path = re.search(r"/t/[\w-]+", ticket)
    assert path is not None
    assert case["address"] in app.test_client().get(path[0]).text
    assert "已回退" in duty.text(f"{code} 2 属于街道管理")
    gone = app.test_client().get(path[0])
    assert gone.status_code == 404
    assert case["number"] not in gone.text
    assert case["address"] not in gone.text
    assert "没有这个案件" in duty.text(f"{code} 1")


def test_the_same_answer_delivered_twice_moves_the_case_once(
    app: Flask, duty: Handset, agent: Person, case: dict[str, Any], code: str
) -> None:
    first = duty.text(f"{code} 1", sid="SM" + "b" * 32)
    assert duty.text(f"{code} 1", sid="SM" + "b" * 32) == first
    history = agent.get(f"/api/v1/cases/{case['id']}").json["history"]
    assert [line["kind"] for line in history].count("case.accepted") == 1


def test_a_failed_check_comes_back_to_the_same_code(
    app: Flask, duty: Handset, carrier: FakeCarrier, case: dict[str, Any], ticket: str, code: str
) -> None:
    duty.text(f"{code} 1")
    upload(app, ticket, picture())
    duty.text(f"{code} 3 已更换")
    inspector = somebody(app, Role.INSPECTOR, area="330212")
    current = inspector.get(f"/api/v1/cases/{case['id']}").json
    inspector.post(f"/api/v1/cases/{case['id']}/actions/fail_check", {"reason": "井盖松动"}, version=current["version"])
    send_due(app)
    assert f"工单{code}" in carrier.texts_to(DUTY)[-1]
    assert "核查未通过" in carrier.texts_to(DUTY)[-1]


def test_what_is_no_picture_is_refused_in_words(app: Flask, duty: Handset, ticket: str, code: str) -> None:
    duty.text(f"{code} 1")
    answer = upload(app, ticket, b"#!/bin/sh")
    assert answer.status_code == 200
    assert "已收到" not in answer.text
    assert app.test_client().get("/t/nosuchlink").status_code == 404


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("4821 1", Answer(4821, "1", "")),
        ("4821-2 不归我们管", Answer(4821, "2", "不归我们管")),
        ("4821，3，已清理", Answer(4821, "3", "已清理")),
        ("2 不归我们", Answer(None, "2", "不归我们")),
        ("1", Answer(None, "1", "")),
        ("４８２１　１", Answer(4821, "1", "")),
        ("3井盖已更换", Answer(None, "3", "井盖已更换")),
        ("12345", None),
        ("2号楼的灯坏了", None),
        ("路灯不亮", None),
        ("4", None),
    ],
)
def test_answers_are_read_in_the_ways_people_write_them(body: str, meant: Answer | None) -> None:
    assert read_answer(body) == meant


def test_a_unit_with_a_landline_gets_no_message(app: Flask, agent: Person, carrier: FakeCarrier, unit_id: int) -> None:
    with app.app_context(), work(), transaction():
        session().get_one(Unit, unit_id).duty_phone = "+8657487654321"
        renew_stamp("routing")
    file_case(agent)
    send_due(app)
    assert carrier.texts_to("+8657487654321") == []
