"""A citizen is called back and writes on the page: real browsers, the running demonstration, by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import accessible
from tests.support.doors import await_live, doors_of
from tests.support.system import System

pytestmark = [pytest.mark.browser, pytest.mark.process]


@pytest.fixture
def agent(page: Page, sqlite_system: System) -> Page:
    return await_live(doors_of(sqlite_system.url).enter(page, "agent", "agent1023"))


def test_an_agent_rings_a_citizen_and_notes_the_answers(
    agent: Page, new_page: Callable[..., Page], sqlite_system: System
) -> None:
    agent.keyboard.press("Alt+O")
    expect(agent.locator(".phone")).to_contain_text("话机已注册")
    agent.keyboard.press("Alt+0")
    panel = agent.locator(".call-back")
    number = re.sub(r"\D", "", panel.locator(".facts .num").first.inner_text())
    accessible(agent)
    citizen = new_page()
    citizen.goto(f"{sqlite_system.emulator_url}/phone?number=%2B86{number}")
    agent.keyboard.press("Alt+D")
    citizen.locator("#accept").click()
    expect(panel).to_contain_text("通话中")
    title = panel.locator("h2").inner_text()
    agent.keyboard.press("Alt+Y")
    agent.keyboard.press("Alt+5")
    agent.keyboard.press("Alt+H")
    expect(agent.locator(".phone .st")).to_have_text("话后处理")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".toast")).to_contain_text("回访结果已记入案件")
    expect(panel.locator("h2")).not_to_have_text(title)
    citizen.close()
    agent.keyboard.press("Alt+W")
    agent.locator(".state").click()
    agent.get_by_role("menuitemradio", name="离线").click()
    expect(agent.locator(".phone .st")).to_have_text("离线")


def test_an_agent_answers_a_citizen_who_wrote(agent: Page) -> None:
    agent.keyboard.press("Alt+8")
    agent.locator(".sms-row", has_text="来信").click()
    thread = agent.locator(".thread-block")
    expect(thread.locator("li.citizen")).to_have_count(2)
    thread.locator("textarea").fill("好的，已转告处置单位")
    expect(thread).to_contain_text("计 1 条短信")
    thread.get_by_role("button", name="发送短信").click()
    expect(thread.locator("li.centre").last).to_contain_text("好的，已转告处置单位")
    expect(agent.locator(".sms-row", has_text="来信")).to_have_count(0)
