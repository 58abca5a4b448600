"""Making call-backs, taking hold of one, and telling the consoles."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.accounts.roles import Principal
from app.cases.models import Case
from app.cases.rows import locked as locked_case
from app.db import session
from app.errors import NotFound
from app.events.service import record, record_first
from app.followup.cards import card_of
from app.followup.models import WAITING, CallBack, Kind, Task

AUDIENCE = ("agents", "supervisors")


def locked(actor: Principal, task_id: int) -> tuple[CallBack, Case]:
    """The case first, as everywhere: whoever closes it holds it, too, and changes its call-backs afterwards."""
    case_id = session().scalar(select(CallBack.case_id).where(CallBack.id == task_id))
    if case_id is None:
        raise NotFound("没有这个回访任务")
    case = locked_case(actor, case_id)
    query = select(CallBack).where(CallBack.id == task_id).with_for_update()
    return session().scalars(query.execution_options(populate_existing=True)).one(), case


def known(case_id: int, kind: Kind, round_: int) -> CallBack | None:
    query = select(CallBack).where(CallBack.case_id == case_id, CallBack.kind == kind, CallBack.round == round_)
    return session().scalar(query)


def waiting_for(case_id: int, *kinds: Kind) -> Sequence[CallBack]:
    query = select(CallBack).where(CallBack.case_id == case_id, CallBack.kind.in_(kinds), CallBack.state.in_(WAITING))
    return session().scalars(query.with_for_update()).all()


def of_case(case_id: int) -> Sequence[CallBack]:
    """All that were ever made, done or not."""
    return session().scalars(select(CallBack).where(CallBack.case_id == case_id).with_for_update()).all()


def add(pairs: Sequence[tuple[CallBack, Case]]) -> None:
    """New ones; the caller holds the rows of their cases, so that nobody else makes the same."""
    if not pairs:
        return
    session().add_all(task for task, _ in pairs)
    session().flush()
    record_first(
        "call_back.made",
        [(("call_back", task.id), AUDIENCE, {"call_back": _payload(task, case)}) for task, case in pairs],
    )


def tell(task: CallBack, case: Case, actor: Principal) -> None:
    session().flush()
    record(
        "call_back.changed",
        subject=("call_back", task.id),
        audience=AUDIENCE,
        payload={"call_back": _payload(task, case)},
        version=task.version,
        actor_id=actor.id,
    )


def cancel(tasks: Iterable[CallBack], case: Case, actor: Principal, why: str) -> None:
    """What nobody has to ask any more. An agent who is just calling finishes all the same."""
    for task in tasks:
        if task.state == Task.OPEN:
            task.state, task.remark = Task.CANCELLED, why
            tell(task, case, actor)


def _payload(task: CallBack, case: Case) -> dict[str, object]:
    return card_of(task, case).model_dump(mode="json")
