"""Whatever people do to a case in whatever order, these things stay true."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock
from app.accounts.roles import CITIZEN, SYSTEM, Principal, Role
from app.cases import service
from app.cases.guards import MOST_CO_UNITS, MOST_EXTENSIONS, possible
from app.cases.models import Attachment, Case
from app.cases.schemas import ActionFacts, NewCase
from app.cases.situations import asker_of, policy, situation_of
from app.cases.steps import Tick
from app.cases.terms import AT_THE_UNIT, ENDED, Action, RequestState, State
from app.cases.workflow import TABLE
from app.db import session, transaction, work
from app.errors import DomainError, Forbidden, IllegalAction
from app.events.models import Event
from app.events.verification import first_broken_line
from app.network.models import Unit
from tests.support.people import COVER

BEGINNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITY, DISTRICT = "3302", "330212"


@dataclass(frozen=True)
class Cast:
    people: tuple[Principal, ...]
    units: tuple[int, ...]


def cast_of(app: Flask) -> Cast:
    with app.app_context(), work():
        found = session().scalars(select(Unit.id).where(Unit.is_active, Unit.area_code == DISTRICT).limit(4))
        units = tuple(found)
    roles = [(role, area) for role in (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR) for area in (CITY, DISTRICT)]
    roles += [(Role.INSPECTOR, DISTRICT), (Role.LEADER, DISTRICT)]
    staff = [Principal(nth, role.value, frozenset({role}), area_code=area) for nth, (role, area) in enumerate(roles, 1)]
    handlers = [Principal(None, "处置", frozenset({Role.HANDLER}), area_code=DISTRICT, unit_id=unit) for unit in units]
    return Cast((*staff, *handlers, CITIZEN, SYSTEM), units)


@dataclass
class Seen:
    """What is compared before and after a step."""

    version: int
    state: State
    due_at: datetime | None
    extensions: int
    proposed_by: int | None
    lines: int

    @classmethod
    def of(cls, case_id: int) -> "Seen":
        case = session().get_one(Case, case_id, populate_existing=True)
        lines = select(func.count()).select_from(Event)
        count = session().scalar(lines.where(Event.subject_type == "case", Event.subject_id == case_id))
        return cls(case.version, State(case.state), case.due_at, case.extensions, case.proposed_by, count or 0)


@given(st.data())
@settings(
    # Shrinking would take minutes on a database, and what is drawn is readable as it is.
    phases=[Phase.generate],
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_order_of_actions_breaks_a_case(city_app: Flask, data: st.DataObject) -> None:
    cast = cast_of(city_app)
    with city_app.app_context():
        with clock.standing_at(BEGINNING):
            case_id = open_one(cast, data.draw(st.booleans(), label="verified first"))
        moment = BEGINNING
        for _ in range(data.draw(st.integers(5, 25), label="steps")):
            moment += timedelta(minutes=data.draw(st.sampled_from([1, 20, 300, 3000]), label="later"))
            with clock.standing_at(moment):
                take_a_step(cast, case_id, data)
        with work():
            assert first_broken_line("case", case_id) is None


def open_one(cast: Cast, is_verified: bool) -> int:
    with transaction():
        new = NewCase(**{**COVER, "condition_no": 3, "reporter_phone": "", "verify": is_verified})
        return service.open_case(cast.people[0], new).id


def take_a_step(cast: Cast, case_id: int, data: st.DataObject) -> None:
    actor = data.draw(st.sampled_from(cast.people), label="who")
    with work():
        before = Seen.of(case_id)
        case = session().get_one(Case, case_id)
        offered = [action for action, _ in possible(situation_of(case), asker_of(actor, case), policy())]
    is_offered = bool(offered) and data.draw(st.integers(0, 9), label="keeps to the offers") > 0
    action = data.draw(st.sampled_from(offered if is_offered else list(Action)), label="what")
    facts = draw_facts(cast, data)
    refusal = attempt(actor, case_id, action, facts)
    if refusal is not None:
        assert not is_offered or not isinstance(refusal, IllegalAction | Forbidden), f"{action}: offered, {refusal}"
        with work():
            assert Seen.of(case_id) == before, "a refusal changes nothing"
        return
    with work():
        check_step(before, Seen.of(case_id), action)
        if action in (Action.CONFIRM_REJECTION, Action.CONFIRM_CLOSING):
            assert actor.id != before.proposed_by or actor.id is None, "nobody confirms what they proposed themselves"
        check_case(session().get_one(Case, case_id))


def attempt(actor: Principal, case_id: int, action: Action, facts: ActionFacts) -> DomainError | None:
    try:
        with transaction():
            if action is Action.FEED_BACK:
                take_a_picture(case_id)
            service.act(actor, case_id, action, facts=facts)
    except DomainError as refusal:
        return refusal
    return None


def draw_facts(cast: Cast, data: st.DataObject) -> ActionFacts:
    """Complete and mostly sensible: what is missing or malformed has tests of its own."""
    return ActionFacts(
        reason="理由",
        result="已处置",
        unit_id=data.draw(st.sampled_from(cast.units), label="unit"),
        co_unit_ids=tuple(data.draw(st.sets(st.sampled_from(cast.units), max_size=2), label="co-units")),
        until=clock.now() + timedelta(days=data.draw(st.integers(1, 30), label="until")),
        crew="一班",
    )


def take_a_picture(case_id: int) -> None:
    case = session().get_one(Case, case_id)
    picture = Attachment(purpose="result", round=case.round, content_type="image/jpeg", size=1, sha256="0" * 64)
    picture.at = clock.now()
    case.attachments.append(picture)


def check_step(before: Seen, after: Seen, action: Action) -> None:
    entry = TABLE[before.state, action]
    assert after.state in {entry.target} | ({entry.waits.target} if entry.waits else set())
    assert after.version > before.version
    assert after.lines == before.lines + 1
    if after.due_at != before.due_at:
        assert entry.clock is not Tick.NONE, f"{action} moved the deadline"
    if action is Action.GRANT_EXTENSION:
        assert before.due_at is not None
        assert after.due_at is not None
        assert after.due_at > before.due_at
        assert after.extensions == before.extensions + 1


def check_case(case: Case) -> None:
    state = State(case.state)
    runs = case.due_at is not None and state in AT_THE_UNIT
    assert runs == (state in AT_THE_UNIT)
    assert (case.closed_at is not None) == (state in ENDED)
    assert case.extensions <= MOST_EXTENSIONS
    assert len(case.co_unit_ids) <= MOST_CO_UNITS
    assert case.unit_id is None or case.unit_id not in case.co_unit_ids
    assert (case.stopped_due_at is not None) == (state is State.SUSPENDED)
    if state in AT_THE_UNIT | {State.SUSPENDED, State.CHECKING}:
        assert case.unit_id is not None
    if state in ENDED | {State.SUSPENDED}:
        pending = [each.kind for each in case.requests if each.state == RequestState.PENDING]
        assert set(pending) <= {"appeal"}
    if state in (State.VOID, State.REJECTED):
        assert case.due_at is None
        assert not case.should_resolve
    if state in ENDED:
        assert case.verification != "asked"
    if case.due_at and case.yellow_at:
        assert case.yellow_at < case.due_at


@pytest.mark.parametrize("role", list(Role))
def test_a_void_case_is_nobodys_to_move(city_app: Flask, role: Role) -> None:
    cast = cast_of(city_app)
    with city_app.app_context():
        case_id = open_one(cast, is_verified=False)
        with transaction():
            service.act(cast.people[4], case_id, Action.VOID, facts=ActionFacts(reason="重复"))
        with work():
            case = session().get_one(Case, case_id)
            actor = Principal(7, "某人", frozenset({role}), unit_id=case.unit_id)
            assert list(possible(situation_of(case), asker_of(actor, case), policy())) == []
