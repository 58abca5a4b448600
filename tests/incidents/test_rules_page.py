"""The administrator's page of the rules."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from tests.incidents.conftest import burst, incidents, look
from tests.support.people import Person, somebody

WATER = {"classes": "E0402", "level": "street", "people": "2", "minutes": "15", "spoken": "停水", "is_active": "1"}


@pytest.fixture
def admin(app: Flask) -> Person:
    return somebody(app, Role.ADMINISTRATOR)


def post(who: Person, key: str, **form: str) -> Any:
    data = {"csrf_token": who.csrf, "version": "1", **form}
    return who.client.post(f"/admin/surges/{key}", data=data, follow_redirects=True)


def test_a_changed_rule_holds_from_the_next_look_on(app: Flask, agent: Person, admin: Person) -> None:
    assert "规则已保存" in post(admin, "water", **WATER).text
    burst(agent, 0)
    burst(agent, 1)
    look(app)
    (one,) = incidents(agent)
    assert (one["reports"], one["people_needed"], one["title"]) == (2, 2, "鄞州区百丈街道停水")


def test_a_rule_that_is_switched_off_proposes_nothing(app: Flask, agent: Person, admin: Person) -> None:
    off = {name: value for name, value in WATER.items() if name != "is_active"}
    assert post(admin, "water", **off).status_code == 200
    for nth in range(8):
        burst(agent, nth, community="330212008001")
    look(app)
    assert incidents(agent) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"people": "1"}, "请填 2 至 500"),
        ({"people": "x"}, "请填 2 至 500"),
        ({"minutes": "0"}, "请填 1 至 1440"),
        ({"minutes": "99999"}, "请填 1 至 1440"),
        ({"classes": "停水"}, "类别代码如 E0402"),
        ({"classes": ""}, "请填类别代码"),
    ],
)
def test_a_senseless_rule_is_refused_in_words(app: Flask, admin: Person, change: dict[str, str], told: str) -> None:
    answer = post(admin, "water", **{**WATER, **change})
    assert answer.status_code == 422
    assert told in answer.text


def test_of_two_administrators_the_second_is_told(app: Flask, admin: Person) -> None:
    assert post(admin, "water", **WATER).status_code == 200
    late = post(admin, "water", **{**WATER, "people": "9"})
    assert late.status_code == 409
    assert "已被他人修改" in late.text


def test_an_unknown_rule_and_other_people_are_refused(app: Flask, admin: Person, agent: Person) -> None:
    assert post(admin, "nowhere", **WATER).status_code == 404
    assert post(agent, "water", **WATER).status_code == 403
