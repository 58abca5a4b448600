"""Doors, sign-in, the citizen's page and the administration in a real browser: accessible, usable without scripts."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from app.accounts.roles import Role
from tests.support.browser import WCAG, Shoot, accessible
from tests.support.people import file_case, picture, somebody, stored

# On the smaller screen the page is the same; where its parts stand, and whether they can be reached, is not.
BY_LAYOUT = ("target-size", "scrollable-region-focusable")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PUBLIC = {"doors": "/", "sign-in": "/login", "not-found": "/nowhere"}
ADMIN = {
    "admin-home": "/admin",
    "admin-people": "/admin/people?role=handler&page=2",
    "admin-person": "/admin/people/1",
    "admin-units": "/admin/units",
    "admin-unit": "/admin/units/5",
    "admin-classes": "/admin/classes",
    "admin-class": "/admin/classes/C0103",
    "admin-versions": "/admin/classes/versions",
    "admin-version": "/admin/classes/versions/1",
    "admin-import": "/admin/classes/import",
    "admin-calendars": "/admin/calendars",
    "admin-areas": "/admin/areas",
    "admin-rule-faults": "/admin/rules/faults",
    "admin-unit-tree": "/admin/units/tree",
    "admin-rules": "/admin/rules?class=C0103&place=330212008",
    "admin-rule": "/admin/rules/new",
    "admin-try": "/admin/try",
    "admin-models": "/admin/models",
    "admin-words": "/admin/words?q=井盖",
    "admin-word-list": "/admin/words/C0103",
    "admin-places": "/admin/places",
    "admin-place": "/admin/places/new",
    "admin-review": "/review",
    "admin-drift": "/admin/drift",
    "admin-autofiling": "/admin/autofiling",
    "admin-ladder": "/admin/ladder",
    "admin-surges": "/admin/surges",
    "admin-articles": "/admin/articles",
    "admin-article": "/admin/articles/1",
    "admin-audit": "/admin/audit",
    "supervision": "/supervision",
    "password": "/password",
}


@pytest.fixture
def site(committing_city_app: Flask) -> Iterator[str]:
    server = make_server("localhost", 0, committing_city_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_link(committing_city_app: Flask) -> str:
    """The link to a case that was handled and closed."""
    agent = somebody(committing_city_app, Role.AGENT)
    case = file_case(agent)
    unit = somebody(committing_city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    inspector = somebody(committing_city_app, Role.INSPECTOR, area="330212")
    files = f"/api/v1/cases/{case['id']}/attachments"
    agent.upload(files, picture("saddlebrown", size=(640, 480)), "report")
    for person, action, facts in (
        (unit, "accept", {}),
        (unit, "feed_back", {"result": "已补装新井盖，并加固周边路面"}),
        (inspector, "pass_check", {}),
    ):
        if action == "feed_back":
            unit.upload(files, picture("steelblue", size=(640, 480)), "result")
        version = stored(committing_city_app, case["id"]).version
        done = person.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=version)
        assert done.status_code == 200, done.json
    return f"/c/{stored(committing_city_app, case['id']).link_token}"


def check(page: Page, rules: tuple[str, ...]) -> None:
    accessible(page, *rules)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{page.url} scrolls sideways"


def enter(page: Page, site: str, door: str) -> None:
    page.goto(site)
    page.locator(f'form[action="/demo/{door}"] button').first.click()
    page.wait_for_url(f"**/{door}")


def check_on_both_screens(page: Page, shoot: Shoot, name: str) -> None:
    for size, rules in ((DESKTOP, WCAG), (PHONE, BY_LAYOUT)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        check(page, rules)
        shoot(page, f"{name}-{size['width']}")


@pytest.mark.browser
def test_every_page_is_accessible_and_fits_the_screen(site: str, page: Page, shoot: Shoot) -> None:
    for name, path in PUBLIC.items():
        page.goto(site + path)
        check_on_both_screens(page, shoot, name)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    enter(page, site, "admin")
    for name, path in ADMIN.items():
        page.goto(site + path)
        expect(page.locator("h1")).to_be_visible()
        check_on_both_screens(page, shoot, name)


@pytest.mark.browser
def test_a_citizen_follows_and_rates_a_case_on_a_phone_without_scripts(
    site: str, closed_link: str, new_page: Callable[..., Page], shoot: Shoot
) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False, base_url=site)
    page.goto(closed_link)
    page.get_by_label("手机号后四位").fill("0000")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("alert")).to_contain_text("后四位不正确")
    page.get_by_label("手机号后四位").fill("1234")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已处置，请您评价")
    expect(page.get_by_role("img", name="处置后")).to_be_visible()
    page.get_by_role("radio", name="很满意").check()
    page.get_by_label("想补充的话").fill("当天就修好了")
    shoot(page, "citizen-390")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已办结，感谢您的评价")
    expect(page.locator(".rated")).to_contain_text("“当天就修好了”")


@pytest.mark.browser
def test_the_citizens_page_is_accessible_before_and_after_unlocking(
    site: str, closed_link: str, new_page: Callable[..., Page], shoot: Shoot
) -> None:
    page = new_page(base_url=site)
    page.goto(closed_link)
    check_on_both_screens(page, shoot, "citizen-locked")
    page.get_by_label("手机号后四位").fill("1234")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="办理进度")).to_be_visible()
    check_on_both_screens(page, shoot, "citizen-open")


@pytest.mark.browser
def test_an_administrator_works_without_scripts(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    enter(page, site, "admin")
    page.get_by_role("navigation").get_by_role("link", name="类别与时限").click()
    page.get_by_label("搜索").fill("雨水井盖")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="雨水井盖").click()
    page.get_by_label("时限", exact=True).first.fill("3")
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.get_by_role("status")).to_contain_text("目录版本 v2 生效")
    page.get_by_role("link", name="变更记录").click()
    expect(page.locator("tbody tr").first).to_contain_text("2 紧急工作时 → 3 紧急工作时")


@pytest.mark.browser
def test_a_console_without_scripts_says_what_it_needs(site: str, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    enter(page, site, "agent")
    notice = page.locator("noscript p")
    expect(notice).to_be_visible()
    assert "JavaScript" in notice.inner_text()


@pytest.mark.browser
def test_the_documentation_shows_the_api_under_its_policy(site: str, page: Page) -> None:
    page.goto(f"{site}/api/docs")
    expect(page.locator(".opblock-summary-path", has_text="/api/v1/routing/preview")).to_be_visible()


def test_links_of_the_pages_lead_somewhere(city_app: Flask) -> None:
    """Every address that stands in a page of the administration exists; of a kind, four are followed."""
    admin = somebody(city_app, Role.ADMINISTRATOR)
    seen: dict[str, Any] = {}
    kinds: Counter[str] = Counter()
    for path in ("/", *ADMIN.values()):
        page = admin.get(path).text
        for link in re.findall(r'href="(/(?!static/)[^"#]*)"', page):
            target = link.replace("&amp;", "&")
            kind = re.sub(r"\d+", "0", target)
            if target not in seen and kinds[kind] < 4:
                kinds[kind] += 1
                seen[target] = admin.get(target).status_code
    assert {link: status for link, status in seen.items() if status != 200} == {}
    assert len(kinds) > 60
