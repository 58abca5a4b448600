"""A changed calendar moves thousands of deadlines in the background, each exactly once."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.roles import Principal, Role
from app.cases import recalculation
from app.cases.models import Case, DeadlineMove
from app.cases.recalculation import move_deadlines, moved_deadlines
from app.cases.tasks import move_deadlines as move_in_background
from app.catalogue.calendar_memory import recall, remember
from app.catalogue.calendars import DayKind, Special, WorkCalendar
from app.catalogue.queries import calendar
from app.db import session, transaction, work
from app.errors import Forbidden
from app.events.models import Event
from app.events.verification import first_broken_line
from app.supervision.models import CaseWatch
from tests.cases.conftest import Town

ADMIN = Principal(1, "管理员", frozenset({Role.ADMINISTRATOR}))
STORM = Special(date(2026, 11, 24), DayKind.HOLIDAY, "台风停工")


def with_storm(before: WorkCalendar) -> WorkCalendar:
    return WorkCalendar(before.hours, [*before.special.values(), STORM])


def ask(app: Flask) -> DeadlineMove:
    with app.app_context(), transaction():
        before = calendar("3302")
        return move_deadlines(ADMIN, "3302", before, with_storm(before))


def lines(app: Flask) -> dict[int, int]:
    """How often each case's history says that its deadline was moved."""
    query = select(Event.subject_id, func.count()).where(Event.kind == "case.deadline_moved")
    with app.app_context(), work():
        return {case_id: count for case_id, count in session().execute(query.group_by(Event.subject_id))}


def newest(app: Flask) -> DeadlineMove:
    with app.app_context(), work():
        return session().scalars(select(DeadlineMove).order_by(DeadlineMove.id.desc())).first() or DeadlineMove()


def die_before_the_commit() -> None:
    with transaction():
        recalculation.go_on()
        raise ZeroDivisionError


@pytest.fixture
def slow(morning: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Three cases on a working clock among the demonstration's, and two of them in a bite."""
    monkeypatch.setattr(recalculation, "AT_ONCE", 2)
    for _ in range(3):
        morning.file(description="百丈路口雨水井盖松了")
    return morning


def test_many_are_moved_in_bites_that_can_be_repeated(slow: Town) -> None:
    app = slow.app
    with app.app_context(), work():
        before = calendar("3302")
        expected = {each.case_id: each.after for each in moved_deadlines("3302", before, with_storm(before))}
    assert len(expected) >= 3
    move = ask(app)
    assert (move.looked_at, move.done_at) == (0, None)
    assert lines(app) == {}
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            die_before_the_commit()
        assert lines(app) == {}
        with transaction():
            recalculation.go_on()
        assert 0 < newest(app).looked_at < move.total
        move_in_background()
        move_in_background()
    assert lines(app) == dict.fromkeys(expected, 1)
    done = newest(app)
    assert (done.moved, done.looked_at) == (len(expected), done.total)
    with app.app_context(), work():
        rows = session().scalars(select(Case).where(Case.id.in_(expected)))
        assert {case.id: case.due_at or case.stopped_due_at for case in rows} == expected
        at_work = select(CaseWatch.case_id, CaseWatch.due_at).where(CaseWatch.clock == "limit")
        watched = session().execute(at_work.where(CaseWatch.case_id.in_(expected))).all()
        assert {case_id: due for case_id, due in watched} == {case_id: expected[case_id] for case_id, _ in watched}
        assert [first_broken_line("case", case_id) for case_id in expected] == [None] * len(expected)


def test_what_is_dispatched_meanwhile_counts_by_the_new_calendar_already(slow: Town) -> None:
    ask(slow.app)
    slow.later(minutes=5)
    late = slow.file(description="百丈路口雨水井盖松了")
    with slow.app.app_context():
        move_in_background()
    assert late["id"] not in lines(slow.app)


def test_a_second_change_waits_for_the_first(slow: Town) -> None:
    first = ask(slow.app)
    second = ask(slow.app)
    with slow.app.app_context(), transaction():
        recalculation.go_on()
        assert session().get_one(DeadlineMove, first.id).looked_at == 2
        assert session().get_one(DeadlineMove, second.id).looked_at == 0


def test_only_administrators_ask_for_it(city_app: Flask) -> None:
    agent = Principal(2, "坐席", frozenset({Role.AGENT}))
    with city_app.app_context(), transaction(), pytest.raises(Forbidden):
        move_deadlines(agent, "3302", calendar("3302"), calendar("3302"))


def test_a_calendar_is_remembered_as_it_was(city_app: Flask) -> None:
    with city_app.app_context(), work():
        was = calendar("3302")
    again = recall(remember(was))
    assert again.hours == was.hours
    assert {day: (each.kind, each.name) for day, each in again.special.items()} == {
        day: (each.kind, each.name) for day, each in was.special.items()
    }
