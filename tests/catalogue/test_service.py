"""Changing limits and the calendar in a real database."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from app import clock, db
from app.accounts.roles import SYSTEM, Principal, Role
from app.catalogue import calendar_changes, queries, service
from app.catalogue.calendars import DayKind, Special, WorkingHours
from app.catalogue.clocks import Clock, Limit, due_at
from app.catalogue.models import CaseClass, CatalogueVersion
from app.catalogue.service import LimitChange
from app.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.events.models import Event
from nlp.data import data_path

AGENT = Principal(id=None, name="陈晓雨", roles=frozenset({Role.AGENT}))
ADMIN = Principal(id=None, name="系统管理员", roles=frozenset({Role.ADMINISTRATOR}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.CITY)


@pytest.fixture
def installed(app: Any) -> Iterator[None]:
    with db.work():
        with db.transaction():
            service.install(data_path("catalogue.csv"), data_path("filing_conditions.csv"), "目录")
        yield


def change(code: str, no: int, limit: Limit, based_on: int) -> CatalogueVersion:
    with db.transaction():
        return service.change_limits(ADMIN, [LimitChange(code, no, limit)], based_on=based_on, note="试行")


def test_without_a_catalogue_the_answer_is_that_it_is_missing(app: Any) -> None:
    with db.work():
        with pytest.raises(Unavailable):
            queries.catalogue()
        with pytest.raises(Unavailable):
            queries.calendar()


def test_installing_twice_writes_once(installed: None) -> None:
    with db.transaction():
        again = service.install(data_path("catalogue.csv"), data_path("filing_conditions.csv"), "目录")
    assert not again
    assert len(queries.versions()) == 1
    assert len(queries.catalogue()) == 184


def test_a_changed_limit_is_a_new_version_and_the_old_one_stays_readable(installed: None) -> None:
    before = queries.catalogue()
    change("C0118", 3, Limit(1, Clock.WORK_DAY), based_on=before.number)
    now = queries.catalogue()
    assert now.number == before.number + 1
    assert now.condition("C0118", 3).limit.text == "1 工作日"
    assert now.condition("C0118", 3).certainty == "judged"
    assert now.condition("C0118", 1).limit == before.condition("C0118", 1).limit
    assert queries.catalogue(before.version_id).condition("C0118", 3).limit.text == "2 工作日"


def test_the_history_says_what_the_limit_was_and_became(installed: None) -> None:
    change("C0118", 3, Limit(1, Clock.WORK_DAY), based_on=1)
    event = db.session().scalars(select(Event).where(Event.kind == "catalogue.limits_changed")).one()
    assert event.payload["by"] == "系统管理员"
    assert event.payload["changes"] == [
        {"code": "C0118", "name": "路灯", "condition_no": 3, "before": "2 工作日", "after": "1 工作日"}
    ]


def test_whoever_looked_at_an_older_version_gets_a_conflict(installed: None) -> None:
    change("C0118", 3, Limit(1, Clock.WORK_DAY), based_on=1)
    with pytest.raises(Conflict) as conflict:
        change("C0118", 3, Limit(3, Clock.WORK_DAY), based_on=1)
    assert conflict.value.facts["number"] == 2


@pytest.mark.parametrize(
    ("code", "no", "limit", "error"),
    [
        ("C0118", 3, Limit(366, Clock.NATURAL_DAY), Invalid),
        ("C0118", 3, Limit(2, Clock.WORK_DAY), Invalid),  # it is that already
        ("C0118", 99, Limit(1, Clock.WORK_DAY), NotFound),
        ("E9999", 1, Limit(1, Clock.WORK_DAY), NotFound),
    ],
)
def test_a_senseless_change_makes_no_version(
    installed: None, code: str, no: int, limit: Limit, error: type[Exception]
) -> None:
    with pytest.raises(error):
        change(code, no, limit, based_on=1)
    assert [version.number for version in queries.versions()] == [1]


def test_only_administrators_change_limits_and_the_calendar(installed: None) -> None:
    with db.transaction():
        with pytest.raises(Forbidden):
            service.change_limits(AGENT, [LimitChange("C0118", 3, Limit(1, Clock.WORK_DAY))], based_on=1)
        with pytest.raises(Forbidden):
            calendar_changes.remove_special_day(AGENT, date(2026, 10, 1))
        with pytest.raises(Forbidden):
            calendar_changes.set_working_hours(AGENT, [WorkingHours(time(9), time(17))])


def test_a_rolled_back_change_is_not_kept_in_the_process(installed: None) -> None:
    def change_and_fail() -> None:
        with db.transaction():
            service.change_limits(ADMIN, [LimitChange("C0118", 3, Limit(1, Clock.WORK_DAY))], based_on=1)
            assert queries.catalogue().number == 2
            raise LookupError("something else went wrong")

    with pytest.raises(LookupError):
        change_and_fail()
    with db.transaction():
        assert queries.catalogue().condition("C0118", 3).limit.text == "2 工作日"


def test_a_new_holiday_moves_deadlines_at_once(installed: None) -> None:
    start, limit = at("2026-11-26T16:00"), Limit(1, Clock.WORK_DAY)
    assert due_at(start, limit, queries.calendar()).at == at("2026-11-27T16:00")
    with db.transaction():
        calendar_changes.set_special_day(ADMIN, Special(date(2026, 11, 27), DayKind.HOLIDAY, "台风停工"))
    assert due_at(start, limit, queries.calendar()).at == at("2026-11-30T16:00")
    with db.transaction():
        calendar_changes.remove_special_day(ADMIN, date(2026, 11, 27))
    assert due_at(start, limit, queries.calendar()).at == at("2026-11-27T16:00")


def test_removing_an_ordinary_day_is_not_found(installed: None) -> None:
    with db.transaction(), pytest.raises(NotFound):
        calendar_changes.remove_special_day(ADMIN, date(2026, 11, 24))


def test_working_hours_are_replaced_as_a_whole(installed: None) -> None:
    with db.transaction():
        calendar_changes.set_working_hours(ADMIN, [WorkingHours(time(9), time(17))])
    assert due_at(at("2026-11-24T16:00"), Limit(2, Clock.WORK_HOUR), queries.calendar()).at == at("2026-11-25T10:00")


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [WorkingHours(time(17), time(9))],
        [WorkingHours(time(8), time(12)), WorkingHours(time(11), time(15))],
        [WorkingHours(time(8), time(12), valid_to=date(2027, 1, 1))],
    ],
)
def test_impossible_working_hours_are_refused(installed: None, hours: list[WorkingHours]) -> None:
    with pytest.raises(Invalid), db.transaction():
        calendar_changes.set_working_hours(ADMIN, hours)
    assert due_at(at("2026-11-24T08:00"), Limit(4, Clock.WORK_HOUR), queries.calendar()).at == at("2026-11-24T12:00")


def test_hours_of_different_seasons_do_not_overlap(installed: None) -> None:
    summer = WorkingHours(time(7), time(11), date(2026, 7, 1), date(2026, 8, 31))
    with db.transaction():
        calendar_changes.set_working_hours(ADMIN, [summer, WorkingHours(time(8), time(12), date(2026, 9, 1))])
    assert queries.calendar().spans(date(2026, 7, 1)) != queries.calendar().spans(date(2026, 9, 1))


def test_an_area_without_a_calendar_works_by_the_one_above(installed: None) -> None:
    with db.transaction():
        calendar_changes.add_calendar("北仑区", [], [WorkingHours(time(9), time(17))], area_code="330206")
    limit = Limit(1, Clock.WORK_HOUR)
    assert due_at(at("2026-11-24T08:00"), limit, queries.calendar("330206002")).at == at("2026-11-24T10:00")
    assert due_at(at("2026-11-24T08:00"), limit, queries.calendar("330203002")).at == at("2026-11-24T09:00")


def test_a_whole_catalogue_can_be_imported_over_the_old_one(installed: None) -> None:
    entries = [entry for entry in queries.catalogue() if entry.kind == "event"]
    with db.transaction():
        service.import_version(SYSTEM, "事件", entries)
    assert len(queries.catalogue()) == 82
    rows = db.session().scalars(select(CaseClass.code).where(CaseClass.version_id == queries.catalogue().version_id))
    assert set(rows) == {entry.code for entry in entries}
    with db.transaction(), pytest.raises(Invalid):
        service.import_version(SYSTEM, "空", [])
