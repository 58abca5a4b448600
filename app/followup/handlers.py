"""Which steps of a case call for a call-back, and which make one needless. Runs with the step, on a row it holds."""

from datetime import datetime, timedelta

from flask import current_app

from app import clock
from app.accounts.roles import SYSTEM
from app.cases.models import Case
from app.cases.terms import ENDED, State
from app.catalogue.clocks import Clock, Limit, due_at
from app.catalogue.queries import calendar
from app.config import Settings
from app.db import session
from app.events.models import Event
from app.events.service import on
from app.followup import repeats
from app.followup.models import CallBack, Kind, Reason, Task
from app.followup.rows import add, cancel, known, of_case, waiting_for
from app.followup.times import WAIT_FOR_ANSWER, calling_time, is_in_sample

BAD_UP_TO = 2  # of 5


@on("case.closed", "case.forced_closed", "case.rejected", "case.voided")
def follow_up(event: Event) -> None:
    """What was promised is over; 回访 always after trouble, else by the share that the city has set."""
    case, settings = _case(event), _settings()
    if case.state not in ENDED:
        return
    earlier = of_case(case.id)
    missed = [task for task in earlier if task.kind == Kind.PROMISE]
    cancel(missed, case, SYSTEM, "案件已办结")
    reason = _reason(case, bool(missed), settings.survey_percent) if case.state == State.CLOSED else None
    if reason is not None and _may_be_called(case):
        wait = WAIT_FOR_ANSWER if reason is Reason.SAMPLE else timedelta()
        asked = (task for task in earlier if task.kind == Kind.SURVEY and task.round == case.reopens)
        _ask(case, reason, clock.now() + wait, settings, next(asked, None))


@on("case.promised")
def drop_older_promises(event: Event) -> None:
    case = _case(event)
    cancel(waiting_for(case.id, Kind.PROMISE), case, SYSTEM, "已重新告知市民")


@on("case.rated")
def hear_answer(event: Event) -> None:
    """The citizen has answered by themselves: nobody asks again, unless the answer is bad."""
    case = _case(event)
    if case.rating is None:
        return
    if case.rating > BAD_UP_TO:
        sampled = [task for task in waiting_for(case.id, Kind.SURVEY) if task.reason == Reason.SAMPLE]
        cancel(sampled, case, SYSTEM, "市民已自行评价")
    elif _may_be_called(case):
        _ask(case, Reason.BAD_RATING, clock.now(), _settings(), known(case.id, Kind.SURVEY, case.reopens))


@on("case.reopened")
def drop_survey(event: Event) -> None:
    case = _case(event)
    cancel(waiting_for(case.id, Kind.SURVEY), case, SYSTEM, "案件已重新办理")


@on("case.filed")
def note_repeat(event: Event) -> None:
    """Filed anew because the old case could no longer be reopened: that one was not fixed all the same."""
    case = _case(event)
    if case.repeat_of is not None:
        repeats.link(case)


def _ask(case: Case, reason: Reason, earliest: datetime, settings: Settings, task: CallBack | None) -> None:
    """`task`: the survey that has been made for this round already."""
    first = calling_time(earliest)
    if task is None:
        limit = Limit(settings.survey_days, Clock.WORK_DAY)
        due = due_at(first, limit, calendar(case.district_code or "")).at
        made = CallBack(case_id=case.id, kind=Kind.SURVEY, round=case.reopens, reason=reason, created_at=clock.now())
        made.next_at, made.due_at = first, due
        add([(made, case)])
    elif task.state == Task.OPEN and task.attempts == 0:
        task.reason, task.next_at = reason, min(task.next_at, first)
    elif task.state == Task.CANCELLED:
        task.reason, task.next_at, task.state, task.remark = reason, first, Task.OPEN, ""


def _reason(case: Case, is_missed: bool, percent: int) -> Reason | None:
    if case.reopens:
        return Reason.REOPENED
    if case.supervisions:
        return Reason.SUPERVISED
    if is_missed:
        return Reason.MISSED
    return Reason.SAMPLE if is_in_sample(case.id, percent) and case.rating is None else None


def _may_be_called(case: Case) -> bool:
    """Not who withheld the number, and not who said that they want no calls."""
    return case.reporter_hash is not None and case.callback_consent


def _case(event: Event) -> Case:
    return session().get_one(Case, event.subject_id)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
