"""A training as a row: one at a time in all processes, watched while it runs, harmless when it dies."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.accounts.roles import Principal
from app.db import session, transaction
from app.errors import Conflict
from app.events.service import record
from app.learning import queries
from app.learning.models import TrainingRun
from app.learning.registry import must_administer
from app.learning.stamping import AUDIENCE
from app.learning.terms import SILENCE, RunState, RunStep


class RunLost(Exception):
    """The run was ended by somebody else: whoever works on it must stop and change nothing."""


def start(actor: Principal) -> TrainingRun:
    """The unique slot decides between two starts at once; the database says no to the second."""
    must_administer(actor)
    end_dead()
    now = clock.now()
    row = TrainingRun(slot=1, started_by=actor.id, started_at=now, seen_at=now)
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        raise Conflict("已有一次训练正在进行") from None
    record(
        "training.started",
        subject=("training", row.id),
        audience=AUDIENCE,
        payload={"by": actor.name},
        actor_id=actor.id,
    )
    return row


def claim(run_id: int) -> bool:
    """True for exactly one worker, however often the task is delivered."""
    taken = session().execute(
        update(TrainingRun)
        .where(TrainingRun.id == run_id, TrainingRun.state == RunState.WAITING)
        .values(state=RunState.RUNNING, step=RunStep.GATHERING, percent=2, seen_at=clock.now())
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def advance(run_id: int, step: RunStep, percent: int) -> None:
    """In a transaction of its own, so that everybody sees it at once."""
    with transaction():
        hold(run_id, step=step.value, percent=percent, seen_at=clock.now())


def hold(run_id: int, **values: object) -> None:
    """Write to a run that is still ours; inside the last transaction this also keeps a lost run from promoting."""
    written = session().execute(
        update(TrainingRun).where(TrainingRun.id == run_id, TrainingRun.state == RunState.RUNNING).values(**values)
    )
    if not written.rowcount:  # type: ignore[attr-defined]
        raise RunLost(f"run {run_id} was ended elsewhere")


def finish(run_id: int, note: str, model_id: int | None) -> None:
    hold(
        run_id,
        state=RunState.DONE.value,
        step=RunStep.ENDED.value,
        percent=100,
        note=note[:300],
        model_id=model_id,
        slot=None,
        finished_at=clock.now(),
    )


def fail(run_id: int, note: str) -> None:
    _end(TrainingRun.id == run_id, RunState.FAILED, note)


def abandon(actor: Principal, run_id: int) -> None:
    """An administrator ends a run; its worker notices at the next step."""
    must_administer(actor)
    if not _end(TrainingRun.id == run_id, RunState.INTERRUPTED, f"由{actor.name}中止"):
        raise Conflict("这次训练已经结束")


def end_dead() -> int:
    """Runs whose worker has not been heard of: it was killed. Nothing of theirs is in use."""
    silent = TrainingRun.seen_at < clock.now() - SILENCE
    return _end((TrainingRun.state == RunState.RUNNING) & silent, RunState.INTERRUPTED, "训练进程中断，未产生影响")


def waiting_since(moment: datetime) -> list[int]:
    """Started, but no worker took it: the broker was down."""
    row = queries.run_underway()
    return [row.id] if row is not None and row.state == RunState.WAITING and row.started_at <= moment else []


def _end(which: object, state: RunState, note: str) -> int:
    ended = session().execute(
        update(TrainingRun)
        .where(which, TrainingRun.slot.is_not(None))  # type: ignore[arg-type]
        .values(state=state.value, note=note[:300], slot=None, finished_at=clock.now())
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]
