"""Administering units and rules in a real database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.accounts.roles import Principal, Role
from app.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, StaleVersion
from app.events.models import Event
from app.network import queries, service
from app.network.models import RoutingRule, Unit
from app.network.routing import Route, RouteQuery, SubjectKind, route
from app.network.service import RuleFields, UnitFields
from app.network.unit_types import CITY_CENTRE, Channel, UnitLevel

ADMIN = Principal(id=None, name="系统管理员", roles=frozenset({Role.ADMINISTRATOR}))
AGENT = Principal(id=None, name="陈晓雨", roles=frozenset({Role.AGENT}))
PLATE = UnitFields(
    code="330212-90",
    name="鄞州区井盖抢修队",
    unit_type="市政设施管养单位",
    level=UnitLevel.DISTRICT,
    area_code="330212",
    duty_phone="0574-55512345",
)


@pytest.fixture
def city(city_app: Any) -> Iterator[None]:
    with db.work():
        yield


def route_cover(street: str = "330212008") -> Route:
    query = RouteQuery(
        "C0102", "排水管理单位", "市政设施管养单位", street[:6], street, None, date(2026, 11, 24), "污水井盖"
    )
    return route(query, queries.rule_index())


def add_unit(fields: UnitFields = PLATE) -> Unit:
    with db.transaction():
        return service.add_unit(ADMIN, fields)


def add_rule(fields: RuleFields) -> RoutingRule:
    with db.transaction():
        return service.add_rule(ADMIN, fields)


def test_a_new_rule_in_front_takes_its_cases_from_the_next_moment_on(city: None) -> None:
    before = route_cover()
    unit = add_unit()
    rule = add_rule(RuleFields(SubjectKind.CLASS, "C0102", unit.id, "330212", position=1))
    after = route_cover()
    assert (after.unit_id, after.rule_id, after.runner_up_id) == (unit.id, rule.id, before.unit_id)
    assert route_cover("330203002").unit_id != unit.id


def test_a_rule_without_a_position_comes_last(city: None) -> None:
    unit = add_unit()
    last = queries.rules()[-1].rule.position
    rule = add_rule(RuleFields(SubjectKind.CLASS, "C0102", unit.id, "330212"))
    assert rule.position > last
    assert route_cover().unit_id != unit.id


def test_putting_a_rule_on_a_taken_place_moves_the_others_back_in_order(city: None) -> None:
    unit = add_unit()
    order = [line.rule.id for line in queries.rules()]
    rule = add_rule(RuleFields(SubjectKind.CLASS, "C0102", unit.id, position=queries.rules()[3].rule.position))
    db.session().expire_all()
    assert [line.rule.id for line in queries.rules()] == [*order[:3], rule.id, *order[3:]]


def test_a_rule_that_is_switched_off_decides_nothing_and_stays_readable(city: None) -> None:
    before = route_cover()
    rule = queries.rule(before.rule_id or 0)
    with db.transaction():
        service.switch_rule(ADMIN, rule.id, rule.version, is_active=False)
    assert route_cover().rule_id != rule.id
    assert not queries.rule(rule.id).is_active
    with db.transaction(), pytest.raises(Conflict):
        service.switch_rule(ADMIN, rule.id, rule.version, is_active=False)
    with db.transaction():
        service.switch_rule(ADMIN, rule.id, rule.version, is_active=True)
    assert route_cover().rule_id == rule.id


def test_a_changed_rule_sends_cases_elsewhere(city: None) -> None:
    unit = add_unit()
    rule = queries.rule(route_cover().rule_id or 0)
    fields = RuleFields(SubjectKind(rule.subject_kind), rule.subject, unit.id, rule.area_code)
    with db.transaction():
        service.change_rule(ADMIN, rule.id, rule.version, fields)
    assert route_cover().unit_id == unit.id


def test_cases_pass_by_a_unit_that_is_switched_off(city: None) -> None:
    before = route_cover()
    unit = queries.unit(before.unit_id)
    fields = UnitFields(
        unit.code, unit.name, unit.unit_type, UnitLevel(unit.level), unit.area_code, unit.parent_id,
        unit.duty_phone or "", unit.contact, Channel(unit.channel), is_active=False,
    )  # fmt: skip
    with db.transaction():
        service.change_unit(ADMIN, unit.id, unit.version, fields)
    assert route_cover().unit_id == before.runner_up_id


def test_a_renamed_unit_is_named_newly_in_explanations(city: None) -> None:
    unit = add_unit()
    add_rule(RuleFields(SubjectKind.CLASS, "C0102", unit.id, position=1))
    with db.transaction():
        service.change_unit(ADMIN, unit.id, unit.version, replace(PLATE, name="鄞州区井盖应急队"))
    assert "鄞州区井盖应急队" in route_cover().explanation


def test_the_last_city_centre_cannot_be_switched_off(city: None) -> None:
    centre = queries.units(unit_type=CITY_CENTRE)[0]
    fields = UnitFields(centre.code, centre.name, CITY_CENTRE, UnitLevel.CITY, "3302", is_active=False)
    with db.transaction(), pytest.raises(Conflict):
        service.change_unit(ADMIN, centre.id, centre.version, fields)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "宁波市智慧城管中心"}, "name"),
        ({"code": "3302-01"}, "code"),
        ({"unit_type": ""}, "unit_type"),
        ({"area_code": "330299"}, "area_code"),
        ({"area_code": "330212008"}, "area_code"),  # a street for a district's unit
        ({"duty_phone": "问门卫"}, "duty_phone"),
        ({"duty_phone": "", "channel": Channel.SMS}, "duty_phone"),
        ({"parent_id": 999_999}, "parent_id"),
    ],
)
def test_a_unit_with_a_fault_is_refused_and_the_field_is_named(city: None, change: dict[str, Any], field: str) -> None:
    count = queries.count_units()
    with pytest.raises(Invalid) as refusal:
        add_unit(replace(PLATE, **change))
    assert set(refusal.value.facts["fields"]) == {field}
    assert queries.count_units() == count


def test_a_unit_cannot_be_put_below_itself(city: None) -> None:
    upper = add_unit()
    lower = add_unit(replace(PLATE, code="330212-91", name="鄞州区井盖抢修一班", parent_id=upper.id))
    with db.transaction(), pytest.raises(Invalid) as refusal:
        service.change_unit(ADMIN, upper.id, upper.version, replace(PLATE, parent_id=lower.id))
    assert "parent_id" in refusal.value.facts["fields"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject_kind": SubjectKind.ANY}, "subject"),
        ({"area_code": "330299"}, "area_code"),
        ({"unit_id": 999_999}, "unit_id"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
        ({"position": 0}, "position"),
    ],
)
def test_a_rule_with_a_fault_is_refused_and_the_field_is_named(city: None, change: dict[str, Any], field: str) -> None:
    fields = RuleFields(SubjectKind.CLASS, "C0102", queries.units(limit=1)[0].id)
    with pytest.raises(Invalid) as refusal:
        add_rule(replace(fields, **change))
    assert set(refusal.value.facts["fields"]) == {field}


def test_a_second_writer_of_a_unit_or_rule_gets_a_conflict(city: None) -> None:
    unit = add_unit()
    seen = unit.version
    with db.transaction():
        service.change_unit(ADMIN, unit.id, seen, replace(PLATE, contact="张三"))
    with db.transaction(), pytest.raises(StaleVersion) as conflict:
        service.change_unit(ADMIN, unit.id, seen, replace(PLATE, contact="李四"))
    assert conflict.value.facts["version"] == seen + 1
    assert queries.unit(unit.id).contact == "张三"


def test_only_administrators_change_the_network(city: None) -> None:
    unit = queries.units(limit=1)[0]
    rule = queries.rules()[0].rule
    fields = RuleFields(SubjectKind.CLASS, "C0102", unit.id)
    attempts = [
        lambda: service.add_unit(AGENT, PLATE),
        lambda: service.change_unit(AGENT, unit.id, unit.version, PLATE),
        lambda: service.add_rule(AGENT, fields),
        lambda: service.change_rule(AGENT, rule.id, rule.version, fields),
        lambda: service.switch_rule(AGENT, rule.id, rule.version, is_active=False),
    ]
    for attempt in attempts:
        with db.transaction(), pytest.raises(Forbidden):
            attempt()


def test_changes_are_told_with_before_and_after_and_no_whole_telephone(city: None) -> None:
    unit = add_unit()
    with db.transaction():
        service.change_unit(ADMIN, unit.id, unit.version, replace(PLATE, name="鄞州区井盖应急队"))
    event = db.session().scalars(select(Event).where(Event.kind == "unit.changed")).one()
    assert event.payload["before"]["name"] == "鄞州区井盖抢修队"
    assert event.payload["unit"]["name"] == "鄞州区井盖应急队"
    assert "12345" not in str(event.payload)
    assert unit.duty_phone == "+8657455512345"


def test_the_duty_phone_is_sealed_in_the_database(city: None) -> None:
    unit = add_unit()
    stored = db.session().connection().exec_driver_sql(f"SELECT duty_phone FROM unit WHERE id = {unit.id}").scalar_one()
    assert "555" not in stored


def test_what_does_not_exist_is_not_found(city: None) -> None:
    for ask in (queries.unit, queries.rule):
        with pytest.raises(NotFound):
            ask(999_999)
    with pytest.raises(DomainError):
        queries.areas().area("999999")


def test_units_are_found_by_area_type_and_text(city: None) -> None:
    names = {unit.name for unit in queries.units(area_code="330212008")}
    assert names == {"鄞州区百丈街道办事处", "鄞州区综合行政执法队百丈中队"}
    assert [unit.level for unit in queries.units(unit_type="供热企业")] == ["city"]
    assert queries.units(text="百%丈") == []
    assert len(queries.units(text="百丈")) == 2


def test_rules_are_listed_by_unit_and_by_text(city: None) -> None:
    squad = queries.units(text="百丈中队")[0]
    lines = queries.rules(unit_id=squad.id)
    assert [(line.unit_name, line.area_name) for line in lines] == [("鄞州区综合行政执法队百丈中队", "鄞州区百丈街道")]
    assert {line.rule.subject for line in queries.rules(text="E2122")} == {"E2122"}
