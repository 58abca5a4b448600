"""Whoever is asked for no other number is reached at the one the call came from."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.calls.models import Call, CallState
from app.db import session, transaction
from tests.support.people import file_case, somebody, stored


def call_from(app: Flask, number: str | None) -> int:
    with app.app_context(), transaction():
        now = clock.now()
        call = Call(sid=f"CA{number}", state=CallState.ENDED, called="96310", started_at=now, last_contact_at=now)
        call.caller_number = number
        session().add(call)
        session().flush()
        return call.id


@pytest.mark.parametrize(
    ("from_number", "named", "kept"),
    [
        ("+8613900001111", "", "+8613900001111"),
        ("+8613900001111", "13800001234", "+8613800001234"),
        (None, "", None),
    ],
)
def test_a_case_takes_the_callers_number_from_the_call(
    city_app: Flask, from_number: str | None, named: str, kept: str | None
) -> None:
    agent = somebody(city_app, Role.AGENT)
    filed = file_case(agent, call_id=call_from(city_app, from_number), reporter_phone=named)
    case = stored(city_app, filed["id"])
    assert case.reporter_phone == kept
    assert bool(case.reporter_hash) == bool(kept)


def test_a_call_that_does_not_exist_gives_no_number(city_app: Flask) -> None:
    changes: dict[str, Any] = {"call_id": 10**7, "reporter_phone": ""}
    filed = file_case(somebody(city_app, Role.AGENT), **changes)
    assert stored(city_app, filed["id"]).reporter_phone is None
