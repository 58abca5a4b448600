"""The demonstration city: complete, covered by rules, and the same every time."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from app import db
from app.accounts.models import Account
from app.accounts.roles import Role
from app.catalogue.queries import catalogue
from app.demo.city import DISTRICTS
from app.demo.seed import seed_city
from app.network import queries
from app.network.areas import AreaEntry, Level
from app.network.models import Unit
from app.network.routing import RouteQuery, route
from app.network.unit_types import CITY_CENTRE
from telephony.numbers import is_mobile
from tests.demo.conftest import FILES

TODAY = date(2026, 11, 24)
pytestmark = pytest.mark.usefixtures("city")


def every_query(streets: list[AreaEntry]) -> Iterator[RouteQuery]:
    for street in streets:
        for entry in catalogue():
            yield RouteQuery(
                entry.code,
                entry.primary_unit_type,
                entry.secondary_unit_type,
                street.code[:6],
                street.code,
                None,
                TODAY,
                entry.name,
            )


def test_no_class_is_unroutable_in_any_street_of_the_city() -> None:
    rules = queries.rule_index()
    streets = list(queries.areas().at_level(Level.STREET))
    active = set(db.session().scalars(select(Unit.id).where(Unit.is_active)))
    found = [route(query, rules) for query in every_query(streets)]
    assert len(found) == 184 * 162
    assert all(each.unit_id in active and each.explanation for each in found)


def test_in_the_six_districts_only_the_right_area_gets_a_case() -> None:
    rules = queries.rule_index()
    area_of = {row.id: row.area_code for row in db.session().execute(select(Unit.id, Unit.area_code))}
    streets = [street for district in DISTRICTS for street in queries.areas().children(district)]
    for query in every_query(streets):
        found = route(query, rules)
        assert (query.street or "").startswith(area_of[found.unit_id]), (query, found)


def test_the_six_districts_never_fall_back_to_the_city_centre() -> None:
    rules = queries.rule_index()
    centre = queries.units(unit_type=CITY_CENTRE)[0].id
    streets = [street for district in DISTRICTS for street in queries.areas().children(district)]
    assert all(route(query, rules).unit_id != centre for query in every_query(streets))


def test_every_unit_type_that_the_catalogue_names_works_in_the_city_or_is_covered_by_its_helper() -> None:
    known = set(queries.unit_types())
    for entry in catalogue():
        assert entry.primary_unit_type in known or entry.secondary_unit_type in known, entry.code


def test_there_are_59_units_of_the_city_and_more_than_250_in_all() -> None:
    levels = Counter(unit.level for unit in queries.units())
    assert levels["city"] == 59
    assert sum(levels.values()) >= 250
    assert levels["street"] == 2 * sum(len(queries.areas().children(code)) for code in DISTRICTS)


def test_every_unit_has_a_name_of_its_own_and_a_telephone_that_reaches_nobody() -> None:
    units = queries.units()
    assert len({unit.name for unit in units}) == len(units)
    assert len({unit.duty_phone for unit in units}) == len(units)
    assert all((unit.duty_phone or "").startswith(("+86574555", "+861640575")) for unit in units)


def test_a_unit_that_works_by_sms_has_a_telephone_that_messages_can_reach() -> None:
    by_sms = [unit.duty_phone for unit in queries.units() if unit.channel == "sms"]
    assert by_sms
    assert all(map(is_mobile, by_sms))


def test_units_work_by_all_four_channels() -> None:
    assert {unit.channel for unit in queries.units()} == {"web", "api", "sms", "telephone"}


def test_units_hang_below_the_city_centre() -> None:
    by_id = {unit.id: unit for unit in queries.units()}
    for unit in by_id.values():
        steps = 0
        above = unit
        while above.parent_id is not None:
            above, steps = by_id[above.parent_id], steps + 1
            assert steps < 5
        assert above.level == "city"


def test_everyone_is_there_and_nobody_has_a_password() -> None:
    accounts = list(db.session().scalars(select(Account)))
    roles = Counter(role for account in accounts for role in account.roles)
    assert roles[Role.AGENT] == 24
    assert roles[Role.SUPERVISOR] == 3
    assert roles[Role.ADMINISTRATOR] == 1
    assert roles[Role.HANDLER] == queries.count_units()
    assert {account.area_code for account in accounts if Role.INSPECTOR in account.roles} == set(DISTRICTS)
    assert all(account.password_hash is None for account in accounts)
    first = min(accounts, key=lambda account: account.work_no)
    assert (first.work_no, first.name, first.login) == ("1001", "陈晓雨", "agent1001")


def test_a_city_that_exists_is_not_built_again() -> None:
    before = queries.count_units()
    with db.transaction():
        assert not seed_city(FILES)
    assert queries.count_units() == before
    assert queries.rule_index() is queries.rule_index()
