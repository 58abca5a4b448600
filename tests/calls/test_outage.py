"""Database or broker away: callers are never turned away, and the rows are made up for afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app import db
from app.events import wake
from tests.support.carrier import FakeCarrier
from tests.support.people import Person
from tests.support.voice import Telephone, new_agent, set_status

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"


@pytest.fixture
def outage(app: Flask) -> Any:
    """`with outage():` the database refuses every connection."""
    from contextlib import contextmanager

    @contextmanager
    def away() -> Any:
        engine, bound = db.engine(), db._make_session.kw["bind"]
        db.connect(NOWHERE)
        try:
            yield
        finally:
            db.disconnect()
            db._engine = engine
            db._make_session.configure(bind=bound)

    return away


def test_without_a_database_the_first_webhook_fails_at_once_and_the_fallback_queues_the_caller(
    caller: Telephone, outage: Callable[[], Any]
) -> None:
    with outage():
        assert caller.dial().status == 503
        heard = caller.send("/telephony/voice/fallback", ErrorCode="11200", ErrorUrl="http://localhost/telephony/voice")
        assert heard.names == ["Say", "Enqueue"]
        assert heard.verb("Enqueue").attrib["waitUrl"] == "http://localhost/telephony/voice/wait"


def test_a_caller_already_in_the_queue_keeps_waiting(caller: Telephone, outage: Callable[[], Any]) -> None:
    with outage():
        assert caller.wait().names == ["Say", "Play"]
        assert caller.press("0").names == ["Enqueue"]
        assert caller.say("井盖坏了").names == ["Enqueue"]


def test_a_caller_on_the_way_to_an_agent_still_gets_there(
    agent: Person, talk: Telephone, carrier: FakeCarrier, outage: Callable[[], Any]
) -> None:
    address = carrier.asked("move_call")[0]["url"]
    with outage():
        assert talk.send(address).names == ["Dial"]
        assert talk.send("/telephony/voice/talk-ended", DialCallStatus="completed").names == ["Say", "Hangup"]


def test_callbacks_are_answered_with_a_clear_503(caller: Telephone, outage: Callable[[], Any]) -> None:
    with outage():
        assert caller.status("completed").status == 503
        assert caller.transcript("井盖坏了").status == 503


def test_the_row_is_made_when_the_database_is_back(app: Flask, caller: Telephone, outage: Callable[[], Any]) -> None:
    away = new_agent(app, "孙洋")
    set_status(away, "busy")
    with outage():
        assert caller.dial().status == 503
    caller.wait()
    row = caller.row()
    assert row is not None
    assert (row.state, row.caller_number) == ("waiting", caller.caller)


def test_a_dead_broker_delays_nothing_and_loses_nothing(agent: Person, caller: Telephone) -> None:
    wake.configure("redis://127.0.0.1:9/0")
    assert caller.dial().status == 200
    assert caller.press("0").status == 200
    assert caller.state == "offered"
