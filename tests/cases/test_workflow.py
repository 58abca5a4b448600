"""The whole product states × actions × roles, and the life of a case as its standard tells it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.roles import Role
from app.cases.workflow import ACTION_LABELS, ENDED, FACT_LABELS, LABELS, TABLE, Action, Fact, State, offered, step
from app.errors import Forbidden, IllegalAction, Invalid

DESK = {Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER}
ALLOWED = {
    (State.REPORTED, Action.FILE): (State.FILED, DESK),
    (State.REPORTED, Action.VOID): (State.VOID, DESK),
    (State.REPORTED, Action.EDIT): (State.REPORTED, DESK),
    (State.REPORTED, Action.URGE): (State.REPORTED, DESK | {Role.CITIZEN}),
    (State.FILED, Action.DISPATCH): (State.DISPATCHED, DESK),
    (State.FILED, Action.VOID): (State.VOID, DESK),
    (State.FILED, Action.EDIT): (State.FILED, DESK),
    (State.FILED, Action.URGE): (State.FILED, DESK | {Role.CITIZEN}),
    (State.DISPATCHED, Action.ACCEPT): (State.HANDLING, {Role.HANDLER}),
    (State.DISPATCHED, Action.EDIT): (State.DISPATCHED, DESK),
    (State.DISPATCHED, Action.URGE): (State.DISPATCHED, DESK | {Role.CITIZEN}),
    (State.HANDLING, Action.FEED_BACK): (State.CHECKING, {Role.HANDLER}),
    (State.HANDLING, Action.EDIT): (State.HANDLING, DESK),
    (State.HANDLING, Action.URGE): (State.HANDLING, DESK | {Role.CITIZEN}),
    (State.CHECKING, Action.PASS_CHECK): (State.CLOSED, {Role.INSPECTOR, Role.SUPERVISOR}),
    (State.CHECKING, Action.FAIL_CHECK): (State.HANDLING, {Role.INSPECTOR, Role.SUPERVISOR}),
    (State.CHECKING, Action.URGE): (State.CHECKING, DESK | {Role.CITIZEN}),
    (State.CLOSED, Action.RATE): (State.CLOSED, {Role.CITIZEN}),
}


@pytest.mark.parametrize(("state", "action", "role"), list(product(State, Action, Role)))
def test_every_state_action_and_role_does_what_the_standard_says_and_nothing_else(
    state: State, action: Action, role: Role
) -> None:
    allowed = ALLOWED.get((state, action))
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


def test_whoever_is_offered_an_action_may_take_it() -> None:
    for state, role in product(State, Role):
        for action, _ in offered(state, {role}):
            step(state, action, {role})


@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(Role)), max_size=30))
def test_no_sequence_of_actions_leaves_an_ended_case_except_to_rate_it(taken: list[tuple[Action, Role]]) -> None:
    state = State.REPORTED
    for action, role in taken:
        try:
            after = step(state, action, {role}).target
        except (IllegalAction, Forbidden):
            continue
        assert state not in ENDED or after == state
        state = after


def test_every_word_shown_to_people_exists() -> None:
    assert set(LABELS) == set(State)
    assert set(ACTION_LABELS) == set(Action)
    assert set(FACT_LABELS) == set(Fact)
