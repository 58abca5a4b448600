"""The pure modules behind the wallboard, the unit desk and the inspector's page, in the browser that will run them."""

import http.server
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from scripts.local.plan import ROOT
from tests.support.browser import AN_AGENTS


class Modules(http.server.SimpleHTTPRequestHandler):
    """The front end's files alone: a pure module needs no application."""

    extensions_map = {".js": "text/javascript", ".json": "application/json", "": "text/html"}

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def modules_url() -> Iterator[str]:
    handler = partial(Modules, directory=str(ROOT / "app/static"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def run(browser: Browser, modules_url: str) -> Iterator[Callable[[str, str], Any]]:
    """`run("wall/scale.js", "m.axis(104)")`: an expression over a module's exports. The modules are pure: one page
    serves all tests."""
    context = browser.new_context(**AN_AGENTS)
    page = context.new_page()
    page.goto(f"{modules_url}/geo/ningbo.json")
    yield lambda module, expression: page.evaluate(f"import('{modules_url}/js/{module}').then((m) => ({expression}))")
    context.close()


Run = Callable[[str, str], Any]
T = "(key, params) => key + ' ' + Object.values(params ?? {}).join(' ')"


def test_a_figure_nobody_has_is_a_dash_and_never_not_a_number(run: Run) -> None:
    tiles = run("wall/figures.js", f"m.tilesOf({{}}, Date.now(), {T})")
    assert [tile["figure"] for tile in tiles] == ["–"] * 8
    assert not any("NaN" in tile["side"] or "undefined" in tile["side"] for tile in tiles)


@pytest.mark.parametrize(
    ("today", "before", "text", "direction"),
    [
        (110, 100, "+10.0%", "up"),
        (90, 100, "-10.0%", "down"),
        (100, 100, "0.0%", ""),
        (5, 0, "–", ""),
        (None, 3, "–", ""),
    ],
)
def test_calls_are_compared_with_last_week(run: Run, today: int | None, before: int, text: str, direction: str) -> None:
    shown = "null" if today is None else today
    assert run("wall/figures.js", f"m.change({shown}, {before})") == {"text": text, "direction": direction}


def test_ratios_are_graded_against_their_target(run: Run) -> None:
    grades = run("wall/figures.js", "[.95, .94, .5, null].map((r) => m.against(r, .95))")
    assert grades == ["green", "yellow", "red", ""]


@pytest.mark.parametrize(("waiting", "seconds", "tone"), [(0, 90, ""), (2, 20, "yellow"), (2, 61, "red")])
def test_a_queue_is_quiet_until_somebody_waits_and_red_after_a_minute(
    run: Run, waiting: int, seconds: int, tone: str
) -> None:
    tiles = f"{{waiting: {waiting}, longest_wait_since: new Date(1e12 - {seconds}000).toISOString()}}"
    assert run("wall/figures.js", f"m.tilesOf({tiles}, 1e12, {T})[3].tone") == tone


def test_what_an_agent_does_counts_before_what_was_declared(run: Run) -> None:
    seats = "[['ready','talking'],['busy','wrap_up'],['break','idle'],['offline','talking'],['ready','lagged']]"
    faces = run("wall/seats.js", f"{seats}.map(([status, state]) => m.faceOf({{status, state}}).word)")
    assert faces == ["talking", "wrap_up", "break", "offline", "lagged"]


def test_agents_keep_their_place_on_the_wall_and_the_absent_stand_last(run: Run) -> None:
    seats = """[{work_no: '1003', status: 'ready'}, {work_no: '1001', status: 'offline'},
      {work_no: '1002', status: 'break'}]"""
    assert run("wall/seats.js", f"m.arrange({seats}, 2).map((seat) => seat.work_no)") == ["1002", "1003"]


def test_a_call_is_long_after_twelve_minutes_and_on_hold_too(run: Run) -> None:
    assert run("wall/seats.js", "[719, 720].map((s) => m.talksLong({state: 'hold'}, s))") == [False, True]
    assert run("wall/seats.js", "m.talksLong({state: 'wrap_up'}, 9999)") is False


@pytest.mark.parametrize(("largest", "top"), [(0, 1), (1, 1), (7, 8), (104, 125), (1000, 1000)])
def test_the_chart_has_round_steps_that_hold_the_largest_value(run: Run, largest: int, top: float) -> None:
    scale = run("wall/scale.js", f"m.axis({largest})")
    assert (scale["top"], scale["ticks"][0], scale["ticks"][-1]) == (top, 0, top)


def test_half_hours_to_come_leave_a_gap_in_the_line(run: Run) -> None:
    assert run("wall/scale.js", "m.runs([null, 3, 4, null, 5])") == [[[1, 3], [2, 4]], [[4, 5]]]


def test_the_curve_passes_through_its_points_without_swinging_over(run: Run) -> None:
    path = run("wall/scale.js", "m.smooth([[0, 0], [10, 10], [20, 10], [30, 0]])")
    assert path.startswith("M0 0C")
    assert path.endswith("30 0")
    assert "13.3 10.0 16.7 10.0 20 10" in path  # flat between two equal neighbours


def test_the_six_districts_fit_the_map_and_labels_touch_nothing(run: Run) -> None:
    check = """fetch('/geo/ningbo.json').then((r) => r.json()).then((shapes) => {
      const urban = shapes.features.filter((f) => f.properties.urban), project = m.fit(urban, 800, 500, 20);
      const points = urban.map((f) => m.labelPoint(f, project));
      const spots = Array.from({length: 8}, (_, i) =>
        ({x: 300 + i * 4, y: 250 + i * 3, r: 6, text: '江厦街道 12', size: 15}));
      const placed = m.placeLabels(spots, [], {width: 800, height: 500}).filter((s) => s.label);
      return {names: urban.length, inside: points.every(([x, y]) => x > 0 && x < 800 && y > 0 && y < 500),
              apart: new Set(placed.map((s) => s.label.x + '/' + s.label.y)).size === placed.length,
              placed: placed.length};
    })"""
    found = run("wall/projection.js", check)
    assert (found["names"], found["inside"], found["apart"]) == (6, True, True)
    assert 1 <= found["placed"] <= 8


def test_a_lamp_turns_by_itself_between_two_pushes(run: Run) -> None:
    case = "{state: 'handling', lamp: 'green', yellow_at: '2026-11-24T02:00:00Z', due_at: '2026-11-24T03:00:00Z'}"
    at = "Date.parse('2026-11-24T{}:00Z')"
    lamps = [run("case/lamps.js", f"m.lampNow({case}, {at.format(hour)})") for hour in ("01:59", "02:00", "03:00")]
    assert lamps == ["green", "yellow", "red"]


def test_a_promise_has_a_lamp_of_its_own_until_the_case_is_ended(run: Run) -> None:
    case = "state: '{}', promise_yellow_at: '2026-11-24T02:00:00Z', promised_until: '2026-11-24T03:00:00Z'"
    at = "Date.parse('2026-11-24T{}:00Z')"

    def lamp(state: str, hour: str) -> Any:
        return run("case/lamps.js", "m.promiseLamp({" + case.format(state) + "}, " + at.format(hour) + ")")

    assert [lamp("handling", hour) for hour in ("01:59", "02:00", "03:00")] == ["green", "yellow", "red"]
    assert lamp("suspended", "03:00") == "red"
    assert lamp("closed", "03:00") is None


@pytest.mark.parametrize(("length", "pieces"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_a_long_sms_costs_pieces(run: Run, length: int, pieces: int) -> None:
    assert run("case/sms.js", f"m.smsCount({length})") == pieces


def test_a_time_told_is_the_citys_whatever_the_pc_says(run: Run) -> None:
    assert run("case/city-time.js", "m.toField('2026-11-24T16:30:00Z')") == "2026-11-25T00:30"
    assert run("case/city-time.js", "m.fromField('2026-11-25T00:30')") == "2026-11-24T16:30:00.000Z"


@pytest.mark.parametrize("state", ["checking", "closed", "void"])
def test_the_lamp_of_a_case_that_was_handed_in_stands_still(run: Run, state: str) -> None:
    case = f"{{state: '{state}', lamp: 'grey', due_at: '2020-01-01T00:00:00Z'}}"
    assert run("case/lamps.js", f"m.lampNow({case}, Date.now())") == "grey"


@pytest.mark.parametrize(
    ("due", "text"),
    [("03:26:56", "00:26:56"), ("02:59:50", "-00:00:10"), ("00:41:47", "-02:18:13")],
)
def test_the_time_left_runs_on_below_zero(run: Run, due: str, text: str) -> None:
    assert run("case/time.js", f"m.remaining('2026-11-24T{due}Z', Date.parse('2026-11-24T03:00:00Z'), {T})") == text


def test_a_check_may_wait_thirty_minutes(run: Run) -> None:
    lamps = "[23, 24, 30].map((min) => m.checkLamp({fed_back_at: new Date(1e12 - min * 60000).toISOString()}, 1e12))"
    assert run("inspect/waiting.js", lamps) == ["green", "yellow", "red"]


def test_what_somebody_else_changed_is_named_and_photographs_are_not_a_change(run: Run) -> None:
    before = "{state: 'handling', urges: 0, version: 3, attachments: []}"

    def changes(after: str) -> Any:
        return run("case/fields.js", f"m.changesBetween({before}, {{...{before}, {after}}})")

    assert changes("version: 4, attachments: [1]") == []
    assert changes("version: 4, urges: 1, state: 'checking'") == ["state", "urges"]


def test_a_place_lies_in_the_same_square_from_every_view(run: Run) -> None:
    same = """m.squaresIn({south: 29.868, west: 121.551, north: 29.871, east: 121.555})
      .some((s) => m.codeOf(s) === m.codeOf(m.squareOf({lat: 29.86921, lng: 121.55281})))"""
    assert run("lib/grid.js", same) is True
    assert run("lib/grid.js", "m.squaresIn({south: 29, west: 121, north: 30, east: 122})") == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+8613700000559", "137 0000 0559"),
        ("+8657487654321", "057487654321"),
        ("137****0559", "137****0559"),
        ("+85221234567", "+85221234567"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_written_as_people_here_read_it(
    run: Callable[[str, str], Any], stored: str, shown: str
) -> None:
    assert run("lib/phone.js", f"m.phoneText({stored!r})") == shown
