"""How often the hottest requests ask the database. Each statement costs a request about half a millisecond of processor
time and, for cases, keeps the day's number locked: one more must be somebody's decision, not an accident."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app import db
from app.accounts.roles import Role
from tests.cases.conftest import Town
from tests.support.carrier import Hook
from tests.support.people import COVER, Person, file_case, somebody, unit_above
from tests.support.sms import Handset
from tests.support.voice import Telephone, set_status

SPEECH = "百丈路和中兴路口的井盖不见了"
FRAMES = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # of the test's own transaction
_keys = count(1)


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(FRAMES):
            statements.append(" ".join(statement.split()))

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def statements_of(request: Callable[[], Any]) -> list[str]:
    """Of the second time: the first fills what the process keeps."""
    request()
    with counted() as statements:
        request()
    return statements


def test_a_filed_and_dispatched_case_takes_ten_statements(city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)

    def file() -> None:
        key = f"statements-{next(_keys):06d}"
        assert agent.post("/api/v1/cases", COVER, Idempotency_Key=key).status_code == 201

    assert len(statements_of(file)) <= 10


def test_a_repeated_write_takes_three(city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)

    def file() -> None:
        assert agent.post("/api/v1/cases", COVER, Idempotency_Key="statements-again").status_code == 201

    assert len(statements_of(file)) == 3


def test_a_text_message_takes_nine(city_app: Flask) -> None:
    handset = Handset(Hook(city_app.test_client()), "+8613800009876")
    assert len(statements_of(lambda: handset.text(SPEECH))) <= 9


@pytest.fixture
def busy_desk(city_app: Flask) -> None:
    """Somebody is online, so that callers wait, and takes no calls."""
    set_status(somebody(city_app, Role.AGENT), "busy")


@pytest.mark.usefixtures("busy_desk")
def test_the_webhooks_of_a_call_ask_no_more_than_they_need(city_app: Flask) -> None:
    counts: dict[str, int] = {}
    for _ in range(2):  # the first fills what the process keeps
        phone = Telephone(city_app, f"+8613800{next(_keys):06d}")
        counts = {name: _count(webhook) for name, webhook in _whole_call(phone)}
    assert counts == {
        "first": 4,
        "answer": 8,
        "wait": 2,
        "transcript": 4,  # the greeting's answer again: nothing to understand anew
        "wait again": 1,
        "more words": 5,
        "left": 4,
        "ended": 2,
    }


def _whole_call(phone: Telephone) -> Iterator[tuple[str, Callable[[], Any]]]:
    yield "first", phone.dial
    yield "answer", lambda: phone.say(SPEECH)
    yield "wait", phone.wait
    yield "transcript", lambda: phone.transcript(f"{SPEECH}。")
    yield "wait again", phone.wait
    yield "more words", lambda: phone.transcript("就在门口")
    yield "left", lambda: phone.leave_queue("hangup")
    yield "ended", lambda: phone.status("completed", 2)


def _count(webhook: Callable[[], Any]) -> int:
    with counted() as statements:
        assert webhook().status in (200, 204)
    return len(statements)


def test_a_units_desk_takes_as_many_with_one_case_as_with_many(city_app: Flask) -> None:
    unit = somebody(city_app, Role.HANDLER)
    assert len(statements_of(lambda: _see_desk(unit))) <= 5


def test_the_unit_above_asks_for_what_lies_below_it_no_more_often_than_the_unit_itself(city_app: Flask) -> None:
    case = file_case(somebody(city_app, Role.AGENT))
    people = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"]), unit_above(city_app, case["unit"]["id"])
    for path in (f"/api/v1/cases/{case['id']}", "/api/v1/cases?limit=5", "/api/v1/desk/snapshot"):
        own, above = (len(statements_of(partial(person.get, path))) for person in people)
        assert above <= own, path


def test_a_step_of_a_case_takes_seven_with_history_lamp_and_answer(city_app: Flask) -> None:
    agent = somebody(city_app, Role.AGENT)
    cases = [file_case(agent) for _ in range(2)]
    unit = somebody(city_app, Role.HANDLER, unit_id=cases[0]["unit"]["id"])

    def accept() -> None:
        case = cases.pop()
        answer = unit.post(f"/api/v1/cases/{case['id']}/actions/accept", version=case["version"])
        assert answer.status_code == 200

    assert len(statements_of(accept)) <= 7


def test_a_passed_check_takes_twelve_with_message_lamp_and_a_call_back(city_app: Flask) -> None:
    with ExitStack() as stack:
        town = Town(city_app, stack)
        filed = [town.file(address=f"百丈路 {n} 号") for n in range(2)]
        unit = town.unit(filed[0]["unit"]["id"])
        done = [town.feed_back(unit, town.act(unit, "accept", case)) for case in filed]

        def close() -> None:
            case = done.pop()
            path = f"/api/v1/cases/{case['id']}/actions/pass_check"
            assert town.inspector.post(path, version=case["version"]).status_code == 200

        assert len(statements_of(close)) <= 12


def test_the_lamps_take_as_many_for_a_page_as_for_a_case(city_app: Flask) -> None:
    supervisor = somebody(city_app, Role.SUPERVISOR)

    def look(lamp: str) -> int:
        def see() -> None:
            assert supervisor.get(f"/supervision?lamp={lamp}").status_code == 200

        return len(statements_of(see))

    assert look("") == look("green") <= 12


def _see_desk(unit: Person) -> None:
    assert unit.get("/api/v1/desk/snapshot").status_code == 200


def test_a_page_of_a_console_takes_three_and_its_figures_as_few(city_app: Flask) -> None:
    dispatcher = somebody(city_app, Role.DISPATCHER, area="3302")
    for path, most in (("cases?folder=open&limit=5", 3), ("counts", 4)):
        assert len(statements_of(partial(dispatcher.get, f"/api/v1/command/{path}"))) <= most, path
