"""Incidents are tested through intake, the worker's sweep, the REST API, the carrier's webhooks and the sockets."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.incidents.tasks import sweep
from tests.support.city import app, committing
from tests.support.people import COVER, Person, file_case, somebody
from tests.support.voice import Telephone, get_ready, new_agent

__all__ = ["app", "committing"]

STREET = "330212008"
BURST = {
    "class_code": "E0402",
    "condition_no": 1,
    "description": "家里停水了，路上在冒水",
    "address": "百丈路 100 号",
    "district": "330212",
    "street": STREET,
    "community": None,
}
ANNOUNCED = "目前鄞州区百丈街道停水，抢修人员已到场。"
NUMBERS = [f"1380000{n:04d}" for n in range(7000, 7100)]


@pytest.fixture
def agent(app: Flask) -> Person:
    return somebody(app, Role.AGENT)


@pytest.fixture
def chief(app: Flask) -> Person:
    return somebody(app, Role.SUPERVISOR)


def look(app: Flask) -> None:
    """What the worker does every few seconds."""
    with app.app_context():
        sweep()


def burst(agent: Person, nth: int = 0, **changes: Any) -> dict[str, Any]:
    """The nth citizen's case of a burst main."""
    named = {"reporter_phone": NUMBERS[nth], "reporter_name": f"周{nth}"}
    return file_case(agent, **{**COVER, **BURST, **named, **changes})


def surge(app: Flask, agent: Person, people: int = 4, **changes: Any) -> list[dict[str, Any]]:
    filed = [burst(agent, nth, **changes) for nth in range(people)]
    look(app)
    return filed


def incidents(who: Person, state: str = "active") -> list[dict[str, Any]]:
    answer = who.get(f"/api/v1/incidents?state={state}")
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def proposed(app: Flask, agent: Person, people: int = 4) -> dict[str, Any]:
    surge(app, agent, people)
    (one,) = incidents(agent)
    return one


def confirm(who: Person, incident: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"announcement": ANNOUNCED, **changes}
    answer = who.post(f"/api/v1/incidents/{incident['id']}/confirm", body, version=incident["edition"])
    assert answer.status_code == 200, answer.json
    card: dict[str, Any] = answer.json
    return card


def confirmed(app: Flask, agent: Person, people: int = 4) -> dict[str, Any]:
    return confirm(somebody(app, Role.SUPERVISOR), proposed(app, agent, people))


def fresh(who: Person, incident: dict[str, Any]) -> dict[str, Any]:
    answer = who.get(f"/api/v1/incidents/{incident['id']}")
    assert answer.status_code == 200, answer.json
    detail: dict[str, Any] = answer.json
    return detail


def talk(app: Flask, caller: str) -> tuple[Person, Telephone]:
    """A caller in a talk with an agent of the tests' own."""
    person = new_agent(app, "王磊")
    get_ready(person)
    phone = Telephone(app, caller)
    phone.dial()
    phone.press("0")
    answer = person.post(f"/api/v1/calls/{phone.id}/answer")
    assert answer.status_code == 200, answer.json
    return person, phone
