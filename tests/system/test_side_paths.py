"""The side paths of a case in real browsers: what a unit asks comes to the command centre live, and the answer back."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.browser import Shoot
from tests.support.doors import Doors, doors_of
from tests.support.system import System

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def town(sqlite_system: System) -> Doors:
    return doors_of(sqlite_system.url)


@pytest.fixture
def desk(town: Doors, page: Page) -> Page:
    """A unit that has a case in hand whose limit still runs."""
    # Cleaning and road repair are the busiest; the doors are not opened to everybody at once.
    busy = [login for login in town.logins("desk") if login.endswith(("-04", "-06")) and login.count("-") == 2]
    for login in busy[:15]:
        cases = town.boot("desk", login)["snapshot"]["cases"]
        if any(case["state"] == "handling" and case["lamp"] == "green" for case in cases):
            return town.enter(page, "desk", login)
    pytest.fail("no unit of the demonstration has a case in hand")


@pytest.fixture
def command(town: Doors, new_page: Callable[..., Page]) -> Page:
    return town.enter(new_page(), "command", town.logins("command")[0])


def accessible(page: Page) -> None:
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


def open_one_in_time(desk: Page) -> str:
    desk.locator(".case-row.green", has_text="处置中").first.click()
    expect(desk.locator(".act")).to_contain_text("提交核查")
    return desk.locator(".detail-head .num").inner_text()


def choose(page: Page, action: str) -> None:
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitemradio", name=action, exact=True).click()


def open_case(page: Page, folder: str, number: str) -> None:
    page.locator(".side button", has_text=folder).click()
    page.locator(".case-row", has_text=number).click()
    expect(page.locator(".detail-head .num")).to_have_text(number)


def test_an_extension_is_asked_granted_and_moves_the_countdown(desk: Page, command: Page, shoot: Shoot) -> None:
    number = open_one_in_time(desk)
    before = desk.locator(".hero .s12").first.inner_text()
    choose(desk, "申请延期")
    accessible(desk)
    shoot(desk, "desk-extension")
    desk.locator("dialog textarea").fill("配件三天后到货")
    desk.keyboard.press("Control+Enter")
    open_case(command, "待审批", number)
    expect(command.locator(".asked")).to_contain_text("配件三天后到货")
    accessible(command)
    shoot(command, "command-request")
    command.keyboard.press("Control+Enter")
    command.locator("dialog").get_by_role("button", name="同意延期").click()
    expect(command.locator(".standing-block")).to_contain_text("延期 1 次")
    expect(desk.locator(".hero .s12").first).not_to_have_text(before)
    expect(desk.locator(".standing-block")).to_contain_text("已同意")


def test_a_returned_case_is_dispatched_to_another_unit(desk: Page, command: Page, shoot: Shoot) -> None:
    number = open_one_in_time(desk)
    desk.locator(".act").get_by_role("button", name="回退").click()
    desk.locator("dialog textarea").fill("不属于本单位管养范围")
    desk.locator("dialog input[type=search]").fill("街道")
    desk.locator(".unit-found button", has_text="街道").first.click()
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".case-row", has_text=number)).to_have_count(0)
    open_case(command, "待派遣", number)
    expect(command.locator(".case-row", has_text=number)).to_contain_text("回退")
    command.keyboard.press("Control+Enter")
    command.locator("dialog input[type=search]").first.fill("指挥中心")
    command.locator(".unit-found button", has_text="智慧城管指挥中心").first.click()
    command.locator("dialog textarea").fill("按属地首接负责")
    shoot(command, "command-dispatch")
    command.keyboard.press("Control+Enter")
    expect(command.locator(".detail-head")).to_contain_text("待接单")
    expect(command.locator(".tl")).to_contain_text(re.compile("派往.*指挥中心"))
