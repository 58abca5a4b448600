"""Who rings or texts again about what was closed: proposed to the agent, never decided by the machine."""

from typing import Any

from flask import Flask

from tests.followup.conftest import Desk
from tests.incidents.conftest import talk
from tests.support.carrier import FakeCarrier
from tests.support.people import COVER, stored
from tests.support.sms import CITIZEN, send_due
from tests.support.voice import Telephone

PLACE = {"district": "330212", "street": "330212008"}


def ring(desk: Desk, number: str = CITIZEN) -> int:
    phone = Telephone(desk.app, number)
    phone.dial()
    return phone.id


def proposed(desk: Desk, **about: Any) -> list[dict[str, Any]]:
    query = {"class_code": "C0103", "address": "百丈路与中兴路口", "text": "井盖又没了", **PLACE, **about}
    answer = desk.agent.get("/api/v1/cases/repeats", query_string=query)
    assert answer.status_code == 200, answer.json
    return [each for each in answer.json if each["case"]["class_code"] == "C0103"]


def draft_saying(desk: Desk, words: str) -> dict[str, Any]:
    waiting: list[dict[str, Any]] = desk.agent.get("/api/v1/agent/snapshot").json["drafts"]
    (found,) = [each for each in waiting if words in each["description"]]
    return found


def again(desk: Desk, case: dict[str, Any], **said: Any) -> Any:
    version = stored(desk.app, case["id"]).version
    return desk.agent.post(f"/api/v1/cases/{case['id']}/repeat", said, version=version)


def test_the_agent_sees_that_the_same_matter_was_closed_three_days_ago(desk: Desk) -> None:
    case = desk.close(desk.file())
    desk.later(days=3, hours=1)
    (found,) = proposed(desk, call_id=ring(desk))
    assert (found["case"]["id"], found["days"], found["may_reopen"]) == (case["id"], 3, True)


def test_nothing_is_proposed_for_another_caller_another_place_or_an_open_case(desk: Desk) -> None:
    desk.close(desk.file())
    open_one = desk.file(reporter_phone="13800009999")
    assert proposed(desk, call_id=ring(desk, "+8613900001111")) == []
    assert proposed(desk, call_id=ring(desk, "anonymous")) == []
    assert proposed(desk, call_id=ring(desk), street="330212001") == []
    assert [each["case"]["id"] for each in proposed(desk, call_id=ring(desk, "+8613800009999"))] != [open_one["id"]]
    desk.later(days=31)
    assert proposed(desk, call_id=ring(desk)) == []


def test_taken_as_the_same_the_old_case_is_done_again_and_counts_as_not_fixed(desk: Desk) -> None:
    case = desk.close(desk.file())
    before = desk.agent.get("/api/v1/call-backs/figures").json
    desk.later(days=3)
    call = ring(desk)
    reopened = again(desk, case, call_id=call, text="井盖又没了").json
    assert (reopened["state"], reopened["reopens"]) == ("dispatched", 1)
    assert "结案 3 天后" in reopened["history"][-1]["text"]
    after = desk.agent.get("/api/v1/call-backs/figures").json
    assert after["repeats"] == before["repeats"] + 1
    assert after["solved_rate"] in (0.0, None) or after["solved_rate"] < (before["solved_rate"] or 2)
    (line,) = desk.call_backs(case, "done")
    assert (line["kind"], line["solved"], line["call_id"]) == ("repeat", False, call)


def test_whoever_was_attached_to_the_case_says_so_too_and_is_told_of_both_closings(
    desk: Desk, carrier: FakeCarrier
) -> None:
    neighbour, case = "+8613955551234", desk.file()
    person, phone = talk(desk.app, neighbour)
    person.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "joined", "case_id": case["id"]})
    desk.close(case)
    desk.later(days=3)
    call = ring(desk, neighbour)
    assert [each["case"]["id"] for each in proposed(desk, call_id=call)] == [case["id"]]
    assert again(desk, case, call_id=call, text="井盖又没了").status_code == 200
    desk.close(case)
    send_due(desk.app)
    assert ["结案" in text for text in carrier.texts_to(neighbour)] == [True, True]


def test_after_the_window_it_becomes_a_new_case_that_names_the_old_one(desk: Desk) -> None:
    case = desk.close(desk.file())
    desk.later(days=20)
    call = ring(desk)
    (found,) = proposed(desk, call_id=call)
    assert found["may_reopen"] is False
    assert again(desk, case, call_id=call).status_code == 409
    new = desk.file(repeat_of=case["id"], call_id=call)
    assert new["repeat_of"] == {"id": case["id"], "number": case["number"]}
    old = desk.agent.get(f"/api/v1/cases/{case['id']}").json
    assert old["state"] == "closed"
    assert old["history"][-1]["kind"] == "case.repeated"
    assert new["number"] in old["history"][-1]["text"]
    assert [each["kind"] for each in desk.call_backs(case, "done")] == ["repeat"]


def test_only_a_closed_case_of_the_same_caller_can_be_named(desk: Desk) -> None:
    closed, open_one = desk.close(desk.file()), desk.file(address="百丈路 2 号")
    for wrong in ({"repeat_of": closed["id"], "reporter_phone": "13911112222"}, {"repeat_of": open_one["id"]},
                  {"repeat_of": 987654321}):  # fmt: skip
        assert desk.agent.post("/api/v1/cases", {**COVER, **wrong}).status_code == 422


def test_a_text_about_it_waits_for_an_agent_who_is_shown_the_old_case(desk: Desk, city_app: Flask) -> None:
    case = desk.close(desk.file())
    desk.later(days=2)
    desk.citizen.text("百丈路井盖又没了")
    (draft,) = [
        each for each in desk.agent.get("/api/v1/agent/snapshot").json["drafts"] if "又没了" in each["description"]
    ]
    (found,) = proposed(desk, draft_id=draft["id"])
    assert found["case"]["id"] == case["id"]
    reopened = again(desk, case, draft_id=draft["id"]).json
    assert reopened["state"] == "dispatched"
    assert "百丈路井盖又没了" in reopened["history"][-1]["text"]
    closed_draft = stored(desk.app, draft["id"])
    assert closed_draft.state == "void"


def test_somebody_elses_text_is_not_lost_with_it(desk: Desk) -> None:
    case = desk.close(desk.file(reporter_phone="13911112222"))
    desk.citizen.text("百丈路井盖又没了")
    (draft,) = [
        each for each in desk.agent.get("/api/v1/agent/snapshot").json["drafts"] if "又没了" in each["description"]
    ]
    assert again(desk, case, draft_id=draft["id"]).status_code == 409
    assert (stored(desk.app, draft["id"]).state, stored(desk.app, case["id"]).state) == ("reported", "closed")
