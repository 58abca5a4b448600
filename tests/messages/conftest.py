"""Messages are tested through the carrier's signed webhooks, the worker's tasks and what the fake carrier sent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app as current_celery
from flask import Flask

from app import background
from app.accounts.roles import Role
from tests.support.carrier import FakeCarrier, Hook
from tests.support.people import Person, somebody
from tests.support.sms import CITIZEN, Handset, send_due


@pytest.fixture
def broker(make_settings: Callable[..., Any], city_url: str) -> Iterator[None]:
    """Messages are handed to a broker of the tests' own, where no worker takes them: tests say when one does."""
    before = current_celery._get_current_object()
    background.make_celery(make_settings(city_url))
    yield
    before.set_default()
    before.set_current()


@pytest.fixture
def app(broker: None, city_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """In the demonstration city; what the test commits is undone."""
    monkeypatch.setattr(background._Work, "application", city_app)
    return city_app


@pytest.fixture
def committing(broker: None, committing_city_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """In a city of the test's own, with real commits, for threads that race."""
    monkeypatch.setattr(background._Work, "application", committing_city_app)
    return committing_city_app


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
