"""A caller asked for confidence. The unit that works on the case meets neither name nor number, wherever it looks."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Role
from app.cases.models import Attachment
from app.channels.models import HookDelivery, UnitHook
from app.db import session, transaction, work
from app.events.models import Event
from app.followup.models import CallBack
from app.messages.models import OutgoingMessage
from app.network.models import Unit
from app.network.service import renew_stamp
from app.network.unit_types import Channel
from tests.followup.conftest import Desk
from tests.support.carrier import FakeCarrier, Hook
from tests.support.people import Person, picture, somebody, stored
from tests.support.sms import Handset, send_due

NAME, PHONE, SECOND = "欧阳小满", "13987654321", "13912348765"
SECRETS = (NAME, PHONE, SECOND, PHONE[-8:])
WORDS = f"雨水井盖不见了。我是{NAME}，电话{PHONE}，打不通就打{SECOND}"
DUTY = "+8613700007777"
HTML = {"Accept": "text/html"}


# Doors of machines and citizens, and the administration, which lets no unit in.
NOT_HERE = ("/static", "/socket.io", "/telephony", "/c/", "/t/", "/admin")


def leaked(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture
def case(desk: Desk) -> dict[str, Any]:
    """Its unit works by SMS and has a system of its own besides."""
    filed = desk.file(description=WORDS, reporter_name=NAME, reporter_phone=PHONE, confidential=True)
    with desk.app.app_context(), transaction():
        unit = session().get_one(Unit, filed["unit"]["id"])
        unit.channel, unit.duty_phone = Channel.SMS, DUTY
        session().add(
            UnitHook(unit_id=unit.id, url="https://unit.example.cn/in", secret="s" * 32, created_at=clock.now())
        )
        renew_stamp("routing")
    return filed


@pytest.fixture
def unit(desk: Desk, case: dict[str, Any]) -> Person:
    return somebody(desk.app, Role.HANDLER, unit_id=case["unit"]["id"])


def live(desk: Desk, case: dict[str, Any], unit: Person) -> list[str]:
    """The whole life, the caller's name and number in every word that somebody writes; returns the unit's answers."""
    said = f"{NAME} {PHONE}"
    path = f"/api/v1/cases/{case['id']}"
    desk.agent.post(f"{path}/messages", {"text": f"{NAME}您好，请问在哪一侧？"})
    Handset(Hook(desk.app.test_client()), f"+86{PHONE}").text(f"我是{NAME}，东北角")
    desk.act(desk.agent, case, "urge", reason=f"{said} 再次来电")
    desk.act(desk.supervisor, case, "supervise", reason=f"请速办，{said}")
    heard = [json.dumps(desk.act(unit, case, "accept"), ensure_ascii=False)]
    unit.upload(f"{path}/attachments", picture(), "result")
    heard.append(json.dumps(desk.act(unit, case, "feed_back", result="井盖已经补上"), ensure_ascii=False))
    inspector = somebody(desk.app, Role.INSPECTOR, area="330212")
    heard.append(json.dumps(desk.act(inspector, case, "fail_check", reason=f"{said} 说还在晃"), ensure_ascii=False))
    unit.upload(f"{path}/attachments", picture("blue"), "result")
    heard.append(json.dumps(desk.act(unit, case, "feed_back", result="重新压实"), ensure_ascii=False))
    desk.act(inspector, case, "pass_check")
    Handset(Hook(desk.app.test_client()), f"+86{PHONE}").text("1")
    (task,) = [each for each in desk.call_backs(case) if each["kind"] == "survey"]
    answer = desk.finish(task, contacted=True, solved=False, satisfied=1, remark=f"{said} 很不满意", reopen=True)
    assert answer.status_code == 200, answer.json
    send_due(desk.app)
    return heard


def values(desk: Desk, case: dict[str, Any]) -> dict[str, Any]:
    with desk.app.app_context(), work():
        photo = session().scalars(select(Attachment.id).where(Attachment.case_id == case["id"])).first()
        task = session().scalars(select(CallBack.id).where(CallBack.case_id == case["id"])).first()
    return {"case_id": case["id"], "number": case["number"], "attachment_id": photo, "task_id": task}


def pages(app: Flask, known: dict[str, Any]) -> Iterator[tuple[Rule, str]]:
    """Every address that can be read: those of this case, and those without an object."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(NOT_HERE):
            continue
        if set(rule.arguments) <= set(known):
            with app.test_request_context():
                yield rule, str(rule.build({name: known[name] for name in rule.arguments})[1])  # type: ignore[index]


def test_no_page_list_search_or_export_shows_the_caller(desk: Desk, case: dict[str, Any], unit: Person) -> None:
    heard = live(desk, case, unit)
    assert [leaked(each) for each in heard] == [[]] * len(heard)
    read = 0
    for rule, path in pages(desk.app, values(desk, case)):
        answer = unit.get(path, headers=HTML)
        text = answer.get_data().decode("utf-8", "replace")
        read += answer.status_code == 200
        answer.close()
        assert leaked(text) == [], rule.rule
    assert read >= 8
    for query in (NAME, PHONE):
        found = unit.get("/api/v1/cases", query_string={"q": query})
        assert found.json["items"] == [], "a search by the caller would tell who it is"


def test_the_unit_still_learns_what_it_has_to_do(desk: Desk, case: dict[str, Any], unit: Person) -> None:
    """Else the test above would pass with empty pages."""
    live(desk, case, unit)
    detail = unit.get(f"/api/v1/cases/{case['id']}")
    assert "雨水井盖不见了" in detail.text
    assert "很不满意" in detail.text
    assert desk.agent.get(f"/api/v1/cases/{case['id']}").json["reporter"] == {"name": NAME, "phone": f"+86{PHONE}"}


def test_nothing_that_is_pushed_sent_or_posted_names_the_caller(
    desk: Desk, case: dict[str, Any], unit: Person, carrier: FakeCarrier
) -> None:
    live(desk, case, unit)
    with desk.app.app_context(), work():
        pushed = [json.dumps(event.payload, ensure_ascii=False) for event in session().scalars(select(Event))]
        posted = [json.dumps(each.body, ensure_ascii=False) for each in session().scalars(select(HookDelivery))]
        to_unit = [each.text or "" for each in session().scalars(select(OutgoingMessage)) if each.recipient == DUTY]
    assert posted
    assert to_unit
    assert carrier.texts_to(DUTY)
    for text in (*pushed, *posted, *to_unit, *carrier.texts_to(DUTY)):
        assert leaked(text) == []


def test_no_line_of_the_log_names_the_caller(
    desk: Desk, case: dict[str, Any], unit: Person, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        live(desk, case, unit)
        unit.get(f"/api/v1/cases/{case['id']}")
    written = capfd.readouterr()
    for text in (caplog.text, written.out, written.err):
        assert leaked(text) == []


def test_a_former_unit_is_told_no_more_than_the_present_one(desk: Desk, case: dict[str, Any], unit: Person) -> None:
    with desk.app.app_context(), work():
        others = select(Account.unit_id).where(Account.area_code.startswith("330212"), Account.unit_id != unit.unit_id)
        other = session().scalars(others.where(Account.unit_id.is_not(None)).order_by(Account.id)).first()
    version = stored(desk.app, case["id"]).version
    facts = {"unit_id": other, "reason": f"{NAME}要求换单位"}
    moved = desk.supervisor.post(f"/api/v1/cases/{case['id']}/actions/reassign", facts, version=version)
    assert moved.status_code == 200, moved.json
    assert unit.get(f"/api/v1/cases/{case['id']}").status_code == 404
    present = somebody(desk.app, Role.HANDLER, unit_id=other)
    assert leaked(present.get(f"/api/v1/cases/{case['id']}").text) == []
