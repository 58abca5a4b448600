"""How a call-back is shown."""

from app.accounts.models import Account
from app.cases.cards import card_of as case_card
from app.cases.discretion import without_caller
from app.cases.models import Case
from app.db import session
from app.followup.models import CallBack, Kind
from app.followup.promises import told
from app.followup.schemas import CallBackCard, Person
from app.followup.times import MOST_ATTEMPTS


def card_of(task: CallBack, case: Case) -> CallBackCard:
    return CallBackCard(
        id=task.id,
        version=task.version,
        kind=task.kind,
        reason=task.reason,
        state=task.state,
        round=task.round,
        case=case_card(case),
        promised=told(case) if task.kind == Kind.PROMISE else "",
        created_at=task.created_at,
        due_at=task.due_at,
        next_at=task.next_at,
        attempts=task.attempts,
        most_attempts=MOST_ATTEMPTS,
        claimed_by=_person(task.claimed_by),
        call_id=task.call_id,
        contacted=task.contacted,
        solved=task.solved,
        satisfied=task.satisfied,
        remark=without_caller(case, task.remark),
        done_at=task.done_at,
    )


def _person(account_id: int | None) -> Person | None:
    account = session().get(Account, account_id) if account_id is not None else None
    return Person(id=account.id, name=account.name) if account else None
