"""Every side path of docs/workflow.md in the consoles: one person takes the step, the next one sees it live.

The ways themselves, with their refusals and clocks, are told in tests/cases/test_side_paths.py.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app import clock
from app.accounts.roles import Role
from tests.support.browser import Shoot, accessible
from tests.support.consoles import (
    Consoles,
    begin,
    do,
    do_in_drawer,
    look_up,
    open_case,
    opened,
    pick_unit,
    seek,
    send,
)  # fmt: skip
from tests.support.people import Person, somebody
from tests.support.system import System

pytestmark = [pytest.mark.browser, pytest.mark.process]
Case = dict[str, Any]


@pytest.fixture(scope="module")
def consoles(sqlite_system: System, browser: Browser) -> Iterator[Consoles]:
    with opened(sqlite_system, browser) as made:
        yield made


@pytest.fixture
def case(consoles: Consoles) -> Case:
    """Dispatched; its limit runs."""
    return consoles.town.file()


@pytest.fixture
def unit(consoles: Consoles, case: Case) -> Person:
    return consoles.town.unit(case["unit"]["id"])


@pytest.fixture
def at_work(consoles: Consoles, unit: Person, case: Case) -> Case:
    return consoles.town.act(unit, "accept", case)


@pytest.fixture
def desk(consoles: Consoles, case: Case) -> Page:
    return consoles.desk(case["unit"]["id"])


@pytest.fixture
def others(consoles: Consoles, case: Case) -> list[dict[str, Any]]:
    """Units of the same district that are not concerned."""
    found = consoles.town.supervisor.get("/api/v1/units", query_string={"q": "鄞州", "limit": 8}).json["items"]
    return [each for each in found if each["id"] != case["unit"]["id"]]


# --- 核实, 不予立案 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "words"), [("核实属实", "井盖松动属实"), ("核实不属实", "现场没有井盖损坏")])
def test_the_inspector_says_before_the_filing_whether_it_exists(
    consoles: Consoles, shoot: Shoot, answer: str, words: str
) -> None:
    doubtful = consoles.town.file(verify=True)
    drawer = look_up(consoles.agent, doubtful["number"])
    expect(drawer).to_contain_text("待核实")
    expect(seek(consoles.inspector, doubtful["number"])).to_contain_text("核实")
    open_case(consoles.inspector, doubtful["number"])
    shoot(consoles.inspector, "inspect-verification")
    do(consoles.inspector, answer, words=words)
    expect(consoles.inspector.locator(".case-row", has_text=doubtful["number"])).to_have_count(0)
    expect(drawer).to_contain_text("待受理")
    expect(drawer).to_contain_text(words)


def test_the_duty_manager_confirms_that_nothing_is_filed(consoles: Consoles, shoot: Shoot) -> None:
    number = consoles.town.file(verify=True)["number"]
    consoles.town.act(consoles.town.inspector, "deny_exists", _named(consoles, number), reason="不存在")
    drawer = look_up(consoles.agent, number)
    do_in_drawer(drawer, "不予立案", "核实不属实")
    expect(drawer).to_contain_text("待不予立案确认")
    open_case(consoles.duty_manager, number, "待确认")
    shoot(consoles.duty_manager, "command-confirm")
    do(consoles.duty_manager, "确认不予立案")
    expect(drawer.locator(".standing")).to_contain_text("不予立案")
    expect(consoles.duty_manager.locator(".case-row", has_text=number)).to_have_count(0)


def test_the_duty_manager_has_it_taken_in_after_all(consoles: Consoles) -> None:
    number = consoles.town.file(verify=True)["number"]
    consoles.town.act(consoles.town.inspector, "confirm_exists", _named(consoles, number))
    drawer = look_up(consoles.agent, number)
    do_in_drawer(drawer, "不予立案", "不归城管")
    open_case(consoles.duty_manager, number, "待确认")
    do(consoles.duty_manager, "退回受理，应予立案", words="属于城管职责")
    expect(drawer.locator(".standing")).to_contain_text("待受理")
    expect(drawer).to_contain_text("属于城管职责")


def _named(consoles: Consoles, number: str) -> Case:
    found: Case = consoles.town.supervisor.get("/api/v1/cases", query_string={"q": number}).json["items"][0]
    return found


# --- 派遣, 改派, 回退, 协办, 班组 ----------------------------------------------------------------------------------


def test_a_case_returned_twice_is_the_duty_managers(
    consoles: Consoles, desk: Page, case: Case, others: list[dict[str, Any]], shoot: Shoot
) -> None:
    number, second, third = case["number"], others[0], others[1]
    open_case(desk, number)
    dialog = begin(desk, "回退")
    dialog.locator("textarea").fill("不属于本单位管养范围")
    pick_unit(dialog, second["name"])
    send(desk)
    expect(desk.locator(".case-row", has_text=number)).to_have_count(0)

    expect(seek(consoles.dispatcher, number, "待派遣")).to_contain_text("回退 1 次")
    detail = open_case(consoles.dispatcher, number)
    expect(detail.locator(".tl")).to_contain_text(second["name"])
    do(consoles.dispatcher, "派遣", unit=second["name"], words="按属地首接负责")
    other_desk = consoles.desk(second["id"])
    open_case(other_desk, number)
    do(other_desk, "回退", words="也不属于本单位")

    expect(detail.locator(".standing-block")).to_contain_text("多次回退，由值班长裁定")
    expect(consoles.dispatcher.locator(".act").get_by_role("button", name="派遣")).to_have_count(0)
    open_case(consoles.duty_manager, number, "待派遣")
    dialog = begin(consoles.duty_manager, "派遣")
    pick_unit(dialog, third["name"])
    dialog.locator("textarea").fill("现场会商，由其牵头")
    accessible(consoles.duty_manager)
    shoot(consoles.duty_manager, "command-dispatch")
    send(consoles.duty_manager)
    expect(seek(consoles.desk(third["id"]), number)).to_contain_text("待接单")


def test_a_dispatcher_reassigns_and_one_desk_loses_what_another_gets(
    consoles: Consoles, desk: Page, at_work: Case, others: list[dict[str, Any]]
) -> None:
    number, other = at_work["number"], others[0]
    expect(seek(desk, number)).to_be_visible()
    elsewhere = consoles.desk(other["id"])
    open_case(consoles.dispatcher, number, "全部在办")
    do(consoles.dispatcher, "改派", unit=other["name"], words="片区调整")
    expect(desk.locator(".case-row", has_text=number)).to_have_count(0)
    expect(seek(elsewhere, number)).to_contain_text("待接单")
    expect(consoles.dispatcher.locator(".standing-block")).to_contain_text("已改派")


def test_a_co_unit_feeds_back_its_part_and_the_main_unit_sees_it(
    consoles: Consoles, desk: Page, at_work: Case, others: list[dict[str, Any]], shoot: Shoot
) -> None:
    number, helper = at_work["number"], others[0]
    open_case(desk, number)
    open_case(consoles.dispatcher, number, "全部在办")
    do(consoles.dispatcher, "增派协办单位", unit=helper["name"], words="需配合避让管线")
    expect(desk.locator(".standing-block")).to_contain_text(helper["name"])
    expect(desk.locator("#grounds")).to_be_visible()
    helping = consoles.desk(helper["id"])
    expect(seek(helping, number)).to_contain_text("协办")
    open_case(helping, number)
    shoot(helping, "desk-co-unit")
    do(helping, "协办反馈", words="管线已避让")
    expect(desk.locator(".standing-block")).to_contain_text("管线已避让")
    expect(desk.locator("#grounds")).to_have_count(0)


def test_the_crew_that_goes_out_is_known_to_the_centre(consoles: Consoles, desk: Page, at_work: Case) -> None:
    number = at_work["number"]
    open_case(consoles.dispatcher, number, "全部在办")
    open_case(desk, number)
    begin(desk, "交班组处置").get_by_label("班组").fill("抢修二班")
    send(desk)
    expect(consoles.dispatcher.locator(".standing-block")).to_contain_text("班组 抢修二班")


# --- 延期, 挂账 ----------------------------------------------------------------------------------------------------


def test_an_extension_is_asked_granted_and_moves_the_countdown(
    consoles: Consoles, desk: Page, at_work: Case, shoot: Shoot
) -> None:
    number = at_work["number"]
    open_case(desk, number)
    before = desk.locator(".hero .s12").first.inner_text()
    do(desk, "申请延期", words="配件三天后到货", look=accessible)
    open_case(consoles.dispatcher, number, "待审批")
    expect(consoles.dispatcher.locator(".asked")).to_contain_text("配件三天后到货")
    accessible(consoles.dispatcher)
    shoot(consoles.dispatcher, "command-request")
    do(consoles.dispatcher, "同意延期")
    expect(desk.locator(".hero .s12").first).not_to_have_text(before)
    expect(desk.locator(".standing-block")).to_contain_text("延期 1 次")
    expect(consoles.dispatcher.locator(".asked")).to_have_count(0)


def test_a_refused_extension_comes_back_with_the_reason(
    consoles: Consoles, unit: Person, desk: Page, at_work: Case
) -> None:
    number = at_work["number"]
    consoles.town.act(unit, "ask_extension", at_work, reason="备件未到")
    open_case(desk, number)
    open_case(consoles.dispatcher, number, "待审批")
    do(consoles.dispatcher, "不同意延期", words="备件市内有库存")
    expect(desk.locator(".standing-block")).to_contain_text("未同意")
    expect(desk.locator(".tl")).to_contain_text("备件市内有库存")


def test_a_suspension_is_asked_granted_and_ended(consoles: Consoles, desk: Page, at_work: Case, shoot: Shoot) -> None:
    number = at_work["number"]
    open_case(desk, number)
    dialog = begin(desk, "申请挂账")
    dialog.get_by_label("挂账至").fill((clock.now() + timedelta(days=30)).date().isoformat())
    dialog.locator("textarea").fill("冬季不宜施工")
    accessible(desk)
    send(desk)
    open_case(consoles.dispatcher, number, "待审批")
    expect(consoles.dispatcher.locator(".asked")).to_contain_text("挂账至")
    do(consoles.dispatcher, "同意挂账")
    expect(desk.locator(".hero")).to_contain_text("挂账")
    expect(seek(desk, number, "挂账中")).to_be_visible()
    shoot(desk, "desk-suspended")
    open_case(consoles.dispatcher, number, "挂账中")
    do(consoles.dispatcher, "恢复处置")
    expect(desk.locator(".detail-head .tag")).to_have_text("处置中")
    expect(seek(desk, number, "待处置")).to_be_visible()


# --- 催办, 督办, 补正 ----------------------------------------------------------------------------------------------


def test_an_agent_urges_and_corrects_and_the_unit_is_told(consoles: Consoles, desk: Page, at_work: Case) -> None:
    number = at_work["number"]
    open_case(desk, number)
    drawer = look_up(consoles.agent, number)
    do_in_drawer(drawer, "催办", "来电人再次来电")
    expect(seek(desk, number)).to_contain_text("催办")
    expect(desk.locator(".tl")).to_contain_text("来电人再次来电")
    drawer.get_by_role("button", name="补正内容").click()
    drawer.locator("textarea").fill("井盖已完全破碎，来电人在旁看守")
    consoles.agent.keyboard.press("Control+Enter")
    expect(desk.locator(".complaint")).to_contain_text("井盖已完全破碎")
    expect(desk.locator(".changes")).to_be_visible()


def test_supervision_reaches_the_desk_and_the_answer_the_duty_manager(
    consoles: Consoles, desk: Page, at_work: Case
) -> None:
    number = at_work["number"]
    open_case(desk, number)
    open_case(consoles.duty_manager, number, "全部在办")
    do(consoles.duty_manager, "督办", words="请今日内处置到位")
    expect(seek(desk, number)).to_contain_text("督办")
    expect(desk.locator(".tl")).to_contain_text("请今日内处置到位")
    do(desk, "答复督办", words="人员已在现场")
    expect(consoles.duty_manager.locator(".tl")).to_contain_text("人员已在现场")


# --- 核查, 返工, 结案, 重新办理 ------------------------------------------------------------------------------------


def test_a_failed_check_comes_back_to_the_desk(
    consoles: Consoles, unit: Person, desk: Page, at_work: Case, shoot: Shoot
) -> None:
    number = at_work["number"]
    open_case(desk, number)
    consoles.town.feed_back(unit, at_work)
    open_case(consoles.inspector, number)
    do(consoles.inspector, "核查不通过", words="仍有松动")
    expect(desk.locator(".detail-head .tag")).to_have_text("处置中")
    expect(seek(desk, number)).to_contain_text("返工")
    expect(desk.locator(".tl")).to_contain_text("仍有松动")


@pytest.fixture
def to_confirm(consoles: Consoles, unit: Person, at_work: Case, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The inspector has passed it where the city keeps the confirmation of closings."""
    settings = consoles.app.extensions["settings"].model_copy(update={"city_confirms_closing": True})
    monkeypatch.setitem(consoles.app.extensions, "settings", settings)
    consoles.town.feed_back(unit, at_work)
    return consoles.town.act(consoles.town.inspector, "pass_check", at_work)


@pytest.mark.parametrize(
    ("decision", "words", "then"),
    [("确认结案", "", "已结案"), ("不同意结案，返工", "照片看不出修复", "处置中")],
)
def test_the_duty_manager_decides_on_a_closing(
    consoles: Consoles, desk: Page, to_confirm: Case, decision: str, words: str, then: str
) -> None:
    number = to_confirm["number"]
    open_case(desk, number, "待核查")
    open_case(consoles.duty_manager, number, "待确认")
    do(consoles.duty_manager, decision, words=words)
    expect(desk.locator(".detail-head .tag")).to_have_text(then)
    expect(desk.locator(".tl")).to_contain_text(words)


def test_a_forced_close_takes_it_from_the_desk_and_stays_marked(consoles: Consoles, desk: Page, at_work: Case) -> None:
    number = at_work["number"]
    open_case(desk, number, "待处置")
    open_case(consoles.duty_manager, number, "全部在办")
    do(consoles.duty_manager, "强制结案", words="权属争议，移交区政府")
    expect(desk.locator(".case-row", has_text=number)).to_have_count(0)
    expect(desk.locator(".standing-block")).to_contain_text("强制结案")


def test_a_void_case_leaves_every_desk(consoles: Consoles, desk: Page, case: Case) -> None:
    number = case["number"]
    open_case(desk, number, "待处置")
    open_case(consoles.dispatcher, number, "全部在办")
    do(consoles.dispatcher, "作废", words="与在办案件重复")
    expect(desk.locator(".case-row", has_text=number)).to_have_count(0)
    expect(desk.locator(".detail-head .tag")).to_have_text("已作废")


@pytest.fixture
def closed(consoles: Consoles, unit: Person, at_work: Case) -> Case:
    consoles.town.feed_back(unit, at_work)
    return consoles.town.act(consoles.town.inspector, "pass_check", at_work)


def test_a_closed_case_is_taken_up_again_for_the_caller(consoles: Consoles, desk: Page, closed: Case) -> None:
    drawer = look_up(consoles.agent, closed["number"])
    do_in_drawer(drawer, "重新办理", "来电人称又响了")
    expect(seek(desk, closed["number"], "待处置")).to_contain_text("待接单")
    open_case(desk, closed["number"])
    expect(desk.locator(".standing-block")).to_contain_text("重新办理 1 次")


# --- 申诉 ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def late(consoles: Consoles) -> tuple[Case, Page]:
    """A case of the demonstration's past that its unit may appeal against, and the unit's desk."""
    query = {"state": "open", "lamp": "red"}
    for card in consoles.town.supervisor.get("/api/v1/cases", query_string=query).json["items"]:
        if card["state"] == "handling":
            unit = somebody(consoles.app, Role.HANDLER, unit_id=card["unit"]["id"])
            if "appeal" in consoles.town.offered(unit, card):
                return card, consoles.desk(card["unit"]["id"])
    pytest.fail("no unit of the demonstration is late")


def test_an_appeal_is_upheld_by_two_reviewers(consoles: Consoles, late: tuple[Case, Page], shoot: Shoot) -> None:
    case, desk = late
    open_case(desk, case["number"], "待处置")
    do(desk, "申诉超期", words="台风期间道路封闭", look=accessible)
    open_case(consoles.dispatcher, case["number"], "待审批")
    open_case(consoles.duty_manager, case["number"], "待审批")
    do(consoles.dispatcher, "申诉成立", words="属实")
    expect(consoles.duty_manager.locator(".asked")).to_contain_text("初审已同意，待复审")
    shoot(consoles.duty_manager, "command-appeal")
    do(consoles.duty_manager, "申诉成立")
    expect(desk.locator(".standing-block")).to_contain_text("申诉成立，不计超时")


def test_a_dismissed_appeal_says_why(consoles: Consoles, late: tuple[Case, Page]) -> None:
    case, desk = late
    consoles.town.act(consoles.town.unit(case["unit"]["id"]), "appeal", case, reason="太忙")
    open_case(desk, case["number"], "待处置")
    open_case(consoles.dispatcher, case["number"], "待审批")
    do(consoles.dispatcher, "驳回申诉", words="不属于免责情形")
    expect(desk.locator(".tl")).to_contain_text("不属于免责情形")
    expect(desk.locator(".standing-block")).to_contain_text("未同意")
