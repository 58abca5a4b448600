"""Making and taking down an application inside the test's own process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask

from app import background, db, factory
from app.config import Settings
from app.extensions import limiter
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier


@contextmanager
def running_app(settings: Settings, carrier: FakeCarrier, classifier: FakeClassifier) -> Iterator[Flask]:
    """One at a time: the engine and the keys belong to the process."""
    handlers = logging.getLogger().handlers[:]
    application = factory.create_app(settings, carrier=carrier, classifier=classifier)
    application.testing = True
    limiter.reset()  # the counters live in the worker's Valkey: a quick suite would use up a whole minute's share
    # Handing a message over must find the tests' own broker: without one, each would search localhost for seconds.
    background.make_celery(settings)
    background._Work.application = application
    try:
        yield application
    finally:
        db.disconnect()
        structlog.reset_defaults()
        logging.getLogger().handlers[:] = handlers


@contextmanager
def rolled_back_app(settings: Settings, carrier: FakeCarrier, classifier: FakeClassifier) -> Iterator[Flask]:
    """Every session joins one transaction as savepoints, and the transaction is undone."""
    with running_app(settings, carrier, classifier) as application, db.engine().connect() as connection:
        everything = connection.begin()
        db.bind_for_tests(connection)
        try:
            yield application
        finally:
            db.bind_for_tests(None)
            everything.rollback()


def seed_city(settings: Settings) -> None:
    """Fills the database as `flask hotline seed` does."""
    with running_app(settings, FakeCarrier(), FakeClassifier()) as application:
        done = application.test_cli_runner().invoke(args=["hotline", "seed"])
    if done.exception is not None:
        raise done.exception
