"""The call plan is pure: every situation has an answer that the carrier can perform."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calls import plan, texts
from telephony.ports import Enqueue, Gather, Hangup, Play, Record, Say
from telephony.twilio.twiml import render

OPEN = plan.Desk(is_anyone_online=True, queue_length=0)
FULL = plan.Desk(is_anyone_online=True, queue_length=plan.LONGEST_QUEUE)
EMPTY = plan.Desk(is_anyone_online=False, queue_length=0)


def url(path: str) -> str:
    return f"https://hotline.example.cn{path}"


@pytest.mark.parametrize("desk", [OPEN, FULL, EMPTY])
def test_a_greeting_never_ends_in_nothing(desk: plan.Desk) -> None:
    verbs = plan.greet(url, desk, number="96310", hints="井盖")
    gather = next(verb for verb in verbs if isinstance(verb, Gather))
    assert gather.action != url(plan.VOICE)  # a Gather that posts to its own document loops
    assert isinstance(verbs[-1], Enqueue | Hangup)


def test_a_full_queue_and_an_empty_desk_lead_to_the_voicemail_with_the_right_words() -> None:
    assert plan.go_on(url, FULL)[0] == Say(texts.VERY_BUSY)
    assert plan.go_on(url, EMPTY)[0] == Say(texts.NOBODY_HERE)
    assert any(isinstance(verb, Record) for verb in plan.go_on(url, EMPTY))


def test_someone_in_danger_hears_the_emergency_numbers_whoever_is_online() -> None:
    assert plan.thank(url, EMPTY, is_danger=True)[0] == Say(texts.THANKS_DANGER)
    assert plan.thank(url, EMPTY, is_danger=False)[0] == Say(texts.NOBODY_HERE)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(0, 4000))
def test_positions_are_told_only_when_they_improve_and_never_as_zero_minutes(places: list[int], average: int) -> None:
    announced: int | None = None
    told: list[int] = []
    for place in places:
        verbs = plan.wait(url, position=place, announced=announced, average_wait=average)
        assert isinstance(verbs[-1], Play)
        if isinstance(verbs[0], Say):
            told.append(place)
            announced = place
            assert "约0分钟" not in verbs[0].text
            assert "0位" not in verbs[0].text.replace("10位", "").replace("20位", "").replace("30位", "")
    assert told == sorted(set(told), reverse=True)
    assert min(told) == min(places)


@given(st.lists(st.text(min_size=1, max_size=40), max_size=60))
def test_hints_fit_the_carriers_limit_in_whole_words(words: list[str]) -> None:
    words = [word.replace(",", "") or "x" for word in words]
    made = plan.hints(words)
    assert len(made) <= 500
    assert not made or set(made.split(",")) <= set(words)


def test_every_document_of_the_plan_can_be_rendered() -> None:
    documents = [
        plan.greet(url, OPEN, number="96310", hints="井盖,路灯"),
        plan.greet(url, EMPTY, number="96310", hints=""),
        plan.thank(url, OPEN, is_danger=True),
        plan.wait(url, position=3, announced=None, average_wait=70),
        plan.wait_blindly(url),
        plan.pause(),
        plan.give_up_waiting(),
        plan.connect(url, 12, 2),
        plan.requeue(url),
        plan.say_goodbye(),
        plan.confirm_message(),
        plan.hang_up(),
        plan.fall_back(url),
        (),
    ]
    for verbs in documents:
        assert render(verbs).startswith("<?xml")


def test_each_attempt_has_a_conference_of_its_own() -> None:
    names = {plan.conference_name(12, attempt) for attempt in (1, 2, 3)}
    assert names == {"call-12", "call-12-2", "call-12-3"}
