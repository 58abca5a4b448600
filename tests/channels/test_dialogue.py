"""The talk with a duty officer as a pure plan: what follows each key, and what is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels import spoken
from app.channels.dialogue import (
    MOST_SILENCES,
    At,
    Do,
    Key,
    Matter,
    Purpose,
    Scene,
    Talk,
    Verbs,
    Wish,
    again,
    react,
    read,
    scene_from,
    speak,
)
from telephony.ports import Gather, Hangup, Record, Redirect, Say, StartTranscription, StopTranscription
from telephony.twilio.twiml import render

TALK = Talk(call_id=5, attempt=2, step=3)
NEW = Matter(
    tail="零零零一二",
    name="雨水井盖",
    condition="盖板缺失",
    place="百丈路与中兴路口",
    closing="补齐复位",
    until="11月24日20点",
    keys=frozenset({Key.ACCEPT, Key.RETURN, Key.REPORT}),
)
AT_CASE = Scene(At.CASE, case_id=7)


def url(path: str) -> str:
    return f"https://hotline.example.cn{path}"


def said(verbs: Verbs) -> str:
    parts = [prompt for verb in verbs for prompt in (verb.prompts if isinstance(verb, Gather) else (verb,))]
    return "".join(part.text for part in parts if isinstance(part, Say))


@pytest.mark.parametrize(
    ("scene", "keys", "wish"),
    [
        (Scene(At.PIN), "4821", Wish(Do.TRY_PIN, "4821")),
        (AT_CASE, "1", Wish(Do.ACCEPT)),
        (AT_CASE, "2", Wish(Do.ASK_REASON)),
        (AT_CASE, "3", Wish(Do.RECORD)),
        (AT_CASE, "9", Wish(Do.READ)),
        (AT_CASE, "0", Wish(Do.CALL_CENTRE)),
        (AT_CASE, "8", Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)),
        (AT_CASE, "5", Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)),
        (Scene(At.REASON, 7), "1", Wish(Do.RETURN, "不属于本单位职责")),
        (Scene(At.REASON, 7), "4", Wish(Do.RECORD, purpose=Purpose.RETURN)),
        (Scene(At.REASON, 7), "*", Wish(Do.READ)),
        (Scene(At.REASON, 7), "7", Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)),
        (Scene(At.CONFIRM, 7, 3, Purpose.RETURN), "1", Wish(Do.SUBMIT, purpose=Purpose.RETURN)),
        (Scene(At.CONFIRM, 7, 3), "2", Wish(Do.RECORD)),
        (Scene(At.CONFIRM, 7, 3), "*", Wish(Do.READ)),
        (Scene(At.CONFIRM, 7, 3), "3", Wish(Do.ASK_AGAIN, spoken.NO_SUCH_KEY)),
        (Scene(At.NOTE, 7, 3), "", Wish(Do.READ, spoken.NOTHING_SAID)),
    ],
)
def test_each_key_leads_where_the_menu_says(scene: Scene, keys: str, wish: Wish) -> None:
    assert react(scene, keys, NEW) == wish


def test_the_next_case_is_offered_only_where_there_is_one() -> None:
    more = Matter(**{**_fields(NEW), "keys": NEW.keys | {Key.NEXT}})
    assert react(AT_CASE, "8", more) == Wish(Do.NEXT)
    assert spoken.NEXT in read(more)[1]
    assert spoken.NEXT not in read(NEW)[1]


@pytest.mark.parametrize(("at", "end"), [(At.PIN, Do.END), (At.CASE, Do.PASS_ON), (At.CONFIRM, Do.PASS_ON)])
def test_silence_is_asked_again_and_then_ends_what_is_being_asked(at: At, end: Do) -> None:
    scene = Scene(at, case_id=7)
    for _ in range(MOST_SILENCES - 1):
        wish = react(scene, "", NEW)
        assert wish.do is Do.ASK_AGAIN
        scene = again(scene, wish.text, is_silence=True)
    assert react(scene, "", NEW).do is end


def test_a_wrong_key_between_two_silences_begins_the_count_anew() -> None:
    scene = again(Scene(At.CASE, case_id=7, silent=2), spoken.NO_SUCH_KEY, is_silence=False)
    assert react(scene, "", NEW).do is Do.ASK_AGAIN


def test_a_late_case_a_rework_and_a_part_are_read_as_what_they_are() -> None:
    late = Matter(**{**_fields(NEW), "is_late": True, "is_again": True, "urges": 2})
    assert "已过" in read(late)[0]
    assert "核查未通过" in read(late)[0]
    assert "催办2次" in read(late)[0]
    part = Matter(**{**_fields(NEW), "is_co": True, "keys": frozenset({Key.REPORT})})
    assert read(part)[0].count("请协办") == 1
    assert "接单" not in read(part)[1]
    assert spoken.CO_REPORT in read(part)[1]


def test_only_keys_are_listened_to_and_silence_has_the_same_address() -> None:
    listen, onward = speak(AT_CASE, url, TALK, NEW)
    assert isinstance(listen, Gather)
    assert (listen.speech, listen.num_digits) == (False, 1)
    assert onward == Redirect(listen.action)
    assert listen.action == "https://hotline.example.cn/telephony/duty/heard?call=5&attempt=2&step=3"


def test_a_pin_ends_with_the_hash_key() -> None:
    listen = speak(Scene(At.PIN), url, TALK, None)[0]
    assert isinstance(listen, Gather)
    assert (listen.num_digits, listen.finish_on_key) == (None, "#")


def test_a_note_is_recorded_and_transcribed_between_tone_and_confirmation() -> None:
    verbs = speak(Scene(At.NOTE, 7, note_id=11), url, TALK, NEW)
    start, record = (next(verb for verb in verbs if isinstance(verb, kind)) for kind in (StartTranscription, Record))
    assert isinstance(record, Record)
    assert "note=11" in record.action
    assert "note=11" in record.status_callback
    stop = speak(Scene(At.CONFIRM, 7, note_id=11, seconds=4), url, TALK, NEW)[0]
    assert isinstance(start, StartTranscription)
    assert stop == StopTranscription(start.name)


def test_a_case_that_has_left_the_unit_is_passed_over_at_once() -> None:
    assert [type(verb) for verb in speak(AT_CASE, url, TALK, None)] == [Redirect]


def test_the_end_hangs_up() -> None:
    assert speak(Scene(At.OVER, said="再见。"), url, TALK, None) == (Say("再见。"), Hangup())


scenes = st.builds(
    Scene,
    at=st.sampled_from(At),
    case_id=st.none() | st.integers(1, 9),
    note_id=st.none() | st.integers(1, 9),
    purpose=st.sampled_from(Purpose),
    seconds=st.integers(0, 120),
    silent=st.integers(0, 3),
    said=st.text(max_size=20),
    read=st.lists(st.integers(1, 9), max_size=4).map(tuple),
)


@given(scenes)
def test_every_scene_survives_the_database(scene: Scene) -> None:
    assert scene_from(scene.as_json()) == scene


@given(scenes, st.text("0123456789*#", max_size=8), st.booleans())
def test_whatever_is_pressed_wherever_has_an_answer_the_carrier_takes(scene: Scene, keys: str, known: bool) -> None:
    matter = NEW if known else None
    assert isinstance(react(scene, keys, matter), Wish)
    assert "<Response>" in render(speak(scene, url, TALK, matter))


def _fields(matter: Matter) -> dict[str, object]:
    return {name: getattr(matter, name) for name in Matter.__dataclass_fields__}
