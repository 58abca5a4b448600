"""Messages are tested through the carrier's signed webhooks, the worker's tasks and what the fake carrier sent."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.accounts.roles import Role
from tests.support.carrier import FakeCarrier, Hook
from tests.support.city import app, committing
from tests.support.people import Person, somebody
from tests.support.sms import CITIZEN, Handset, send_due

__all__ = ["app", "committing"]


@pytest.fixture
def citizen(app: Flask) -> Handset:
    return Handset(Hook(app.test_client()), CITIZEN)


@pytest.fixture
def agent(app: Flask) -> Person:
    return somebody(app, Role.AGENT)


@pytest.fixture
def deliver(app: Flask, carrier: FakeCarrier) -> Callable[[], list[str]]:
    """Lets the worker send what is due; returns every text that the citizen has by then."""

    def run() -> list[str]:
        send_due(app)
        return carrier.texts_to(CITIZEN)

    return run
