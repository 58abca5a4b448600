"""The consoles' own library in the browser that runs it: merging, versions, clocks, marks, keys."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page

from scripts.local.plan import ROOT

STATIC = ROOT / "app/static"
IMPORTS = (STATIC / "vendor/importmap.json").read_text("utf-8")
SHELL = f'<!doctype html><html lang="zh-CN"><script type="importmap">{IMPORTS}</script><body><input id="box"></body>'

pytestmark = pytest.mark.browser


class Files(http.server.SimpleHTTPRequestHandler):
    """The static files where the product serves them, and an empty page that knows the import map."""

    extensions_map = {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".json": "application/json",
        "": "text/plain",
    }

    def do_GET(self) -> None:
        if self.path != "/":
            self.path = self.path.removeprefix("/static")
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(SHELL.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def library_url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(STATIC))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


Run = Callable[[str, str], Any]


@pytest.fixture
def run(page: Page, library_url: str) -> Run:
    """`run("agent/merge.js", "m.mergeThreeWay(…)")`: an expression over a module's exports."""
    page.goto(library_url)
    return lambda module, expression: page.evaluate(f"import('/static/js/{module}').then((m) => ({expression}))")


def test_changes_of_different_fields_merge_and_only_a_real_clash_is_asked(run: Run) -> None:
    base = {"address": "百丈路", "description": "井盖丢失", "urgency": "normal"}
    mine = {"address": "百丈路 12 号", "description": "井盖丢失", "urgency": "critical"}
    theirs = {"address": "百丈路", "description": "井盖丢失，已围挡", "urgency": "urgent"}
    merged = run("agent/merge.js", f"m.mergeThreeWay({json.dumps(base)}, {json.dumps(mine)}, {json.dumps(theirs)})")
    assert merged["clashes"] == ["urgency"]
    assert merged["taken"] == ["description"]
    assert merged["merged"] == {"address": "百丈路 12 号", "description": "井盖丢失，已围挡", "urgency": "critical"}


def test_the_same_change_on_both_sides_is_no_clash(run: Run) -> None:
    found = run("agent/merge.js", "m.mergeThreeWay({urgency: 'normal'}, {urgency: 'urgent'}, {urgency: 'urgent'})")
    assert found["clashes"] == []


def test_a_push_at_or_below_the_version_held_is_dropped(run: Run) -> None:
    news = """(() => { const s = m.createStore();
      const taken = [2, 1, 2, 3].map((version) => s.upsert({id: 7, version, state: 'v' + version}));
      s.replace([{id: 7, version: 1, state: 'v1'}, {id: 8, version: 1}]);
      return {taken, kept: s.get(7).state, ids: s.list.value.map((row) => row.id)}; })()"""
    found = run("lib/store.js", news)
    assert found == {"taken": [True, False, False, True], "kept": "v3", "ids": [7, 8]}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (59.9, "00:59"), (754, "12:34"), (3600, "01:00:00"), (-61, "-01:01"), (-7384, "-02:03:04")],
)
def test_a_countdown_is_short_while_it_is_short_and_negative_when_overdue(run: Run, seconds: float, text: str) -> None:
    assert run("lib/clock.js", f"m.countdownText({seconds})") == text


def test_countdowns_follow_the_servers_clock_and_the_best_measurement(run: Run) -> None:
    ahead = """(() => { const at = (ms) => new Date(Date.now() + ms).toISOString();
      m.syncClock(at(60000), 20); m.syncClock(at(0), 900);
      return Math.round((m.serverNow() - Date.now()) / 1000); })()"""
    assert run("lib/clock.js", ahead) == 60


def test_times_are_shown_in_shanghai_whatever_the_computers_zone(run: Run) -> None:
    assert run("lib/clock.js", "m.dayTime('2026-11-23T18:05:00Z')") == "11-24 02:05"


def test_places_terms_and_times_are_marked_in_what_the_caller_said(run: Run) -> None:
    suggestion = """{places: [{text: '天封塔'}], candidates: [{terms: [{text: '垃圾堆'}, {text: '垃圾'}]}]}"""
    spans = run("agent/marks.js", f"m.spansOf('天封塔旁垃圾堆了三天', {suggestion})")
    assert [(span["kind"], span["start"], span["end"]) for span in spans] == [
        ("loc", 0, 3),
        ("kw", 4, 7),
        ("tm", 8, 10),
    ]


def test_a_class_is_found_by_name_by_code_by_its_scattered_characters_and_by_its_initials(run: Run) -> None:
    classes = """(m.classes.value = [{code: 'C0101', name: '上水井盖', conditions: []},
        {code: 'E0102', name: '暴露垃圾', conditions: []}],
      ['井盖', 'e0102', '上盖', '路灯', 'sjg', 'bllj'].map((words) => m.findClasses(words).map((c) => c.code)))"""
    assert run("agent/catalogue.js", classes) == [["C0101"], ["E0102"], ["C0101"], [], ["C0101"], ["E0102"]]


def test_keys_work_while_typing_but_never_while_an_input_method_composes(run: Run, page: Page) -> None:
    run(
        "lib/keys.js",
        "(window.pressed = [], m.bind({id: 'take', combo: 'Alt+1', label: '采用', run: () => pressed.push(1)}), null)",
    )
    page.locator("#box").focus()
    page.keyboard.press("Alt+1")
    page.evaluate(
        """() => [[true, 49], [false, 229]].forEach(([isComposing, keyCode]) => document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', {code: 'Digit1', altKey: true, bubbles: true, isComposing, keyCode})))"""
    )
    assert page.evaluate("pressed") == [1]


def test_a_moved_key_acts_and_a_taken_one_is_refused_with_its_owner(run: Run, page: Page) -> None:
    bound = """(window.pressed = [], m.bind({id: 'a', combo: 'F2', label: '接听', run: () => pressed.push('a')}),
      m.bind({id: 'b', combo: 'F4', label: '静音', run: () => pressed.push('b')}),
      [m.remap('a', 'F4'), m.remap('a', 'F9')])"""
    assert run("lib/keys.js", bound) == ["静音", ""]
    page.keyboard.press("F9")
    page.keyboard.press("F2")
    assert page.evaluate("pressed") == ["a"]
    assert run("lib/keys.js", "['K', 'Shift+K', 'Alt+K', 'Ctrl+Shift+K', 'F3'].map(m.isUsable)") == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_an_open_dialog_keeps_the_pages_keys_except_the_telephones(run: Run, page: Page) -> None:
    run(
        "lib/keys.js",
        """(window.pressed = [],
        m.bind({id: 'create', combo: 'Ctrl+Enter', label: '建单', run: () => pressed.push('create')}),
        m.bind({id: 'answer', combo: 'F2', label: '接听', everywhere: true, run: () => pressed.push('answer')}),
        m.bind({id: 'send', combo: 'Ctrl+Enter', label: '确认', scope: 'box', run: () => pressed.push('send')}),
        window.leave = m.enterScope('box'), null)""",
    )
    page.keyboard.press("Control+Enter")
    page.keyboard.press("F2")
    page.evaluate("leave()")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("pressed") == ["send", "answer", "create"]


def test_a_closed_dialog_gives_the_focus_back(run: Run, page: Page) -> None:
    run(
        "lib/ui.js",
        """(window.root = document.body.appendChild(document.createElement('div')), window.draw = (shown) =>
        m.render(shown ? m.html`<${m.Dialog} title="?" onClose=${() => draw(false)}><textarea /><//>` : null, root),
        document.getElementById('box').focus(), draw(true), null)""",
    )
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Escape")
    assert page.evaluate("[document.activeElement.id, document.querySelectorAll('dialog').length]") == ["box", 0]


def test_a_refusal_keeps_the_servers_words_and_a_lost_answer_may_be_repeated(run: Run, page: Page) -> None:
    page.route(
        "**/api/v1/stale",
        lambda route: route.fulfill(status=409, json={"type": "/problems/stale-version", "detail": "刚刚被更新"}),
    )
    page.route("**/api/v1/gone", lambda route: route.abort())
    ask = "m.api.post('/{}').catch((e) => [e.message, e.isStale, e.isUnreachable])"
    assert run("lib/api.js", ask.format("stale")) == ["刚刚被更新", True, False]
    assert run("lib/api.js", ask.format("gone"))[1:] == [False, True]


def test_a_write_carries_its_key_and_the_version_it_saw(run: Run, page: Page) -> None:
    seen: list[dict[str, str]] = []

    def take(route: Any) -> None:
        seen.append(route.request.headers)
        route.fulfill(status=200, json={})

    page.route("**/api/v1/cases/1", take)
    run("lib/api.js", "m.api.patch('/cases/1', {address: '百丈路'}, {version: 7})")
    assert seen[0]["if-match"] == '"7"'
    assert len(seen[0]["idempotency-key"]) == 32
    assert "x-csrf-token" in seen[0]
