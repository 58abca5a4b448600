"""Status callbacks in every order: the highest rank wins, a terminal state stays, the earliest answer time is kept."""

import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.people import Person
from tests.support.voice import Telephone

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
# (status, sequence, seconds after the start)
USUAL = [("ringing", 0, 0), ("in-progress", 1, 2), ("in-progress", 1, 3), ("completed", 2, 60)]
TERMINAL = ("completed", "busy", "failed", "no-answer", "canceled")


def stamp(seconds: int) -> str:
    return format_datetime(START + timedelta(seconds=seconds))


def deliver(phone: Telephone, callbacks: list[tuple[str, int, int]]) -> None:
    for status, sequence, seconds in callbacks:
        assert phone.status(status, sequence, stamp(seconds)).status == 204


@pytest.mark.parametrize("order", list(itertools.permutations(USUAL)))
def test_the_usual_callbacks_in_all_orders_end_the_same(
    app: Flask, agent: Person, order: list[tuple[str, int, int]]
) -> None:
    phone = Telephone(app)
    phone.dial()
    phone.press("0")
    deliver(phone, order)
    row = phone.row()
    assert row is not None
    assert (row.state, row.carrier_status, row.carrier_rank) == ("ended", "completed", 3)
    assert row.carrier_answered_at == START + timedelta(seconds=2)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(TERMINAL, 2)))
def test_a_terminal_state_is_never_overwritten(app: Flask, caller: Telephone, first: str, second: str) -> None:
    caller.dial()
    deliver(caller, [(first, 2, 10), (second, 9, 11), ("in-progress", 10, 12)])
    row = caller.row()
    assert row is not None
    assert row.carrier_status == first
    assert row.state == "ended"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["queued", "ringing", "in-progress", *TERMINAL]),
            st.integers(0, 6),
            st.integers(0, 100),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_mixture_keeps_the_highest_rank_and_ends_once(app: Flask, callbacks: list[tuple[str, int, int]]) -> None:
    phone = Telephone(app)
    phone.dial()
    deliver(phone, callbacks)
    row = phone.row()
    assert row is not None
    terminal = [status for status, _, _ in callbacks if status in TERMINAL]
    answers = [seconds for status, _, seconds in callbacks if status == "in-progress"]
    assert (row.state == "ended") == bool(terminal)
    if terminal:
        assert row.carrier_status == terminal[0]
    if answers:
        assert row.carrier_answered_at == START + timedelta(seconds=min(answers))


def test_a_status_without_a_time_or_with_nonsense_in_it_is_taken(caller: Telephone) -> None:
    caller.dial()
    assert caller.status("in-progress", 1, "yesterday").status == 204
    assert caller.status("completed", 2, SipResponseCode="x", CallDuration="-").status == 204
    assert caller.state == "ended"


def test_after_the_end_every_document_hangs_up(agent: Person, caller: Telephone) -> None:
    caller.dial()
    caller.hang_up()
    assert caller.press("0").names == ["Hangup"]
    assert caller.wait().names == ["Hangup"]
    assert caller.dial().status == 200
    assert caller.state == "ended"
