"""Making and taking down an application inside the test's own process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask

from app import background, db, factory
from app.config import Settings
from app.extensions import limiter, socketio
from app.learning.port import Workshop
from nlp.types import Classifier
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.workshop import FakeWorkshop

_last: list[tuple[Settings, Flask]] = []


def _application(settings: Settings, carrier: FakeCarrier, classifier: Classifier, workshop: Workshop) -> Flask:
    """Making one takes 35 ms, most of it for the routes: a test with the settings of the one before gets the same
    application, and the process is set up again as `create_app` does it."""
    if not _last or _last[0][0] != settings:
        made = factory.create_app(settings, carrier=carrier, classifier=classifier, workshop=workshop)
        _last[:] = [(settings, made)]
        return _last[0][1]
    application = _last[0][1]
    factory.prepare_process(settings)
    application.extensions.update(carrier=carrier, classifier=classifier, workshop=workshop)
    socketio.server.manager.rooms.clear()  # whoever the test before left connected
    return application


@contextmanager
def running_app(
    settings: Settings, carrier: FakeCarrier, classifier: Classifier, workshop: Workshop | None = None
) -> Iterator[Flask]:
    """One at a time: the engine and the keys belong to the process."""
    handlers = logging.getLogger().handlers[:]
    application = _application(settings, carrier, classifier, workshop or FakeWorkshop())
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
def rolled_back_app(
    settings: Settings, carrier: FakeCarrier, classifier: Classifier, workshop: Workshop | None = None
) -> Iterator[Flask]:
    """Every session joins one transaction as savepoints, and the transaction is undone."""
    with running_app(settings, carrier, classifier, workshop) as application, db.engine().connect() as connection:
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
