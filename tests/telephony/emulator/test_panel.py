"""The developer's panel as an API, and the carrier's clocks."""

import asyncio
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from telephony.emulator.clock import RunningClock, within
from tests.telephony.emulator.harness import World


def post(world: World, body: str, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"{world.carrier.url}/admin/chaos",
        body.encode(),
        {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_single_facts_of_the_chaos_switch_can_be_changed(world: World) -> None:
    assert post(world, '{"delay": 2.5}')[0] == 200
    assert post(world, '{"repeat": 99, "shuffle": true}') == (
        200,
        {"delay": 2.5, "shuffle": True, "repeat": 5, "refuse_rest": 0, "sms_error": 0},
    )


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ('{"delay": "long"}', {}, 400),
        ("[", {}, 400),
        ("[1]", {}, 400),
        ("{}", {"Content_Type": "text/plain"}, 415),
        ("{}", {"Origin": "https://evil.example"}, 403),
    ],
)
def test_a_senseless_or_foreign_change_is_refused(
    world: World, body: str, headers: dict[str, str], status: int
) -> None:
    assert post(world, body, **headers)[0] == status
    assert world.carrier.office.chaos.is_calm


def test_the_log_shows_what_the_hotline_answered(world: World) -> None:
    world.hotline.answers |= {"/telephony/voice": 500, "/telephony/voice/fallback": "<Pause length='60'/>"}
    phone = world.phone()
    phone.dial()
    phone.got("status", status="in-progress")
    with urllib.request.urlopen(f"{world.carrier.url}/admin/state.json", timeout=5) as answer:
        state = json.load(answer)
    assert [(line["result"], line["url"].rsplit("/", 1)[1]) for line in state["log"]] == [
        ("200", "fallback"),
        ("500", "voice"),
    ]
    assert (state["calls"][0]["sid"], state["lines"]) == (phone.sid, {"+8613800001234": 1})


def test_an_accelerated_clock_lets_time_limits_strike_early() -> None:
    async def wait_for_nothing() -> bool:
        clock = RunningClock(rate=10_000)
        before = clock.now()
        try:
            await within(clock, 60, asyncio.sleep(3600))
        except TimeoutError:
            return (clock.now() - before).total_seconds() >= 60
        return False

    # In a thread: a browser started by an earlier test keeps a running loop in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(wait_for_nothing())).result(10)
