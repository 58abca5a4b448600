"""Making and taking down an application inside the test's own process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from apiflask import APIFlask
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine

from app import background, cli, clock, db, factory
from app.accounts import service as accounts
from app.config import Settings
from app.demo.seed import SourceFiles, seed
from app.extensions import limiter, socketio
from app.learning.port import Workshop
from app.network import unit_changes
from nlp.data import data_path
from nlp.types import Classifier
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.workshop import FakeWorkshop

DAYS = 6
# A wrong password must cost an attacker 125 ms; it need not cost that of every test that signs somebody in.
_QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_DUMMY = _QUICK.hash("nobody has this password")


@dataclass(frozen=True)
class Made:
    likeness: Settings
    application: APIFlask
    server: Any


_made: list[Made] = []
_connect = db.connect
_engines: dict[str, Engine] = {}


def _connect_again(url: str) -> Engine:
    """The database of an earlier test gets its engine back, which still knows how each statement reads in SQL: saying
    it all anew takes a tenth of the suite's time."""
    if url not in _engines:
        _engines[url] = _connect(url)
    db._engine = _engines[url]
    db._make_session.configure(bind=db._engine)
    return db._engine


def let_go(url: str) -> None:
    """Closes what is kept open for the tests of this database."""
    if url in _engines:
        _engines.pop(url).dispose()


def _application(settings: Settings, carrier: FakeCarrier, classifier: Classifier, workshop: Workshop) -> APIFlask:
    """Making one takes 100 ms, most of it for the routes: a test with the settings of an earlier one, whatever the
    database, gets the same application, and the process is set up again as `create_app` does it."""
    likeness = settings.model_copy(update={"database_url": ""})
    known = next((each for each in _made if each.likeness == likeness), None)
    if known is None:
        made = factory.create_app(settings, carrier=carrier, classifier=classifier, workshop=workshop)
        _made.append(Made(likeness, made, socketio.server))
        return made
    application, socketio.server = known.application, known.server
    factory.prepare_process(settings)
    application.extensions.update(settings=settings, carrier=carrier, classifier=classifier, workshop=workshop)
    socketio.server.manager.rooms.clear()  # whoever the test before left connected
    return application


@contextmanager
def running_app(
    settings: Settings,
    carrier: FakeCarrier,
    classifier: Classifier,
    workshop: Workshop | None = None,
    *,
    keeps_connections: bool = False,
) -> Iterator[Flask]:
    """One at a time: the engine and the keys belong to the process."""
    handlers = logging.getLogger().handlers[:]
    db.connect = _connect_again
    application = _application(settings, carrier, classifier, workshop or FakeWorkshop())
    application.testing = True
    accounts._hasher = unit_changes._hasher = _QUICK
    accounts._DUMMY = _DUMMY
    limiter.reset()  # the counters live in the worker's Valkey: a quick suite would use up a whole minute's share
    # Handing a message over must find the tests' own broker: without one, each would search localhost for seconds.
    background.make_celery(settings)
    background._Work.application = application
    try:
        yield application
    finally:
        if keeps_connections:
            db._engine = None
        else:
            db.disconnect()
        structlog.reset_defaults()
        logging.getLogger().handlers[:] = handlers


@contextmanager
def rolled_back_app(
    settings: Settings, carrier: FakeCarrier, classifier: Classifier, workshop: Workshop | None = None
) -> Iterator[Flask]:
    """Every session joins one transaction as savepoints, and the transaction is undone."""
    running = running_app(settings, carrier, classifier, workshop, keeps_connections=True)
    with running as application, db.engine().connect() as connection:
        everything = connection.begin()
        db.bind_for_tests(connection)
        try:
            yield application
        finally:
            db.bind_for_tests(None)
            everything.rollback()


def seed_city(settings: Settings) -> None:
    """The demonstration as `flask hotline seed` makes it, with a shorter past: enough of every kind, light to list."""
    files = SourceFiles(data_path("catalogue.csv"), data_path("filing_conditions.csv"), data_path("places.csv"))
    understand = FakeClassifier().understand
    with running_app(settings, FakeCarrier(), FakeClassifier()) as application, application.app_context():
        with db.transaction():
            assert seed(clock.now(), files, understand, settings.upload_dir, days=DAYS)
        cli._watch_everything()
