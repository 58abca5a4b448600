"""Known cases of the same matter, as the agent's console asks for them."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, transaction, work
from app.network.queries import areas
from tests.support.people import Person, file_case, somebody
from tests.support.voice import Telephone

LAMP = {"class_code": "C0118", "condition_no": 1, "district": "330212", "street": "330212008"}


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


def file_lamp(agent: Person, address: str, description: str, **changes: Any) -> dict[str, Any]:
    return file_case(agent, **{**LAMP, "address": address, "description": description, **changes})


def nearby(agent: Person, **asked: Any) -> list[dict[str, Any]]:
    question = {name: value for name, value in {**LAMP, **asked}.items() if value is not None}
    answer = agent.get("/api/v1/cases/nearby", query_string=question)
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json
    return found


def test_the_same_door_comes_before_another_one_and_says_why(agent: Person) -> None:
    other = file_lamp(agent, "百丈路52号", "百丈路52号路灯不亮")
    same = file_lamp(agent, "百丈路168号", "168号门口的路灯坏了")
    found = nearby(agent, text="百丈路一百六十八号路灯坏了好几天")
    assert found[0]["case"]["number"] == same["number"]
    assert found[0]["similarity"] >= 0.5
    assert "同一门牌" in found[0]["reasons"]
    assert other["number"] not in [each["case"]["number"] for each in found if each["similarity"] >= 0.5]


def test_a_class_that_another_agent_may_have_chosen_is_asked_too(agent: Person) -> None:
    pole = file_lamp(agent, "百丈路168号", "路灯杆被车撞歪了", class_code="C0117")
    cover = file_lamp(agent, "百丈路168号", "污水井盖坏了", class_code="C0102")
    numbers = [each["case"]["number"] for each in nearby(agent, text="百丈路168号灯杆被撞歪")]
    assert pole["number"] in numbers
    assert cover["number"] not in numbers


def test_the_callers_own_case_comes_first(agent: Person, city_app: Flask) -> None:
    phone = Telephone(city_app)
    phone.send("/telephony/voice", CallStatus="ringing")
    own = file_lamp(agent, "百丈路", "路灯不亮", reporter_phone=phone.caller)
    file_lamp(agent, "百丈路168号", "百丈路168号路灯不亮，晚上黑", reporter_phone="13900000000")
    found = nearby(agent, text="百丈路168号路灯不亮", call_id=phone.id)
    assert [each["same_caller"] for each in found] == [True, False]
    assert found[0]["case"]["number"] == own["number"]
    assert "同一来电人" in found[0]["reasons"]


def test_without_a_street_the_roads_that_were_named_are_searched(agent: Person) -> None:
    known = file_lamp(agent, "百丈路168号", "路灯不亮")
    file_lamp(agent, "中兴路168号", "路灯不亮")
    found = nearby(agent, street=None, text="百丈路168号的路灯不亮")
    assert [each["case"]["number"] for each in found] == [known["number"]]


def test_void_and_old_cases_and_the_draft_itself_are_left_out(agent: Person, city_app: Flask) -> None:
    cases = [file_lamp(agent, "百丈路168号", "路灯不亮") for _ in range(3)]
    with city_app.app_context(), work(), transaction():
        void, old = (session().get_one(Case, case["id"]) for case in cases[:2])
        void.state = "void"
        old.opened_at = old.opened_at.replace(year=old.opened_at.year - 1)
    assert [each["case"]["number"] for each in nearby(agent, text="百丈路168号路灯不亮")] == [cases[2]["number"]]
    assert nearby(agent, text="百丈路168号路灯不亮", draft_id=cases[2]["id"]) == []


def test_a_pin_speaks_but_the_middle_of_an_area_does_not(agent: Person, city_app: Flask) -> None:
    with city_app.app_context(), work():
        street = areas().area("330212008")
    file_lamp(agent, "百丈路168号", "路灯不亮")  # without a pin: the middle of its street
    asked = {"text": "百丈路168号路灯不亮", "lat": street.lat}
    (middle,) = nearby(agent, **asked, lng=street.lng)
    assert "位置相近" not in middle["reasons"]
    file_lamp(agent, "百丈路168号", "路灯不亮", lng=121.5512, lat=29.8712)
    found = nearby(agent, text="百丈路168号路灯不亮", lng=121.5513, lat=29.8712)
    assert ["位置相近" in each["reasons"] for each in found] == [True, False]


def test_only_those_who_file_may_ask(city_app: Flask) -> None:
    handler = somebody(city_app, Role.HANDLER)
    assert handler.get("/api/v1/cases/nearby", query_string=LAMP).status_code == 403


@pytest.mark.parametrize("bad", [{"class_code": "井盖"}, {"district": "1"}, {"text": "长" * 501}, {"call_id": "x"}])
def test_nonsense_is_refused(agent: Person, bad: dict[str, str]) -> None:
    assert agent.get("/api/v1/cases/nearby", query_string={**LAMP, **bad}).status_code == 422
