"""The whole product states × actions × roles, and what people read about it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.roles import Role
from app.cases.guards import Asker, Given, Policy, Situation, decide, possible
from app.cases.steps import Confirmation, Level, Own, Tick
from app.cases.terms import (
    ACTION_LABELS,
    AT_THE_UNIT,
    ENDED,
    EVENT_LABELS,
    FACT_KINDS,
    FACT_LABELS,
    LABELS,
    Action,
    Fact,
    RequestKind,
    State,
    Verification,
)
from app.cases.workflow import TABLE, offered, step
from app.errors import Forbidden, IllegalAction, Invalid
from app.web.citizen_page import TOLD
from app.web.texts import FOLDER

# The standard in rows: action, who, from which states, to which ("" stays).
DESK, COMMAND, CHIEF = "agent supervisor dispatcher", "supervisor dispatcher", "supervisor"
FIELD, UNIT, CALLER = "inspector supervisor", "handler", "agent supervisor dispatcher citizen"
RUNNING = "filed dispatched handling"
BUSY = "filed dispatched handling suspended checking confirming"
JUDGED = "dispatched handling checking confirming closed"
STANDARD = [
    ("file", f"{DESK} system", "reported", "filed"),
    ("ask_verification", DESK, "reported", "verifying"),
    ("ask_verification", DESK, RUNNING, ""),
    ("confirm_exists", FIELD, "verifying", "reported"),
    ("confirm_exists", FIELD, RUNNING, ""),
    ("deny_exists", FIELD, "verifying", "reported"),
    ("deny_exists", FIELD, RUNNING, ""),
    ("reject", DESK, "reported filed", "rejected"),
    ("confirm_rejection", CHIEF, "rejecting", "rejected"),
    ("overrule_rejection", CHIEF, "rejecting", "reported"),
    ("dispatch", f"{DESK} system", "filed", "dispatched"),
    ("accept", UNIT, "dispatched", "handling"),
    ("hand_to_crew", UNIT, "handling", ""),
    ("feed_back", UNIT, "handling", "checking"),
    ("return", UNIT, "dispatched handling", "filed"),
    ("co_feed_back", UNIT, "dispatched handling", ""),
    ("add_co_unit", COMMAND, "dispatched handling", ""),
    ("reassign", COMMAND, "dispatched handling", "dispatched"),
    ("ask_extension", UNIT, "dispatched handling", ""),
    ("grant_extension", COMMAND, "dispatched handling", ""),
    ("refuse_extension", COMMAND, "dispatched handling", ""),
    ("ask_suspension", UNIT, "handling", ""),
    ("grant_suspension", COMMAND, "handling", "suspended"),
    ("refuse_suspension", COMMAND, "handling", ""),
    ("resume", f"{COMMAND} handler system", "suspended", "handling"),
    ("pass_check", FIELD, "checking", "closed"),
    ("fail_check", FIELD, "checking", "handling"),
    ("confirm_closing", CHIEF, "confirming", "closed"),
    ("overrule_closing", CHIEF, "confirming", "handling"),
    ("reopen", CALLER, "closed", "dispatched"),
    ("appeal", UNIT, JUDGED, ""),
    ("uphold_appeal", COMMAND, f"{BUSY} closed", ""),
    ("dismiss_appeal", COMMAND, f"{BUSY} closed", ""),
    ("supervise", "supervisor leader system", BUSY, ""),
    ("reply_supervision", f"{COMMAND} handler", BUSY, ""),
    ("force_close", CHIEF, BUSY, "closed"),
    ("void", DESK, "reported verifying filed", "void"),
    ("void", COMMAND, "dispatched handling suspended", "void"),
    ("urge", CALLER, f"reported verifying rejecting {BUSY}", ""),
    ("edit", DESK, f"reported verifying {RUNNING} suspended", ""),
    ("rate", "citizen", "closed", ""),
]
ALLOWED = {
    (State(state), Action(action)): (State(target or state), {Role(role) for role in roles.split()})
    for action, roles, states, target in STANDARD
    for state in states.split()
}
CITY_ONLY = {
    Action.CONFIRM_REJECTION,
    Action.OVERRULE_REJECTION,
    Action.CONFIRM_CLOSING,
    Action.OVERRULE_CLOSING,
    Action.FORCE_CLOSE,
    Action.VOID,
}
DISTRICT_DESK = frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER, Role.INSPECTOR, Role.LEADER})
EVERYTHING = Given(frozenset(Fact), "理由", 1)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_state_action_and_role_does_what_the_standard_says_and_nothing_else(state: State, action: Action) -> None:
    allowed = ALLOWED.get((state, action))
    for role in Role:
        if allowed is None:
            with pytest.raises(IllegalAction):
                step(state, action, {role})
        elif role not in allowed[1]:
            with pytest.raises(Forbidden):
                step(state, action, {role})
        else:
            assert step(state, action, {role}).target == allowed[0]


@pytest.mark.parametrize(("state", "action"), list(TABLE))
def test_a_step_without_its_facts_is_refused_and_each_missing_fact_is_named(state: State, action: Action) -> None:
    entry = TABLE[state, action]
    for missing in entry.requires:
        with pytest.raises(Invalid) as refusal:
            step(state, action, entry.roles, frozenset(Fact) - {missing})
        assert list(refusal.value.facts["fields"]) == [missing.value]


NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def ripe(state: State) -> Situation:
    """A case in which nothing but the table, the level and the unit can refuse."""

    return Situation(
        state=state,
        now=NOW,
        unit_id=1,
        co_units=frozenset({2}),
        open_co_units=frozenset({2}),
        pending=frozenset(RequestKind),
        verification=Verification.ASKED,
        closed_at=NOW,
    )


@pytest.mark.parametrize(("state", "action"), [key for key in TABLE if not TABLE[key].guards])
def test_the_district_works_and_the_city_confirms(state: State, action: Action) -> None:

    case, entry = ripe(state), TABLE[state, action]
    role = next(iter(sorted(entry.roles & DISTRICT_DESK)), None)
    if role is None:
        return
    roles, given_all = frozenset({role}), EVERYTHING
    decide(case, Asker(7, roles), action, given_all, Policy())
    here = Asker(7, roles, Level.DISTRICT, covers=True)
    if action in CITY_ONLY:
        with pytest.raises(Forbidden, match="市级"):
            decide(case, here, action, given_all, Policy())
    else:
        decide(case, here, action, given_all, Policy())
    with pytest.raises(Forbidden):
        decide(case, Asker(7, roles, Level.DISTRICT, covers=False), action, given_all, Policy())


@pytest.mark.parametrize(("state", "action"), [key for key, entry in TABLE.items() if Role.HANDLER in entry.roles])
def test_only_the_units_own_people_act_for_it(state: State, action: Action) -> None:

    case, entry = ripe(state), TABLE[state, action]
    mine, other = (2, 1) if entry.own is Own.CO else (1, 2)
    for unit_id in (other, 99, None):
        asker = Asker(7, frozenset({Role.HANDLER}), Level.DISTRICT, covers=True, unit_id=unit_id)
        with pytest.raises(Forbidden, match="办单位可以"):
            decide(case, asker, action, EVERYTHING, Policy())
    if not entry.guards and not entry.demands:
        asker = Asker(7, frozenset({Role.HANDLER}), Level.DISTRICT, covers=False, unit_id=mine)
        assert decide(case, asker, action, EVERYTHING, Policy()).target == entry.target


def test_what_the_city_keeps_waits_for_the_city() -> None:

    desk = Asker(7, frozenset({Role.SUPERVISOR}))
    for state, action, kept, waiting, otherwise in (
        (State.REPORTED, Action.REJECT, Confirmation.NON_FILING, State.REJECTING, State.REJECTED),
        (State.CHECKING, Action.PASS_CHECK, Confirmation.CLOSING, State.CONFIRMING, State.CLOSED),
    ):
        case = Situation(state, NOW, unit_id=1)
        assert decide(case, desk, action, EVERYTHING, Policy(frozenset({kept}))).target is waiting
        assert decide(case, desk, action, EVERYTHING, Policy(frozenset())).target is otherwise


@pytest.mark.parametrize(
    ("state", "action"),
    [(State.REJECTING, Action.CONFIRM_REJECTION), (State.CONFIRMING, Action.CONFIRM_CLOSING)],
)
def test_what_the_city_confirms_was_proposed_by_somebody_else(state: State, action: Action) -> None:
    chief = frozenset({Role.SUPERVISOR})
    proposed = replace(ripe(state), proposed_by=7)
    with pytest.raises(Forbidden, match="另一人"):
        decide(proposed, Asker(7, chief), action, EVERYTHING, Policy())
    assert decide(proposed, Asker(8, chief), action, EVERYTHING, Policy()).target == TABLE[state, action].target
    with pytest.raises(Forbidden, match="市级"):
        decide(proposed, Asker(8, chief, Level.DISTRICT), action, EVERYTHING, Policy())


@pytest.mark.parametrize("action", [Action.GRANT_EXTENSION, Action.GRANT_SUSPENSION, Action.UPHOLD_APPEAL])
def test_nobody_decides_on_what_they_asked_for_at_their_unit(action: Action) -> None:
    both = frozenset({Role.HANDLER, Role.DISPATCHER})
    asked = replace(ripe(State.HANDLING), askers=frozenset({7}), until=NOW + timedelta(days=3))
    with pytest.raises(Forbidden, match="本人申请"):
        decide(asked, Asker(7, both, unit_id=1), action, EVERYTHING, Policy())
    assert decide(asked, Asker(8, both, unit_id=1), action, EVERYTHING, Policy())


def test_whoever_is_offered_an_action_may_take_it() -> None:

    for state, role in product(State, Role):
        case, asker = ripe(state), Asker(7, frozenset({role}), unit_id=1)
        for action, entry in possible(case, asker, Policy()):
            assert entry is TABLE[state, action]
            step(state, action, {role})
        assert {action for action, _ in possible(case, asker, Policy())} <= {
            action for action, _ in offered(state, {role})
        }


@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(Role)), max_size=60))
def test_an_ended_case_is_left_only_by_the_citizens_word_that_it_is_not_fixed(taken: list[tuple[Action, Role]]) -> None:
    state = State.REPORTED
    for action, role in taken:
        try:
            after = step(state, action, {role}).target
        except (IllegalAction, Forbidden):
            continue
        assert state not in ENDED or after == state or action is Action.REOPEN
        state = after


def test_every_open_state_can_be_left_and_every_state_be_reached() -> None:
    reached, edge = {State.REPORTED}, {State.REPORTED}
    waits = [(at, entry.waits.target) for (at, _), entry in TABLE.items() if entry.waits]
    arrows = [(at, entry.target) for (at, _), entry in TABLE.items()] + waits
    while edge:
        edge = {target for at, target in arrows if at in edge} - reached
        reached |= edge
    assert reached == set(State)
    assert {at for at, target in arrows if at != target} >= set(State) - ENDED


def test_the_clock_runs_exactly_while_the_case_is_at_the_unit() -> None:
    for (state, action), entry in TABLE.items():
        if state in AT_THE_UNIT and entry.target not in AT_THE_UNIT:
            assert entry.clock in (Tick.STOP, Tick.DROP), (state, action)
        if state not in AT_THE_UNIT and entry.target in AT_THE_UNIT:
            assert entry.clock in (Tick.START, Tick.RESUME), (state, action)


def test_every_word_shown_to_people_exists() -> None:
    assert set(LABELS) == set(State)
    assert set(ACTION_LABELS) == set(Action)
    assert set(FACT_LABELS) == set(FACT_KINDS) == set(Fact)
    events = {entry.event for entry in TABLE.values()} | {each.waits.event for each in TABLE.values() if each.waits}
    assert events <= set(EVENT_LABELS)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_citizens_page_has_words_for_every_state_and_every_step_it_tells(language: str) -> None:
    texts = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    assert {f"citizen.state.{state}" for state in State} <= set(texts)
    assert {f"citizen.step.{name}" for name in TOLD.values()} <= set(texts)
    assert set(TOLD) <= set(EVENT_LABELS)
