"""The side paths of a case, each told as the standard tells it, through the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.accounts.roles import Principal, Role
from app.cases import service
from app.cases.schemas import CaseEdit
from app.db import session, transaction, work
from app.errors import Forbidden
from app.events.models import Event
from tests.cases.conftest import MORNING, Town
from tests.support.people import COVER, Person, picture, somebody

pytestmark = pytest.mark.usefixtures("morning")


def kinds(case: dict[str, Any]) -> list[str]:
    return [line["kind"] for line in case["history"]]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def case(town: Town, morning: Town) -> dict[str, Any]:
    """A rattling cover: two working days, from Tuesday nine o'clock."""
    filed = town.file()
    assert filed["limit_text"] == "2 工作日"
    return filed


@pytest.fixture
def unit(town: Town, case: dict[str, Any]) -> Person:
    return town.unit(case["unit"]["id"])


@pytest.fixture
def at_work(town: Town, unit: Person, case: dict[str, Any]) -> dict[str, Any]:
    return town.act(unit, "accept", case)


# --- 核实 ----------------------------------------------------------------------------------------------------------


def test_a_doubtful_report_is_verified_before_it_is_filed(town: Town) -> None:
    doubtful = town.file(verify=True)
    assert (doubtful["state_label"], doubtful["verification"]) == ("待核实", "asked")
    assert doubtful["unit"] is None
    clocks = {each["stage"]: each for each in doubtful["stages"]}
    assert moment(clocks["verifying"]["due_at"]) - clock.now() == timedelta(minutes=30)
    listed = town.inspector.get("/api/v1/cases", query_string={"verification": "asked"}).json["items"]
    assert [each["number"] for each in listed] == [doubtful["number"]]
    seen = town.act(town.inspector, "confirm_exists", doubtful, reason="现场属实")
    assert (seen["state"], seen["verification"]) == ("reported", "confirmed")
    filed = town.act(town.agent, "file", doubtful)
    sent = town.act(town.district_dispatcher, "dispatch", filed)
    assert sent["unit"]["name"]
    assert sent["promised_until"] == sent["due_at"], "the message that it is dispatched tells this time"


def test_a_report_that_does_not_exist_is_not_filed_once_the_city_agrees(town: Town) -> None:
    doubtful = town.file(verify=True)
    assert town.try_to(town.inspector, "deny_exists", doubtful).status_code == 422, "a reason is mandatory"
    town.act(town.inspector, "deny_exists", doubtful, reason="现场没有井盖损坏")
    assert town.try_to(town.agent, "reject", doubtful).status_code == 422
    proposed = town.act(town.agent, "reject", doubtful, reason="核实不属实")
    assert proposed["state_label"] == "待不予立案确认"
    assert town.try_to(town.district_dispatcher, "confirm_rejection", doubtful).status_code == 403
    ended = town.act(town.supervisor, "confirm_rejection", doubtful)
    assert (ended["state"], ended["should_resolve"]) == ("rejected", False)
    assert kinds(ended)[-2:] == ["case.rejection_proposed", "case.rejected"]
    assert ended["lamp"] == "grey"


def test_nobody_confirms_what_they_proposed_themselves(town: Town) -> None:
    doubtful = town.file(verify=True)
    town.act(town.inspector, "deny_exists", doubtful, reason="现场没有井盖损坏")
    town.act(town.supervisor, "reject", doubtful, reason="核实不属实")
    assert {"confirm_rejection", "overrule_rejection"} & set(town.offered(town.supervisor, doubtful)) == {
        "overrule_rejection"
    }
    refused = town.try_to(town.supervisor, "confirm_rejection", doubtful)
    assert (refused.status_code, refused.json["detail"]) == (403, "这是您本人提出的，须由另一人确认")
    assert town.act(town.second_supervisor, "confirm_rejection", doubtful)["state"] == "rejected"


def test_the_city_overrules_a_rejection_and_the_report_is_taken_in_again(town: Town) -> None:
    doubtful = town.file(verify=True)
    town.act(town.inspector, "confirm_exists", doubtful)
    town.act(town.agent, "reject", doubtful, reason="不归城管")
    back = town.act(town.supervisor, "overrule_rejection", doubtful, reason="属于城管职责")
    assert back["state"] == "reported"
    assert "file" in town.offered(town.agent, doubtful)


def test_an_urgent_safety_class_is_dispatched_at_once_and_verified_meanwhile(town: Town) -> None:
    urgent = town.agent.post("/api/v1/cases", {**COVER, "verify": True, "dispatch": False}).json
    assert (urgent["state"], urgent["verification"]) == ("dispatched", "asked")
    assert kinds(urgent) == ["case.opened", "case.filed", "case.dispatched"]
    assert "核实同时进行" in urgent["history"][1]["text"]
    unit = town.unit(urgent["unit"]["id"])
    town.act(unit, "accept", urgent)
    looked = town.act(town.inspector, "confirm_exists", urgent, reason="确有缺失")
    assert (looked["state"], looked["verification"]) == ("handling", "confirmed")
    assert town.try_to(town.inspector, "deny_exists", urgent, reason="再看").status_code == 409


def test_what_turns_out_to_be_urgent_at_its_filing_is_dispatched_at_once_too(town: Town) -> None:
    doubtful = town.file(verify=True)
    town.act(town.inspector, "confirm_exists", doubtful, reason="井盖缺失")
    filed = town.act(town.agent, "file", doubtful, class_code="C0103", condition_no=1)
    assert (filed["state"], filed["verification"]) == ("dispatched", "confirmed")
    assert kinds(filed)[-2:] == ["case.filed", "case.dispatched"]


def test_people_of_a_district_correct_cases_of_their_district_alone(town: Town) -> None:
    far, near = (
        Principal(None, "值班长", frozenset({Role.SUPERVISOR}), area_code=area) for area in ("330203", "330212")
    )
    case = town.file()
    change = CaseEdit(address="百丈路与中兴路口西北角")
    with town.app.app_context():
        with transaction(), pytest.raises(Forbidden):
            service.edit(far, case["id"], change, case["version"])
        with transaction():
            assert service.edit(near, case["id"], change, case["version"]).address.endswith("西北角")


# --- 回退, 改派, 多次回退 ------------------------------------------------------------------------------------------


def test_the_wrong_unit_returns_with_a_reason_and_cannot_be_skipped_to(
    town: Town, unit: Person, case: dict[str, Any]
) -> None:
    (better,) = town.other_units(case)
    assert town.try_to(unit, "return", case).status_code == 422, "a reason is mandatory"
    returned = town.act(unit, "return", case, reason="不在我单位管养范围", suggested_unit_id=better)
    assert (returned["state"], returned["unit"], returned["returns"]) == ("filed", None, 1)
    assert (returned["due_at"], returned["should_resolve"]) == (None, False)
    assert "建议派" in returned["history"][-1]["text"]
    assert unit.get(f"/api/v1/cases/{case['id']}").status_code == 404, "the case has left its desk"
    waiting = town.dispatcher.get("/api/v1/cases", query_string={"returned": "true"}).json["items"]
    assert case["number"] in [each["number"] for each in waiting]
    by_rule = town.try_to(town.district_dispatcher, "dispatch", case)
    assert by_rule.status_code == 422, "the rule names the unit that has just returned it"
    assert "已退回过此案" in by_rule.json["detail"]
    again = town.try_to(town.district_dispatcher, "dispatch", case, unit_id=case["unit"]["id"])
    assert again.json["fields"]["reason"]
    sent = town.act(town.district_dispatcher, "dispatch", case, unit_id=better)
    assert (sent["unit"]["id"], sent["should_resolve"]) == (better, True)
    assert sent["former_units"][0]["state"] == "returned"


def test_a_unit_that_returned_gets_it_again_only_with_a_reason(town: Town, unit: Person, case: dict[str, Any]) -> None:
    town.act(unit, "return", case, reason="不归我管")
    again = town.act(town.dispatcher, "dispatch", case, unit_id=case["unit"]["id"], reason="权属已查明")
    assert again["unit"]["id"] == case["unit"]["id"]
    assert "权属已查明" in again["routing"]["explanation"]


def test_after_two_returns_the_duty_manager_decides_main_and_co_units(
    town: Town, unit: Person, case: dict[str, Any]
) -> None:
    second, third, fourth = town.other_units(case, 3)
    town.act(unit, "return", case, reason="不归我管")
    town.act(town.dispatcher, "dispatch", case, unit_id=second)
    twice = town.act(town.unit(second), "return", case, reason="也不归我管")
    assert twice["ping_pong"]
    refused = town.try_to(town.dispatcher, "dispatch", case, unit_id=third)
    assert refused.status_code == 403
    assert "值班长" in refused.json["detail"]
    assert "dispatch" not in town.offered(town.dispatcher, case)
    assert set(town.offered(town.supervisor, case)["dispatch"]["requires"]) == {"unit_id", "reason"}
    assert town.try_to(town.supervisor, "dispatch", case).status_code == 422
    decided = town.act(
        town.supervisor, "dispatch", case, unit_id=third, co_unit_ids=[fourth], reason="现场会商，由其牵头"
    )
    assert decided["unit"]["id"] == third
    assert [part["unit"]["id"] for part in decided["co_units"]] == [fourth]
    assert decided["routing"]["rule"] == "人工指定"
    assert {"reassign", "add_co_unit"}.isdisjoint(town.offered(town.dispatcher, case))
    assert {"reassign", "add_co_unit"} <= set(town.offered(town.supervisor, case))


def test_a_dispatcher_reassigns_and_the_first_unit_sees_it_go(town: Town, unit: Person, case: dict[str, Any]) -> None:
    (other,) = town.other_units(case)
    town.later(hours=1)
    moved = town.act(town.district_dispatcher, "reassign", case, unit_id=other, reason="片区调整")
    assert (moved["state"], moved["unit"]["id"]) == ("dispatched", other)
    assert moment(moved["due_at"]) > moment(case["due_at"]), "the new unit has its whole limit"
    assert not any(stage["late"] for stage in moved["stages"]), "it was dispatched in time, the first time"
    same = town.try_to(town.district_dispatcher, "reassign", case, unit_id=other, reason="再给一个时限")
    assert (same.status_code, list(same.json["fields"])) == (422, ["unit_id"])
    assert moved["former_units"][0]["unit"]["id"] == case["unit"]["id"]
    assert unit.get(f"/api/v1/cases/{case['id']}").status_code == 404


def test_a_dispatcher_of_another_district_commands_nothing_here(town: Town, case: dict[str, Any]) -> None:
    stranger = somebody(town.app, Role.DISPATCHER, area="330203")
    (other,) = town.other_units(case)
    refused = town.try_to(stranger, "reassign", case, unit_id=other, reason="试一试")
    assert refused.status_code == 404
    assert "actions" not in town.see(case, stranger)


# --- 班组, 协办 ----------------------------------------------------------------------------------------------------


def test_the_unit_hands_the_work_to_a_crew(town: Town, unit: Person, at_work: dict[str, Any]) -> None:
    handed = town.act(unit, "hand_to_crew", at_work, crew="抢修二班")
    assert (handed["state"], handed["crew"]) == ("handling", "抢修二班")


def test_the_main_unit_feeds_back_when_the_co_units_have_or_says_why_not(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    first, second = town.other_units(at_work, 2)
    for co_unit in (first, second):
        joined = town.act(town.dispatcher, "add_co_unit", at_work, unit_id=co_unit, reason="需配合")
    assert [part["state"] for part in joined["co_units"]] == ["dispatched", "dispatched"]
    helper = town.unit(first)
    assert helper.get(f"/api/v1/cases/{at_work['id']}").status_code == 200
    assert set(town.offered(helper, at_work)) == {"co_feed_back"}
    assert town.try_to(helper, "feed_back", at_work, result="替你反馈").status_code == 403
    town.act(helper, "co_feed_back", at_work, result="管线已避让")
    assert town.try_to(helper, "co_feed_back", at_work, result="再来一次").status_code == 409
    unit.upload(f"/api/v1/cases/{at_work['id']}/attachments", picture(), "result")
    early = town.try_to(unit, "feed_back", at_work, result="已换")
    assert early.status_code == 422
    assert "1 个协办单位未反馈" in early.json["detail"]
    assert "reason" in town.offered(unit, at_work)["feed_back"]["requires"]
    done = town.act(unit, "feed_back", at_work, result="已换", reason="协办部分与本案无碍")
    assert done["state"] == "checking"


def test_a_case_has_at_most_five_co_units_and_never_its_main_unit(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    others = town.other_units(at_work, 6)
    assert town.try_to(town.dispatcher, "add_co_unit", at_work, unit_id=at_work["unit"]["id"]).status_code == 422
    for co_unit in others[:5]:
        town.act(town.dispatcher, "add_co_unit", at_work, unit_id=co_unit)
    sixth = town.try_to(town.dispatcher, "add_co_unit", at_work, unit_id=others[5])
    assert sixth.status_code == 409
    assert "最多 5 个" in sixth.json["detail"]


# --- 延期, 挂账 ----------------------------------------------------------------------------------------------------


def test_an_extension_adds_one_original_limit_and_says_so_step_by_step(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    assert town.try_to(unit, "ask_extension", at_work).status_code == 422, "a reason is mandatory"
    asked = town.act(unit, "ask_extension", at_work, reason="备件未到")
    assert asked["due_at"] == at_work["due_at"], "asking moves nothing"
    assert "ask_extension" not in town.offered(unit, at_work), "one question at a time"
    waiting = town.dispatcher.get("/api/v1/cases", query_string={"request": "extension"}).json["items"]
    assert [each["number"] for each in waiting] == [at_work["number"]]
    assert town.try_to(unit, "grant_extension", at_work).status_code == 403, "nobody grants their own"
    granted = town.act(town.district_dispatcher, "grant_extension", at_work)
    assert granted["extensions"] == 1
    # Tuesday nine o'clock and two working days: Thursday nine; two more: Saturday does not count, Monday nine.
    assert moment(at_work["due_at"]) == MORNING + timedelta(days=2)
    assert moment(granted["due_at"]) == MORNING + timedelta(days=6)
    assert any("第 1 次延期" in step for step in granted["deadline_steps"])
    assert "周末，不计" in " ".join(granted["deadline_steps"])
    assert granted["requests"][0]["state"] == "granted"
    assert town.dispatcher.get("/api/v1/cases", query_string={"request": "extension"}).json["items"] == []


def test_a_third_extension_and_one_of_an_overdue_case_are_refused(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    for _ in range(2):
        town.act(unit, "ask_extension", at_work, reason="备件未到")
        extended = town.act(town.dispatcher, "grant_extension", at_work)
    third = town.try_to(unit, "ask_extension", at_work, reason="还没到")
    assert (third.status_code, third.json["detail"]) == (409, "最多延期 2 次")
    town.at(moment(extended["due_at"]) + timedelta(minutes=1))
    assert "已超期" in town.try_to(unit, "ask_suspension", at_work, reason="等", until=later(30)).json["detail"]


def test_what_was_asked_in_time_cannot_be_granted_once_overdue(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    town.act(unit, "ask_extension", at_work, reason="备件未到")
    town.at(moment(at_work["due_at"]) + timedelta(minutes=1))
    assert town.try_to(town.dispatcher, "grant_extension", at_work).status_code == 409
    assert town.try_to(town.dispatcher, "refuse_extension", at_work).status_code == 422, "a refusal says why"
    refused = town.act(town.dispatcher, "refuse_extension", at_work, reason="已超期")
    assert (refused["requests"][0]["state"], refused["due_at"]) == ("refused", at_work["due_at"])


def test_a_request_lapses_when_the_case_leaves_the_unit(town: Town, unit: Person, at_work: dict[str, Any]) -> None:
    town.act(unit, "ask_extension", at_work, reason="备件未到")
    done = town.feed_back(unit, at_work)
    assert done["requests"][0]["state"] == "lapsed"


def later(days: float) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_suspension_ends_in_the_future_and_within_a_year(
    town: Town, unit: Person, at_work: dict[str, Any], days: int
) -> None:
    answer = town.try_to(unit, "ask_suspension", at_work, reason="冬季不宜施工", until=later(days))
    assert answer.status_code == 422
    assert "until" in answer.json["fields"]


def test_a_suspended_case_stands_still_and_goes_on_by_itself_with_what_was_left(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    town.later(hours=2)
    town.act(unit, "ask_suspension", at_work, reason="等待管线单位", until=later(30))
    held = town.act(town.dispatcher, "grant_suspension", at_work)
    assert (held["state_label"], held["lamp"], held["due_at"], held["should_resolve"]) == ("挂账", "grey", None, False)
    town.later(days=29)
    assert wake(town) == 0
    town.later(days=1, hours=5)
    assert wake(town) == 1, "the worker had been dead for five hours"
    assert wake(town) == 0, "twice is once"
    resumed = town.see(at_work)
    assert (resumed["state"], resumed["lamp"]) == ("handling", "green")
    assert resumed["history"][-1]["actor"] == "系统"
    # Fourteen working hours of two days were left; they count from Thursday, 24 December, eleven o'clock.
    assert moment(resumed["due_at"]) == datetime.fromisoformat("2026-12-28T09:00:00+08:00")
    assert [step for step in resumed["deadline_steps"] if "剩余 14 小时" in step]
    again = town.try_to(unit, "ask_suspension", at_work, reason="再挂", until=later(30))
    assert (again.status_code, again.json["detail"]) == (409, "每个案件只能挂账一次")


def wake(town: Town) -> int:
    with town.app.app_context(), transaction():
        return service.resume_due()


def test_a_suspension_that_ends_by_force_makes_no_case_late(town: Town, unit: Person, at_work: dict[str, Any]) -> None:
    town.act(unit, "ask_suspension", at_work, reason="等待管线单位", until=later(30))
    town.act(town.dispatcher, "grant_suspension", at_work)
    town.later(days=20)
    ended = town.act(town.supervisor, "force_close", at_work, reason="随道路改造一并实施")
    assert (ended["overdue"], ended["lamp"], ended["forced"]) == (False, "grey", True)
    assert "挂账终止" in " ".join(ended["deadline_steps"])


def test_a_dispatcher_refuses_a_suspension_and_the_clock_goes_on(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    town.act(unit, "ask_suspension", at_work, reason="等", until=later(30))
    refused = town.act(town.dispatcher, "refuse_suspension", at_work, reason="理由不足")
    assert (refused["state"], refused["due_at"]) == ("handling", at_work["due_at"])


# --- 核查, 返工, 结案 ----------------------------------------------------------------------------------------------


def test_a_failed_check_sends_it_back_with_what_was_left_and_the_earlier_material(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    town.later(hours=3)
    done = town.feed_back(unit, at_work)
    assert moment(next(each["due_at"] for each in done["stages"] if each["running"])) == clock.now() + timedelta(
        minutes=30
    )
    town.later(days=1)
    failed = town.act(town.inspector, "fail_check", at_work, reason="仍松动")
    assert (failed["reworks"], failed["round"], len(failed["attachments"])) == (1, 1, 1)
    assert moment(failed["due_at"]) == moment(at_work["due_at"]) + timedelta(days=1), "checking costs the unit nothing"
    assert "返工，恢复计时" in " ".join(failed["deadline_steps"])


def test_a_case_that_was_late_stays_late_when_it_is_sent_back(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    town.later(days=5)
    assert town.feed_back(unit, at_work)["overdue"]
    failed = town.act(town.inspector, "fail_check", at_work, reason="仍松动")
    assert (failed["due_at"], failed["lamp"], failed["overdue"]) == (at_work["due_at"], "red", True)


def test_where_the_city_confirms_closings_a_passed_check_waits_for_it(
    town: Town, unit: Person, at_work: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = town.app.extensions["settings"].model_copy(update={"city_confirms_closing": True})
    monkeypatch.setitem(town.app.extensions, "settings", settings)
    town.feed_back(unit, at_work)
    passed = town.act(town.inspector, "pass_check", at_work)
    assert (passed["state_label"], passed["closed_at"]) == ("待结案确认", None)
    back = town.act(town.supervisor, "overrule_closing", at_work, reason="照片看不出修复")
    assert (back["state"], back["reworks"]) == ("handling", 1)
    town.feed_back(unit, at_work, "blue")
    town.act(town.inspector, "pass_check", at_work)
    assert town.act(town.supervisor, "confirm_closing", at_work)["state"] == "closed"


def test_whoever_passed_the_check_does_not_confirm_the_closing(
    town: Town, unit: Person, at_work: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = town.app.extensions["settings"].model_copy(update={"city_confirms_closing": True})
    monkeypatch.setitem(town.app.extensions, "settings", settings)
    town.feed_back(unit, at_work)
    town.act(town.supervisor, "pass_check", at_work)
    assert town.try_to(town.supervisor, "confirm_closing", at_work).status_code == 403
    assert town.act(town.second_supervisor, "confirm_closing", at_work)["state"] == "closed"


def test_a_forced_close_is_an_action_of_its_own_and_stays_flagged(town: Town, at_work: dict[str, Any]) -> None:
    assert town.try_to(town.dispatcher, "force_close", at_work, reason="无法处置").status_code == 403
    assert town.try_to(town.supervisor, "force_close", at_work).status_code == 422
    ended = town.act(town.supervisor, "force_close", at_work, reason="权属争议，移交区政府")
    assert (ended["state"], ended["forced"]) == ("closed", True)
    assert kinds(ended)[-1] == "case.forced_closed"
    assert ended["should_resolve"], "it counts as one that should have been resolved"


def test_a_void_case_leaves_every_count_and_its_clock(town: Town, at_work: dict[str, Any]) -> None:
    assert town.try_to(town.district_dispatcher, "void", at_work, reason="重复").status_code == 403, "the city reviews"
    ended = town.act(town.dispatcher, "void", at_work, reason="与在办案件重复")
    assert (ended["state"], ended["due_at"], ended["lamp"], ended["should_resolve"]) == ("void", None, "grey", False)
    assert "重复" in ended["should_resolve_reason"]


def test_within_the_window_the_citizen_has_a_closed_case_taken_up_again(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    town.feed_back(unit, at_work)
    town.act(town.inspector, "pass_check", at_work)
    town.later(days=14)
    assert town.try_to(town.agent, "reopen", at_work).status_code == 422
    again = town.act(town.agent, "reopen", at_work, reason="来电人称又响了")
    assert (again["state"], again["reopens"], again["closed_at"]) == ("dispatched", 1, None)
    assert again["unit"]["id"] == at_work["unit"]["id"]
    assert moment(again["due_at"]) > clock.now(), "with a limit of its own"
    town.act(unit, "accept", at_work)
    old = town.try_to(unit, "feed_back", at_work, result="看过了")
    assert old.status_code == 422, "the photographs of the first time prove nothing"
    town.feed_back(unit, at_work, "green")
    town.act(town.inspector, "pass_check", at_work)
    town.later(days=16)
    late = town.try_to(town.agent, "reopen", at_work, reason="又响")
    assert (late.status_code, late.json["detail"]) == (409, "结案已超过 15 天，请重新反映")
    assert "reopen" not in town.offered(town.agent, at_work)


# --- 申诉 ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def overdue(town: Town, unit: Person, at_work: dict[str, Any]) -> dict[str, Any]:
    town.at(moment(at_work["due_at"]) + timedelta(hours=1))
    return at_work


def test_an_appeal_is_upheld_by_two_reviewers_and_the_raw_fact_stays(
    town: Town, unit: Person, overdue: dict[str, Any]
) -> None:
    town.act(unit, "appeal", overdue, reason="台风期间道路封闭")
    once = town.try_to(unit, "appeal", overdue, reason="再申诉")
    assert (once.status_code, once.json["detail"]) == (409, "对这次超期已申诉过一次")
    first = town.act(town.district_dispatcher, "uphold_appeal", overdue, reason="属实")
    assert (first["overdue_exempt"], kinds(first)[-1]) == (False, "case.appeal_reviewed")
    same = town.try_to(town.district_dispatcher, "uphold_appeal", overdue)
    assert same.status_code == 403
    second = town.act(town.supervisor, "uphold_appeal", overdue, reason="同意")
    assert (second["overdue_exempt"], second["overdue"], second["lamp"]) == (True, True, "red")
    assert second["due_at"] == overdue["due_at"]
    assert second["requests"][0]["state"] == "granted"


def test_two_open_appeals_are_each_decided_by_two(town: Town, unit: Person, overdue: dict[str, Any]) -> None:
    """The first was still open when the case was reopened and became late again."""
    town.act(unit, "appeal", overdue, reason="台风期间道路封闭")
    town.feed_back(unit, overdue)
    town.act(town.inspector, "pass_check", overdue)
    town.act(town.agent, "reopen", overdue, reason="来电人称又响了")
    town.act(unit, "accept", overdue)
    town.later(days=10)
    town.act(unit, "appeal", overdue, reason="备件停产")
    town.act(town.dispatcher, "uphold_appeal", overdue, reason="属实")
    assert town.try_to(town.dispatcher, "uphold_appeal", overdue, reason="属实").status_code == 403
    first = town.act(town.supervisor, "uphold_appeal", overdue, reason="同意")
    assert [each["state"] for each in first["requests"]] == ["granted", "pending"]
    assert not first["overdue_exempt"], "that was the former limit"
    town.act(town.dispatcher, "uphold_appeal", overdue)
    assert town.act(town.supervisor, "uphold_appeal", overdue)["overdue_exempt"]


def test_nothing_waits_for_a_decision_in_a_case_that_is_not_filed_after_all(
    town: Town, unit: Person, overdue: dict[str, Any]
) -> None:
    town.act(unit, "appeal", overdue, reason="台风期间道路封闭")
    town.act(unit, "return", overdue, reason="不归我管")
    town.act(town.agent, "ask_verification", overdue, reason="是否属实")
    proposed = town.act(town.agent, "reject", overdue, reason="不归城管")
    assert proposed["verification"] == "", "nobody looks any more"
    ended = town.act(town.supervisor, "confirm_rejection", overdue)
    assert [each["state"] for each in ended["requests"]] == ["lapsed"]


def test_a_dismissed_appeal_is_over_and_cannot_be_repeated(town: Town, unit: Person, overdue: dict[str, Any]) -> None:
    town.act(unit, "appeal", overdue, reason="太忙")
    town.act(town.district_dispatcher, "uphold_appeal", overdue)
    dismissed = town.act(town.supervisor, "dismiss_appeal", overdue, reason="不属于免责情形")
    assert (dismissed["overdue_exempt"], dismissed["requests"][0]["state"]) == (False, "refused")
    assert town.try_to(unit, "appeal", overdue, reason="还是太忙").status_code == 409


def test_nobody_appeals_against_a_limit_that_was_kept(town: Town, unit: Person, at_work: dict[str, Any]) -> None:
    refused = town.try_to(unit, "appeal", at_work, reason="万一")
    assert (refused.status_code, refused.json["detail"]) == (409, "案件没有超期，无须申诉")


# --- what the consoles are told -----------------------------------------------------------------------------------


def test_every_offered_action_says_which_facts_it_takes_in_words_and_kinds(
    town: Town, unit: Person, at_work: dict[str, Any]
) -> None:
    offers = town.offered(unit, at_work)
    assert {"feed_back", "return", "ask_extension", "ask_suspension", "hand_to_crew"} <= set(offers)
    facts = {fact["name"]: fact for fact in offers["ask_suspension"]["facts"]}
    assert facts["until"] == {"name": "until", "label": "挂账至", "kind": "date", "required": True}
    assert {fact["name"]: fact["required"] for fact in offers["return"]["facts"]} == {
        "reason": True,
        "suggested_unit_id": False,
    }


def test_those_who_lose_a_case_are_told_so_and_later_lines_are_kept_from_them(
    town: Town, unit: Person, case: dict[str, Any]
) -> None:
    (better,) = town.other_units(case)
    town.act(unit, "return", case, reason="不归我管")
    town.act(town.dispatcher, "dispatch", case, unit_id=better)
    with town.app.app_context(), work():
        lines = session().scalars(select(Event).where(Event.subject_type == "case", Event.subject_id == case["id"]))
        audience = {line.kind: set(line.audience) for line in lines if line.kind in ("case.returned", "case.accepted")}
        newest = session().scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert f"unit:{case['unit']['id']}" in audience["case.returned"]
    assert f"unit:{case['unit']['id']}" not in newest.audience
    assert f"unit:{better}" in newest.audience


def test_a_bad_fact_is_named(town: Town, unit: Person, at_work: dict[str, Any]) -> None:
    nowhere = town.try_to(unit, "return", at_work, reason="错派", suggested_unit_id=987654)
    assert nowhere.status_code == 404
    naive = town.try_to(unit, "ask_suspension", at_work, reason="等", until="2027-01-01T00:00:00")
    assert naive.status_code == 422
    unknown = town.try_to(unit, "accept", at_work, surprise=1)
    assert unknown.status_code == 422
