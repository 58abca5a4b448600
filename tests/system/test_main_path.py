"""The main path in real browsers: from the dial to the rating, with a failed check on the way."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.browser import Shoot
from tests.support.system import System, eventually

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.timeout(240)]

NewPage = Callable[..., Page]
SAID = "你好，江东区百丈路和中兴路口的雨水井盖不见了，骑车很危险"
TALL, BIG = {"viewport": {"width": 430, "height": 900}}, {"viewport": {"width": 1920, "height": 1080}}


def enter(page: Page, system: System, door: str, login: str) -> Page:
    page.goto(system.url)
    with page.expect_navigation():
        page.locator(f'form.as[action="/demo/{door}"] select').evaluate(
            "(select, login) => { select.value = login; select.form.submit(); }", login
        )
    return page


def picture(colour: tuple[int, int, int]) -> Any:
    data = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(data, "JPEG")
    return [{"name": "done.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}]


def pick_up_the_phone(page: Page, system: System, number: str) -> Page:
    page.goto(f"{system.emulator_url}/phone?number=%2B{number}")
    page.locator("#dial").click()
    expect(page.locator("#lines")).to_contain_text("请讲您要反映的问题")
    page.fill("#speech", SAID)
    page.locator("#speak .send").click()
    return page


def go_ready(agent: Page) -> None:
    expect(agent.locator(".conn")).to_have_attribute("title", "实时")
    agent.keyboard.press("Alt+O")
    expect(agent.locator(".phone")).to_contain_text("话机已注册")


def answer_and_file(agent: Page, shoot: Shoot) -> str:
    expect(agent.locator(".ring-pop")).to_be_visible()
    shoot(agent, "main-1-ringing")
    agent.keyboard.press("F2")
    expect(agent.locator(".phone .leg")).to_have_text("话机已接通")
    expect(agent.locator(".sg").first).to_contain_text("雨水井盖")
    for keys in ("Alt+1", "Alt+L", "Alt+T"):
        agent.keyboard.press(keys)
    expect(agent.locator(".disp .unit")).to_be_visible()
    expect(agent.locator(".hint").first).to_contain_text("百丈街道")
    shoot(agent, "main-2-talking")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".created .number")).to_contain_text("NB")
    shoot(agent, "main-3-filed")
    return re.search(r"NB\d{6}-\d{5}", agent.locator(".created .number").inner_text())[0]  # type: ignore[index]


def case_of(agent: Page, number: str) -> Any:
    found = agent.evaluate("q => fetch(`/api/v1/cases?q=${q}`).then((answer) => answer.json())", number)
    return agent.evaluate("id => fetch(`/api/v1/cases/${id}`).then((answer) => answer.json())", found["items"][0]["id"])


def unit_to_be(agent: Page) -> Any:
    """The unit that a missing rain-water cover in 百丈街道 will go to."""
    return agent.evaluate(
        """() => fetch("/api/v1/routing/preview", {
          method: "POST",
          headers: {
            "Content-Type": "application/json",
            "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content,
          },
          body: JSON.stringify({class_code: "C0103", condition_no: 1, district: "330212", street: "330212008"}),
        }).then((answer) => answer.json()).then((answer) => answer.unit)"""
    )


def login_of(page: Page, system: System, door: str, words: str) -> str:
    """Who stands behind the door under this unit's or district's name."""
    page.goto(system.url)
    option = page.locator(f'form.as[action="/demo/{door}"] option', has_text=words).first
    return str(option.get_attribute("value"))


def report(desk: Page, text: str, colour: tuple[int, int, int]) -> None:
    desk.locator(".picker input[type=file]:not([capture])").set_input_files(picture(colour))
    expect(desk.locator(".picker .shots .ph")).to_have_count(1)
    desk.fill("#result", text)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".detail-head .tag")).to_have_text("待核查")


def check(inspector: Page, number: str, *, reason: str = "") -> None:
    inspector.locator(".case-row", has_text=number).click()
    if reason:
        inspector.locator(".act button", has_text="核查不通过").click()
        inspector.locator("dialog textarea").fill(reason)
        inspector.locator("dialog footer button").last.click()
    else:
        inspector.locator(".act button", has_text="核查通过").click()
    expect(inspector.locator(".case-row", has_text=number)).to_have_count(0)


def filed_today(wall: Page) -> int:
    return int(wall.locator(".wall-tile", has_text="今日建单").locator(".figure").inner_text().replace(",", ""))


def test_from_the_dial_to_the_rating(system: System, new_page: NewPage, shoot: Shoot) -> None:
    agent = enter(new_page(**BIG), system, "agent", "agent1005")
    go_ready(agent)
    unit = unit_to_be(agent)
    visitor = new_page()
    desk = enter(new_page(), system, "desk", login_of(visitor, system, "desk", unit["name"]))
    wall = enter(new_page(**BIG), system, "wall", login_of(visitor, system, "wall", "2001"))
    before = filed_today(wall)

    phone = pick_up_the_phone(new_page(**TALL), system, "8613700012345")
    number = answer_and_file(agent, shoot)
    expect(desk.locator(".case-row", has_text=number)).to_be_visible()
    eventually(lambda: filed_today(wall) == before + 1, "the wallboard's figure")
    shoot(wall, "main-wall")
    filed = case_of(agent, number)
    assert filed["unit"]["id"] == unit["id"]
    assert filed["unit"]["name"] in filed["routing"]["explanation"]
    assert filed["deadline_steps"]
    phone.locator("#hangup").click()
    expect(agent.locator(".phone .st")).to_have_text("话后处理")
    shoot(agent, "main-4-wrap-up")
    agent.keyboard.press("Alt+W")

    phone.locator("#back").click()
    phone.locator("#tab-sms").click()
    expect(phone.locator("#thread")).to_contain_text(number)
    shoot(phone, "main-5-sms")
    desk.locator(".case-row", has_text=number).click()
    shoot(desk, "main-6-desk")
    desk.locator(".act button", has_text="接单").click()
    expect(desk.locator("#result")).to_be_visible()
    report(desk, "已补装新井盖并加固", (90, 120, 60))

    inspector = enter(new_page(), system, "inspect", login_of(visitor, system, "inspect", "鄞州区"))
    check(inspector, number, reason="井盖仍有松动")
    expect(desk.locator(".detail-head .tag")).to_have_text("处置中")
    report(desk, "已重新加固，过车无响声", (20, 80, 160))
    check(inspector, number)
    expect(desk.locator(".detail-head .tag")).to_have_text("已结案")

    expect(phone.locator("#thread")).to_contain_text("已办结")
    shoot(phone, "main-7-closed-sms")
    citizen = new_page(viewport={"width": 390, "height": 1120})
    citizen.goto(re.findall(r"http://localhost:\d+/c/[\w-]+", phone.locator("#thread").inner_text())[-1])
    citizen.fill("#digits", "2345")
    citizen.keyboard.press("Enter")
    expect(citizen.locator("main")).to_contain_text(number)
    shoot(citizen, "main-8-citizen")
    phone.fill("#sms-text", "5")
    phone.locator("#sms-form .send").click()
    expect(phone.locator("#thread")).to_contain_text("感谢您的评价")
    eventually(lambda: case_of(agent, number)["rating"] == 5, "the rating")
    assert [line["kind"] for line in case_of(agent, number)["history"]] == [
        "case.opened",
        "case.filed",
        "case.dispatched",
        "case.accepted",
        "case.photographed",
        "case.fed_back",
        "case.check_failed",
        "case.photographed",
        "case.fed_back",
        "case.closed",
        "case.rated",
    ]
