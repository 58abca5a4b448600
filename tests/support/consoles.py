"""Everybody who works on a case, each at a console of their own, on one running demonstration."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from app.config import Settings
from tests.cases.conftest import Town
from tests.support.application import running_app
from tests.support.browser import AN_AGENTS, Watch
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.doors import await_live
from tests.support.people import Person
from tests.support.system import System


class Consoles:
    """A console is opened when it is first asked for and stays open. `town` prepares cases past the browser: it is a
    process of the same city, so that what it does arrives in the consoles live."""

    def __init__(self, system: System, app: Flask, town: Town, browser: Browser, watch: Watch) -> None:
        self.system, self.app, self.town, self._browser, self._watch = system, app, town, browser, watch
        self._open: dict[tuple[str, int], Page] = {}

    @cached_property
    def agent(self) -> Page:
        return self.at("/agent", self.town.agent)

    @cached_property
    def dispatcher(self) -> Page:
        return self.at("/command", self.town.dispatcher)

    @cached_property
    def duty_manager(self) -> Page:
        return self.at("/command", self.town.supervisor)

    @cached_property
    def inspector(self) -> Page:
        return self.at("/inspect", self.town.inspector)

    def desk(self, unit_id: int) -> Page:
        return self.at("/desk", self.town.unit(unit_id))

    def at(self, path: str, person: Person) -> Page:
        key = path, person.account_id
        if key not in self._open:
            self._open[key] = self._enter(path, person)
        return self._open[key]

    def _enter(self, path: str, person: Person) -> Page:
        context = self._browser.new_context(**AN_AGENTS)
        context.set_default_timeout(15_000)
        context.on("page", self._watch.follow)
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = person.client.get_cookie(name)
        assert cookie is not None
        context.add_cookies([{"name": name, "value": cookie.value, "url": self.system.url}])
        page = context.new_page()
        page.goto(self.system.url + path)
        return await_live(page)

    def close(self) -> None:
        for page in self._open.values():
            page.context.close()


@contextmanager
def opened(system: System, browser: Browser) -> Iterator[Consoles]:
    known = {name.lower(): value for name, value in system.environment().items()}
    settings = Settings.model_validate({name: each for name, each in known.items() if name in Settings.model_fields})
    watch = Watch()
    with running_app(settings, FakeCarrier(), FakeClassifier()) as app, ExitStack() as stack:
        consoles = Consoles(system, app, Town(app, stack), browser, watch)
        yield consoles
        consoles.close()
    assert not watch.complaints, "\n".join(watch.complaints)


# --- what a person does -------------------------------------------------------------------------------------------


def seek(page: Page, number: str, folder: str = "") -> Locator:
    """The case's row in the list, or in another folder of it; there is none as long as it is not in there."""
    if folder:
        page.locator(".side button", has_text=folder).click()
    page.locator(".list .search input").fill(number)
    return page.locator(".case-row", has_text=number)


def open_case(page: Page, number: str, folder: str = "") -> Locator:
    seek(page, number, folder).click()
    expect(page.locator(".detail-head .num")).to_have_text(number)
    return page.locator(".detail")


def begin(page: Page, action: str) -> Locator:
    """Presses the action's own button, or finds it behind the menu; the form that it opens."""
    offered = page.locator(".act").get_by_role("button", name=re.compile(f"^{action}"))
    more = page.locator(".act").get_by_role("button", name="更多操作")
    expect(offered.or_(more).first).to_be_enabled()
    if offered.count():
        offered.click()
    else:
        more.click()
        page.get_by_role("menuitemradio", name=action, exact=True).click()
    return page.locator("dialog[open]")


def pick_unit(dialog: Locator, name: str, nth: int = 0) -> None:
    choice = dialog.locator(".units").nth(nth)
    choice.locator("input").fill(name)
    choice.locator(".unit-found button", has=dialog.page.get_by_text(name, exact=True)).click()
    expect(choice.locator(".unit-chosen")).to_contain_text(name)


def send(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)


def do(page: Page, action: str, *, words: str = "", unit: str = "", look: Callable[[Page], None] | None = None) -> None:
    """The whole step: choose, say why and who, send."""
    dialog = begin(page, action)
    if unit:
        pick_unit(dialog, unit)
    if words:
        dialog.locator("textarea").fill(words)
    if look:
        look(page)
    send(page)


def look_up(agent: Page, number: str) -> Locator:
    """The case in the agent's drawer, by its number."""
    agent.keyboard.press("Escape")
    expect(agent.locator("dialog[open]")).to_have_count(0)
    agent.keyboard.press("Control+K")
    agent.keyboard.type(number)
    expect(agent.locator(".cmd[aria-selected=true]")).to_contain_text(number)
    agent.keyboard.press("Enter")
    drawer = agent.locator("dialog[open]")
    expect(drawer).to_contain_text(number)
    return drawer


def do_in_drawer(drawer: Locator, action: str, words: str) -> None:
    footer = drawer.locator("footer")
    footer.get_by_role("button", name=action, exact=True).click()
    footer.locator("input").fill(words)
    footer.get_by_role("button", name=action, exact=True).click()
    expect(footer.locator("input")).to_have_count(0)
