"""What reaches which console, whatever the order of commits and the health of Redis."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Account
from app.accounts.roles import SYSTEM, Role
from app.accounts.service import change_account
from app.db import session, transaction
from app.events.service import record
from app.extensions import socketio
from app.realtime import figures
from app.realtime.relay import Relay
from tests.support.people import Person, bystander, file_case, somebody, unit_above
from tests.support.voice import new_agent

NOBODY_LISTENS = "redis://127.0.0.1:9/0"


class Console:
    """A page's socket. `events` are what was pushed since the last look."""

    def __init__(self, app: Flask, person: Person | None) -> None:
        browser = person.client if person else app.test_client()
        self.socket = socketio.test_client(app, flask_test_client=browser)

    @property
    def is_connected(self) -> bool:
        return bool(self.socket.is_connected())

    def received(self) -> list[dict[str, Any]]:
        return list(self.socket.get_received())

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each["args"][0] for each in self.received() if each["name"] == "event"]

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    def watch(self, wanted: object) -> bool:
        return bool(self.socket.emit("watch", wanted, callback=True)["ok"])

    def leave(self) -> None:
        self.socket.disconnect()


@pytest.fixture
def relay(city_app: Flask) -> Relay:
    """Stands at the newest event."""
    reader = Relay(city_app, socketio, NOBODY_LISTENS)
    reader.step()
    return reader


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def open_console(city_app: Flask) -> Callable[[Person | None], Console]:
    return lambda person: Console(city_app, person)


Open = Callable[[Person | None], Console]


def unit_of(app: Flask, case: dict[str, Any]) -> Person:
    return somebody(app, Role.HANDLER, unit_id=case["unit"]["id"])


def another_unit(app: Flask, case: dict[str, Any]) -> Person:
    return bystander(app, case["unit"]["id"])


def test_a_stranger_is_refused(open_console: Open) -> None:
    assert not open_console(None).is_connected


def test_a_console_is_told_the_servers_time_at_once(open_console: Open, agent: Person) -> None:
    (hello,) = [each for each in open_console(agent).received() if each["name"] == "hello"]
    assert hello["args"][0]["server_time"].endswith("Z")


def test_a_change_of_rights_ends_the_open_socket_and_the_old_cookie(
    city_app: Flask, open_console: Open, agent: Person, relay: Relay
) -> None:
    console, bystander = open_console(agent), open_console(somebody(city_app, Role.AGENT, nth=1))
    with city_app.app_context(), transaction():
        account = session().get_one(Account, agent.account_id)
        change_account(
            SYSTEM,
            account.id,
            version=account.version,
            name=account.name,
            roles=[Role.AGENT],
            area_code=account.area_code,
            unit_id=None,
            is_active=False,
        )
    relay.step()
    assert not console.is_connected
    assert bystander.is_connected
    assert not open_console(agent).is_connected


def test_a_new_case_reaches_its_desk_its_unit_and_its_districts_inspector_and_nobody_else(
    city_app: Flask, open_console: Open, agent: Person, relay: Relay
) -> None:
    model = file_case(agent)
    relay.step()
    near = somebody(city_app, Role.INSPECTOR, area="330212")
    far = somebody(city_app, Role.INSPECTOR, area="330203")
    colleagues = somebody(city_app, Role.AGENT, nth=1)
    people = (colleagues, unit_of(city_app, model), near, far, another_unit(city_app, model))
    desk, unit, inspector, elsewhere, other_unit = (open_console(person) for person in people)
    for console in (desk, unit, inspector, elsewhere, other_unit):
        console.received()
    case = file_case(agent)
    relay.step()
    assert desk.kinds == ["case.opened", "case.filed", "case.dispatched"]
    told = unit.events
    assert told[-1]["payload"]["case"]["number"] == case["number"]
    assert told[-1]["version"] == case["version"]
    assert told[-1]["subject"] == {"type": "case", "id": case["id"]}
    assert inspector.kinds
    assert elsewhere.kinds == other_unit.kinds == []


def test_a_case_may_be_watched_by_those_who_may_see_it_only(city_app: Flask, open_console: Open, agent: Person) -> None:
    case = file_case(agent)
    assert open_console(unit_of(city_app, case)).watch({"case": case["id"]})
    stranger = open_console(another_unit(city_app, case))
    assert not stranger.watch({"case": case["id"]})
    assert not stranger.watch({"call": 1})
    assert open_console(agent).watch({"call": 1})


def step(who: Person, case: dict[str, Any], action: str, **facts: Any) -> None:
    path = f"/api/v1/cases/{case['id']}"
    answer = who.post(f"{path}/actions/{action}", facts, version=who.get(path).json["version"])
    assert answer.status_code == 200, answer.json


def test_a_unit_that_watches_a_case_hears_of_its_leaving_and_of_nothing_after(
    city_app: Flask, open_console: Open, agent: Person, relay: Relay
) -> None:
    case = file_case(agent)
    unit, administrator = unit_of(city_app, case), somebody(city_app, Role.ADMINISTRATOR)
    left, looks_on = open_console(unit), open_console(administrator)
    assert left.watch({"case": case["id"]})
    assert looks_on.watch({"case": case["id"]})
    relay.step()
    left.received(), looks_on.received()
    step(unit, case, "return", reason="不属于本单位")
    relay.step()
    assert left.kinds == ["case.returned"]
    step(agent, case, "urge", reason="来电人再次来电")
    relay.step()
    assert left.kinds == []
    assert looks_on.kinds == ["case.returned", "case.urged"]
    assert not left.watch({"case": case["id"]})


def test_the_unit_above_looks_on_at_the_case_it_has_opened_and_hears_of_no_other(
    city_app: Flask, open_console: Open, agent: Person, relay: Relay
) -> None:
    case = file_case(agent)
    bureau, unit = open_console(unit_above(city_app, case["unit"]["id"])), unit_of(city_app, case)
    relay.step()
    assert "case.opened" not in bureau.kinds
    assert bureau.watch({"case": case["id"]})
    step(unit, case, "accept")
    step(unit, case, "return", reason="不属于本单位")
    step(agent, case, "urge", reason="来电人再次来电")
    relay.step()
    assert bureau.kinds == ["case.accepted", "case.returned"]
    assert not bureau.watch({"case": case["id"]})


@pytest.mark.parametrize(
    "wanted", [None, 7, "case", [], {}, {"case": "1"}, {"case": True}, {"case": 2**70}, {"case": -1}]
)
def test_a_senseless_watch_is_refused_and_harms_nothing(open_console: Open, agent: Person, wanted: object) -> None:
    console = open_console(agent)
    assert not console.watch(wanted)
    assert console.is_connected


def test_an_event_for_no_room_reaches_nobody(city_app: Flask, open_console: Open, agent: Person, relay: Relay) -> None:
    console = open_console(agent)
    console.received()
    with city_app.app_context(), transaction():
        record("test.secret", subject=("test", 1), audience=[], payload={})
    assert relay.step() == 1
    assert console.kinds == []


def test_a_rolled_back_event_is_never_pushed(city_app: Flask, open_console: Open, agent: Person, relay: Relay) -> None:
    console = open_console(agent)
    with city_app.app_context(), suppress(ZeroDivisionError), transaction():
        record("test.undone", subject=("test", 1), audience=["agents"], payload={})
        raise ZeroDivisionError
    relay.step()
    assert console.kinds == []


def test_who_was_away_finds_in_the_snapshot_what_the_push_brought_to_others(
    city_app: Flask, open_console: Open, agent: Person, relay: Relay
) -> None:
    unit = unit_of(city_app, file_case(agent))
    console = open_console(unit)
    console.leave()
    case = file_case(agent)
    relay.step()
    again = open_console(unit)
    (shown,) = [each for each in unit.get("/api/v1/desk/snapshot").json["cases"] if each["id"] == case["id"]]
    assert shown["version"] == case["version"]
    assert again.kinds == []


def test_figures_go_to_those_who_look_at_the_wallboard(city_app: Flask, open_console: Open, agent: Person) -> None:
    wall = open_console(somebody(city_app, Role.SUPERVISOR))
    unit = open_console(unit_of(city_app, file_case(agent)))
    Relay(city_app, socketio, NOBODY_LISTENS).step()
    (figure,) = [each for each in wall.received() if each["name"] == "figures"]
    assert figure["args"][0]["tiles"]["open_cases"] >= 1
    assert not [each for each in unit.received() if each["name"] == "figures"]


def test_figures_are_not_worked_out_while_nobody_looks(
    city_app: Flask, open_console: Open, agent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(figures, "wall_figures", asked.append)
    open_console(unit_of(city_app, file_case(agent)))
    Relay(city_app, socketio, NOBODY_LISTENS).step()
    assert asked == []


class Enough(BaseException):
    """Ends the relay's endless loop."""


class OneLook:
    """Socket.IO that runs a background task at once and ends it when it goes to sleep."""

    server = socketio

    def __init__(self) -> None:
        self.emitted: list[str] = []
        self.server = socketio.server

    def start_background_task(self, task: Callable[[], None]) -> None:
        task()

    def emit(self, name: str, message: dict[str, Any], to: object) -> None:
        self.emitted.append(message["kind"])

    def sleep(self, seconds: float) -> None:
        raise Enough


def test_with_redis_dead_events_are_pushed_by_looking(app: Flask) -> None:
    outlet = OneLook()
    reader = Relay(app, outlet, NOBODY_LISTENS)  # type: ignore[arg-type]
    reader.step()
    with app.app_context(), transaction():
        record("test.happened", subject=("test", 1), audience=["agents"], payload={})
    with pytest.raises(Enough):
        reader.start()
    assert outlet.emitted == ["test.happened"]


def test_of_two_transactions_the_later_to_commit_is_pushed_too(committing_app: Flask) -> None:
    watcher = Console(committing_app, new_agent(committing_app, "王磊"))
    reader = Relay(committing_app, socketio, NOBODY_LISTENS)
    reader.step()
    watcher.received()
    has_written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with committing_app.app_context(), transaction():
            record("test.first", subject=("test", 1), audience=["agents"], payload={})
            has_written.set()
            assert may_commit.wait(20)

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_written.wait(20)
    with committing_app.app_context(), transaction():
        record("test.second", subject=("test", 2), audience=["agents"], payload={})
    reader.step()
    assert watcher.kinds == ["test.second"]
    may_commit.set()
    thread.join()
    reader.step()
    reader.step()
    (late,) = watcher.events
    assert late["kind"] == "test.first"
