"""督办: a requirement with a deadline of its own, the unit's answer, and what happens when there is none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, transaction, work
from app.errors import Forbidden, Invalid, NotFound
from app.supervision import orders
from app.supervision.models import Digest, Reminder, SupervisionOrder
from app.supervision.orders import OrderFields, OrderKind
from tests.supervision.conftest import sweep_at
from tests.support.people import Person, somebody

HOUR = timedelta(hours=1)
WORDS = "请今天之内补装并拍照"


def give(app: Flask, who: Person, case_id: int, **changes: Any) -> int:
    fields = OrderFields(**{"requirement": WORDS, "kind": OrderKind.IMPORTANT, "level": 1, **changes})
    with app.app_context(), transaction():
        person = session().get_one(Account, who.account_id).as_principal()
        return orders.order(person, case_id, fields).id


def stored(app: Flask, order_id: int) -> SupervisionOrder:
    with app.app_context(), work():
        return session().get_one(SupervisionOrder, order_id)


@pytest.fixture
def leader(city_app: Flask) -> Person:
    return somebody(city_app, Role.LEADER, area="330212008")


def test_a_leaders_order_is_counted_on_the_case_and_waits_for_the_unit(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    made = stored(city_app, give(city_app, leader, case["id"]))
    assert (made.kind, made.level, made.state, made.requirement) == ("important", 1, "open", WORDS)
    assert made.due_at == now + 4 * HOUR
    assert made.unit_id == case["unit"]["id"]
    with city_app.app_context(), work():
        assert session().get_one(Case, case["id"]).supervisions == 1


def test_the_units_reply_over_the_api_settles_it(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    made = give(city_app, leader, case["id"])
    unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    answer = unit.post(
        f"/api/v1/cases/{case['id']}/actions/reply_supervision",
        {"reason": "已派人，下午三点前装好"},
        version=case["version"] + 1,
    )
    assert answer.status_code == 200, answer.json
    settled = stored(city_app, made)
    assert (settled.state, settled.reply, settled.replied_by) == ("replied", "已派人，下午三点前装好", unit.account_id)


def test_an_order_given_over_the_api_is_kept_too(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    answer = leader.post(f"/api/v1/cases/{case['id']}/actions/supervise", {"reason": WORDS}, version=case["version"])
    assert answer.status_code == 200, answer.json
    with city_app.app_context(), work():
        made = session().scalars(select(SupervisionOrder)).one()
        assert (made.kind, made.made_by, made.requirement) == ("leader", leader.account_id, WORDS)


def test_an_unanswered_order_is_told_once_to_the_unit_its_head_and_who_gave_it(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person, head: int
) -> None:
    due = now + HOUR + timedelta(seconds=1)
    give(city_app, leader, case["id"], due_at=due)
    for minutes in (0, 1, 15):
        sweep_at(city_app, due + timedelta(minutes=minutes))
    with city_app.app_context(), work():
        found = [each for each in session().scalars(select(Digest)) if "督办答复时限已过" in each.text]
        told = {each.recipient for each in session().scalars(select(Digest))}
    assert len(found) == len({each.recipient for each in found})
    assert {f"account:{head}", f"account:{leader.account_id}", f"unit:{case['unit']['id']}"} <= told


def test_an_order_follows_the_case_and_ends_with_it(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    made = give(city_app, leader, case["id"])
    unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    path, version = f"/api/v1/cases/{case['id']}/actions", case["version"] + 1
    returned = unit.post(f"{path}/return", {"reason": "不归我管"}, version=version)
    assert returned.status_code == 200, returned.json
    sweep_at(city_app, now + 4 * HOUR)
    with city_app.app_context(), work():
        told = set(session().scalars(select(Reminder.recipient).where(Reminder.clock == "order")))
    dispatcher = somebody(city_app, Role.DISPATCHER, area="330212")
    assert told == {f"account:{leader.account_id}", f"account:{dispatcher.account_id}"}, "the unit has it no longer"
    chief = somebody(city_app, Role.SUPERVISOR)
    voided = chief.post(f"{path}/void", {"reason": "重复"}, version=returned.json["version"])
    assert voided.status_code == 200, voided.json
    assert stored(city_app, made).state == "ended"


def test_an_order_without_reply_needs_none(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    assert stored(city_app, give(city_app, leader, case["id"], needs_reply=False)).state == "told"


def test_a_senseless_order_is_refused_with_the_fields_at_fault(
    city_app: Flask, now: datetime, case: dict[str, Any], leader: Person
) -> None:
    for changes, field in (
        ({"requirement": " 快 "}, "requirement"),
        ({"level": 9}, "level"),
        ({"due_at": clock.now() - HOUR}, "due_at"),
    ):
        with pytest.raises(Invalid) as refusal:
            give(city_app, leader, case["id"], **changes)
        assert field in refusal.value.facts["fields"]


def test_a_leader_of_another_district_knows_no_such_case_and_a_handler_may_not(
    city_app: Flask, now: datetime, case: dict[str, Any]
) -> None:
    with pytest.raises(NotFound):
        give(city_app, somebody(city_app, Role.LEADER, area="330203"), case["id"])
    with pytest.raises(Forbidden):
        give(city_app, somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"]), case["id"])
