"""An agent at work in a real browser, by keyboard alone, on the running demonstration."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Shoot, accessible
from tests.support.doors import await_live, doors_of
from tests.support.system import System

pytestmark = [pytest.mark.browser, pytest.mark.process]
CALLER = "8613700000077"


def enter(page: Page, system: System, login: str) -> Page:
    # By number, not by name: for "localhost" the socket's library ignores that the network is gone.
    return await_live(doors_of(system.url.replace("localhost", "127.0.0.1")).enter(page, "agent", login))


@pytest.fixture
def agent(page: Page, sqlite_system: System) -> Page:
    return enter(page, sqlite_system, "agent1021")


@pytest.fixture
def colleague(new_page: Callable[..., Page], sqlite_system: System) -> Page:
    return enter(new_page(), sqlite_system, "agent1022")


@pytest.fixture
def ready(agent: Page) -> Iterator[Page]:
    agent.keyboard.press("Alt+O")
    expect(agent.locator(".phone")).to_contain_text("话机已注册")
    yield agent
    agent.context.set_offline(False)
    agent.locator(".state").click()
    agent.get_by_role("menuitemradio", name="离线").click()
    expect(agent.locator(".phone .st")).to_have_text("离线")


@pytest.fixture
def caller(new_page: Callable[..., Page], sqlite_system: System) -> Iterator[Page]:
    """Has dialled and said what is the matter."""
    page = new_page()
    page.goto(f"{sqlite_system.emulator_url}/phone?number=%2B{CALLER}")
    page.locator("#dial").click()
    page.fill("#speech", "海曙区江厦街道天封社区暴露垃圾堆了三天没人清")
    expect(page.locator("#listen")).to_be_visible()
    page.keyboard.press("Enter") if page.locator("#speech:focus").count() else page.locator("#speak .send").click()
    yield page
    page.close()  # the carrier hangs up for a telephone that is gone


def pick_up(agent: Page) -> Locator:
    expect(agent.locator(".ring-pop")).to_be_visible()
    agent.keyboard.press("F2")
    expect(agent.locator(".phone .leg")).to_have_text("话机已接通")
    expect(agent.locator(".sg").first).to_contain_text("垃圾")
    return agent.locator(".created .number")


def fill_by_keys(agent: Page) -> None:
    agent.keyboard.press("Alt+1")
    expect(agent.locator(".sg").first).to_have_attribute("aria-checked", "true")
    agent.keyboard.press("Alt+L")
    expect(agent.locator(".hint").first).to_contain_text("已定位")
    agent.keyboard.press("Alt+T")
    expect(agent.locator(".disp .unit")).to_be_visible()


def finish(agent: Page) -> None:
    agent.keyboard.press("Alt+H")
    expect(agent.locator(".phone .st")).to_have_text("话后处理")
    agent.keyboard.press("Alt+W")
    expect(agent.locator(".phone .st")).to_have_text("就绪")


def test_a_call_is_answered_filed_and_finished_by_keyboard_alone(ready: Page, caller: Page, shoot: Shoot) -> None:
    number = pick_up(ready)
    accessible(ready)
    fill_by_keys(ready)
    shoot(ready, "agent-talking")
    ready.keyboard.press("Control+Enter")
    expect(number).to_contain_text("NB")
    shoot(ready, "agent-filed")
    ready.keyboard.press("Alt+S")
    ready.keyboard.type("编号已经发到您的手机")
    ready.keyboard.press("Enter")
    expect(caller.locator("#lines")).to_contain_text("编号已经发到您的手机")
    finish(ready)


def test_a_case_filed_without_a_line_waits_in_words_and_is_sent_once(ready: Page, caller: Page, shoot: Shoot) -> None:
    number = pick_up(ready)
    fill_by_keys(ready)
    ready.context.set_offline(True)
    expect(ready.locator(".banner")).to_contain_text("实时连接已断开")
    ready.keyboard.press("Control+Enter")
    expect(ready.locator(".banner")).to_contain_text("待提交 1")
    shoot(ready, "agent-offline")
    ready.context.set_offline(False)
    expect(number).to_contain_text("NB")
    expect(ready.locator(".banner")).to_have_count(0)
    assert ready.evaluate("localStorage.getItem('outbox')") == "[]"
    finish(ready)


def test_a_call_without_its_disposition_is_not_finished(ready: Page, caller: Page) -> None:
    pick_up(ready)
    ready.keyboard.press("Alt+H")
    expect(ready.locator(".phone .st")).to_have_text("话后处理")
    ready.keyboard.press("Alt+W")
    dialog = ready.locator("dialog[open]")
    expect(dialog).to_be_visible()
    ready.keyboard.press("Control+Enter")
    expect(dialog.locator(".err")).to_have_text("请写明答复内容")
    accessible(ready)
    ready.keyboard.type("告知清运时间")
    ready.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    ready.keyboard.press("Alt+W")
    expect(ready.locator(".phone .st")).to_have_text("就绪")


def test_a_declined_call_goes_on_and_the_agent_is_busy(ready: Page, caller: Page) -> None:
    expect(ready.locator(".ring-pop")).to_be_visible()
    accessible(ready)
    ready.keyboard.press("Alt+R")
    expect(ready.locator(".phone .st")).to_have_text("示忙")
    expect(ready.locator(".ring-pop")).to_have_count(0)
    caller.locator("#hangup").click()


def open_for_editing(page: Page, number: str) -> Locator:
    page.keyboard.press("Control+K")
    page.keyboard.type(number)
    expect(page.locator(".cmd[aria-selected=true]")).to_contain_text(number)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="补正内容").click()
    return page.locator("dialog[open] textarea")


def test_two_agents_who_change_one_case_lose_nothing(agent: Page, colleague: Page, shoot: Shoot) -> None:
    number = agent.locator(".hist li", has_text="待接单").or_(agent.locator(".hist li", has_text="处置中")).first
    name = number.locator(".d span").first.inner_text()
    mine, theirs = open_for_editing(agent, name), open_for_editing(colleague, name)
    theirs.fill("同事核实：现场已设围挡。")
    colleague.keyboard.press("Control+Enter")
    expect(colleague.locator("dialog[open]")).to_contain_text("同事核实")
    mine.fill("来电人补充：夜间没有照明。")
    agent.keyboard.press("Control+Enter")
    clash = agent.locator("dialog[open]", has_text="刚刚修改了此工单")
    expect(clash).to_contain_text("同事核实")
    expect(clash).to_contain_text("夜间没有照明")
    accessible(agent)
    shoot(agent, "agent-conflict")
    agent.keyboard.press("Control+Enter")
    expect(colleague.locator("dialog[open]")).to_contain_text("夜间没有照明")


def test_every_view_is_accessible(agent: Page) -> None:
    for key in ("Alt+7", "Alt+8", "Alt+9", "Control+K", "Escape", "Alt+/"):
        agent.keyboard.press(key)
        expect(agent.locator(".app")).to_be_visible()
        if key != "Escape":
            accessible(agent)
