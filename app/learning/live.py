"""The classifier that every process serves with: a new model, word or place takes the old one's place while it runs."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy.exc import SQLAlchemyError

from app.db import session, transaction, work
from app.learning import queries, registry
from app.learning.models import ModelVersion
from app.learning.port import ModelRefused, Workshop
from app.waiting import off_the_hub
from nlp.types import Classifier, Place, Understanding

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class _Loaded:
    stamps: dict[str, str]
    classifier: Classifier


class LiveClassifier:
    """Asked from many threads while `refresh` runs in another: the swap is one assignment."""

    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self._workshop = workshop
        self._folder = folder
        self._now: _Loaded | None = None
        self._first = threading.Lock()

    def understand(self, text: str) -> Understanding:
        return self._current().understand(text)

    def find_places(self, text: str) -> tuple[Place, ...]:
        return self._current().find_places(text)

    def words(self, text: str) -> tuple[str, ...]:
        return self._current().words(text)

    def redact(self, text: str) -> str:
        return self._current().redact(text)

    def refresh(self) -> bool:
        """Take what has changed; True when something did. Called outside requests, inside `work()`.

        A model whose file is refused is put aside for all processes, and the one before it is taken.
        """
        while (stamps := queries.stamps()) != (self._now.stamps if self._now else {}) or self._now is None:
            active = queries.active_model()
            try:
                self._now = _Loaded(stamps, self._open(active))
            except ModelRefused as error:
                assert active is not None
                self._put_aside(active, str(error))
                continue
            log.info("classifier.loaded", model=active.version if active else "shipped")
            return True
        return False

    def _current(self) -> Classifier:
        """A process that was never told to look (the command line) serves with the shipped model."""
        if self._now is None:
            with self._first:
                if self._now is None:
                    self._now = _Loaded({}, self._workshop.open(None, {}, ()))
        return self._now.classifier

    def _open(self, active: ModelVersion | None) -> Classifier:
        words, places = queries.words(), queries.gazetteer()
        path = self._folder / active.file if active else None
        session().rollback()  # no transaction stays open for the second that loading takes
        return off_the_hub(lambda: self._workshop.open(path, words, places))

    def _put_aside(self, model: ModelVersion, reason: str) -> None:
        log.error("model.refused", model=model.version, reason=reason)
        with transaction():
            registry.refuse_broken(model.id, reason)


class Watcher:
    """One for each web process: looks at the stamps every two seconds, so that no request ever waits for a load."""

    def __init__(self, app: Flask, live: LiveClassifier, socketio: SocketIO) -> None:
        self._app, self._live, self._socketio = app, live, socketio

    def start(self) -> None:
        self.step()
        self._socketio.start_background_task(self._run)

    def step(self) -> bool:
        """False also when the database cannot be asked: what serves goes on serving."""
        try:
            with self._app.app_context(), work():
                return self._live.refresh()
        except SQLAlchemyError as error:
            log.warning("classifier.not_refreshed", error=type(error).__name__)
            return False

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            self.step()
