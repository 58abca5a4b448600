"""Citizens of the demonstration who wait for a call, what others have answered, and one who writes with the centre."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select, update

from app import clock
from app.accounts.models import Account
from app.accounts.roles import CITIZEN, Role
from app.cases.models import Case
from app.cases.rows import record
from app.cases.terms import AT_THE_UNIT, OPEN, State
from app.db import session
from app.followup.models import CallBack, Kind, Promise, Reason, Task
from app.followup.promises import told
from app.followup.rows import add
from app.followup.times import APOLOGY, calling_time
from app.messages.models import ThreadMessage

WAITING, MISSED, ANSWERED = 6, 3, 0.1
_SATISFIED = {5: 60, 4: 28, 3: 7, 2: 3, 1: 2}
_TALK = (
    (False, "您好，请问问题在路的哪一侧？处置单位马上到现场。", 35),
    (True, "在菜场门口这一侧，靠近公交站。", 24),
    (True, "下午四点以后人比较多，最好早点来。", 9),
)


def write_follow_up(now: datetime, random: Random) -> None:
    with clock.standing_at(now):
        add([*_missed(now, random), *_waiting(now, random), *_answered(now, random)])
        _write_thread(now)


def _missed(now: datetime, random: Random) -> Iterator[tuple[CallBack, Case]]:
    """A few were let down; all others whose time has passed have been told another one."""
    query = select(Case).where(Case.state.in_(OPEN), Case.promised_until <= now).order_by(Case.promised_until.desc())
    agent = _agent()
    for place, case in enumerate(session().scalars(query).all()):
        if place < MISSED:
            yield _task(case, Kind.PROMISE, Reason.MISSED, calling_time(now), calling_time(now) + APOLOGY), case
        else:
            until = now + timedelta(hours=random.randint(3, 40))
            # Past the ORM: the case's history knows no newer version.
            session().execute(update(Case).where(Case.id == case.id).values(promised_until=until))
            session().add(Promise(case_id=case.id, until=until, text=told(case), made_by=agent.id, at=now))


def _waiting(now: datetime, random: Random) -> Iterator[tuple[CallBack, Case]]:
    """Closed yesterday or today, and not yet asked; the badly rated first."""
    lately = _closed(now - timedelta(days=2), now - timedelta(hours=2))
    bad = [case for case in lately if case.rating is not None and case.rating <= 2]
    plain = [case for case in lately if case.rating is None]
    for case in [*bad, *random.sample(plain, min(WAITING, len(plain)))][:WAITING]:
        reason = Reason.BAD_RATING if case.rating else Reason.REOPENED if case.reworks else Reason.SAMPLE
        yield _task(case, Kind.SURVEY, reason, calling_time(now - timedelta(hours=20)), now + timedelta(days=1)), case


def _answered(now: datetime, random: Random) -> Iterator[tuple[CallBack, Case]]:
    """One in ten of the last weeks' unrated cases was asked by telephone."""
    agent = _agent()
    for case in _closed(now - timedelta(days=28), now - timedelta(days=3)):
        if case.rating is not None or random.random() > ANSWERED or case.closed_at is None:
            continue
        at = case.closed_at + timedelta(days=1)
        task = _task(case, Kind.SURVEY, Reason.SAMPLE, at, at + timedelta(days=2))
        task.state, task.attempts, task.contacted = Task.DONE, 1, True
        task.satisfied = random.choices(list(_SATISFIED), list(_SATISFIED.values()))[0]
        task.solved, task.done_by, task.done_at = task.satisfied > 2, agent.id, at
        yield task, case


def _closed(since: datetime, until: datetime) -> Sequence[Case]:
    query = select(Case).where(Case.state == State.CLOSED, Case.closed_at.between(since, until))
    return session().scalars(query.order_by(Case.id)).all()


def _task(case: Case, kind: Kind, reason: Reason, first: datetime, due: datetime) -> CallBack:
    return CallBack(
        case_id=case.id, kind=kind, round=0, reason=reason, created_at=first, next_at=first, due_at=due, remark=""
    )


def _write_thread(now: datetime) -> None:
    """The agent asked, the citizen answered and waits."""
    query = select(Case).where(
        Case.state.in_(AT_THE_UNIT), Case.accepted_at < now - timedelta(hours=1), Case.due_at > now
    )
    case, agent = session().scalars(query.order_by(Case.id.desc())).first(), _agent()
    if case is None:
        return
    for is_citizen, words, minutes in _TALK:
        at = now - timedelta(minutes=minutes)
        message = ThreadMessage(case_id=case.id, is_from_citizen=is_citizen, channel="sms", text=words, at=at)
        message.author, message.author_id = (CITIZEN.name, None) if is_citizen else (agent.name, agent.id)
        message.recipient_hash = None if is_citizen else case.reporter_hash
        session().add(message)
        kind, note = ("case.written_to", "短信") if is_citizen else ("case.messaged", f"{len(words)} 字")
        with clock.standing_at(at):
            record(CITIZEN if is_citizen else agent.as_principal(), case, [(kind, note)])


def _agent() -> Account:
    people = session().scalars(select(Account).order_by(Account.id))
    return next(each for each in people if Role.AGENT in each.roles)
