"""The web phone in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.browser import Shoot, accessible
from tests.telephony.emulator.harness import World

pytestmark = pytest.mark.browser
GREETING = "您好，这里是城市管理热线，请讲您要反映的问题。"


@pytest.fixture
def phone_page(world: World, new_page: Callable[..., Any]) -> Any:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{world.carrier.url}/phone?number=%2B8613800001234")
    page.get_by_text("信号良好").wait_for()
    return page


def test_a_citizen_dials_speaks_presses_keys_and_hangs_up(world: World, phone_page: Any, shoot: Shoot) -> None:
    world.answer(
        voice=f"<Gather input='speech dtmf' action='/heard'><Say language='cmn-CN'>{GREETING}</Say></Gather>",
        heard="<Gather numDigits='1' action='/key'><Say language='cmn-CN'>收到。评价请按键。</Say></Gather>",
        key="<Pause length='60'/>",
    )
    page = phone_page
    shoot(page, "phone-dial")
    accessible(page)
    page.get_by_role("button", name="拨打").click()
    page.get_by_text(GREETING).wait_for()
    page.get_by_text("请讲话，或按键").wait_for()
    page.get_by_label("要说的话").fill("百丈路井盖丢失，很危险")
    shoot(page, "phone-call")
    accessible(page)
    page.get_by_label("要说的话").press("Enter")
    assert world.hotline.wait_for("/heard").form["SpeechResult"] == "百丈路井盖丢失，很危险"
    page.get_by_text("收到。评价请按键。").wait_for()
    page.get_by_role("button", name="按键").click()
    shoot(page, "phone-keys")
    accessible(page)
    page.get_by_role("group", name="通话按键").get_by_role("button", name="5", exact=True).click()
    assert world.hotline.wait_for("/key").form["Digits"] == "5"
    page.get_by_role("button", name="挂断").click()
    page.get_by_role("button", name="返回拨号").wait_for()
    shoot(page, "phone-over")
    accessible(page)


def test_a_text_message_goes_out_and_the_answers_link_can_be_opened(
    world: World, phone_page: Any, shoot: Shoot
) -> None:
    world.hotline.answers["/telephony/sms"] = (
        "<Message>已受理，编号 NB261124-00001，查看进度：https://hotline.example/c/abc</Message>"
    )
    page = phone_page
    page.get_by_role("button", name="短信").click()
    page.get_by_text("还没有短信").wait_for()
    page.get_by_label("短信内容").fill("江东区百丈路井盖丢失")
    page.get_by_label("短信内容").press("Enter")
    asked = world.hotline.wait_for("/telephony/sms").form
    assert (asked["Body"], asked["From"], asked["To"]) == ("江东区百丈路井盖丢失", "+8613800001234", "96310")
    world.advance(1)
    link = page.get_by_role("link", name="https://hotline.example/c/abc")
    link.wait_for()
    assert link.get_attribute("target") == "_blank"
    shoot(page, "phone-sms")
    accessible(page)


def test_a_call_back_rings_on_the_web_phone_and_can_be_taken(world: World, phone_page: Any, shoot: Shoot) -> None:
    world.rest.calls.create(to="+8613800001234", from_="96310", twiml="<Response><Say>回访</Say></Response>")
    page = phone_page
    page.get_by_role("button", name="接听").wait_for()
    shoot(page, "phone-ring")
    accessible(page)
    page.get_by_role("button", name="接听").click()
    page.get_by_text("回访").wait_for()


def test_the_developers_panel_shows_calls_and_turns_the_chaos_switch(
    world: World, new_page: Callable[..., Any], shoot: Shoot
) -> None:
    world.answer(voice="<Pause length='60'/>")
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    page = new_page(viewport={"width": 1200, "height": 800})
    page.goto(f"{world.carrier.url}/admin")
    page.get_by_role("cell", name=phone.sid).wait_for()
    page.get_by_label("打乱回调顺序").check()
    page.get_by_label("回调延迟").fill("3")
    page.get_by_role("button", name="应用").click()
    page.get_by_text("已应用").wait_for()
    shoot(page, "carrier-panel")
    accessible(page)
    assert (world.carrier.office.chaos.shuffle, world.carrier.office.chaos.delay) == (True, 3.0)
