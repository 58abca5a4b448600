"""Calls are tested through the carrier's signed webhooks and the agents' REST API."""

from typing import Any

import pytest
from flask import Flask

from app.calls.tasks import sweep
from tests.support.people import Person
from tests.support.voice import Telephone, get_ready, new_agent


@pytest.fixture
def caller(app: Flask) -> Telephone:
    return Telephone(app)


@pytest.fixture
def agent(app: Flask) -> Person:
    """Signed in and ready."""
    person = new_agent(app, "王磊")
    get_ready(person)
    return person


@pytest.fixture
def talk(app: Flask, agent: Person) -> Telephone:
    """A caller in a talk with `agent`."""
    phone = Telephone(app)
    phone.dial()
    phone.press("0")
    assert answer(agent, phone).status_code == 200
    return phone


def answer(agent: Person, phone: Telephone) -> Any:
    return agent.post(f"/api/v1/calls/{phone.id}/answer")


def run_sweep(app: Flask) -> None:
    with app.app_context():
        sweep()
