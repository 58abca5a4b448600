"""The reader of the event table loses nothing, whatever the order in which transactions commit."""

from hypothesis import given
from hypothesis import strategies as st

from app.realtime.cursor import PATIENCE, Cursor


def test_an_id_that_was_jumped_over_is_asked_for_again() -> None:
    cursor = Cursor(10)
    cursor.take([11, 14], now=0.0)
    assert (cursor.high, set(cursor.gaps)) == (14, {12, 13})
    cursor.take([12], now=1.0)
    assert set(cursor.gaps) == {13}


def test_a_gap_that_never_fills_is_forgotten_after_a_minute() -> None:
    cursor = Cursor(0)
    cursor.take([2], now=0.0)
    cursor.take([3], now=PATIENCE + 1)
    assert cursor.gaps == {}


@given(st.permutations(range(1, 25)), st.lists(st.integers(1, 6), min_size=24, max_size=24))
def test_ids_that_become_visible_in_any_order_are_each_taken_exactly_once(
    visible_order: list[int], chunk_sizes: list[int]
) -> None:
    cursor, visible, taken = Cursor(0), set[int](), list[int]()
    rest = list(visible_order)
    for size in chunk_sizes:
        visible |= set(rest[:size])
        rest = rest[size:]
        new = [each for each in visible if each > cursor.high or each in cursor.gaps]
        cursor.take(new, now=0.0)
        taken += new
    assert sorted(taken) == sorted(visible)
    assert len(taken) == len(set(taken))
