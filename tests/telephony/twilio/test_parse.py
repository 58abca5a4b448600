import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ports import (
    CallFailing,
    CallProgress,
    CallStarted,
    CallStatus,
    ConferenceChanged,
    DialEnded,
    Keys,
    MalformedWebhook,
    QueueLeft,
    QueueResult,
    RecordingReady,
    Silence,
    SmsReceived,
    SmsStatus,
    Speech,
    Track,
    Transcript,
    Waiting,
    WebhookRequest,
)
from telephony.twilio import parse

CALL = "CA" + "0" * 32
CONFERENCE = "CF" + "0" * 32
NOON = datetime(2026, 11, 24, 4, 0, 5, tzinfo=UTC)
NOON_RFC = "Tue, 24 Nov 2026 04:00:05 +0000"


def post(**form: str) -> WebhookRequest:
    return WebhookRequest("POST", "https://hotline.example.cn/x", tuple(form.items()))


# --- calls ---------------------------------------------------------------------------------------------------------


def test_a_call_tells_who_called_whom() -> None:
    request = WebhookRequest(
        "POST",
        "https://hotline.example.cn/x",
        (
            ("CallSid", CALL),
            ("AccountSid", "AC1"),
            ("From", "013857461234"),
            ("To", "+8657496310"),
            ("CallStatus", "ringing"),
            ("ForwardedFrom", "0574-87191234"),
            ("BrandNewParameter", "x"),
        ),
        headers={"i-twilio-idempotency-token": "token-1"},
    )
    assert parse.hear_call(request) == CallStarted(CALL, "+8613857461234", "+8657496310", "+8657487191234", "token-1")


@pytest.mark.parametrize("withheld", ["anonymous", "", "client:agent_1", "sip:a@b.cn", "+266696687"])
def test_a_withheld_caller_is_nobody(withheld: str) -> None:
    started = parse.hear_call(post(CallSid=CALL, From=withheld, To="96310"))
    assert started == CallStarted(CALL, None, "96310")


def test_a_call_without_a_from_parameter_is_still_a_call() -> None:
    assert parse.hear_call(post(CallSid=CALL, To="sip:hotline@trunk.cn")).called == "sip:hotline@trunk.cn"


def test_sids_of_other_carriers_are_accepted() -> None:
    uuid = "6f362591-ab86-4d1a-b39b-40c87e7929fc"
    assert parse.hear_call(post(CallSid=uuid, To="96310")).call_sid == uuid


@pytest.mark.parametrize("sid", ["", " ", "CA 1", "CA1; drop", "好", "x" * 65])
def test_a_call_needs_a_sensible_sid(sid: str) -> None:
    with pytest.raises(MalformedWebhook, match="CallSid"):
        parse.hear_call(post(CallSid=sid, To="96310"))


def test_a_get_is_read_from_its_query_and_a_post_from_its_form() -> None:
    form, query = (("CallSid", "CA_form"), ("To", "96310")), (("CallSid", "CA_query"), ("To", "96310"))
    assert parse.hear_call(WebhookRequest("GET", "https://h/x", form, query)).call_sid == "CA_query"
    assert parse.hear_call(WebhookRequest("POST", "https://h/x", form, query)).call_sid == "CA_form"


def test_keys_win_over_speech_and_keep_stars() -> None:
    assert parse.hear_gather(post(CallSid=CALL, Digits="*12", SpeechResult="一二")) == Keys(CALL, "*12")


def test_speech_comes_with_or_without_confidence() -> None:
    assert parse.hear_gather(post(CallSid=CALL, SpeechResult="井盖坏了", Confidence="0.91")) == Speech(
        CALL, "井盖坏了", 0.91
    )
    for nonsense in ("", "high", "nan", "inf", "-1", "7"):
        assert parse.hear_gather(post(CallSid=CALL, SpeechResult="井盖", Confidence=nonsense)) == Speech(CALL, "井盖")


def test_a_gather_without_input_is_silence() -> None:
    assert parse.hear_gather(post(CallSid=CALL)) == Silence(CALL)
    assert parse.hear_gather(post(CallSid=CALL, Digits="", SpeechResult="  ")) == Silence(CALL)


def test_digits_that_are_no_keys_are_malformed() -> None:
    with pytest.raises(MalformedWebhook, match="Digits"):
        parse.hear_gather(post(CallSid=CALL, Digits="一"))


def test_the_waiting_caller_tells_the_place_in_the_queue() -> None:
    waiting = post(CallSid=CALL, QueuePosition="3", QueueTime="61", AvgQueueTime="40", CurrentQueueSize="5")
    assert parse.hear_waiting(waiting) == Waiting(CALL, 3, 61, 40, 5)
    assert parse.hear_waiting(post(CallSid=CALL, QueuePosition="3", QueueTime="0")) == Waiting(CALL, 3, 0, 0, 3)


@pytest.mark.parametrize("position", ["0", "-1", "", "first", "1.5", "٣", "9" * 30])
def test_a_place_in_the_queue_is_a_number_from_one(position: str) -> None:
    with pytest.raises(MalformedWebhook, match="QueuePosition"):
        parse.hear_waiting(post(CallSid=CALL, QueuePosition=position, QueueTime="1"))


@pytest.mark.parametrize("result", list(QueueResult))
def test_every_way_out_of_the_queue_is_known(result: QueueResult) -> None:
    assert parse.hear_queue_left(post(CallSid=CALL, QueueResult=result.value)) == QueueLeft(CALL, result)


def test_the_queue_time_is_kept_when_there_is_one() -> None:
    left = parse.hear_queue_left(post(CallSid=CALL, QueueResult="bridged", QueueSid="QU1", QueueTime="17"))
    assert left.queue_seconds == 17


def test_an_unknown_queue_result_is_malformed() -> None:
    with pytest.raises(MalformedWebhook, match="QueueResult"):
        parse.hear_queue_left(post(CallSid=CALL, QueueResult="vanished"))


def test_a_status_callback_tells_time_order_and_duration() -> None:
    completed = post(
        CallSid=CALL,
        CallStatus="completed",
        SequenceNumber="3",
        Timestamp=NOON_RFC,
        CallDuration="125",
        SipResponseCode="200",
    )
    assert parse.hear_progress(completed) == CallProgress(CALL, CallStatus.COMPLETED, 3, NOON, 125, 200)


def test_a_status_callback_needs_only_sid_and_status() -> None:
    assert parse.hear_progress(post(CallSid=CALL, CallStatus="no-answer")) == CallProgress(
        CALL, CallStatus.NO_ANSWER, 0
    )
    with pytest.raises(MalformedWebhook, match="CallStatus"):
        parse.hear_progress(post(CallSid=CALL, CallStatus="on-fire"))


@pytest.mark.parametrize(
    "nonsense", ["yesterday", "Tue, 99 Nov 2026 99:00:05 +0000", "0001-01-01T00:00:00+23:59", "9999"]
)
def test_a_senseless_timestamp_is_no_timestamp(nonsense: str) -> None:
    assert parse.hear_progress(post(CallSid=CALL, CallStatus="ringing", Timestamp=nonsense)).at is None


def test_a_timestamp_of_another_zone_becomes_utc() -> None:
    request = post(CallSid=CALL, CallStatus="ringing", Timestamp="Tue, 24 Nov 2026 12:00:05 +0800")
    assert parse.hear_progress(request).at == NOON


def test_a_dial_ends_with_or_without_a_second_leg() -> None:
    bridged = post(CallSid=CALL, DialCallStatus="completed", DialCallSid="CA2", DialCallDuration="33")
    assert parse.hear_dial_ended(bridged) == DialEnded(CALL, "completed", "CA2", 33)
    assert parse.hear_dial_ended(post(CallSid=CALL, DialCallStatus="answered")) == DialEnded(CALL, "answered")
    with pytest.raises(MalformedWebhook, match="DialCallStatus"):
        parse.hear_dial_ended(post(CallSid=CALL))


def test_a_conference_event_tells_who_is_muted_and_held() -> None:
    hold = post(
        ConferenceSid=CONFERENCE,
        FriendlyName="call-7",
        StatusCallbackEvent="participant-hold",
        SequenceNumber="4",
        CallSid=CALL,
        ParticipantLabel="caller",
        Muted="false",
        Hold="true",
        Timestamp=NOON_RFC,
    )
    assert parse.hear_conference(hold) == ConferenceChanged(
        CONFERENCE, "call-7", "participant-hold", 4, CALL, "caller", muted=False, held=True, at=NOON
    )


def test_a_conference_ends_without_a_participant() -> None:
    end = post(ConferenceSid=CONFERENCE, FriendlyName="call-7", StatusCallbackEvent="conference-end")
    assert parse.hear_conference(end) == ConferenceChanged(CONFERENCE, "call-7", "conference-end", 0)


@pytest.mark.parametrize("missing", ["ConferenceSid", "FriendlyName", "StatusCallbackEvent"])
def test_a_conference_event_needs_sid_name_and_event(missing: str) -> None:
    form = {"ConferenceSid": CONFERENCE, "FriendlyName": "call-7", "StatusCallbackEvent": "conference-end"}
    with pytest.raises(MalformedWebhook, match=missing):
        parse.hear_conference(post(**{**form, missing: ""}))


def test_a_conference_recording_has_no_call() -> None:
    recording = post(
        RecordingSid="RE1",
        RecordingUrl="https://api.twilio.com/RE1",
        RecordingStatus="completed",
        RecordingDuration="60",
        ConferenceSid=CONFERENCE,
    )
    assert parse.hear_recording(recording) == RecordingReady(
        "RE1", "completed", "https://api.twilio.com/RE1", 60, None, CONFERENCE
    )


def test_a_voicemail_reported_by_its_verb_may_not_be_readable_yet() -> None:
    recording = post(CallSid=CALL, RecordingSid="RE1", RecordingUrl="https://api.twilio.com/RE1", Digits="hangup")
    assert parse.hear_recording(recording) == RecordingReady(
        "RE1", "in-progress", "https://api.twilio.com/RE1", call_sid=CALL
    )


def test_a_recording_of_unknown_state_is_malformed() -> None:
    with pytest.raises(MalformedWebhook, match="RecordingStatus"):
        parse.hear_recording(post(RecordingSid="RE1", RecordingStatus="burnt"))


def test_the_fallback_tells_why_it_was_called() -> None:
    failing = post(CallSid=CALL, From="13857461234", ErrorCode="11200", ErrorUrl="https://hotline.example.cn/x")
    assert parse.hear_failing(failing) == CallFailing(CALL, "+8613857461234", "11200", "https://hotline.example.cn/x")
    assert parse.hear_failing(post(CallSid=CALL)) == CallFailing(CALL, None)


# --- live transcription --------------------------------------------------------------------------------------------


def utterance(**changes: str) -> WebhookRequest:
    form = {
        "CallSid": CALL,
        "TranscriptionSid": "GT1",
        "TranscriptionEvent": "transcription-content",
        "TranscriptionData": json.dumps({"transcript": "南门大街路灯不亮", "confidence": 0.93}),
        "Track": "inbound_track",
        "SequenceId": "5",
        "Final": "true",
        "Timestamp": "2026-11-24T04:00:05.000000Z",
    }
    return post(**{**form, **changes})


def test_an_utterance_is_heard_with_track_and_confidence() -> None:
    assert parse.hear_transcript(utterance()) == Transcript(
        CALL, "GT1", 5, Track.CALLER, "南门大街路灯不亮", is_final=True, confidence=0.93, at=NOON
    )


def test_a_partial_utterance_may_lack_confidence() -> None:
    partial = parse.hear_transcript(
        utterance(TranscriptionData='{"transcript":"南门"}', Final="false", Track="outbound_track")
    )
    assert partial == Transcript(CALL, "GT1", 5, Track.AGENT, "南门", is_final=False, at=NOON)


@pytest.mark.parametrize("event", ["transcription-started", "transcription-stopped", "transcription-error", "new"])
def test_events_without_words_are_no_utterance(event: str) -> None:
    assert parse.hear_transcript(post(CallSid=CALL, TranscriptionEvent=event)) is None


def test_an_empty_utterance_is_none() -> None:
    assert parse.hear_transcript(utterance(TranscriptionData='{"transcript":" "}')) is None


@pytest.mark.parametrize(
    "data", ["", "not json", "[]", "7", "null", "{}", '{"transcript":7}', "[" * 100_000, '{"transcript":"' + "x" * 9]
)
def test_senseless_transcription_data_is_malformed(data: str) -> None:
    with pytest.raises(MalformedWebhook, match="TranscriptionData"):
        parse.hear_transcript(utterance(TranscriptionData=data))


@pytest.mark.parametrize(
    ("name", "value"), [("Track", "both"), ("SequenceId", "x"), ("TranscriptionSid", ""), ("TranscriptionEvent", "")]
)
def test_an_utterance_needs_its_place(name: str, value: str) -> None:
    with pytest.raises(MalformedWebhook, match=name):
        parse.hear_transcript(utterance(**{name: value}))


# --- SMS -----------------------------------------------------------------------------------------------------------


def test_a_message_keeps_its_text_untouched() -> None:
    body = "  小区门口井盖坏了\n请处理 "
    heard = parse.hear_sms(post(MessageSid="SM1", From="+8613857461234", To="106575001234", Body=body, NumMedia="0"))
    assert heard == SmsReceived("SM1", "+8613857461234", "106575001234", body)


def test_pictures_come_with_their_kind() -> None:
    message = post(
        MessageSid="MM1",
        From="+8613857461234",
        To="96310",
        NumMedia="2",
        MediaUrl0="https://api.twilio.com/ME1",
        MediaContentType0="image/jpeg",
        MediaUrl1="https://api.twilio.com/ME2",
    )
    heard = parse.hear_sms(message)
    assert heard.body == ""
    assert heard.media == (("https://api.twilio.com/ME1", "image/jpeg"), ("https://api.twilio.com/ME2", ""))


def test_a_pretended_mass_of_media_is_cut() -> None:
    many = {f"MediaUrl{i}": f"https://api.twilio.com/ME{i}" for i in range(50)}
    heard = parse.hear_sms(post(MessageSid="MM1", To="96310", NumMedia="999999999", **many))
    assert len(heard.media) == 10


def test_the_carriers_opt_out_verdict_is_kept() -> None:
    assert parse.hear_sms(post(MessageSid="SM1", To="96310", Body="STOP", OptOutType="stop")).opt_out == "STOP"
    assert parse.hear_sms(post(MessageSid="SM1", To="96310", Body="STOP", OptOutType="maybe")).opt_out is None


def test_characters_no_database_takes_are_dropped_from_a_message() -> None:
    assert parse.hear_sms(post(MessageSid="SM1", To="96310", Body="井\x00盖\ud800坏")).body == "井盖坏"


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("accepted", "queued"),
        ("scheduled", "queued"),
        ("sending", "sending"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "undelivered"),
        ("canceled", "failed"),
    ],
)
def test_the_stages_of_a_sent_message_fold_into_six(told: str, known: str) -> None:
    assert parse.hear_sms_status(post(MessageSid="SM1", MessageStatus=told)) == SmsStatus("SM1", known)


def test_a_failed_message_tells_its_error() -> None:
    failed = post(MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003")
    assert parse.hear_sms_status(failed) == SmsStatus("SM1", "undelivered", 30003)
    with pytest.raises(MalformedWebhook, match="MessageStatus"):
        parse.hear_sms_status(post(MessageSid="SM1", MessageStatus="lost"))


# --- any input -----------------------------------------------------------------------------------------------------

PARSERS: list[Callable[[WebhookRequest], Any]] = [
    parse.hear_call,
    parse.hear_gather,
    parse.hear_waiting,
    parse.hear_queue_left,
    parse.hear_progress,
    parse.hear_dial_ended,
    parse.hear_conference,
    parse.hear_recording,
    parse.hear_transcript,
    parse.hear_failing,
    parse.hear_sms,
    parse.hear_sms_status,
]
NAMES = [
    *("CallSid", "From", "To", "Digits", "SpeechResult", "Confidence", "QueuePosition", "QueueTime", "QueueResult"),
    *("CallStatus", "Timestamp", "SequenceNumber", "DialCallStatus", "ConferenceSid", "FriendlyName"),
    *("StatusCallbackEvent", "RecordingSid", "RecordingStatus", "TranscriptionEvent", "TranscriptionData", "Track"),
    *("SequenceId", "TranscriptionSid", "MessageSid", "MessageStatus", "NumMedia", "MediaUrl0", "OptOutType"),
]
SENSIBLE = st.sampled_from(
    [
        *(CALL, "CF1", "1", "0.5", "ringing", "completed", "bridged", "inbound_track", "transcription-content"),
        *(
            "conference-end",
            "true",
            NOON_RFC,
            '{"transcript":"x","confidence":NaN}',
            '{"transcript":"x","confidence":1e999}',
        ),
    ]
)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)


@pytest.mark.parametrize("hear", PARSERS)
@given(form=st.dictionaries(st.sampled_from(NAMES), SENSIBLE | ANY_TEXT))
def test_a_parser_raises_nothing_but_malformed(hear: Callable[[WebhookRequest], Any], form: dict[str, str]) -> None:
    with contextlib.suppress(MalformedWebhook):
        hear(post(**form))
