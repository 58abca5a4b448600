import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ports import (
    DialClient,
    DialConference,
    DialNumber,
    DialQueue,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Message,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    StartTranscription,
    StopTranscription,
    Verb,
)
from telephony.twilio.twiml import render

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def elements(*verbs: Verb) -> list[ET.Element]:
    document = render(verbs)
    assert document.startswith(DECLARATION)
    root = ET.fromstring(document)
    assert root.tag == "Response"
    return list(root)


def only(*verbs: Verb) -> ET.Element:
    (element,) = elements(*verbs)
    return element


def test_no_verb_is_an_empty_answer() -> None:
    assert elements() == []


def test_say_speaks_mandarin() -> None:
    say = only(Say("您好，这里是城管热线"))
    assert (say.tag, say.text) == ("Say", "您好，这里是城管热线")
    assert say.attrib == {"language": "cmn-CN", "voice": "Polly.Zhiyu-Neural"}


def test_citizens_words_are_escaped() -> None:
    words = '<Hangup/> & "引号" ]]> <!-- -->'
    assert only(Say(words)).text == words
    assert "<Hangup/>" not in render([Say(words)])


def test_characters_illegal_in_xml_are_left_out() -> None:
    assert only(Say("井\x00盖\x0b坏\ud800了\ufffe\x1b")).text == "井盖坏了"


def test_nothing_to_say_is_no_verb() -> None:
    assert elements(Say(""), Say(" \x00 ")) == []


def test_an_endless_announcement_is_cut() -> None:
    assert len(only(Say("水" * 10_000)).text or "") == 4096


def test_play_and_pause() -> None:
    play, pause = elements(Play("https://h.cn/a.mp3?x=1&y=2"), Pause(3))
    assert (play.tag, play.text) == ("Play", "https://h.cn/a.mp3?x=1&y=2")
    assert (pause.tag, pause.attrib) == ("Pause", {"length": "3"})


def test_gather_listens_to_keys_and_speech_while_it_speaks() -> None:
    gather = only(
        Gather("/voice/menu?call=1", (Say("请说"), Pause(1), Play("/beep.mp3")), num_digits=1, hints="井盖,路灯")
    )
    assert gather.attrib == {
        "action": "/voice/menu?call=1",
        "method": "POST",
        "input": "dtmf speech",
        "timeout": "5",
        "numDigits": "1",
        "finishOnKey": "#",
        "language": "cmn-Hans-CN",
        "hints": "井盖,路灯",
        "profanityFilter": "false",
    }
    assert [child.tag for child in gather] == ["Say", "Pause", "Play"]


def test_gather_of_keys_says_nothing_about_speech() -> None:
    gather = only(Gather("/x", speech=False, finish_on_key="", hints="井盖"))
    assert gather.attrib == {"action": "/x", "method": "POST", "input": "dtmf", "timeout": "5", "finishOnKey": ""}


def test_gather_of_speech_says_nothing_about_keys() -> None:
    gather = only(Gather("/x", keys=False, num_digits=4))
    assert gather.get("input") == "speech"
    assert not {"numDigits", "finishOnKey", "hints"} & set(gather.attrib)


def test_gather_must_listen_to_something() -> None:
    with pytest.raises(ValueError, match="keys or speech"):
        render([Gather("/x", speech=False, keys=False)])


def test_hints_are_cut_between_two_phrases() -> None:
    hints = ",".join(["路灯不亮"] * 200)
    cut = only(Gather("/x", hints=hints)).get("hints") or ""
    assert cut == ",".join(["路灯不亮"] * 100)
    assert len(only(Gather("/x", hints="水" * 600)).get("hints") or "") == 500


def test_record_tells_when_it_is_ready() -> None:
    assert only(Record("/done", "/recording")).attrib == {
        "action": "/done",
        "method": "POST",
        "timeout": "5",
        "finishOnKey": "#",
        "maxLength": "120",
        "playBeep": "true",
        "recordingStatusCallback": "/recording",
        "recordingStatusCallbackMethod": "POST",
        "recordingStatusCallbackEvent": "completed absent",
    }


def test_enqueue_names_queue_music_and_what_follows() -> None:
    enqueue = only(Enqueue("市民热线", "/left", "/wait"))
    assert enqueue.text == "市民热线"
    assert enqueue.attrib == {"action": "/left", "method": "POST", "waitUrl": "/wait", "waitUrlMethod": "POST"}


@pytest.mark.parametrize("name", ["", "队" * 65])
def test_a_queue_has_a_name_of_at_most_64_characters(name: str) -> None:
    with pytest.raises(ValueError, match="queue's name"):
        render([Enqueue(name, "/left", "/wait")])


def test_a_caller_joins_the_conference_with_recording() -> None:
    dial = only(DialConference("call-7", "/survey", "/conference", "/recording", label="caller"))
    assert dial.attrib == {"action": "/survey", "method": "POST"}
    (conference,) = dial
    assert conference.text == "call-7"
    assert conference.attrib == {
        "participantLabel": "caller",
        "startConferenceOnEnter": "true",
        "endConferenceOnExit": "true",
        "beep": "false",
        "waitUrl": "",
        "statusCallback": "/conference",
        "statusCallbackMethod": "POST",
        "statusCallbackEvent": "start end join leave mute hold",
        "record": "record-from-start",
        "recordingStatusCallback": "/recording",
        "recordingStatusCallbackMethod": "POST",
        "recordingStatusCallbackEvent": "in-progress completed absent",
    }


def test_a_conference_is_recorded_only_when_asked() -> None:
    (conference,) = only(DialConference("call-7", "/survey", "/conference", starts=False, ends_for_all=False))
    assert conference.get("startConferenceOnEnter") == conference.get("endConferenceOnExit") == "false"
    assert not [name for name in conference.attrib if name.startswith("record")]


def test_dialling_clients_numbers_and_queues() -> None:
    client, number, queue = elements(DialClient("agent_1", "/after"), DialNumber("120"), DialQueue("市民热线"))
    assert client.attrib == {"action": "/after", "method": "POST", "timeout": "20"}
    assert (client[0].tag, client[0].text) == ("Client", "agent_1")
    assert number.attrib == {"timeout": "30"}
    assert (number[0].tag, number[0].text) == ("Number", "120")
    assert (queue[0].tag, queue[0].text, queue.attrib) == ("Queue", "市民热线", {})


@pytest.mark.parametrize(
    "verb", [DialNumber("120", timeout=4), DialClient("a", timeout=601), Gather("/x", timeout=0), Pause(0)]
)
def test_times_the_carrier_refuses_are_refused_here(verb: Verb) -> None:
    with pytest.raises(ValueError, match="must be between"):
        render([verb])


def test_ends_of_a_document() -> None:
    assert (only(Redirect("/next?a=1")).tag, only(Redirect("/next?a=1")).text) == ("Redirect", "/next?a=1")
    assert only(Reject()).attrib == {"reason": "rejected"}
    assert only(Reject(busy=True)).attrib == {"reason": "busy"}
    assert only(Hangup()).tag == "Hangup"
    assert only(Leave()).tag == "Leave"


def test_transcription_starts_on_both_tracks() -> None:
    start = only(StartTranscription("/transcript", "call-7"))
    assert start.tag == "Start"
    assert start[0].tag == "Transcription"
    assert start[0].attrib == {
        "name": "call-7",
        "track": "both_tracks",
        "languageCode": "cmn-Hans-CN",
        "partialResults": "true",
        "profanityFilter": "false",
        "statusCallbackUrl": "/transcript",
        "statusCallbackMethod": "POST",
    }


def test_transcription_stops_by_its_name() -> None:
    stop = only(StopTranscription("note-3"))
    assert (stop.tag, stop[0].tag, stop[0].attrib) == ("Stop", "Transcription", {"name": "note-3"})


def test_an_sms_is_answered_with_messages() -> None:
    first, second = elements(Message("已受理 & 派单"), Message("工单号 NB1"))
    assert (first.tag, first.text, second.text) == ("Message", "已受理 & 派单", "工单号 NB1")


@pytest.mark.parametrize("verbs", [[Message("a"), Say("b")], [Say("b"), Message("a")]])
def test_messages_and_voice_verbs_do_not_mix(verbs: list[Verb]) -> None:
    with pytest.raises(ValueError, match="messages only"):
        render(verbs)


@pytest.mark.parametrize("end", [Redirect("/x"), Reject(), Hangup(), Leave()])
def test_verbs_that_are_never_reached_are_refused(end: Verb) -> None:
    with pytest.raises(ValueError, match="reached"):
        render([end, Say("听不到")])


def test_a_call_is_rejected_first_or_not_at_all() -> None:
    with pytest.raises(ValueError, match="first verb"):
        render([Say("您好"), Reject()])


def test_more_than_64_kilobytes_are_refused() -> None:
    assert len(render([Say("水" * 4000)] * 5).encode()) < 64 * 1024
    with pytest.raises(ValueError, match="64 kB"):
        render([Say("水" * 4000)] * 6)


def test_what_is_no_verb_is_refused() -> None:
    with pytest.raises(TypeError, match="no verb"):
        render(["<Hangup/>"])  # type: ignore[list-item]


text = st.text(st.characters(exclude_categories=()))


@given(words=text, url=text, name=text, hints=text)
def test_any_text_makes_a_well_formed_document(words: str, url: str, name: str, hints: str) -> None:
    verbs: list[Verb] = [
        Say(words),
        Play(url),
        Gather(url, (Say(words),), hints=hints),
        Record(url, url),
        Enqueue("q" + name[:60], url, url),
        DialConference(name, url, url, url, label=name),
        DialClient(name, url),
        DialNumber(name),
        StartTranscription(url, name),
        StopTranscription(name),
        Redirect(url),
    ]
    assert [e.tag for e in elements(*verbs) if e.tag != "Say"][-1] == "Redirect"
    assert {e.tag for e in elements(Message(words))} <= {"Message"}
