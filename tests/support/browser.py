"""Real Chromium, driven by Playwright; it can reach this machine only."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
    # Names outside do not resolve: a page that needs the internet fails here as it would in a city's closed network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


# A busy machine is no bug: no test promises a time.
expect.set_options(timeout=20_000)

AT_HOME = ("http://localhost", "http://127.0.0.1", "ws://localhost", "ws://127.0.0.1", "data:", "blob:")


WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
AN_AGENTS: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "reduced_motion": "reduce",  # drawing what moves while a test waits is a tenth of the browser's work
}


def chromium_path() -> str:
    """The build without windows does the same for half the processor time."""
    found = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
    assert found, "Chromium is missing: `make test` installs it (scripts/browser.sh)"
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the session: while Playwright runs, no other test of this process could start an event loop of its own.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield chromium
        chromium.close()


class Watch:
    """What went wrong inside the pages of one test: script errors, CSP violations, requests to the outside."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"script error on {page.url}: {error}"))
        page.on("console", self._hear)
        page.on("request", lambda request: self._see(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _see(self, url: str) -> None:
        if not url.startswith(AT_HOME):
            self.complaints.append(f"request to the outside: {url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A test that expects a script error empties `watch.complaints`; any left over fails it."""
    seen = Watch()
    yield seen
    assert not seen.complaints, "\n".join(seen.complaints)


@pytest.fixture
def new_context(browser: Browser, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """A person's browser: own cookies. Keywords are Playwright's (`viewport`, `base_url`, `has_touch` …)."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**AN_AGENTS, **options})
        context.set_default_timeout(15_000)
        context.on("page", watch.follow)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def new_page(new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page in a browser of its own."""
    return lambda **options: new_context(**options).new_page()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


def accessible(page: Page, *rules: str) -> None:
    """By axe's rules for WCAG 2.2 AA, or by those named. What passes is not described: that takes longer than to find
    what fails."""
    found = Axe().run(page, options={"runOnly": rules or WCAG, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


Shoot = Callable[[Page, str], None]


@pytest.fixture
def shoot() -> Shoot:
    """Keeps a picture of the whole page for a person to look at, if ARTEFACTS names a folder for them."""
    folder = os.environ.get("ARTEFACTS")

    def take(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder).resolve() / f"{name}.png", full_page=True)

    return take
