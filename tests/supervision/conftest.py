from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.accounts.models import Account
from app.accounts.roles import Role
from app.db import session, transaction
from app.network.models import Unit
from app.supervision.models import UnitHead
from app.supervision.tasks import sweep_lamps
from tests.cases.conftest import morning, town
from tests.support.people import COVER, Person, file_case, somebody

__all__ = ["morning", "town"]

# A Tuesday at ten in the city, long before the demonstration's own cases were opened.
NOON = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def now() -> Iterator[datetime]:
    with clock.standing_at(NOON):
        yield NOON


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def case(now: datetime, agent: Person) -> dict[str, Any]:
    """A missing cover: two urgent hours, until 12:00 in the city."""
    return file_case(agent, **COVER)


@pytest.fixture
def head(city_app: Flask, case: dict[str, Any]) -> int:
    """Somebody leads the unit, with a mobile telephone; the unit has one too."""
    with city_app.app_context(), transaction():
        account = session().scalars(select(Account).where(Account.login == "supervisor2001")).one()
        account.phone = "+8613900000002"
        session().add(UnitHead(unit_id=case["unit"]["id"], account_id=account.id))
        session().get_one(Unit, case["unit"]["id"]).duty_phone = "+8613900000001"
        return account.id


def sweep_at(app: Flask, moment: datetime) -> None:
    with app.app_context(), clock.standing_at(moment):
        sweep_lamps()
