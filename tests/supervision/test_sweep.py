"""定时报警: whom the sweep tells of what, once, in one digest, and not in the night."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Role
from app.cases import service
from app.cases.models import Case
from app.db import session, transaction, work
from app.events.models import Event
from app.messages.models import OutgoingMessage
from app.network.models import Unit
from app.supervision.models import CaseWatch, Digest, LadderRung, Reminder
from app.supervision.tasks import watch_all
from tests.supervision.conftest import sweep_at
from tests.support.people import Person, file_case, picture, somebody

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def digests(app: Flask) -> list[tuple[str, str]]:
    """Without those about the verification that runs beside an urgent case: they have a test of their own."""
    with app.app_context(), work():
        found = [(each.recipient, each.text) for each in session().scalars(select(Digest).order_by(Digest.id))]
    return [(recipient, text) for recipient, text in found if "核实时限" not in text]


def told(app: Flask) -> list[str]:
    return [recipient for recipient, _ in digests(app)]


def watch(app: Flask, case_id: int) -> CaseWatch | None:
    with app.app_context(), work():
        return session().get(CaseWatch, case_id)


def count(app: Flask, table: Any) -> int:
    with app.app_context(), work():
        return session().scalar(select(func.count()).select_from(table)) or 0


def test_the_lamp_goes_from_green_over_yellow_to_red(city_app: Flask, now: datetime, case: dict[str, Any]) -> None:
    lamps = []
    for minutes in (0, 61, 97, 121):
        sweep_at(city_app, now + minutes * MINUTE)
        found = watch(city_app, case["id"])
        assert found is not None
        lamps.append((found.lamp, found.rank))
    assert lamps == [("green", 2), ("green", 2), ("yellow", 1), ("red", 0)]


def test_half_the_limit_is_told_to_the_handler_then_the_head_then_the_leader(
    city_app: Flask, now: datetime, case: dict[str, Any], head: int
) -> None:
    unit = f"unit:{case['unit']['id']}"
    sweep_at(city_app, now + 59 * MINUTE)
    assert told(city_app) == []
    sweep_at(city_app, now + 60 * MINUTE)
    assert told(city_app) == [unit]
    sweep_at(city_app, now + 96 * MINUTE)
    assert sorted(told(city_app)[1:]) == [f"account:{head}", unit]
    sweep_at(city_app, now + 120 * MINUTE)
    leaders = set(told(city_app)[3:]) - {unit, f"account:{head}"}
    leader = somebody(city_app, Role.LEADER, area="330212008")
    assert leaders == {f"account:{leader.account_id}"}
    first, last = digests(city_app)[0][1], digests(city_app)[-1][1]
    named = f"{case['number']}“{case['class_name']}”"
    assert first == f"【宁波城管热线】{named}处置时限已用50%，06月02日12:00到期，请尽快处理。"
    assert "处置时限已过（06月02日12:00）" in last


def test_a_digest_goes_out_as_a_text_message_and_to_the_desk(
    city_app: Flask, now: datetime, case: dict[str, Any], head: int
) -> None:
    sweep_at(city_app, now + 60 * MINUTE)
    with city_app.app_context(), work():
        sent = session().scalars(select(Event).where(Event.kind == "reminder.digest")).all()
        event = next(each for each in sent if "处置时限" in each.payload["text"])
        assert event.audience == ["supervisors", f"unit:{case['unit']['id']}"]
        assert "1390000" not in str(event.payload)
        message = session().scalars(select(OutgoingMessage).where(OutgoingMessage.event_id == event.id)).one()
        assert (message.recipient, message.text) == ("+8613900000001", event.payload["text"])


def test_nothing_is_told_twice_however_often_the_sweep_runs(
    city_app: Flask, now: datetime, case: dict[str, Any], head: int
) -> None:
    for minute in (60, 61, 80, 95):
        sweep_at(city_app, now + minute * MINUTE)
    with city_app.app_context(), transaction():  # as if every case had to be looked at anew
        session().execute(update(CaseWatch).values(next_at=now))
    sweep_at(city_app, now + 95 * MINUTE)
    assert len(told(city_app)) == 1
    with city_app.app_context(), work():
        kept = select(Reminder.clock, Reminder.recipient)
        reminders = [tuple(row) for row in session().execute(kept)]
    assert len(reminders) == len(set(reminders))
    assert [clock for clock, _ in reminders].count("limit") == 1


def test_after_a_day_without_a_sweep_each_gets_one_digest(
    city_app: Flask, now: datetime, agent: Person, case: dict[str, Any], head: int
) -> None:
    others = [file_case(agent, description=f"井盖不见了，第{nth}处") for nth in range(4)]
    sweep_at(city_app, now + 24 * HOUR)
    assert len(told(city_app)) == len(set(told(city_app))) == 3
    at_unit = dict(digests(city_app))[f"unit:{case['unit']['id']}"]
    assert f"您有{len(others) + 1}件案件需处理：已超期5件。最早的{case['number']}" in at_unit


def test_quiet_hours_postpone_and_lose_nothing(city_app: Flask, now: datetime, agent: Person) -> None:
    evening = now + 11 * HOUR  # 21:00
    with clock.standing_at(evening):
        case = file_case(agent)
    sweep_at(city_app, evening + 70 * MINUTE)  # 22:10, half of the limit is used
    assert told(city_app) == []
    sweep_at(city_app, evening + 121 * MINUTE)  # 23:01: overdue wakes the desk, not the leaders
    assert told(city_app) == [f"unit:{case['unit']['id']}"]
    sweep_at(city_app, evening + 10 * HOUR + MINUTE)  # 07:01
    assert any(name.startswith("account:") for name in told(city_app))


def test_an_urgent_case_that_nobody_has_wakes_the_dispatchers(city_app: Flask, now: datetime, agent: Person) -> None:
    evening = now + 12 * HOUR + 30 * MINUTE
    with clock.standing_at(evening):  # 22:30
        for changes in ({}, {"condition_no": 3}):
            case = file_case(agent, **changes)
            unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
            path = f"/api/v1/cases/{case['id']}/actions/return"
            assert unit.post(path, {"reason": "不归我管"}, version=case["version"]).status_code == 200
    with city_app.app_context(), work():
        waiting = session().scalars(select(CaseWatch.case_id).where(CaseWatch.clock == "dispatch")).all()
    assert case["id"] in waiting
    sweep_at(city_app, evening + 16 * MINUTE)
    dispatcher = somebody(city_app, Role.DISPATCHER, area="330212")
    assert told(city_app) == [f"account:{dispatcher.account_id}"]
    with city_app.app_context(), work():
        woken = session().scalars(select(Reminder.case_id).where(Reminder.clock == "dispatch", Reminder.at_night)).all()
    assert len(woken) == 1
    assert case["id"] not in woken, "two working days can wait for the morning"


def test_what_was_settled_before_the_morning_is_told_to_nobody(city_app: Flask, now: datetime, agent: Person) -> None:
    evening = now + 11 * HOUR + 30 * MINUTE
    with clock.standing_at(evening):
        case = file_case(agent)
    sweep_at(city_app, evening + 65 * MINUTE)
    with clock.standing_at(evening + 66 * MINUTE):
        unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
        path = f"/api/v1/cases/{case['id']}"
        accepted = unit.post(f"{path}/actions/accept", version=case["version"]).json
        unit.upload(f"{path}/attachments", picture(), "result")
        done = unit.post(f"{path}/actions/feed_back", {"result": "已补装"}, version=accepted["version"] + 1)
        assert done.status_code == 200, done.json
    sweep_at(city_app, evening + 10 * HOUR)
    assert [name for name in told(city_app) if name.startswith("unit:")] == []
    assert told(city_app), "the inspectors are late with their check"


def test_a_desk_is_not_disturbed_more_than_once_in_ten_minutes(
    city_app: Flask, now: datetime, agent: Person, case: dict[str, Any]
) -> None:
    with clock.standing_at(now + 2 * MINUTE):
        second = file_case(agent, description="又一处井盖不见了")
    for minute in (60, 61, 62, 69):
        sweep_at(city_app, now + minute * MINUTE)
    assert len(told(city_app)) == 1
    sweep_at(city_app, now + 71 * MINUTE)
    assert second["number"] in digests(city_app)[1][1]


def test_a_verification_beside_the_work_reminds_the_inspectors_once_until_somebody_has_looked(
    city_app: Flask, now: datetime, agent: Person, case: dict[str, Any]
) -> None:
    with clock.standing_at(now + MINUTE):
        seen = file_case(agent, description="另一处井盖不见了")
        inspector = somebody(city_app, Role.INSPECTOR, area="330212")
        inspector.post(f"/api/v1/cases/{seen['id']}/actions/confirm_exists", version=seen["version"])
    for minute in (29, 30, 31, 45):
        sweep_at(city_app, now + minute * MINUTE)
    with city_app.app_context(), work():
        told = session().scalars(select(Digest)).all()
        inspectors = session().scalars(select(Account.id).where(Account.area_code == inspector.area_code)).all()
    assert {each.recipient for each in told} <= {f"account:{who}" for who in inspectors}
    assert {each.text for each in told} == {
        f"【宁波城管热线】{case['number']}“{case['class_name']}”核实时限已过（06月02日10:30），请尽快处理。"
    }
    assert len({each.recipient for each in told}) == len(told)


def test_a_message_from_nowhere_reminds_the_citys_dispatchers(city_app: Flask, now: datetime) -> None:
    understood = city_app.extensions["classifier"].understand("你好")
    with city_app.app_context(), transaction():
        service.open_draft("你好", source_id="SM1", phone=None, understanding=understood)
    sweep_at(city_app, now + 16 * MINUTE)
    dispatcher = somebody(city_app, Role.DISPATCHER, area="3302")
    assert f"account:{dispatcher.account_id}" in told(city_app)
    assert "受理时限已过" in digests(city_app)[0][1]


def test_a_new_units_limit_is_a_plain_one_however_often_the_former_was_extended(
    city_app: Flask, now: datetime, case: dict[str, Any]
) -> None:
    unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    dispatcher = somebody(city_app, Role.DISPATCHER, area="3302")
    path, version = f"/api/v1/cases/{case['id']}/actions", case["version"]
    with city_app.app_context(), work():
        here = (Unit.area_code == "330212", Unit.id != case["unit"]["id"])
        other = session().scalars(select(Unit.id).where(Unit.is_active, *here).order_by(Unit.id)).first()
    for who, action, facts in (
        (unit, "ask_extension", {"reason": "备件未到"}),
        (dispatcher, "grant_extension", {}),
        (dispatcher, "reassign", {"reason": "片区调整", "unit_id": other}),
    ):
        answer = who.post(f"{path}/{action}", facts, version=version)
        assert answer.status_code == 200, answer.json
        version = answer.json["version"]
    sweep_at(city_app, now + 59 * MINUTE)
    assert told(city_app) == []
    sweep_at(city_app, now + 60 * MINUTE)
    assert told(city_app) == [f"unit:{other}"]


def test_a_waiting_draft_reminds_the_dispatchers_of_its_stage(city_app: Flask, now: datetime, agent: Person) -> None:
    waiting = file_case(agent, dispatch=False, class_code="E0101", condition_no=1)
    assert waiting["state"] == "filed"
    found = watch(city_app, waiting["id"])
    assert found is not None
    assert (found.clock, found.is_assigned) == ("dispatch", False)
    sweep_at(city_app, now + 16 * MINUTE)
    dispatcher = somebody(city_app, Role.DISPATCHER, area="330212")
    assert told(city_app) == [f"account:{dispatcher.account_id}"]
    assert "派遣时限已过" in digests(city_app)[0][1]


def test_a_ladder_of_its_own_replaces_the_default(city_app: Flask, now: datetime, case: dict[str, Any]) -> None:
    with city_app.app_context(), transaction():
        session().add(LadderRung(class_code=case["class_code"][:3], percent=25, recipient="leader"))
        session().execute(update(CaseWatch).values(next_at=now))
    sweep_at(city_app, now + 31 * MINUTE)
    sweep_at(city_app, now + 125 * MINUTE)
    assert len(told(city_app)) == 1
    assert told(city_app)[0].startswith("account:")


def test_the_ladder_can_order_supervision_by_itself_once(city_app: Flask, now: datetime, case: dict[str, Any]) -> None:
    with city_app.app_context(), transaction():
        session().add(LadderRung(percent=150, recipient="order"))
        session().execute(update(CaseWatch).values(next_at=now))
    sweep_at(city_app, now + 181 * MINUTE)
    with city_app.app_context(), transaction():
        session().execute(update(CaseWatch).values(next_at=now))
    sweep_at(city_app, now + 190 * MINUTE)
    with city_app.app_context(), work():
        assert session().get_one(Case, case["id"]).supervisions == 1
        kinds = select(Event.kind).where(Event.subject_type == "case", Event.subject_id == case["id"])
        assert list(session().scalars(kinds)).count("case.supervised") == 1


def test_unassigned_cases_come_first_then_the_oldest(
    city_app: Flask, now: datetime, agent: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = file_case(agent)
    with clock.standing_at(now + 3 * HOUR):
        lost = file_case(agent, dispatch=False, class_code="E0101", condition_no=1)
    monkeypatch.setattr("app.supervision.sweep.BITE", 1)
    monkeypatch.setattr("app.supervision.tasks.MOST_BITES", 1)
    monkeypatch.setattr("app.supervision.tasks.BITE", 1)
    with city_app.app_context(), transaction():
        session().execute(delete(CaseWatch).where(CaseWatch.case_id.notin_([old["id"], lost["id"]])))
    sweep_at(city_app, now + 4 * HOUR)
    with city_app.app_context(), work():
        assert list(session().scalars(select(Reminder.case_id).where(Reminder.clock != "verify"))) == [lost["id"]]
    sweep_at(city_app, now + 4 * HOUR)
    with city_app.app_context(), work():
        assert set(session().scalars(select(Reminder.case_id))) == {lost["id"], old["id"]}


def test_cases_that_came_in_beside_the_workflow_are_taken_up(
    city_app: Flask, now: datetime, case: dict[str, Any]
) -> None:
    with city_app.app_context(), transaction():
        session().execute(delete(CaseWatch))
    with city_app.app_context():
        watch_all()
    assert watch(city_app, case["id"]) is not None
    with city_app.app_context(), work():
        still_open = Case.state.notin_(["closed", "void", "rejected"])
        open_cases = session().scalar(select(func.count()).select_from(Case).where(still_open))
    assert count(city_app, CaseWatch) == open_cases


def test_an_ended_case_has_no_lamp(city_app: Flask, now: datetime, agent: Person) -> None:
    waiting = file_case(agent, dispatch=False, class_code="E0101", condition_no=1)
    chief = somebody(city_app, Role.SUPERVISOR)
    gone = chief.post(f"/api/v1/cases/{waiting['id']}/actions/void", {"reason": "重复"}, version=waiting["version"])
    assert gone.status_code == 200, gone.json
    assert watch(city_app, waiting["id"]) is None
