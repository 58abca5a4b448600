"""One rule in three forms — a condition for lists, a question about a row, rooms for pushes — that never disagree."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.accounts.roles import Principal, Role
from app.cases import service
from app.cases.models import Case
from app.cases.schemas import ActionFacts, NewCase
from app.cases.terms import Action
from app.cases.visibility import (
    can_see,
    can_see_reporter,
    lookouts,
    lookouts_on,
    reaches,
    rooms,
    rooms_of,
    visible,
)
from app.channels.models import HookDelivery, UnitHook
from app.db import session, transaction, work
from app.events.models import Event
from app.messages.models import OutgoingMessage
from app.network.models import Unit
from app.network.queries import areas
from app.network.service import renew_stamp
from tests.support.classifier import FakeClassifier
from tests.support.people import COVER, Person, file_case, somebody

CITY, DISTRICT, STREET = "3302", "330212", "330212008"
ELSEWHERE, OTHER_STREET = "330203", "330212001"
CALLER, PHONE = "周小满", "13987654321"
COMMAND = Principal(None, "值班长", frozenset({Role.SUPERVISOR}))


@pytest.fixture
def places(city_app: Flask) -> list[str]:
    """From the province down to a community of the case's street, and another community."""
    with city_app.app_context(), work():
        near, far = [each.code for each in areas().children(STREET)][:2]
    return ["33", CITY, DISTRICT, STREET, near, far, OTHER_STREET, ELSEWHERE, f"{ELSEWHERE}008"]


@pytest.fixture
def units(city_app: Flask) -> list[int]:
    with city_app.app_context(), work():
        here = select(Unit.id).where(Unit.is_active, Unit.area_code == DISTRICT).order_by(Unit.id).limit(5)
        return list(session().scalars(here))


def people(places: list[str], units: list[int]) -> Iterator[Principal]:
    for role in Role:
        for area in places:
            yield Principal(1, role, frozenset({role}), area_code=area)
    for unit in units:
        yield Principal(1, "处置", frozenset({Role.HANDLER}), area_code=DISTRICT, unit_id=unit)
        yield Principal(1, "两样", frozenset({Role.HANDLER, Role.LEADER}), area_code=OTHER_STREET, unit_id=unit)


def step(case: Case, action: Action, who: Principal = COMMAND, **facts: Any) -> None:
    service.act(who, case.id, action, facts=ActionFacts(reason="理由", **facts))


def stories(place: dict[str, str], units: list[int]) -> Iterator[Case]:
    """Cases at every turn at which somebody begins or ceases to know them."""
    main, co, other, *_ = units
    agent = Principal(None, "坐席", frozenset({Role.AGENT}))
    hand = Principal(None, "处置", frozenset({Role.HANDLER}), unit_id=main)
    helper = Principal(None, "协办", frozenset({Role.HANDLER}), unit_id=co)

    def opened(**changes: Any) -> Case:
        return service.open_case(agent, NewCase(**{**COVER, "condition_no": 3, **place, **changes}))

    heard = FakeClassifier().understand("井盖坏了")
    yield service.open_draft("井盖坏了", source_id="SM-draft", phone=None, understanding=heard)
    yield opened(dispatch=False)
    yield opened(verify=True)
    denied = opened(verify=True)
    step(denied, Action.DENY_EXISTS)
    yield denied
    at_work = opened(dispatch=False)
    step(at_work, Action.DISPATCH, unit_id=main, co_unit_ids=(co,))
    yield at_work
    returned = opened(dispatch=False)
    step(returned, Action.DISPATCH, unit_id=main)
    step(returned, Action.RETURN, hand)
    yield returned
    # A co-unit that has done its part becomes the main unit, and then loses the case.
    promoted = opened(dispatch=False)
    step(promoted, Action.DISPATCH, unit_id=main, co_unit_ids=(co,))
    step(promoted, Action.CO_FEED_BACK, helper, result="已做")
    step(promoted, Action.REASSIGN, unit_id=co)
    step(promoted, Action.REASSIGN, unit_id=other)
    yield promoted
    voided = opened(dispatch=False)
    step(voided, Action.VOID)
    yield voided


def test_lists_rows_and_rooms_agree_on_every_person_and_every_turn_of_a_case(
    city_app: Flask, places: list[str], units: list[int]
) -> None:
    with city_app.app_context(), transaction():
        cases = list(stories({"street": STREET, "community": places[4]}, units))
        session().flush()
        ids = [case.id for case in cases]
        for who in people(places, units):
            listed = set(session().scalars(select(Case.id).where(Case.id.in_(ids), visible(who))))
            for turn, case in enumerate(cases):
                said = f"{sorted(who.roles)} of {who.area_code}, unit {who.unit_id}, turn {turn} ({case.state})"
                assert (case.id in listed) == can_see(who, case), said
                if not who.roles & {Role.ADMINISTRATOR, Role.SYSTEM}:  # these look, and are told nothing by push
                    assert bool(rooms_of(who) & rooms(case)) == reaches(who, case), said
                    sits, sees = rooms_of(who) | lookouts(who), rooms(case) | lookouts_on(rooms(case))
                    assert bool(sits & sees) == can_see(who, case), said


def test_each_level_sees_what_lies_below_it_and_nothing_beside_it(
    city_app: Flask, places: list[str], units: list[int]
) -> None:
    with city_app.app_context(), transaction():
        case = list(stories({"street": STREET, "community": places[4]}, units))[4]
        for role in (Role.LEADER, Role.INSPECTOR, Role.DISPATCHER):
            seeing = [area for area in places if can_see(Principal(1, "", frozenset({role}), area_code=area), case)]
            assert seeing == places[:5], role
        handlers = [Principal(1, "", frozenset({Role.HANDLER}), unit_id=unit) for unit in units]
        assert [can_see(each, case) for each in handlers] == [True, True, False, False, False]


def test_a_unit_looks_at_all_that_the_units_below_it_do_and_at_nothing_beside_or_above_it(city_app: Flask) -> None:
    with city_app.app_context(), transaction():
        squad, beside, helper = (_unit(code) for code in ("330212008-02", "330212001-02", "330203008-02"))
        team, far = _above(squad), _above(helper)
        centre, city = _above(team), _above(_above(team))
        case, own = _dispatched(squad.id, helper.id), _dispatched(centre.id)
        squad.is_active = False
        everyone = [city, centre, team, squad, beside, far, helper]
        assert _seers(case, everyone) == [city, centre, team, squad, far, helper]
        assert _seers(own, everyone) == [city, centre]
        assert [unit for unit in everyone if reaches(_handler(unit), case)] == [squad, helper]
        assert not can_see(Principal(None, "值班电话", frozenset({Role.HANDLER}), unit_id=team.id), case)
        squad.parent_id = None
        renew_stamp("routing")
        assert _seers(case, everyone) == [city, squad, far, helper]


def test_a_dispatcher_of_elsewhere_does_not_learn_who_called_a_unit_below_their_own(city_app: Flask) -> None:
    with city_app.app_context(), transaction():
        squad = _unit("330212008-02")
        case, roles = _dispatched(squad.id), frozenset({Role.HANDLER, Role.DISPATCHER})
        both = Principal(1, "", roles, area_code=ELSEWHERE, unit_id=squad.parent_id)
        assert can_see(both, case)
        assert not can_see_reporter(both, case)
        assert can_see_reporter(replace(both, area_code=DISTRICT), case)


def _unit(code: str) -> Unit:
    return session().scalars(select(Unit).where(Unit.code == code)).one()


def _above(unit: Unit) -> Unit:
    return session().get_one(Unit, unit.parent_id)


def _handler(unit: Unit) -> Principal:
    return Principal(1, "", frozenset({Role.HANDLER}), area_code=DISTRICT, unit_id=unit.id)


def _dispatched(unit_id: int, *co_unit_ids: int) -> Case:
    agent = Principal(None, "坐席", frozenset({Role.AGENT}))
    case = service.open_case(agent, NewCase(**{**COVER, "condition_no": 3, "dispatch": False}))
    step(case, Action.DISPATCH, unit_id=unit_id, co_unit_ids=co_unit_ids)
    session().flush()
    return case


def _seers(case: Case, units: list[Unit]) -> list[Unit]:
    """As a list says it, and as the row does."""
    listed = [u for u in units if session().scalar(select(Case.id).where(Case.id == case.id, visible(_handler(u))))]
    assert listed == [unit for unit in units if can_see(_handler(unit), case)]
    return listed


def test_a_community_without_its_street_still_lies_in_the_street(city_app: Flask, places: list[str]) -> None:
    case = file_case(somebody(city_app, Role.AGENT), street=None, community=places[4])
    assert case["street"]["code"] == STREET


# --- confidential callers ------------------------------------------------------------------------------------------


@pytest.fixture
def whispered(city_app: Flask) -> dict[str, Any]:
    """What agents write down names the caller again and again."""
    agent = somebody(city_app, Role.AGENT)
    unit_id = file_case(agent)["unit"]["id"]
    with city_app.app_context(), transaction():
        unit = session().get_one(Unit, unit_id)
        unit.channel, unit.duty_phone = "sms", "+8613900000001"
        hook = {"url": "https://example.com/", "secret": "s", "is_active": True, "created_at": clock.now()}
        session().add(UnitHook(unit_id=unit.id, **hook))
        renew_stamp("routing")
    case = file_case(
        agent,
        condition_no=3,
        description=f"我叫{CALLER}，电话{PHONE}，家门口井盖响。{CALLER}等着回话",
        reporter_name=CALLER,
        reporter_phone=PHONE,
        confidential=True,
    )
    path, chief = f"/api/v1/cases/{case['id']}", somebody(city_app, Role.SUPERVISOR)
    for action in ("supervise", "urge"):
        now = agent.get(path).json["version"]
        words = f"{CALLER}（139 8765 4321）再次来电，请联系{CALLER}"
        assert chief.post(f"{path}/actions/{action}", {"reason": words}, version=now).status_code == 200
    hand = somebody(city_app, Role.HANDLER, unit_id=unit_id)
    asked = hand.post(f"{path}/actions/ask_extension", {"reason": "等配件"}, version=agent.get(path).json["version"])
    no = {"reason": f"{CALLER}急等，不予延期"}
    assert chief.post(f"{path}/actions/refuse_extension", no, version=asked.json["version"]).status_code == 200
    back = hand.post(f"{path}/actions/return", {"reason": "不归我管"}, version=agent.get(path).json["version"])
    again = {"unit_id": case["unit"]["id"], "reason": f"{CALLER}要求仍由其办理"}
    assert chief.post(f"{path}/actions/dispatch", again, version=back.json["version"]).status_code == 200
    return case


def test_no_view_of_the_unit_names_a_confidential_caller(city_app: Flask, whispered: dict[str, Any]) -> None:
    unit = somebody(city_app, Role.HANDLER, unit_id=whispered["unit"]["id"])
    own = [
        f"/api/v1/cases/{whispered['id']}",
        f"/cases/{whispered['number']}/accountability",
        f"/cases/{whispered['number']}/accountability.pdf",
        "/api/v1/cases",
        f"/api/v1/cases?q={PHONE}",
        "/api/v1/desk/snapshot",
        "/desk",
    ]
    for path in own:
        answer = unit.get(path)
        assert answer.status_code == 200, path
        assert told_in(answer.get_data().decode("utf-8", "replace").replace(path, "")) == [], path
    assert unit.get(own[0]).json["reporter"] is None
    assert unit.get(own[4]).json["items"] == []
    assert "井盖响" in unit.get(own[0]).json["description"]


def test_whoever_may_know_the_caller_reads_the_words_whole(city_app: Flask, whispered: dict[str, Any]) -> None:
    for role in (Role.AGENT, Role.SUPERVISOR):
        seen = somebody(city_app, role).get(f"/api/v1/cases/{whispered['id']}").json
        assert CALLER in seen["description"]
        assert seen["reporter"] == {"name": CALLER, "phone": f"+86{PHONE}"}


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.LEADER, Role.ADMINISTRATOR])
def test_nobody_else_reads_the_name_either(city_app: Flask, whispered: dict[str, Any], role: Role) -> None:
    area = CITY if role is Role.ADMINISTRATOR else DISTRICT
    shown = somebody(city_app, role, area=area).get(f"/api/v1/cases/{whispered['id']}")
    assert shown.status_code == 200
    assert told_in(shown.get_data(as_text=True)) == []


def test_no_push_message_or_webhook_to_the_unit_names_the_caller(city_app: Flask, whispered: dict[str, Any]) -> None:
    with city_app.app_context(), work():
        of_case = (Event.subject_type == "case") & (Event.subject_id == whispered["id"])
        pushed = [str(event.payload) for event in session().scalars(select(Event).where(of_case))]
        hooked = [str(each.body) for each in session().scalars(select(HookDelivery))]
        mine = select(OutgoingMessage).where(OutgoingMessage.case_id == whispered["id"])
        texted = [m.text or "" for m in session().scalars(mine) if m.purpose.startswith("ticket.")]
    assert pushed
    assert hooked
    assert texted
    assert told_in("\n".join(pushed + hooked + texted)) == []


def test_a_unit_with_a_dispatchers_rights_still_does_not_learn_who_called() -> None:
    both = Principal(1, "", frozenset({Role.HANDLER, Role.DISPATCHER}), unit_id=7)
    plain, secret = (Case(unit_id=7, confidential=flag, co_unit_ids=[]) for flag in (False, True))
    assert can_see_reporter(both, plain)
    assert not can_see_reporter(both, secret)


def test_an_open_callers_name_stays_out_of_events_too(city_app: Flask) -> None:
    agent: Person = somebody(city_app, Role.AGENT)
    case = file_case(agent, reporter_name=CALLER, reporter_phone=PHONE)
    words = {"reason": f"{CALLER} {PHONE} 催问，工号 12345678901 不是电话"}
    urged = agent.post(f"/api/v1/cases/{case['id']}/actions/urge", words, version=case["version"]).json
    assert told_in(urged["history"][-1]["text"]) == []


def told_in(text: str) -> list[str]:
    plain = text.replace(" ", "")
    return [secret for secret in (CALLER, PHONE) if secret in plain]
