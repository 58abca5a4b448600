"""The administration chooses how a unit is reached, sets its PIN, and sees what became of the calls."""

import re
from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.db import session, work
from app.network.models import Unit
from tests.support.carrier import FakeCarrier
from tests.support.duty import DutyPhone, ring_due
from tests.support.people import Person, file_case, somebody


@pytest.fixture
def administrator(city_app: Flask) -> Person:
    return somebody(city_app, Role.ADMINISTRATOR)


def unit_of(app: Flask, unit_id: int) -> Unit:
    with app.app_context(), work():
        return session().get_one(Unit, unit_id)


def choose(who: Person, app: Flask, unit_id: int, channel: str, pin: str = "", version: int | None = None) -> Any:
    seen = unit_of(app, unit_id).version if version is None else version
    form = {"channel": channel, "pin": pin, "version": str(seen), "csrf_token": who.csrf}
    return who.client.post(f"/admin/units/{unit_id}/channel", data=form)


def test_a_unit_is_put_on_the_telephone_and_rung_about_the_next_case(
    city_app: Flask, carrier: FakeCarrier, administrator: Person, agent: Person, unit_id: int
) -> None:
    assert choose(administrator, city_app, unit_id, "telephone", "730519").status_code == 303
    stored = unit_of(city_app, unit_id)
    assert stored.channel == "telephone"
    assert "730519" not in str(stored.pin_hash)
    file_case(agent)
    assert ring_due(city_app, carrier) == 1
    phone = DutyPhone(city_app, carrier)
    assert "雨水井盖" in phone.identify("730519").said
    phone.press("1")
    phone.hang_up()
    page = administrator.get(f"/admin/units/{unit_id}/channels").text
    assert "已听取" in page
    assert str(stored.duty_phone)[-8:] not in page
    assert "730519" not in page


@pytest.mark.parametrize("pin", ["", "12", "abcd", "1111", "123456789"])
def test_by_telephone_nobody_works_without_a_proper_pin(
    city_app: Flask, administrator: Person, unit_id: int, pin: str
) -> None:
    answer = choose(administrator, city_app, unit_id, "telephone", pin)
    assert answer.status_code == 422
    assert "PIN" in answer.text
    assert unit_of(city_app, unit_id).channel != "telephone"


def test_a_pin_that_stands_is_kept(city_app: Flask, administrator: Person, unit_id: int) -> None:
    choose(administrator, city_app, unit_id, "telephone", "730519")
    before = unit_of(city_app, unit_id).pin_hash
    assert choose(administrator, city_app, unit_id, "web").status_code == 303
    assert choose(administrator, city_app, unit_id, "telephone").status_code == 303
    assert unit_of(city_app, unit_id).pin_hash == before


def test_of_two_administrators_the_second_is_told(city_app: Flask, administrator: Person, unit_id: int) -> None:
    seen = unit_of(city_app, unit_id).version
    assert choose(administrator, city_app, unit_id, "api", version=seen).status_code == 303
    assert choose(administrator, city_app, unit_id, "web", version=seen).status_code == 409


def test_an_unknown_way_is_refused(city_app: Flask, administrator: Person, unit_id: int) -> None:
    assert choose(administrator, city_app, unit_id, "pigeon").status_code == 422


def test_a_locked_telephone_is_shown_and_unlocked(
    city_app: Flask, carrier: FakeCarrier, administrator: Person, phone: DutyPhone, duty_unit: int
) -> None:
    phone.answer()
    for _ in range(3):
        phone.press("0000")
    phone.hang_up()
    path = f"/admin/units/{duty_unit}"
    assert "电话锁定至" in administrator.get(f"{path}/channels").text
    assert "值班电话被锁定" in administrator.get("/admin/audit?kind=unit.").text
    assert administrator.client.post(f"{path}/unlock", data={"csrf_token": administrator.csrf}).status_code == 303
    assert "电话锁定至" not in administrator.get(f"{path}/channels").text
    assert "值班电话解除锁定" in administrator.get("/admin/audit?kind=unit.").text


def test_the_change_is_in_the_audit_without_the_pin(city_app: Flask, administrator: Person, unit_id: int) -> None:
    choose(administrator, city_app, unit_id, "telephone", "730519")
    page = administrator.get(f"/admin/audit?subject=unit&id={unit_id}").text
    assert re.search("接单方式|PIN", page)
    assert "730519" not in page


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.DISPATCHER, Role.HANDLER, Role.AGENT])
def test_nobody_else_sees_the_calls_or_changes_the_way(city_app: Flask, unit_id: int, role: Role) -> None:
    person = somebody(city_app, role)
    assert person.get(f"/admin/units/{unit_id}/channels").status_code == 403
    assert choose(person, city_app, unit_id, "web").status_code == 403
