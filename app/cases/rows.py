"""Taking hold of a case's row, and writing down what was done to it."""

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts.roles import Principal, Role
from app.cases.cards import card_of
from app.cases.discretion import without_caller
from app.cases.models import Case
from app.cases.visibility import can_see, reaches, rooms
from app.db import session
from app.errors import Forbidden, NotFound, StaleVersion
from app.events.models import Event
from app.events.service import record_all


def locked(actor: Principal, case_id: int, expected_version: int | None = None) -> Case:
    """The row, held until the transaction ends. What one may not see does not exist; of what one may only look at,
    nothing is written."""
    # Not FOR UPDATE: whoever meanwhile writes a row that names the case (a reminder of the sweep, which holds the
    # watch that we write next) must not wait for us, or we wait for each other.
    held = select(Case).where(Case.id == case_id).with_for_update(key_share=True)
    case = session().scalar(held.execution_options(populate_existing=True))
    # A citizen comes through a link or a telephone that proves the case is theirs.
    if case is None or not (can_see(actor, case) or Role.CITIZEN in actor.roles):
        raise NotFound("没有这个案件")
    if not (reaches(actor, case) or Role.CITIZEN in actor.roles):
        raise Forbidden("下级单位的案件只能查看，由该单位自行办理")
    if expected_version is not None and case.version != expected_version:
        raise StaleVersion(
            "案件已被他人更新，请核对后再提交", version=case.version, current=card_of(case).model_dump(mode="json")
        )
    return case


def record(
    actor: Principal,
    case: Case,
    lines: list[tuple[str, str]],
    *,
    is_new: bool = False,
    also_told: Iterable[str] = (),
) -> list[Event]:
    """One new version of the row, then a line of history for each step taken.

    `also_told`: rooms that knew the case until this very step; a unit must see it leave its desk.
    """
    session().flush()
    card = card_of(case).model_dump(mode="json")
    return record_all(
        [(kind, {"case": card, "by": actor.name, "text": without_caller(case, text)}) for kind, text in lines],
        subject=("case", case.id),
        audience=rooms(case) | set(also_told),
        version=case.version,
        actor_id=actor.id,
        is_new=is_new,
    )
