"""A unit's own system at the API: the token is shown once, has its holder's rights, and ends when it is withdrawn."""

import re
from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from tests.support.people import Person, file_case, somebody


@pytest.fixture
def case(city_app: Flask) -> dict[str, Any]:
    return file_case(somebody(city_app, Role.AGENT))


@pytest.fixture
def administrator(city_app: Flask) -> Person:
    return somebody(city_app, Role.ADMINISTRATOR)


def fill(who: Person, path: str, **fields: Any) -> Any:
    return who.client.post(path, data={**fields, "csrf_token": who.csrf})


def new_token(administrator: Person, unit: Person) -> str:
    page = fill(administrator, f"/admin/units/{unit.unit_id}/tokens", name="工单系统", account_id=unit.account_id)
    found = re.search(r"hk_[\w-]{40,}", page.text)
    assert found is not None, page.text
    return found[0]


@pytest.fixture
def unit(city_app: Flask, case: dict[str, Any]) -> Person:
    return somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])


def test_a_machine_accepts_a_case_without_cookie_or_form_token(
    city_app: Flask, administrator: Person, unit: Person, case: dict[str, Any]
) -> None:
    machine = city_app.test_client()
    headers = {"Authorization": f"Bearer {new_token(administrator, unit)}", "If-Match": str(case["version"])}
    answer = machine.post(f"/api/v1/cases/{case['id']}/actions/accept", json={}, headers=headers)
    assert (answer.status_code, answer.json["state"]) == (200, "handling")
    assert answer.json["history"][-1]["actor"] == unit.name


def test_a_token_has_its_holders_rights_and_no_more(
    city_app: Flask, administrator: Person, unit: Person, case: dict[str, Any]
) -> None:
    machine, token = city_app.test_client(), new_token(administrator, unit)
    headers = {"Authorization": f"Bearer {token}"}
    assert machine.get("/api/v1/desk/snapshot", headers=headers).status_code == 200
    assert machine.get("/api/v1/agent/snapshot", headers=headers).status_code == 403
    assert machine.get("/desk", headers={**headers, "Accept": "text/html"}).status_code in (302, 401)
    other = somebody(city_app, Role.HANDLER, nth=3)
    assert other.unit_id != unit.unit_id
    foreign = {"Authorization": f"Bearer {new_token(administrator, other)}"}
    assert machine.get(f"/api/v1/cases/{case['id']}", headers=foreign).status_code == 404


@pytest.mark.parametrize("token", ["", "hk_", "hk_" + "x" * 43, "someone-elses"])
def test_an_unknown_token_is_refused_and_no_cookie_takes_its_place(city_app: Flask, token: str) -> None:
    answer = city_app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_a_withdrawn_token_ends_at_once_and_the_page_never_shows_it_again(
    city_app: Flask, administrator: Person, unit: Person
) -> None:
    token, machine = new_token(administrator, unit), city_app.test_client()
    page = administrator.get(f"/admin/units/{unit.unit_id}/channels").text
    assert token not in page
    withdraw = re.search(r"/admin/units/\d+/tokens/\d+/revoke", page)
    assert withdraw is not None
    assert machine.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert fill(administrator, withdraw[0]).status_code == 303
    assert machine.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_token_needs_a_purpose_and_somebody_of_the_unit(city_app: Flask, administrator: Person, unit: Person) -> None:
    path = f"/admin/units/{unit.unit_id}/tokens"
    assert "请填写令牌用途" in fill(administrator, path, name=" ", account_id=unit.account_id).text
    stranger = somebody(city_app, Role.HANDLER, nth=3)
    assert fill(administrator, path, name="系统", account_id=stranger.account_id).status_code == 422
