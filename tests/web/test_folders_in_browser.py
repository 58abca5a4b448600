"""A folder that is longer than a page, as a console holds it: read on, counted, searched, pushed to, and read anew."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from app.web.views import IMPORT_MAP
from scripts.local.plan import ROOT
from tests.support.browser import AN_AGENTS

HOST = "http://console.test"
MODULES = {".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json"}
START = """
const {createFolders, earliestFirst} = await import('/static/js/case/folders.js');
const {createStore} = await import('/static/js/lib/store.js');
const byDeadline = earliestFirst((one) => Date.parse(one.due_at)), cases = createStore();
const inState = (state) => ({holds: (one) => one.state === state, order: byDeadline});
const folders = {todo: inState('handling'), checking: inState('checking')};
const desk = window.desk = createFolders({desk: 'desk', cases, folders, lampOf: (one) => one.lamp});
const ids = () => desk.rows.value.map(({id}) => id);
window.shown = () => ({ids: ids(), counts: desk.counts.value, lamps: desk.lamps.value, more: desk.hasMore.value});
"""


def case(number: int, **facts: Any) -> dict[str, Any]:
    lamp = "red" if number % 10 == 0 else "green"
    due = f"2031-01-{1 + number // 24:02d}T{number % 24:02d}:00:00Z"
    known = {"id": number, "number": f"NB{number:03d}", "version": 1, "state": "handling", "lamp": lamp, "due_at": due}
    return known | {"address": f"百丈路{number}号", "class_name": "雨水井盖"} | facts


class Desk:
    """Its cases by id, what it was asked, and how many it gives at once."""

    def __init__(self) -> None:
        self.cases = {number: case(number) for number in range(120)}
        self.asked: list[dict[str, str]] = []

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [each for each in self.cases.values() if each["state"] == "handling"]
        found = [each for each in found if asked.get("lamp") in (None, each["lamp"])]
        found = [each for each in found if asked.get("q", "") in each["address"]]
        start, limit = int(asked.get("cursor", 0)), int(asked.get("limit", 50))
        more = start + limit < len(found)
        return {"items": found[start : start + limit], "next_cursor": str(start + limit) if more else None}

    def counts(self) -> dict[str, Any]:
        found = [each for each in self.cases.values() if each["state"] == "handling"]
        red = sum(each["lamp"] == "red" for each in found)
        todo = {"all": len(found), "red": red, "yellow": 0, "green": len(found) - red}
        return {"todo": todo, "checking": {"all": 7, "red": 0, "yellow": 0, "green": 7}}

    def snapshot(self) -> dict[str, Any]:
        first = self.page({})
        return {"counts": self.counts(), "pages": {"todo": first["next_cursor"]}, "cases": first["items"]}

    def answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path.startswith("/static/"):
            file = ROOT / "app" / url.path.lstrip("/")
            route.fulfill(body=file.read_bytes(), content_type=MODULES[file.suffix])
        elif url.path == "/api/v1/desk/cases":
            self.asked.append({name: values[0] for name, values in parse_qs(url.query).items()})
            route.fulfill(json=self.page(self.asked[-1]))
        elif url.path == "/api/v1/desk/counts":
            route.fulfill(json=self.counts())
        else:
            imports = f'<script type="importmap">{json.dumps(IMPORT_MAP)}</script>'
            route.fulfill(body=f"<!doctype html><title>-</title>{imports}", content_type="text/html")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def console(browser: Browser, desk: Desk) -> Iterator[Page]:
    """Opened with the first page of `desk`."""
    context = browser.new_context(**AN_AGENTS)
    page = context.new_page()
    page.route(f"{HOST}/**", desk.answer)
    page.goto(HOST)
    page.evaluate(f"async () => {{ {START} }}")
    page.evaluate("(snapshot) => desk.takeSnapshot(snapshot)", desk.snapshot())
    yield page
    context.close()


def shown(console: Page) -> dict[str, Any]:
    found: dict[str, Any] = console.evaluate("shown()")
    return found


def push(console: Page, card: dict[str, Any]) -> bool:
    return bool(console.evaluate("(card) => desk.takeCard(card)", card))


def until(console: Page, condition: str) -> dict[str, Any]:
    console.wait_for_function(f"() => {{ const now = shown(); return {condition}; }}", timeout=10_000)
    return shown(console)


def test_a_long_folder_is_read_on_as_one_scrolls_and_counted_by_the_server(console: Page) -> None:
    first = shown(console)
    assert (first["ids"], first["counts"]) == (list(range(50)), {"todo": 120, "checking": 7})
    assert (first["lamps"]["red"], first["more"]) == (12, True)
    console.evaluate("desk.reach(20)")
    assert shown(console)["ids"] == list(range(50))
    console.evaluate("desk.reach(49)")
    assert until(console, "now.ids.length > 50")["ids"] == list(range(100))
    console.evaluate("desk.loadMore()")
    whole = until(console, "!now.more")
    assert (whole["ids"], whole["counts"]["todo"]) == (list(range(120)), 120)
    # Whole, it is counted where it is shown.
    push(console, case(119, version=2, state="checking"))
    assert (shown(console)["counts"]["todo"], shown(console)["ids"][-1]) == (119, 118)


def test_a_push_shows_what_stands_among_the_rows_read_and_leaves_the_rest_to_its_page(
    console: Page, desk: Desk
) -> None:
    assert not push(console, case(70, version=2))
    desk.cases[200] = case(3, id=200)
    assert push(console, desk.cases[200])
    assert shown(console)["ids"][:6] == [0, 1, 2, 3, 200, 4]
    assert not push(console, case(200, version=1))
    assert until(console, "now.counts.todo === 121")["lamps"]["red"] == 12


def test_a_lamp_and_words_are_looked_for_beyond_what_has_been_read(console: Page, desk: Desk) -> None:
    console.evaluate("desk.lamp.value = 'red'")
    assert until(console, "now.ids.length === 12")["ids"] == list(range(0, 120, 10))
    console.evaluate("desk.lamp.value = ''")
    assert shown(console)["ids"] == list(range(50))
    console.evaluate("desk.query.value = '百丈路111'")
    assert until(console, "now.ids.length === 1")["ids"] == [111]
    assert [asked.get("q") for asked in desk.asked] == [None, "百丈路111"]
    console.evaluate("desk.query.value = ''")
    assert shown(console)["ids"] == list(range(50))


def test_a_new_snapshot_takes_nothing_away_from_whoever_has_scrolled(console: Page, desk: Desk) -> None:
    console.evaluate("desk.loadMore()")
    until(console, "now.ids.length === 100")
    gone = desk.cases.pop(99)
    console.evaluate("(snapshot) => desk.takeSnapshot(snapshot)", desk.snapshot())
    again = shown(console)
    assert gone["id"] not in again["ids"]
    assert again["ids"] == [*range(99), 100]
    assert again["counts"]["todo"] == 119
