"""责任倒查 of a case that was extended, suspended, helped with and promised: who had it for how much of which limit."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Principal, Role
from app.cases import service
from app.cases.models import Case
from app.db import session, transaction, work
from app.events.models import Event
from app.events.tasks import seal_days
from app.followup import promises
from app.supervision.accountability import CaseAccount, account_of
from tests.cases.conftest import MORNING, Town
from tests.support.history import unprotect
from tests.support.people import Person

CHIEF = Principal(1, "值班长", frozenset({Role.SUPERVISOR}))
AGENT = Principal(2, "坐席", frozenset({Role.AGENT}))


@pytest.fixture
def case(morning: Town) -> dict[str, Any]:
    """Two working days from Tuesday, nine o'clock."""
    return morning.file()


@pytest.fixture
def unit(morning: Town, case: dict[str, Any]) -> Person:
    unit = morning.unit(case["unit"]["id"])
    morning.act(unit, "accept", case)
    return unit


def told(app: Flask, case: dict[str, Any]) -> CaseAccount:
    with app.app_context(), work():
        return account_of(CHIEF, session().get_one(Case, case["id"]))


def shares(account: CaseAccount) -> list[tuple[str, str, bool]]:
    return [(stay.desk, f"{stay.share or 0:.0%}", stay.is_late) for stay in account.stays]


def test_an_extension_and_a_suspension_make_two_stays_of_one_longer_limit(
    morning: Town, case: dict[str, Any], unit: Person
) -> None:
    morning.act(unit, "ask_extension", case, reason="备件未到")
    morning.act(morning.dispatcher, "grant_extension", case)
    morning.later(days=1)
    until = (clock.now() + timedelta(days=2)).isoformat()
    morning.act(unit, "ask_suspension", case, reason="等待停水窗口", until=until)
    morning.act(morning.dispatcher, "grant_suspension", case)
    morning.later(days=2)
    morning.act(unit, "resume", case, reason="停水提前")
    morning.later(days=3)
    morning.feed_back(unit, case)
    # Eight of thirty-two working hours; then from Friday to Monday, nine o'clock, eight again.
    assert shares(told(morning.app, case)) == [
        ("unit", "25%", False),
        ("suspended", "0%", False),
        ("unit", "25%", False),
        ("inspector", "0%", False),
    ]


def test_the_next_unit_begins_with_a_plain_limit_and_the_former_keeps_its_lateness(
    morning: Town, case: dict[str, Any], unit: Person
) -> None:
    (other,) = morning.other_units(case)
    morning.act(unit, "ask_extension", case, reason="备件未到")
    morning.act(morning.dispatcher, "grant_extension", case)
    morning.later(days=7)
    morning.act(morning.dispatcher, "reassign", case, unit_id=other, reason="片区调整")
    morning.later(days=1)
    first, second = told(morning.app, case).stays
    assert (f"{first.share:.0%}", first.is_late, first.people) == ("125%", True, (unit.name,))
    assert (f"{second.share:.0%}", second.is_late, second.people) == ("50%", False, ())


def test_co_units_the_promise_and_a_deadline_moved_by_the_calendar_are_told(
    morning: Town, case: dict[str, Any], unit: Person
) -> None:
    (helper,) = morning.other_units(case)
    morning.act(morning.dispatcher, "add_co_unit", case, unit_id=helper, reason="需配合")
    with morning.app.app_context(), transaction():
        promises.make(AGENT, case["id"], MORNING + timedelta(hours=5))
    morning.later(hours=1)
    morning.act(morning.unit(helper), "co_feed_back", case, result="管线已避让")
    morning.later(hours=5)
    account = told(morning.app, case)
    (beside,) = (stay for stay in account.stays if stay.desk == "co_unit")
    assert (beside.until, beside.used, beside.share) == (MORNING + timedelta(hours=1), timedelta(hours=1), None)
    assert account.is_promise_missed
    assert [note.kind for note in account.notes] == ["case.co_unit_added", "case.promised", "case.co_fed_back"]
    page = morning.supervisor.get(f"/cases/{case['number']}/accountability").text
    assert "未兑现" in page
    assert "协办" in page


def test_a_line_cut_from_the_end_is_told_on_the_page(morning: Town, case: dict[str, Any], unit: Person) -> None:
    morning.later(days=1)
    with morning.app.app_context():
        seal_days()
        with transaction():
            unprotect(session())
            last = session().query(Event).filter_by(subject_type="case", subject_id=case["id"], kind="case.accepted")
            last.delete()
    page = morning.supervisor.get(f"/cases/{case['number']}/accountability").text
    assert "历史自第 4 行起被改动" in page


def test_a_message_that_lies_nowhere_yet_has_an_account_too(morning: Town) -> None:
    understood = morning.app.extensions["classifier"].understand("你好")
    with morning.app.app_context(), transaction():
        number = service.open_draft("你好", source_id="SM1", phone=None, understanding=understood).number
    assert "受理" in morning.supervisor.get(f"/cases/{number}/accountability").text
