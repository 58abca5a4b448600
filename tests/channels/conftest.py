"""Units that answer by telephone are tested through the carrier's signed webhooks and what the worker asked of it."""

from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from tests.support.carrier import FakeCarrier
from tests.support.duty import DutyPhone, answers_by_telephone, ring_due
from tests.support.people import Person, file_case, somebody


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def unit_id(agent: Person) -> int:
    """The unit that gets the covers of this place."""
    return int(file_case(agent)["unit"]["id"])


@pytest.fixture
def duty_unit(city_app: Flask, unit_id: int) -> int:
    """The same unit, which answers by telephone from now on."""
    answers_by_telephone(city_app, unit_id)
    return unit_id


@pytest.fixture
def case(agent: Person, duty_unit: int) -> dict[str, Any]:
    filed = file_case(agent)
    assert filed["unit"]["id"] == duty_unit
    return filed


@pytest.fixture
def phone(city_app: Flask, carrier: FakeCarrier, case: dict[str, Any]) -> DutyPhone:
    """The duty telephone, ringing about the case."""
    assert ring_due(city_app, carrier) == 1
    return DutyPhone(city_app, carrier)
