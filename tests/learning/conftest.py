"""People at a city whose classifier is live: what is learnt is what they are shown next."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app import clock
from app.accounts.roles import SYSTEM, Role
from app.db import session, transaction, work
from app.learning import runs, tasks
from app.learning.live import LiveClassifier
from app.learning.models import ModelVersion, SuggestionOutcome, TrainingRun
from app.learning.registry import folder_of
from tests.support.application import rolled_back_app
from tests.support.carrier import FakeCarrier
from tests.support.people import Person, file_case, somebody
from tests.support.workshop import FakeWorkshop

NEVER_HEARD = "楼道里黑漆漆的"
MONTHS_AGO = timedelta(days=40)


@pytest.fixture
def workshop() -> FakeWorkshop:
    return FakeWorkshop()


@pytest.fixture
def learning_app(
    make_settings: Callable[..., Any], city_url: str, carrier: FakeCarrier, workshop: FakeWorkshop
) -> Iterator[Flask]:
    settings = make_settings(city_url)
    folder = folder_of(settings.data_dir)
    shutil.rmtree(folder, ignore_errors=True)
    live = LiveClassifier(workshop, folder)
    with rolled_back_app(settings, carrier, live, workshop) as application:
        forget_decisions(application)
        yield application


def forget_decisions(app: Flask) -> None:
    """The demonstration city has a past; these tests begin without one."""
    with app.app_context(), transaction() as db:
        db.execute(delete(SuggestionOutcome))


class School:
    """`teach` lets an agent file what the model did not know; `train` does what the worker does."""

    def __init__(self, app: Flask, workshop: FakeWorkshop) -> None:
        self.app, self.workshop = app, workshop
        self.agent, self.admin = somebody(app, Role.AGENT), somebody(app, Role.ADMINISTRATOR)
        self.supervisor = somebody(app, Role.SUPERVISOR)
        self.folder = folder_of(app.extensions["settings"].data_dir)

    def suggested(self, text: str, person: Person | None = None) -> list[str]:
        answer = (person or self.agent).post("/api/v1/understand", {"text": text})
        assert answer.status_code == 200, answer.json
        return [each["code"] for each in answer.json["candidates"]]

    def teach(self, text: str, code: str, *, at: datetime | None = None, times: int = 1) -> None:
        with clock.standing_at(at or clock.now() - MONTHS_AGO):
            for _ in range(times):
                shown = self.agent.post("/api/v1/understand", {"text": text}).json
                file_case(self.agent, description=text, class_code=code, suggestion=shown)

    def start(self) -> int:
        with self.app.app_context(), transaction():
            return runs.start(SYSTEM).id

    def train(self) -> TrainingRun:
        run_id = self.start()
        tasks.train_model(run_id)
        return self.run(run_id)

    def run(self, run_id: int) -> TrainingRun:
        return self._read(lambda: session().get_one(TrainingRun, run_id))

    def models(self) -> list[ModelVersion]:
        return self._read(lambda: list(session().scalars(select(ModelVersion).order_by(ModelVersion.id))))

    def states(self) -> list[str]:
        return [each.state for each in self.models()]

    def another_process(self) -> LiveClassifier:
        """The classifier of a second web process on the same database and data folder."""
        return LiveClassifier(self.workshop, self.folder)

    def refresh(self, live: LiveClassifier | None = None) -> bool:
        with self.app.app_context(), work():
            return (live or self.app.extensions["classifier"]).refresh()

    def send(self, path: str, person: Person | None = None, **form: Any) -> Any:
        who = person or self.admin
        return who.client.post(path, data={**form, "csrf_token": who.csrf}, headers={"Accept": "text/html"})

    def page(self, path: str, person: Person | None = None) -> str:
        answer = (person or self.admin).get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def _read(self, read: Callable[[], Any]) -> Any:
        with self.app.app_context(), work():
            found = read()
            session().expunge_all()
            return found


@pytest.fixture
def school(learning_app: Flask, workshop: FakeWorkshop) -> School:
    return School(learning_app, workshop)
