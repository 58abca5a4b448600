"""A wrong photograph: its sender takes it back, a supervisor hides it later; the history keeps that it was there."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from tests.support.people import Person, file_case, picture, somebody, stored


@pytest.fixture
def handled(city_app: Flask) -> dict[str, Any]:
    """A case at work in its unit."""
    filed = file_case(somebody(city_app, Role.AGENT))
    unit = handler(city_app, filed)
    answer = unit.post(f"/api/v1/cases/{filed['id']}/actions/accept", version=filed["version"])
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def handler(app: Flask, case: dict[str, Any], nth: int = 0) -> Person:
    return somebody(app, Role.HANDLER, unit_id=case["unit"]["id"], nth=nth)


def send(who: Person, case: dict[str, Any], colour: str = "red") -> int:
    answer = who.upload(f"/api/v1/cases/{case['id']}/attachments", picture(colour), "result")
    assert answer.status_code == 201, answer.json
    return int(answer.json["attachment"]["id"])


def shown(who: Person, case: dict[str, Any]) -> list[dict[str, Any]]:
    photos: list[dict[str, Any]] = who.get(f"/api/v1/cases/{case['id']}").json["attachments"]
    return photos


def history(who: Person, case: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["label"], line["text"]) for line in who.get(f"/api/v1/cases/{case['id']}").json["history"]]


def feed_back(app: Flask, who: Person, case: dict[str, Any]) -> Any:
    path = f"/api/v1/cases/{case['id']}/actions/feed_back"
    return who.post(path, {"result": "已清理完毕"}, version=stored(app, case["id"]).version)


def test_the_sender_takes_a_wrong_photograph_back_before_the_report(city_app: Flask, handled: dict[str, Any]) -> None:
    unit = handler(city_app, handled)
    wrong = send(unit, handled)
    assert [(each["id"], each["may_take_back"]) for each in shown(unit, handled)] == [(wrong, True)]
    assert unit.post(f"/api/v1/attachments/{wrong}/take-back").status_code == 200
    assert shown(unit, handled) == []
    assert unit.get(f"/api/v1/attachments/{wrong}").status_code == 404
    assert unit.post(f"/api/v1/attachments/{wrong}/take-back").status_code == 404
    assert ("撤回照片", "处置后照片") in history(unit, handled)
    assert feed_back(city_app, unit, handled).status_code == 422  # it proves nothing any more
    again = send(unit, handled)  # the same picture may be sent anew
    assert again != wrong
    assert feed_back(city_app, unit, handled).status_code == 200


def test_after_the_report_only_a_supervisor_hides_it_with_a_reason(city_app: Flask, handled: dict[str, Any]) -> None:
    unit, chief = handler(city_app, handled), somebody(city_app, Role.SUPERVISOR)
    photo = send(unit, handled)
    assert feed_back(city_app, unit, handled).status_code == 200
    assert unit.post(f"/api/v1/attachments/{photo}/take-back").status_code == 409
    assert unit.post(f"/api/v1/attachments/{photo}/hide", {"reason": "拍错了"}).status_code == 403
    assert chief.post(f"/api/v1/attachments/{photo}/hide", {"reason": ""}).status_code == 422
    assert [each["may_hide"] for each in shown(chief, handled)] == [True]
    assert chief.post(f"/api/v1/attachments/{photo}/hide", {"reason": "拍到了路人的脸"}).status_code == 200
    assert shown(unit, handled) == []
    assert unit.get(f"/api/v1/attachments/{photo}").status_code == 404
    with chief.get(f"/api/v1/attachments/{photo}") as kept:
        assert kept.headers["Cache-Control"] == "private, no-cache", "neither a proxy nor the next person has it"
        assert kept.status_code == 200
    assert ("隐藏照片", "处置后照片：拍到了路人的脸") in history(chief, handled)


def test_nobody_takes_back_what_another_has_sent(city_app: Flask, handled: dict[str, Any]) -> None:
    agent, other = somebody(city_app, Role.AGENT), somebody(city_app, Role.AGENT, nth=1)
    answer = agent.upload(f"/api/v1/cases/{handled['id']}/attachments", picture(), "report")
    photo = answer.json["attachment"]["id"]
    assert other.post(f"/api/v1/attachments/{photo}/take-back").status_code == 403
    # A unit is at work by it already.
    assert agent.post(f"/api/v1/attachments/{photo}/take-back").status_code == 409
    assert len(shown(agent, handled)) == 1
