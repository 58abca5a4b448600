"""What the citizen was told: the agent may change it, and whoever was let down is called."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from tests.followup.conftest import Desk
from tests.support.people import stored


def promise(desk: Desk, case: dict[str, Any], hours: float, **more: str) -> Any:
    until = (clock.now() + timedelta(hours=hours)).isoformat()
    version = stored(desk.app, case["id"]).version
    return desk.agent.post(f"/api/v1/cases/{case['id']}/promise", {"until": until, **more}, version=version)


def lamps(desk: Desk, case: dict[str, Any], asked: str = "") -> list[str]:
    found = desk.agent.get(f"/api/v1/promises?limit=200{asked}").json
    return [each["lamp"] for each in found if each["case"]["id"] == case["id"]]


def test_what_the_citizen_is_told_first_is_the_deadline(desk: Desk) -> None:
    case = desk.file()
    assert case["promised_until"] == case["due_at"]


def test_the_agent_tells_another_time_and_the_history_says_so(desk: Desk) -> None:
    case = desk.file()
    told = promise(desk, case, 48, text="后天上午前一定补好").json
    assert told["promised_until"] != told["due_at"] == case["due_at"]
    (line,) = [each for each in told["history"] if each["kind"] == "case.promised"]
    assert line["text"] == "后天上午前一定补好"


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_a_promise_is_of_the_future_and_of_this_year(desk: Desk, hours: float) -> None:
    assert promise(desk, desk.file(), hours).status_code == 422


def test_two_agents_do_not_promise_over_each_other(desk: Desk) -> None:
    case = desk.file()
    promise(desk, case, 48)
    until = (clock.now() + timedelta(hours=3)).isoformat()
    answer = desk.other.post(f"/api/v1/cases/{case['id']}/promise", {"until": until}, version=case["version"])
    assert answer.status_code == 409


def test_its_lamp_is_yellow_before_and_red_when_it_has_passed(desk: Desk) -> None:
    case = desk.file()
    promise(desk, case, 10)
    assert lamps(desk, case) == []
    desk.later(hours=9)
    assert lamps(desk, case) == ["yellow"]
    desk.later(hours=2)
    assert lamps(desk, case) == ["red"]
    assert lamps(desk, case, "&lamp=yellow") == []


def test_a_missed_promise_makes_one_call_back_however_often_the_sweep_runs(desk: Desk) -> None:
    case = desk.file()
    desk.later(days=1)  # the sweep was dead all day
    for _ in range(3):
        desk.sweep()
    (task,) = desk.call_backs(case)
    assert (task["kind"], task["state"]) == ("promise", "open")
    assert "前办结" in task["promised"]
    assert case["id"] in desk.due_now()


def test_nobody_is_called_at_night(desk: Desk) -> None:
    case = desk.file()
    desk.later(hours=14)  # 23:00 in the city
    desk.sweep()
    assert case["id"] not in desk.due_now()
    desk.later(hours=10)
    assert case["id"] in desk.due_now()


def test_a_new_promise_missed_again_makes_another_call_back(desk: Desk) -> None:
    case = desk.file()
    desk.later(hours=3)
    desk.sweep()
    (task,) = desk.call_backs(case)
    told = (clock.now() + timedelta(hours=2)).isoformat()
    assert desk.finish(task, contacted=True, promised_until=told).json["state"] == "done"
    desk.sweep()
    assert desk.call_backs(case) == []
    desk.later(hours=3)
    desk.sweep()
    assert [each["kind"] for each in desk.call_backs(case)] == ["promise"]


def test_whoever_was_told_anew_need_not_be_called_about_the_old_time(desk: Desk) -> None:
    case = desk.file()
    desk.later(hours=3)
    desk.sweep()
    promise(desk, case, 5)
    assert desk.call_backs(case) == []
    assert [each["remark"] for each in desk.call_backs(case, "cancelled")] == ["已重新告知市民"]


def test_an_ended_case_makes_none_and_takes_back_its_own(desk: Desk) -> None:
    closed, late = desk.close(desk.file()), desk.file(address="百丈路 9 号")
    desk.later(hours=3)
    desk.sweep()
    assert [each["kind"] for each in desk.call_backs(closed) if each["kind"] == "promise"] == []
    assert len(desk.call_backs(late)) == 1
    desk.close(late)
    assert [each["kind"] for each in desk.call_backs(late)] == ["survey"]  # let down once: asked for certain
    assert promise(desk, late, 5).status_code == 409


@pytest.mark.parametrize("who", [{"reporter_phone": ""}, {"callback_consent": False}])
def test_whoever_cannot_or_will_not_be_called_is_not(desk: Desk, who: dict[str, Any]) -> None:
    case = desk.file(**who)
    desk.later(hours=3)
    desk.sweep()
    assert desk.call_backs(case) == []


def test_a_case_done_again_is_promised_anew(desk: Desk) -> None:
    case = desk.close(desk.file())
    desk.later(days=1)
    again = desk.act(desk.agent, case, "reopen", reason="又没了")
    assert again["promised_until"] == again["due_at"]
    desk.sweep()
    assert [each["kind"] for each in desk.call_backs(case)] == []
    desk.later(hours=3)
    desk.sweep()
    assert [each["kind"] for each in desk.call_backs(case)] == ["promise"]


def test_a_call_back_needs_a_new_time_or_a_word(desk: Desk) -> None:
    case = desk.file()
    desk.later(hours=3)
    desk.sweep()
    (task,) = desk.call_backs(case)
    assert desk.finish(task, contacted=True).status_code == 422
    assert desk.finish(task, contacted=True, remark="已致歉，明天上午完成").status_code == 200


def test_the_citizen_reads_on_the_page_what_they_were_told(desk: Desk) -> None:
    case = desk.file()
    promise(desk, case, 30)
    browser, link = desk.app.test_client(), f"/c/{stored(desk.app, case['id']).link_token}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).text)
    assert token
    browser.post(link, data={"csrf_token": token[1], "digits": "1234"})
    assert re.search(r"已告知您.{0,80}11-25 15:00", browser.get(link).text, re.DOTALL)
