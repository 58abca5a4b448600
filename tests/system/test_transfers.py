"""One caller, two agents and the ambulance in real browsers: rung in, three at a time, handed on, by keyboard."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Shoot, accessible
from tests.support.system import System
from tests.system.test_agent_console import enter, pick_up

pytestmark = [pytest.mark.browser, pytest.mark.process]
CALLER = "8613700000079"


def sit_down(page: Page) -> Page:
    page.keyboard.press("Alt+O")
    expect(page.locator(".phone")).to_contain_text("话机已注册")
    return page


def go_home(page: Page) -> None:
    page.locator(".state").click()
    page.get_by_role("menuitemradio", name="离线").click()
    expect(page.locator(".phone .st")).to_have_text("离线")


@pytest.fixture
def telephone(new_page: Callable[..., Page], sqlite_system: System) -> Callable[[str], Page]:
    def make(number: str) -> Page:
        page = new_page()
        page.goto(f"{sqlite_system.emulator_url}/phone?number={number}")
        expect(page.locator("#signal")).not_to_have_text("连接中…")
        return page

    return make


@pytest.fixture
def agent(page: Page, sqlite_system: System) -> Iterator[Page]:
    yield sit_down(enter(page, sqlite_system, "agent1023"))
    go_home(page)


@pytest.fixture
def caller(agent: Page, telephone: Callable[[str], Page]) -> Iterator[Page]:
    page = telephone(f"%2B{CALLER}")
    page.locator("#dial").click()
    page.fill("#speech", "小区门口垃圾堆了三天没人清，还有人晕倒了")
    expect(page.locator("#listen")).to_be_visible()
    page.locator("#speak .send").click()
    yield page
    page.close()


@pytest.fixture
def colleague(caller: Page, agent: Page, new_page: Callable[..., Page], sqlite_system: System) -> Iterator[Page]:
    """Comes to the seat when the call is already the agent's."""
    pick_up(agent)
    page = sit_down(enter(new_page(), sqlite_system, "agent1024"))
    yield page
    go_home(page)


def bring_in(page: Page, words: str) -> None:
    page.keyboard.press("F8")
    dialog = page.locator("dialog[open]")
    expect(dialog.locator(".cmd").first).to_be_visible()
    page.keyboard.type(words)
    expect(dialog.locator(".cmd[aria-selected=true]")).to_contain_text(words)
    accessible(page)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def test_a_talk_goes_to_a_colleague_and_on_to_the_ambulance(
    agent: Page, colleague: Page, caller: Page, telephone: Callable[[str], Page], shoot: Shoot
) -> None:
    bring_in(agent, "1024")
    shoot(agent, "transfer-ringing")
    expect(colleague.locator(".ring-pop")).to_contain_text("请您接入通话")
    shoot(colleague, "transfer-asked")
    colleague.keyboard.press("F2")
    expect(colleague.locator(".third")).to_contain_text("正在协助")
    expect(colleague.locator(".phone .leg")).to_have_text("话机已接通")
    expect(agent.locator(".third")).to_contain_text("三方通话")
    shoot(agent, "transfer-three")
    shoot(colleague, "transfer-helping")
    accessible(agent)
    accessible(colleague)
    agent.keyboard.press("F8")
    expect(agent.locator(".phone .st")).to_have_text("话后处理")
    expect(agent.locator(".phone")).to_contain_text("已转给")
    expect(colleague.locator(".act")).to_contain_text("建单并派遣")
    ambulance = telephone("120")
    bring_in(colleague, "120")
    ambulance.locator("#accept").click()
    expect(colleague.locator(".third")).to_contain_text("三方通话：120 急救")
    shoot(colleague, "transfer-outside")
    colleague.keyboard.press("F8")
    expect(colleague.locator(".phone .st")).to_have_text("话后处理")
    ambulance.fill("#speech", "救护车已经出发")
    ambulance.locator("#speak .send").click()
    expect(caller.locator("#lines")).to_contain_text("救护车已经出发")
    ambulance.locator("#hangup").click()
    expect(caller.locator("#lines")).to_contain_text("再见")
    for page in (agent, colleague):
        page.keyboard.press("Alt+W")
        expect(page.locator(".phone .st")).to_have_text("就绪")


def test_a_question_is_answered_from_the_knowledge_base_by_keyboard(
    agent: Page, telephone: Callable[[str], Page], shoot: Shoot
) -> None:
    caller = telephone(f"%2B{CALLER}")
    caller.locator("#dial").click()
    caller.fill("#speech", "我想咨询一下家里的旧沙发要扔掉，应该放在哪里")
    expect(caller.locator("#listen")).to_be_visible()
    caller.locator("#speak .send").click()
    expect(agent.locator(".ring-pop")).to_be_visible()
    agent.keyboard.press("F2")
    expect(agent.locator(".phone .leg")).to_have_text("话机已接通")
    if not agent.locator(".knowledge").count():
        agent.keyboard.press("Alt+K")
    first = agent.locator(".knowledge li").first
    expect(first).to_contain_text("大件垃圾")
    first.get_by_role("button").first.click()
    shoot(agent, "knowledge")
    accessible(agent)
    agent.get_by_role("button", name="按此答复").click()
    dialog = agent.locator("dialog[open]")
    expect(dialog).to_contain_text("依据：大件垃圾怎么预约清运")
    agent.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    caller.close()
    expect(agent.locator(".phone .st")).to_have_text("话后处理")
    agent.keyboard.press("Alt+W")
    expect(agent.locator(".phone .st")).to_have_text("就绪")
