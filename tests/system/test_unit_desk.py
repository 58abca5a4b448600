"""A unit and an inspector at work in real browsers, on the running demonstration."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.browser import Shoot, accessible
from tests.support.doors import Doors, doors_of
from tests.support.system import System

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def town(sqlite_system: System) -> Doors:
    return doors_of(sqlite_system.url)


@pytest.fixture
def desk(town: Doors, page: Page) -> Page:
    """The desk of the first district unit that has a case in hand."""
    for login in town.logins("desk"):
        if login.startswith("unit-33020") and login.endswith(("-04", "-06")) and login.count("-") == 2:
            cases = town.boot("desk", login)["snapshot"]["cases"]
            if any(case["state"] == "handling" for case in cases):
                return town.enter(page, "desk", login)
    pytest.fail("no unit of the demonstration has a case in hand")


def district_of(page: Page) -> str:
    snapshot = json.loads(page.locator("#boot").text_content() or "{}")["snapshot"]
    return str(snapshot["cases"][0]["district"]["code"])


@pytest.fixture
def inspector(town: Doors, desk: Page, new_page: Callable[..., Page]) -> Page:
    """The inspector of the desk's district, on a phone."""
    for login in town.logins("inspect"):
        if town.boot("inspect", login)["me"]["area_code"] in (district_of(desk), "3302"):
            return town.enter(new_page(**PHONE), "inspect", login)
    pytest.fail("nobody checks this district")


def photo(name: str, colour: tuple[int, int, int]) -> Any:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(data, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": data.getvalue()}


def open_one_in_hand(desk: Page) -> str:
    desk.locator(".case-row", has_text="处置中").first.click()
    expect(desk.locator("#result")).to_be_visible()
    return desk.locator(".detail-head .num").inner_text()


def report(desk: Page, text: str, picture: Any) -> None:
    desk.locator(".picker input[type=file]:not([capture])").set_input_files([picture])
    expect(desk.locator(".picker .shots .ph")).to_have_count(1)
    desk.fill("#result", text)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".detail-head .tag")).to_have_text("待核查")


def test_a_report_without_words_or_photograph_is_not_sent(desk: Page) -> None:
    open_one_in_hand(desk)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".result-form .err")).to_have_count(2)
    expect(desk.locator(".detail-head .tag")).to_have_text("处置中")
    accessible(desk)


def test_a_file_that_is_no_picture_is_refused_before_it_is_sent(desk: Page) -> None:
    open_one_in_hand(desk)
    liar: Any = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    desk.locator(".picker input[type=file]:not([capture])").set_input_files([liar])
    expect(desk.locator(".picker .err")).to_contain_text("x.jpg")


def test_what_was_typed_survives_a_reload(desk: Page) -> None:
    open_one_in_hand(desk)
    desk.fill("#result", "写了一半")
    desk.reload()
    expect(desk.locator("#result")).to_have_value("写了一半")
    desk.fill("#result", "")


def test_a_failed_check_comes_back_to_the_desk_live_and_the_second_one_closes_the_case(
    desk: Page, inspector: Page, shoot: Shoot
) -> None:
    number = open_one_in_hand(desk)
    report(desk, "已清运", photo("first.jpg", (90, 120, 60)))

    inspector.locator(".case-row", has_text=number).click()
    shoot(inspector, "inspector")
    accessible(inspector)
    inspector.locator(".act button", has_text="核查不通过").click()
    inspector.locator("dialog textarea").fill("仍有散落垃圾")
    inspector.locator("dialog footer button").last.click()
    expect(inspector.locator(".case-row", has_text=number)).to_have_count(0)

    expect(desk.locator(".detail-head .tag")).to_have_text("处置中")
    expect(desk.locator(".tl")).to_contain_text("仍有散落垃圾")
    desk.fill("#result", "再次清理")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".result-form .err")).to_have_count(1)  # the old photograph does not count
    report(desk, "再次清理", photo("second.jpg", (10, 110, 190)))
    shoot(desk, "desk")
    accessible(desk)

    inspector.locator(".case-row", has_text=number).click()
    inspector.locator(".act button", has_text="核查通过").click()
    expect(inspector.locator(".toasts")).to_contain_text(number)
    expect(desk.locator(".detail-head .tag")).to_have_text("已结案")


def test_a_change_by_a_colleague_is_shown_and_overwrites_nothing(
    desk: Page, new_page: Callable[..., Page], town: Doors
) -> None:
    number = open_one_in_hand(desk)
    desk.fill("#result", "我正在写")
    login = json.loads(desk.locator("#boot").text_content() or "{}")["snapshot"]["unit"]["id"]
    colleague = new_page()
    colleague.context.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
    colleague.goto(desk.url)
    assert json.loads(colleague.locator("#boot").text_content() or "{}")["snapshot"]["unit"]["id"] == login
    expect(colleague.locator(".detail-head .num")).to_have_text(number)
    report(colleague, "同事先交", photo("third.jpg", (200, 90, 20)))
    expect(desk.locator(".changes")).to_contain_text("待核查")
    expect(desk.locator("#result")).to_have_count(0)


def test_the_phone_leads_from_the_list_to_the_case_and_back(desk: Page, new_context: Callable[..., Any]) -> None:
    context = new_context(**PHONE)
    context.add_cookies(desk.context.cookies())
    phone = context.new_page()
    phone.goto(desk.url.split("#")[0])
    expect(phone.locator(".cases")).to_be_visible()
    phone.locator(".case-row").first.click()
    expect(phone.locator(".detail .hero")).to_be_visible()
    expect(phone.locator(".cases")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    accessible(phone)
    phone.go_back()
    expect(phone.locator(".cases")).to_be_visible()


def test_the_wallboard_has_its_eight_figures_and_no_gap(town: Doors, page: Page, shoot: Shoot) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    town.enter(page, "wall", town.logins("wall")[0])
    expect(page.locator(".wall-tile")).to_have_count(8)
    expect(page.locator(".wall-district")).to_have_count(10)
    words = page.locator("main").inner_text()
    assert not any(gap in words for gap in ("NaN", "undefined", "null", "[object"))
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    accessible(page)
    shoot(page, "wall")
