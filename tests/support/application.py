"""Making and taking down an application inside the test's own process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask

from app import db
from app.config import Settings
from app.factory import create_app
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier


@contextmanager
def running_app(settings: Settings, carrier: FakeCarrier, classifier: FakeClassifier) -> Iterator[Flask]:
    """One at a time: the engine and the keys belong to the process."""
    handlers = logging.getLogger().handlers[:]
    application = create_app(settings, carrier=carrier, classifier=classifier)
    application.testing = True
    try:
        yield application
    finally:
        db.disconnect()
        structlog.reset_defaults()
        logging.getLogger().handlers[:] = handlers
