"""People and sweeps at one case in the same moment: one wins, the other is told, nothing is done twice."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app import clock
from app.accounts.roles import SYSTEM, Principal, Role
from app.cases import service
from app.cases.models import Case
from app.cases.terms import Action
from app.db import session, transaction, work
from app.errors import StaleVersion
from app.events.models import Event
from app.events.verification import first_broken_line
from app.supervision.models import Reminder
from app.supervision.sweep import sweep
from tests.cases.conftest import LOOSE
from tests.support.people import Person, file_case, somebody


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Start all together; return what each returned."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        barrier.wait()
        results[place] = job()

    threads = [threading.Thread(target=run, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def act(who: Person, case: dict[str, Any], action: str, **facts: Any) -> Any:
    return who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=case["version"])


@pytest.fixture
def held(committing_city_app: Flask) -> dict[str, Any]:
    """A case at work whose unit has asked for an extension and for a suspension."""
    app = committing_city_app
    case = file_case(somebody(app, Role.AGENT), **LOOSE)
    unit = somebody(app, Role.HANDLER, unit_id=case["unit"]["id"])
    case = act(unit, case, "accept").json
    case = act(unit, case, "ask_extension", reason="备件未到").json
    until = (datetime.now(UTC) + timedelta(days=10)).isoformat()
    asked: dict[str, Any] = act(unit, case, "ask_suspension", reason="等管线单位", until=until).json
    return asked


def count(app: Flask, case: dict[str, Any], kind: str) -> int:
    with app.app_context(), work():
        query = select(Event.id).where(Event.subject_type == "case", Event.subject_id == case["id"], Event.kind == kind)
        assert first_broken_line("case", case["id"]) is None
        return len(session().scalars(query).all())


def a_sweep_that_reminds_of_a_case_waits_for_nobody_at_work_on_it(app: Flask, held: dict[str, Any]) -> None:
    """It holds the watch that the other writes next: if it waited for the case, they would wait for each other."""
    has_it, may_go = threading.Event(), threading.Event()

    def work_on_it() -> None:
        with app.app_context(), transaction():
            service.locked(SYSTEM, held["id"])
            has_it.set()
            may_go.wait(20)

    def look_round() -> int:
        has_it.wait(20)
        with app.app_context(), clock.standing_at(datetime.now(UTC) + timedelta(days=60)), transaction():
            session().execute(text("SET LOCAL lock_timeout = '5s'"))
            looked_at = sweep()
        may_go.set()
        return looked_at

    assert at_once(work_on_it, look_round)[1] > 0
    with app.app_context(), work():
        assert session().scalars(select(Reminder.id).where(Reminder.case_id == held["id"])).first() is not None


def test_two_dispatchers_and_two_sweeps_at_once_change_a_case_once(
    committing_city_app: Flask, held: dict[str, Any]
) -> None:
    app = committing_city_app
    first, second = (somebody(app, Role.DISPATCHER, area="3302", nth=nth) for nth in (0, 1))
    answers = at_once(
        lambda: act(first, held, "grant_extension"),
        lambda: act(second, held, "grant_extension"),
        lambda: act(first, held, "refuse_extension", reason="不必"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json["type"] == "/problems/stale-version"
    assert count(app, held, "case.extension_granted") + count(app, held, "case.extension_refused") == 1

    newest = first.get(f"/api/v1/cases/{held['id']}").json
    assert act(first, newest, "grant_suspension").status_code == 200
    with app.app_context(), transaction():
        past = datetime.now(UTC) - timedelta(seconds=1)
        session().execute(update(Case).where(Case.id == held["id"]).values(suspended_until=past))

    def wake() -> int:
        with app.app_context(), transaction():
            return service.resume_due()

    assert sum(at_once(wake, wake, wake)) == 1
    a_sweep_that_reminds_of_a_case_waits_for_nobody_at_work_on_it(app, held)
    assert count(app, held, "case.resumed") == 1
    assert first.get(f"/api/v1/cases/{held['id']}").json["state"] == "handling"


def test_on_sqlite_too_the_second_of_two_at_once_is_told_what_it_missed(sqlite_app: Flask) -> None:
    with sqlite_app.app_context(), transaction():
        case = Case(number="NB1", source="web", description="井盖响", link_token="t", opened_at=clock.now())
        session().add(case)
        session().flush()
        case_id, seen = case.id, case.version
    agent = Principal(None, "坐席", frozenset({Role.AGENT}))

    def urge() -> str:
        try:
            with sqlite_app.app_context(), transaction():
                service.act(agent, case_id, Action.URGE, expected_version=seen)
        except StaleVersion as refusal:
            return str(refusal.facts["version"])
        return "done"

    assert sorted(at_once(urge, urge)) == [str(seen + 1), "done"]
    with sqlite_app.app_context(), work():
        assert session().get_one(Case, case_id).urges == 1
