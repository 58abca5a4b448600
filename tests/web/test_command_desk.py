"""What the command centre sees waiting, and who may see it."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from tests.support.people import Person, file_case, somebody

SNAPSHOT = "/api/v1/command/snapshot"
FOLDER = "/api/v1/command/cases?folder="


@pytest.fixture
def case(city_app: Flask) -> dict[str, Any]:
    return file_case(somebody(city_app, Role.AGENT))


@pytest.fixture
def unit(city_app: Flask, case: dict[str, Any]) -> Person:
    return somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])


@pytest.fixture
def dispatcher(city_app: Flask) -> Person:
    return somebody(city_app, Role.DISPATCHER, area="3302")


def act(who: Person, case: dict[str, Any], action: str, **facts: Any) -> dict[str, Any]:
    answer = who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=case["version"])
    assert answer.status_code == 200, answer.json
    changed: dict[str, Any] = answer.json
    return changed


def waiting(who: Person) -> dict[int, dict[str, Any]]:
    return {each["id"]: each for each in who.get(f"{FOLDER}dispatch").json["items"]}


def test_a_returned_case_waits_with_its_count_until_it_is_dispatched_again(
    dispatcher: Person, unit: Person, case: dict[str, Any]
) -> None:
    assert case["id"] not in waiting(dispatcher)
    returned = act(unit, case, "return", reason="不属于本单位管养范围")
    assert (waiting(dispatcher)[case["id"]]["state"], waiting(dispatcher)[case["id"]]["returns"]) == ("filed", 1)
    act(dispatcher, returned, "dispatch", unit_id=case["unit"]["id"], reason="经核对属于该单位")
    assert case["id"] not in waiting(dispatcher)


def test_a_units_request_waits_in_its_own_words_until_it_is_decided(
    dispatcher: Person, unit: Person, case: dict[str, Any]
) -> None:
    asked = act(unit, case, "ask_extension", reason="配件三天后到货")
    page = dispatcher.get(f"{FOLDER}decide").json
    (request,), (waits,) = page["requests"], page["items"]
    assert (request["case_id"], request["kind"], request["reason"]) == (case["id"], "extension", "配件三天后到货")
    assert waits["id"] == case["id"]
    act(dispatcher, asked, "grant_extension")
    assert dispatcher.get(f"{FOLDER}decide").json == {"items": [], "requests": [], "next_cursor": None}


def test_a_districts_dispatcher_sees_the_districts_cases_only(
    city_app: Flask, unit: Person, case: dict[str, Any]
) -> None:
    act(unit, case, "return", reason="不属于本单位管养范围")
    own, other = (somebody(city_app, Role.DISPATCHER, area=area) for area in ("330212", "330203"))
    assert case["id"] in waiting(own)
    assert case["id"] not in waiting(other)


@pytest.mark.parametrize("role", [Role.AGENT, Role.HANDLER, Role.INSPECTOR, Role.LEADER, Role.ADMINISTRATOR])
def test_nobody_else_has_a_command_desk(city_app: Flask, role: Role) -> None:
    person = somebody(city_app, role)
    assert person.get(SNAPSHOT).status_code == 403
    assert person.get("/command", headers={"Accept": "text/html"}).status_code == 403
