"""The browser that the tests drive: it shows Chinese, and it notices what a person would not."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.browser import Shoot, Watch

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><meta charset="utf-8"><title>井盖</title>
<body style="font: 120px sans-serif; margin: 0"><span id="one">井</span><span id="two">盖</span>"""


@pytest.fixture
def site() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", "script-src 'none'")
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *_: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_chinese_characters_are_drawn(page: Page, site: str, shoot: Shoot) -> None:
    page.goto(site)
    assert page.title() == "井盖"
    shoot(page, "browser-chinese")
    pictures = []
    for place in ("one", "two"):
        box = page.locator(f"#{place}").screenshot()
        pictures.append(box)
    # Without a font both would be the same empty box.
    assert pictures[0] != pictures[1]


def test_a_forbidden_script_is_noticed(page: Page, site: str, watch: Watch) -> None:
    page.goto(site)
    page.evaluate("() => document.body.append(Object.assign(document.createElement('script'), {src: '/x.js'}))")
    page.wait_for_timeout(200)
    assert any("Content Security Policy" in complaint for complaint in watch.complaints)
    watch.complaints.clear()


def test_the_outside_is_neither_reached_nor_unnoticed(page: Page, site: str, watch: Watch) -> None:
    page.goto(site)
    reached = page.evaluate("() => fetch('http://192.0.2.1/', {mode: 'no-cors'}).then(() => true, () => false)")
    assert not reached
    assert any("192.0.2.1" in complaint for complaint in watch.complaints)
    watch.complaints.clear()
