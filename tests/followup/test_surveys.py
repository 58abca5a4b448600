"""回访 after the closing: who is asked, by whom, and what follows from the answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.followup.times import is_in_sample
from tests.followup.conftest import Desk
from tests.support.people import Person, file_case, somebody, stored
from tests.support.sms import close_case

asked = pytest.mark.usefixtures("everybody_is_asked")


def kinds(desk: Desk, case: dict[str, Any], state: str = "waiting") -> list[tuple[str, str]]:
    return [(each["kind"], each["reason"]) for each in desk.call_backs(case, state)]


def survey(desk: Desk, case: dict[str, Any]) -> dict[str, Any]:
    (task,) = [each for each in desk.call_backs(case) if each["kind"] == "survey"]
    return task


@asked
def test_a_closed_case_is_asked_about_within_working_days(desk: Desk) -> None:
    case = desk.close(desk.file())
    task = survey(desk, case)
    assert (task["state"], task["reason"], task["attempts"]) == ("open", "sample", 0)
    assert task["next_at"] < task["due_at"] < (clock.now() + timedelta(days=6)).isoformat()
    assert case["id"] not in desk.due_now()  # the answer by SMS is given time to come
    desk.later(hours=5)
    assert case["id"] in desk.due_now()


def test_the_share_of_those_asked_is_the_citys() -> None:
    drawn = [is_in_sample(case_id, 20) for case_id in range(1, 10_001)]
    assert 1900 < sum(drawn) < 2100
    assert not any(is_in_sample(case_id, 0) for case_id in range(1, 1000))
    assert all(is_in_sample(case_id, 100) for case_id in range(1, 1000))


def test_after_trouble_everybody_is_asked(desk: Desk, city_app: Flask) -> None:
    city_app.extensions["settings"] = city_app.extensions["settings"].model_copy(update={"survey_percent": 0})
    plain, supervised = desk.file(), desk.file(address="百丈路 2 号")
    desk.act(desk.supervisor, supervised, "supervise", reason="请速办")
    assert kinds(desk, desk.close(plain)) == []
    assert kinds(desk, desk.close(supervised)) == [("survey", "supervised")]
    desk.act(desk.agent, plain, "reopen", reason="又没了")
    assert kinds(desk, desk.close(plain)) == [("survey", "reopened")]


@asked
@pytest.mark.parametrize("who", [{"reporter_phone": ""}, {"callback_consent": False}])
def test_whoever_withheld_the_number_or_wants_no_call_is_left_alone(desk: Desk, who: dict[str, Any]) -> None:
    assert kinds(desk, desk.close(desk.file(**who))) == []


@asked
def test_whoever_has_answered_by_sms_is_not_called(desk: Desk) -> None:
    case = desk.close(desk.file())
    desk.citizen.text("5")
    assert kinds(desk, case) == []
    assert kinds(desk, case, "cancelled") == [("survey", "sample")]


@asked
def test_a_bad_rating_is_followed_up_at_once(desk: Desk) -> None:
    case = desk.close(desk.file())
    desk.citizen.text("5")
    desk.citizen.text("1")
    assert kinds(desk, case) == [("survey", "bad_rating")]
    assert case["id"] in desk.due_now()


@asked
def test_the_first_agent_has_the_task_and_the_other_hears_whose_it_is(desk: Desk) -> None:
    task = survey(desk, desk.close(desk.file()))
    assert desk.agent.post(f"/api/v1/call-backs/{task['id']}/claim").json["claimed_by"]["name"] == desk.agent.name
    refused = desk.other.post(f"/api/v1/call-backs/{task['id']}/claim")
    assert (refused.status_code, refused.json["winner"]) == (409, desk.agent.name)
    assert desk.other.post(f"/api/v1/call-backs/{task['id']}/complete", {"contacted": False}).status_code == 409
    desk.agent.post(f"/api/v1/call-backs/{task['id']}/release")
    assert desk.other.post(f"/api/v1/call-backs/{task['id']}/claim").status_code == 200


@asked
def test_a_task_that_was_taken_up_and_left_comes_back(desk: Desk) -> None:
    task = survey(desk, desk.close(desk.file()))
    desk.agent.post(f"/api/v1/call-backs/{task['id']}/claim")
    desk.later(hours=2)
    desk.sweep()
    assert desk.other.post(f"/api/v1/call-backs/{task['id']}/claim").status_code == 200


def test_two_agents_at_once_are_two_answers_and_one_task(
    committing_city_app: Flask, make_settings: Callable[..., Any]
) -> None:
    app = committing_city_app
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"survey_percent": 100})
    case = close_case(app, file_case(somebody(app, Role.AGENT)))
    people = [somebody(app, Role.AGENT, nth=nth) for nth in range(4)]
    (task,) = people[0].get(f"/api/v1/call-backs?case_id={case['id']}").json["items"]

    def claim(person: Person) -> int:
        return int(person.post(f"/api/v1/call-backs/{task['id']}/claim").status_code)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(claim, people)) == [200, 409, 409, 409]


@asked
def test_the_answers_stand_in_the_history_of_the_case(desk: Desk) -> None:
    case = desk.close(desk.file())
    done = desk.finish(survey(desk, case), contacted=True, solved=True, satisfied=5, remark="很快")
    assert (done.json["state"], done.json["solved"], done.json["satisfied"]) == ("done", True, 5)
    detail = desk.agent.get(f"/api/v1/cases/{case['id']}").json
    (line,) = [each for each in detail["history"] if each["kind"] == "case.called_back"]
    assert line["text"] == "已接通，已解决，满意度 5（很满意）；很快"
    assert line["actor"] == desk.agent.name


@asked
def test_nobody_is_tried_more_than_three_times(desk: Desk) -> None:
    case = desk.close(desk.file())
    for attempt in (1, 2, 3):
        desk.later(days=1)
        task = survey(desk, case)
        assert case["id"] in desk.due_now()
        after = desk.finish(task, contacted=False).json
        assert after["attempts"] == attempt
        assert case["id"] not in desk.due_now()
    assert after["state"] == "unreachable"
    assert kinds(desk, case) == []


@asked
def test_what_is_not_solved_goes_back_to_the_unit(desk: Desk) -> None:
    case = desk.close(desk.file())
    task = survey(desk, case)
    desk.finish(task, contacted=True, solved=False, satisfied=1, remark="盖子第二天又没了", reopen=True)
    after = stored(desk.app, case["id"])
    assert (after.state, after.reopens) == ("dispatched", 1)
    lines = desk.agent.get(f"/api/v1/cases/{case['id']}").json["history"]
    assert [each["kind"] for each in lines][-2:] == ["case.called_back", "case.reopened"]


@asked
def test_after_the_window_it_is_told_that_a_new_case_is_needed(desk: Desk) -> None:
    case = desk.close(desk.file())
    task = survey(desk, case)
    desk.later(days=20)
    answer = desk.finish(task, contacted=True, solved=False, reopen=True)
    assert answer.status_code == 409
    assert "重新反映" in answer.json["detail"]
    assert survey(desk, case)["state"] == "claimed"  # nothing of it was written


@asked
@pytest.mark.parametrize(
    "result",
    [
        {"contacted": True},
        {"contacted": False, "solved": True},
        {"contacted": True, "solved": True, "reopen": True},
        {"contacted": True, "solved": True, "satisfied": 6},
        {"contacted": True, "solved": True, "satisfied": 0},
        {"contacted": True, "solved": True, "mood": "good"},
    ],
)
def test_answers_that_do_not_fit_are_refused(desk: Desk, result: dict[str, Any]) -> None:
    assert desk.finish(survey(desk, desk.close(desk.file())), **result).status_code == 422


@asked
def test_a_finished_task_is_finished(desk: Desk) -> None:
    task = survey(desk, desk.close(desk.file()))
    desk.finish(task, contacted=True, solved=True)
    assert desk.agent.post(f"/api/v1/call-backs/{task['id']}/claim").status_code == 409


@asked
def test_a_case_reopened_by_the_citizen_is_asked_about_after_the_next_closing(desk: Desk) -> None:
    case = desk.close(desk.file())
    desk.act(desk.agent, case, "reopen", reason="又没了")
    assert kinds(desk, case) == []
    desk.close(case)
    assert kinds(desk, case) == [("survey", "reopened")]


@asked
def test_what_was_said_in_the_call_and_by_sms_makes_one_satisfaction(desk: Desk) -> None:
    before = desk.agent.get("/api/v1/call-backs/figures").json
    texted, called, both = desk.file(), desk.file(address="百丈路 2 号"), desk.file(address="百丈路 3 号")
    desk.close(texted)
    desk.citizen.text("5")
    desk.close(called)
    desk.finish(survey(desk, called), contacted=True, solved=False, satisfied=2)
    desk.later(minutes=1)
    desk.close(both)
    desk.citizen.text("1")
    desk.finish(survey(desk, both), contacted=True, solved=True, satisfied=4)
    after = desk.agent.get("/api/v1/call-backs/figures").json
    assert after["answers"] - before["answers"] == 3
    content = round(after["satisfaction"] * after["answers"]) - round(before["satisfaction"] * before["answers"])
    assert content == 2
    wall = desk.supervisor.get("/api/v1/wall/snapshot").json["tiles"]
    assert (wall["surveys"], wall["satisfaction"]) == (after["answers"], after["satisfaction"])


def test_only_the_centre_sees_the_tasks(desk: Desk) -> None:
    for role in (Role.HANDLER, Role.INSPECTOR, Role.LEADER, Role.DISPATCHER):
        assert somebody(desk.app, role).get("/api/v1/call-backs").status_code == 403
    assert desk.supervisor.get("/api/v1/call-backs").status_code == 200
