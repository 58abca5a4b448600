"""What is learnt in the background."""

from datetime import timedelta
from pathlib import Path

import structlog
from celery import shared_task
from flask import current_app
from kombu.exceptions import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app import clock
from app.accounts.roles import SYSTEM
from app.config import Settings
from app.db import transaction
from app.errors import Conflict, DomainError
from app.learning import autofiling, queries, registry, runs, sweeping, training
from app.learning.live import LiveClassifier
from app.learning.port import Workshop

log = structlog.get_logger(__name__)

# A training takes a minute or two; a worker that hangs in one is ended by then.
LONGEST_TRAINING = 1200
UNTAKEN = timedelta(seconds=30)


def hand_over(run_id: int) -> None:
    """Ask a worker to train now. With the broker dead the sweep will find the run."""
    try:
        train_model.apply_async((run_id,), retry=False, ignore_result=True)
    except OperationalError:
        return


@shared_task(name="learning.train", time_limit=LONGEST_TRAINING)  # type: ignore[untyped-decorator]
def train_model(run_id: int) -> None:
    refresh()  # a broken file of the active model is put aside before anything is compared with it
    training.train(run_id, workshop(), _folder())


@shared_task(name="learning.nightly")  # type: ignore[untyped-decorator]
def train_nightly() -> None:
    """Only when somebody decided something since the last training."""
    with transaction():
        last = queries.last_run()
        if not queries.count_new(last.started_at if last else None):
            return
        try:
            run = runs.start(SYSTEM)
        except Conflict:
            return
    hand_over(run.id)


@shared_task(name="learning.file_draft")  # type: ignore[untyped-decorator]
def file_draft(case_id: int) -> None:
    file_if_allowed(case_id)


@shared_task(name="learning.sweep")  # type: ignore[untyped-decorator]
def sweep_learning() -> None:
    with transaction():
        runs.end_dead()
        untaken = runs.waiting_since(clock.now() - UNTAKEN)
        unfiled = autofiling.fileable()
    for run_id in untaken:
        hand_over(run_id)
    for case_id in unfiled:
        file_if_allowed(case_id)
    sweeping.remove_orphans(_folder(), registry.files_in_use(), registry.runs_underway())


def hand_over_draft(case_id: int) -> None:
    try:
        file_draft.apply_async((case_id,), retry=False, ignore_result=True)
    except OperationalError:
        return


def file_if_allowed(case_id: int) -> None:
    """A refusal by the rules of filing (no unit, a place that no longer exists) leaves the draft to a person."""
    try:
        with transaction():
            autofiling.file_alone(case_id)
    except (DomainError, StaleDataError) as error:
        log.info("draft.left_to_people", case_id=case_id, error=type(error).__name__)


def workshop() -> Workshop:
    found: Workshop = current_app.extensions["workshop"]
    return found


def refresh() -> None:
    classifier = current_app.extensions["classifier"]
    if isinstance(classifier, LiveClassifier):
        classifier.refresh()


def _folder() -> Path:
    settings: Settings = current_app.extensions["settings"]
    return registry.folder_of(settings.data_dir)
