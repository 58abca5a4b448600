"""GB/T 30428.8 in one story: every stage of a case, and on the way everything that may come between.

Each paragraph is one step of the standard, taken over the API by the person whom the standard names. What each step
refuses stands in test_side_paths.py.
"""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from tests.cases.conftest import Town

pytestmark = pytest.mark.usefixtures("morning")
Case = dict[str, Any]


def state(case: Case) -> str:
    return str(case["state_label"])


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


def stages_of(case: Case) -> list[str]:
    return [line["label"] for line in case["history"]]


def taken_in_verified_and_filed(town: Town) -> Case:
    """受理: the agent writes down what the caller says. 核实: the inspector looks whether it is so. 不予立案 is
    proposed and overruled by the city. 立案."""
    case = town.file(verify=True)
    assert state(case) == "待核实"
    assert state(town.act(town.inspector, "deny_exists", case, reason="现场未见异常")) == "待受理"
    assert state(town.act(town.agent, "reject", case, reason="核实不属实")) == "待不予立案确认"
    assert state(town.act(town.supervisor, "overrule_rejection", case, reason="来电人补充了位置，应予立案")) == "待受理"
    assert state(town.act(town.agent, "ask_verification", case, reason="按补充位置再核")) == "待核实"
    assert state(town.act(town.inspector, "confirm_exists", case, reason="属实")) == "待受理"
    corrected = town.agent.patch(
        f"/api/v1/cases/{case['id']}", {"address": "百丈路与中兴路口西北角"}, version=town.see(case)["version"]
    )
    assert corrected.json["address"].endswith("西北角")
    assert state(town.act(town.agent, "file", case)) == "待派遣"
    return case


def dispatched_returned_and_decided(town: Town, case: Case) -> tuple[int, int]:
    """派遣. 回退 twice; then 值班长 alone decides, and names a co-unit. 改派 moves it once more."""
    second, third, helper = town.other_units(town.act(town.district_dispatcher, "dispatch", case), 3)
    first = town.see(case)["unit"]["id"]
    returned = town.act(town.unit(first), "return", case, reason="不在管养范围", suggested_unit_id=second)
    assert (state(returned), returned["returns"]) == ("待派遣", 1)
    town.act(town.dispatcher, "dispatch", case, unit_id=second)
    assert town.act(town.unit(second), "return", case, reason="权属另有其人")["ping_pong"]
    assert "dispatch" not in town.offered(town.dispatcher, case)
    decided = town.act(town.supervisor, "dispatch", case, unit_id=third, co_unit_ids=[helper], reason="由其牵头")
    assert (state(decided), decided["unit"]["id"]) == ("待接单", third)
    moved = town.act(town.supervisor, "reassign", case, unit_id=first, reason="会商后由其牵头，权属已查明")
    assert moved["unit"]["id"] == first
    return first, helper


def handled_with_pressure(town: Town, case: Case, main: int, helper: int) -> None:
    """处置: accepted, handed to a crew, urged and supervised; 延期 refused and granted; 挂账 and back; 协办."""
    unit = town.unit(main)
    assert state(town.act(unit, "accept", case)) == "处置中"
    assert town.act(unit, "hand_to_crew", case, crew="抢修二班")["crew"] == "抢修二班"
    assert town.act(town.agent, "urge", case, reason="来电人再次来电")["urges"] == 1
    assert town.act(town.supervisor, "supervise", case, reason="请当日处置")["supervisions"] == 1
    town.act(unit, "reply_supervision", case, reason="人员已在现场")
    due = town.see(case)["due_at"]
    town.act(unit, "ask_extension", case, reason="备件未到")
    assert town.act(town.district_dispatcher, "refuse_extension", case, reason="市内有库存")["due_at"] == due
    town.act(unit, "ask_extension", case, reason="库存型号不符")
    assert town.act(town.district_dispatcher, "grant_extension", case)["due_at"] > due
    town.act(unit, "ask_suspension", case, reason="等待停水窗口", until=in_days(7))
    assert state(town.act(town.dispatcher, "grant_suspension", case)) == "挂账"
    assert state(town.act(unit, "resume", case, reason="停水提前")) == "处置中"
    fed_back = town.act(town.unit(helper), "co_feed_back", case, result="管线已避让")
    assert [part["state"] for part in fed_back["co_units"]] == ["fed_back"]


def checked_reworked_and_closed(town: Town, case: Case, main: int) -> None:
    """反馈. 核查 fails and is done again; 结案 waits for the city, which refuses once and agrees once."""
    unit = town.unit(main)
    assert state(town.feed_back(unit, case)) == "待核查"
    assert town.act(town.inspector, "fail_check", case, reason="仍有松动")["reworks"] == 1
    town.feed_back(unit, case, "blue")
    assert state(town.act(town.inspector, "pass_check", case)) == "待结案确认"
    assert state(town.act(town.supervisor, "overrule_closing", case, reason="照片看不出修复")) == "处置中"
    town.feed_back(unit, case, "green")
    town.act(town.inspector, "pass_check", case)
    assert state(town.act(town.supervisor, "confirm_closing", case)) == "已结案"


def taken_up_again_too_late_and_excused(town: Town, case: Case, main: int) -> None:
    """重新办理 for the caller. It becomes late; 申诉 is upheld by two: the mark stays. 强制结案."""
    unit = town.unit(main)
    again = town.act(town.agent, "reopen", case, reason="来电人称又响了")
    assert (state(again), again["reopens"]) == ("待接单", 1)
    town.act(unit, "accept", case)
    town.later(days=10)
    assert town.act(unit, "appeal", case, reason="台风期间道路封闭")["overdue"]
    assert not town.act(town.district_dispatcher, "uphold_appeal", case, reason="属实")["overdue_exempt"]
    excused = town.act(town.supervisor, "uphold_appeal", case, reason="同意")
    assert (excused["overdue_exempt"], excused["overdue"]) == (True, True)
    ended = town.act(town.supervisor, "force_close", case, reason="随道路改造一并实施")
    assert (state(ended), ended["forced"]) == ("已结案", True)


def test_the_life_of_a_case_as_the_standard_tells_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = town.app.extensions["settings"].model_copy(update={"city_confirms_closing": True})
    monkeypatch.setitem(town.app.extensions, "settings", settings)
    case = taken_in_verified_and_filed(town)
    main, helper = dispatched_returned_and_decided(town, case)
    handled_with_pressure(town, case, main, helper)
    checked_reworked_and_closed(town, case, main)
    taken_up_again_too_late_and_excused(town, case, main)
    told = town.see(case)
    assert [label for label in stages_of(told) if label != "上传照片"] == [
        *(
            "受理建单",
            "要求核实",
            "核实不属实",
            "拟不予立案",
            "退回受理，应予立案",
            "要求核实",
            "核实属实",
            "补正",
            "立案",
        ),
        *("派遣", "回退", "派遣", "回退", "派遣", "改派"),
        *("接单", "交班组处置", "催办", "督办", "答复督办"),
        *("申请延期", "不同意延期", "申请延期", "同意延期", "申请挂账", "挂账", "恢复处置", "协办反馈"),
        *("处置反馈", "核查不通过，返工", "处置反馈", "核查通过，待结案确认", "不同意结案，返工"),
        *("处置反馈", "核查通过，待结案确认", "核查结案"),
        *("重新办理", "接单", "申诉超期", "申诉初审成立", "申诉成立", "强制结案"),
    ]
    assert told["should_resolve"]


def test_a_case_that_was_none_is_void_and_counts_nowhere(town: Town) -> None:
    case = town.file()
    ended = town.act(town.dispatcher, "void", case, reason="与在办案件重复")
    assert (state(ended), ended["should_resolve"]) == ("已作废", False)
    assert town.offered(town.supervisor, case) == {}
