"""The choice of who is served next and by whom, for any queue and any desk."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.desk.choice import LIFT, FreeAgent, Waiter, agent_order, pairs, position_of, queue_order

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
moments = st.integers(0, 3600).map(lambda seconds: NOON + timedelta(seconds=seconds))


@st.composite
def queues(draw: st.DrawFn) -> list[Waiter]:
    ids = draw(st.lists(st.integers(1, 500), unique=True, max_size=20))
    return [
        Waiter(n, n + 1000, draw(moments), draw(st.sampled_from([0, 1, 2])), draw(st.booleans()), draw(st.booleans()))
        for n in ids
    ]


@st.composite
def desks(draw: st.DrawFn) -> list[FreeAgent]:
    return [FreeAgent(n, draw(moments)) for n in draw(st.lists(st.integers(1, 99), unique=True, max_size=20))]


@given(queues(), desks())
def test_everybody_is_paired_at_most_once_and_nobody_waits_beside_an_idle_agent(
    queue: list[Waiter], desk: list[FreeAgent]
) -> None:
    made = pairs(queue, desk)
    assert len({pair.entry_id for pair in made}) == len({pair.account_id for pair in made}) == len(made)
    assert len(made) == min(len(desk), sum(not waiter.is_offered for waiter in queue))


@given(queues(), desks(), st.randoms())
def test_the_choice_does_not_depend_on_the_order_of_the_rows(queue, desk, random) -> None:  # type: ignore[no-untyped-def]
    shuffled_queue, shuffled_desk = queue[:], desk[:]
    random.shuffle(shuffled_queue)
    random.shuffle(shuffled_desk)
    assert pairs(shuffled_queue, shuffled_desk) == pairs(queue, desk)


@given(queues())
def test_among_equals_the_earlier_is_served_first(queue: list[Waiter]) -> None:
    order = queue_order(queue)
    for place, before in enumerate(order):
        for after in order[place + 1 :]:
            if (before.weight, before.is_front) == (after.weight, after.is_front):
                assert before.ranked_since <= after.ranked_since


@given(queues())
def test_who_came_back_stands_before_everybody_else(queue: list[Waiter]) -> None:
    fronts = [waiter.is_front for waiter in queue_order(queue)]
    assert fronts == sorted(fronts, reverse=True)


@given(queues())
def test_danger_lifts_but_starves_nobody(queue: list[Waiter]) -> None:
    order = queue_order(queue)
    for place, before in enumerate(order):
        for after in order[place + 1 :]:
            if before.is_front == after.is_front:
                assert before.ranked_since - after.ranked_since <= LIFT[2]


@given(desks())
def test_the_longest_idle_agent_comes_first(desk: list[FreeAgent]) -> None:
    order = agent_order(desk)
    assert [agent.idle_since for agent in order] == sorted(agent.idle_since for agent in desk)


@given(queues())
def test_positions_count_from_one_without_gaps(queue: list[Waiter]) -> None:
    assert sorted(position_of(waiter.entry_id, queue) or 0 for waiter in queue) == list(range(1, len(queue) + 1))
    assert position_of(0, queue) is None


def test_a_dangerous_call_overtakes_a_normal_one_of_nine_minutes_but_not_of_eleven() -> None:
    danger = Waiter(9, 9, NOON, weight=2)
    nine, eleven = Waiter(1, 1, NOON - timedelta(minutes=9)), Waiter(2, 2, NOON - timedelta(minutes=11))
    assert queue_order([nine, danger, eleven]) == [eleven, danger, nine]
