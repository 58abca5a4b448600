"""The administrator's page: rungs and heads."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.roles import Role
from app.db import session, work
from app.events.models import Event
from app.supervision.models import LadderRung, UnitHead
from tests.support.people import Person, somebody


@pytest.fixture
def admin(city_app: Flask) -> Person:
    return somebody(city_app, Role.ADMINISTRATOR)


def post(who: Person, path: str = "/admin/ladder", **form: str) -> Any:
    return who.client.post(path, data={"csrf_token": who.csrf, **form}, follow_redirects=True)


def rungs(app: Flask) -> list[tuple[str, int, str]]:
    with app.app_context(), work():
        rows = session().scalars(select(LadderRung).order_by(LadderRung.id))
        return [(row.class_code, row.percent, row.recipient) for row in rows]


def test_the_default_ladder_is_shown_until_somebody_edits_it(city_app: Flask, admin: Person) -> None:
    assert admin.get("/admin/ladder").text.count("默认") >= 6
    answer = post(admin, percent="60", recipient="head", area_code="", class_code="c01")
    assert "已增加" in answer.text
    assert rungs(city_app)[-1] == ("C01", 60, "head")
    assert len(rungs(city_app)) == 7
    assert "默认" not in admin.get("/admin/ladder").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"percent": "0", "recipient": "head"}, "请填 1 至 1000"),
        ({"percent": "x", "recipient": "head"}, "请填 1 至 1000"),
        ({"percent": "80", "recipient": "king"}, "请选择提醒对象"),
        ({"percent": "80", "recipient": "order"}, "超时督办须在时限之后"),
        ({"percent": "80", "recipient": "head", "class_code": "X1"}, "类别代码如"),
    ],
)
def test_a_senseless_rung_is_refused_beside_its_field(
    city_app: Flask, admin: Person, form: dict[str, str], told: str
) -> None:
    answer = post(admin, **form)
    assert answer.status_code == 422
    assert told in answer.text
    assert rungs(city_app) == []


def test_the_same_rung_twice_is_refused_and_the_last_one_stays(city_app: Flask, admin: Person) -> None:
    post(admin, percent="60", recipient="head")
    assert "全市 · 全部类别 · 60% · 单位负责人" in admin.get("/admin/audit?subject=ladder").text
    assert "已经有了" in post(admin, percent="60", recipient="head").text
    with city_app.app_context(), work():
        ids = list(session().scalars(select(LadderRung.id).order_by(LadderRung.id)))
    for rung_id in ids:
        last = post(admin, f"/admin/ladder/{rung_id}/remove")
    assert "至少留一级" in last.text
    assert len(rungs(city_app)) == 1


def test_a_unit_gets_its_head_and_every_change_is_in_the_audit(city_app: Flask, admin: Person) -> None:
    handler = somebody(city_app, Role.HANDLER)
    unit = str(handler.unit_id)
    assert "没有这个工号" in post(admin, "/admin/ladder/heads", unit_id=unit, person="nobody").text
    assert "已保存" in post(admin, "/admin/ladder/heads", unit_id=unit, person="2001").text
    with city_app.app_context(), work():
        assert session().get(UnitHead, handler.unit_id) is not None
    post(admin, "/admin/ladder/heads", unit_id=unit, person="")
    with city_app.app_context(), work():
        assert session().get(UnitHead, handler.unit_id) is None
        written = select(func.count()).select_from(Event).where(Event.kind == "ladder.head_named")
        assert session().scalar(written) == 2


def test_nobody_else_edits_the_ladder(city_app: Flask) -> None:
    chief = somebody(city_app, Role.SUPERVISOR)
    assert chief.get("/admin/ladder").status_code == 403
    assert post(chief, percent="60", recipient="head").status_code == 403
