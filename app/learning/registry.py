"""Which model serves: promotion, the way back, and refusal of a broken file."""

from pathlib import Path

from sqlalchemy import select, update

from app import clock
from app.accounts.roles import SYSTEM, Permission, Principal, Role
from app.db import session
from app.errors import Conflict, Forbidden
from app.events.service import record
from app.learning import queries
from app.learning.models import ModelVersion, TrainingRun
from app.learning.stamping import AUDIENCE, renew
from app.learning.terms import ModelState, Stamp


def folder_of(data_dir: Path) -> Path:
    return data_dir / "models"


def promote(model: ModelVersion, actor: Principal = SYSTEM, *, kind: str = "model.promoted") -> None:
    """From now on it serves, in every process; what served before is kept for the way back."""
    lock()
    before = queries.active_model()
    if before is not None and before.id == model.id:
        raise Conflict("这个模型正在使用")
    if before is not None:
        before.state = ModelState.RETIRED
    model.state, model.active_since, model.reason = ModelState.ACTIVE, clock.now(), ""
    if kind != "model.rolled_back":
        model.previous_id = before.id if before is not None else None
    session().flush()
    _changed(actor, kind, model, before)


def activate(actor: Principal, model_id: int) -> ModelVersion:
    """An administrator takes an older model back into service."""
    must_administer(actor)
    model = queries.model(model_id)
    if model.state not in (ModelState.RETIRED, ModelState.CANDIDATE):
        raise Conflict("只有候选或停用的模型可以启用")
    promote(model, actor)
    return model


def roll_back(actor: Principal) -> str:
    """One step: the model before the present one, in the end the shipped one. Returns the version now serving."""
    must_administer(actor)
    lock()
    current = queries.active_model()
    if current is None:
        raise Conflict("正在使用的就是随产品提供的模型")
    earlier = _predecessor(current)
    if earlier is not None:
        promote(earlier, actor, kind="model.rolled_back")
        return earlier.version
    current.state = ModelState.RETIRED
    session().flush()
    _changed(actor, "model.rolled_back", None, current)
    return ""


def refuse_broken(model_id: int, reason: str) -> bool:
    """A process could not read the active model's file: what served before it serves again, and the page says so.

    Compare-and-set: of many processes that find it broken, one acts.
    """
    refused = session().execute(
        update(ModelVersion)
        .where(ModelVersion.id == model_id, ModelVersion.state == ModelState.ACTIVE)
        .values(state=ModelState.REFUSED, reason=reason[:300])
        .execution_options(synchronize_session=False)
    )
    if not refused.rowcount:  # type: ignore[attr-defined]
        return False
    session().expire_all()
    broken = queries.model(model_id)
    earlier = _predecessor(broken)
    if earlier is not None:
        earlier.state, earlier.active_since = ModelState.ACTIVE, clock.now()
    session().flush()
    _changed(SYSTEM, "model.file_refused", earlier, broken)
    return True


def lock() -> None:
    """Two administrators at once: the second waits and sees what the first did. SQLite has one writer anyway."""
    session().scalars(select(ModelVersion.id).where(ModelVersion.state == ModelState.ACTIVE).with_for_update()).all()
    session().expire_all()


def must_administer(actor: Principal) -> None:
    if Role.SYSTEM not in actor.roles and not actor.may(Permission.ADMINISTER):
        raise Forbidden("只有管理员可以管理模型")


def files_in_use() -> set[str]:
    """Of models that may serve again; runs underway write files that start with their number."""
    return set(session().scalars(select(ModelVersion.file).where(ModelVersion.state != ModelState.REFUSED)))


def runs_underway() -> set[int]:
    return set(session().scalars(select(TrainingRun.id).where(TrainingRun.slot.is_not(None))))


def _predecessor(current: ModelVersion) -> ModelVersion | None:
    """The nearest one before it whose file was never found broken."""
    seen, previous_id = {current.id}, current.previous_id
    # An older model taken back into service stands before and behind the one it replaced.
    while previous_id is not None and previous_id not in seen:
        seen.add(previous_id)
        earlier = session().get(ModelVersion, previous_id)
        if earlier is None or earlier.state == ModelState.RETIRED:
            return earlier
        previous_id = earlier.previous_id
    return None


def _changed(actor: Principal, kind: str, now: ModelVersion | None, before: ModelVersion | None) -> None:
    renew(Stamp.MODEL)
    record(
        kind,
        subject=("model", now.id if now else before.id if before else 0),
        audience=AUDIENCE,
        payload={
            "by": actor.name,
            "name": now.version if now else "shipped",
            "previous": before.version if before else "shipped",
        },
        actor_id=actor.id,
    )
