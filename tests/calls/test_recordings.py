"""Who may listen to what a caller said, and that each listening is written down."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.calls.models import Call, CallState, Party, PartyKind, PartyState
from app.db import session, transaction, work
from app.events import access
from tests.support.carrier import FakeCarrier
from tests.support.people import Person, file_case, somebody

WAV = b"RIFF" + b"\0" * 40
URL = "http://localhost:9/Recordings/RE1"


@pytest.fixture
def owner(city_app: Flask, carrier: FakeCarrier) -> Person:
    carrier.recordings[URL] = WAV
    return somebody(city_app, Role.AGENT)


def recorded(app: Flask, agent_id: int | None, *, case_id: int | None = None, voicemail: bool = False) -> int:
    with app.app_context(), transaction():
        now = clock.now()
        call = Call(
            sid=f"CA-recorded-{agent_id}-{case_id}-{voicemail}",
            state=CallState.ENDED,
            called="96310",
            started_at=now,
            last_contact_at=now,
            agent_id=agent_id,
            case_id=case_id,
            is_voicemail=voicemail,
            recording_url=URL,
            recording_seconds=12,
        )
        session().add(call)
        session().flush()
        return call.id


def listened(app: Flask, call_id: int) -> list[int]:
    with app.app_context(), work():
        return [look.viewer_id for look in access.looks(("call", call_id)) if look.what == "recording"]


def hear(who: Person, call_id: int) -> int:
    with who.get(f"/api/v1/calls/{call_id}/recording") as answer:
        assert answer.status_code != 200 or answer.data == WAV
        return int(answer.status_code)


def test_an_agent_hears_the_own_calls_and_a_supervisor_all(city_app: Flask, owner: Person) -> None:
    other, chief = somebody(city_app, Role.AGENT, nth=1), somebody(city_app, Role.SUPERVISOR)
    call = recorded(city_app, owner.account_id)
    assert [hear(who, call) for who in (owner, other, chief)] == [200, 403, 200]
    assert sorted(listened(city_app, call)) == sorted([owner.account_id, chief.account_id])


def test_a_voicemail_that_nobody_has_taken_is_everybodys(city_app: Flask, owner: Person) -> None:
    call = recorded(city_app, None, voicemail=True)
    assert hear(somebody(city_app, Role.AGENT, nth=1), call) == 200


def test_whoever_handed_the_call_on_or_took_part_may_hear_it(city_app: Flask, owner: Person) -> None:
    call, third = recorded(city_app, owner.account_id), somebody(city_app, Role.AGENT, nth=2)
    with city_app.app_context(), transaction():
        took_part = {"attempt": 1, "kind": PartyKind.AGENT, "state": PartyState.GONE, "label": third.name}
        now = clock.now()
        session().add(Party(call_id=call, account_id=third.account_id, asked_at=now, joined_at=now, **took_part))
    assert hear(third, call) == 200


def test_the_drawer_lists_what_may_be_heard(city_app: Flask, owner: Person) -> None:
    filed = file_case(owner)
    mine = recorded(city_app, owner.account_id, case_id=filed["id"])
    chief, other = somebody(city_app, Role.SUPERVISOR), somebody(city_app, Role.AGENT, nth=1)
    path = f"/api/v1/cases/{filed['id']}/recordings"
    assert [one["call_id"] for one in owner.get(path).json] == [mine]
    assert [one["url"] for one in chief.get(path).json] == [f"/api/v1/calls/{mine}/recording"]
    assert other.get(path).json == []
    assert listened(city_app, mine) == []  # a list is no listening


@pytest.fixture
def generous(city_app: Flask) -> Iterator[None]:
    """A city that lets its units listen."""
    before = city_app.extensions["settings"]
    city_app.extensions["settings"] = before.model_copy(update={"units_hear_recordings": True})
    yield
    city_app.extensions["settings"] = before


def behind_a_case(app: Flask, owner: Person, **changes: Any) -> tuple[Person, int, str]:
    filed = file_case(owner, **changes)
    call = recorded(app, owner.account_id, case_id=filed["id"])
    unit = somebody(app, Role.HANDLER, unit_id=filed["unit"]["id"])
    return unit, call, f"/api/v1/cases/{filed['id']}/recordings"


def test_units_hear_nothing_unless_the_city_permits_it(city_app: Flask, owner: Person) -> None:
    unit, call, path = behind_a_case(city_app, owner)
    assert (hear(unit, call), unit.get(path).json) == (403, [])


def test_with_the_citys_permission_a_unit_hears_its_own_cases_only(
    city_app: Flask, owner: Person, generous: None
) -> None:
    unit, call, path = behind_a_case(city_app, owner)
    assert (hear(unit, call), len(unit.get(path).json)) == (200, 1)
    foreign = recorded(city_app, owner.account_id)
    assert hear(unit, foreign) == 403


def test_a_confidential_callers_voice_never_reaches_a_unit(city_app: Flask, owner: Person, generous: None) -> None:
    unit, call, path = behind_a_case(city_app, owner, confidential=True)
    assert (hear(unit, call), unit.get(path).json) == (403, [])
