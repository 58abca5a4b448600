"""Whatever arrives at the voice addresses: a clear refusal or the right document, nothing twice, never a 500."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.models import Call, Utterance
from app.db import session, work
from app.events.models import Event
from tests.support.people import Person
from tests.support.settings import PUBLIC_BASE_URL
from tests.support.voice import Heard, Telephone, new_agent, sign

PATHS = [
    "",
    "/status",
    "/fallback",
    "/heard",
    "/wait",
    "/queue-left",
    "/requeued",
    "/connect",
    "/talk-ended",
    "/conference",
    "/agent-leg",
    "/recorded",
    "/recording",
    "/transcript",
]
FORM = {"CallSid": "CA" + "7" * 32, "From": "+8613805743821", "To": "96310", "CallStatus": "ringing"}


def count(app: Flask, table: Any) -> int:
    with app.app_context(), work():
        return session().scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("path", PATHS)
def test_unsigned_requests_are_refused_and_write_nothing(app: Flask, path: str) -> None:
    client = app.test_client()
    address = f"/telephony/voice{path}"
    good = sign(PUBLIC_BASE_URL + address, FORM)
    for headers in ({}, {"X-Twilio-Signature": "forged"}, {"X-Twilio-Signature": good + "x"}):
        assert client.post(address, data=FORM, headers=headers).status_code == 403
    tampered = client.post(address, data={**FORM, "From": "+8613800000000"}, headers={"X-Twilio-Signature": good})
    assert tampered.status_code == 403
    assert client.post(address, json={"CallSid": "CA1"}, headers={"X-Twilio-Signature": good}).status_code == 403
    assert count(app, Call) == count(app, Event) == 0


@pytest.mark.parametrize("path", PATHS)
def test_a_signed_request_without_what_its_kind_needs_is_malformed(caller: Telephone, app: Flask, path: str) -> None:
    assert caller.send(f"/telephony/voice{path}", CallSid="", CallStatus=None).status == 400
    assert count(app, Call) == 0


def test_oversized_bodies_are_refused_before_anything_is_read(app: Flask) -> None:
    reply = app.test_client().post("/telephony/voice", data={**FORM, "SpeechResult": "长" * 40_000})
    assert reply.status_code == 413
    endless = app.test_client().post(
        "/telephony/voice",
        data="&".join(f"a{n}=1" for n in range(500)),
        content_type="application/x-www-form-urlencoded",
    )
    assert endless.status_code == 400


def test_only_post_is_answered(app: Flask) -> None:
    assert app.test_client().get("/telephony/voice").status_code == 405


def test_signatures_hold_over_raw_addresses_with_queries_escapes_and_a_bare_question_mark(
    caller: Telephone, app: Flask
) -> None:
    for tail in ("?", "?x=%E4%BA%95&y=%7E", "?a=1&a=1", "?q=a+b"):
        assert caller.send(f"/telephony/voice{tail}").status == 200, tail
    assert count(app, Call) == 1


def test_unknown_parameters_and_repeated_fields_are_signed_too(caller: Telephone) -> None:
    assert caller.dial(StirVerstat="TN-Validation-Passed-A", CallToken="%7B%7D", Rare="𠮷😀").status == 200


@pytest.mark.parametrize("withheld", ["anonymous", "", "client:web", "sip:someone@example.org", "+266696687"])
def test_callers_without_a_number_are_taken_like_any_other(agent: Person, app: Flask, withheld: str) -> None:
    phone = Telephone(app, withheld)
    assert phone.dial().status == 200
    phone.press("0")
    card = agent.get(f"/api/v1/calls/{phone.id}").json
    assert card["phone"] == "未显示号码"
    assert card["phone_id"] == ""
    assert card["state"] == "offered"


def test_nameless_callers_do_not_inherit_each_others_place(agent: Person, app: Flask) -> None:
    first = Telephone(app, "anonymous")
    first.dial()
    first.press("0")
    first.leave_queue("hangup")
    second = Telephone(app, "anonymous")
    second.dial()
    second.press("0")
    card = agent.get(f"/api/v1/calls/{second.id}").json
    assert card["note"] == ""
    assert card["prior_calls"] == 0


@pytest.mark.parametrize("speech", ["", "   ", "😀🚧", "𠮷野家门口", "<Say>&\"'</Say>", "啊" * 6000, "a\0b"])
def test_any_speech_leads_on(agent: Person, caller: Telephone, speech: str) -> None:
    caller.dial()
    assert "Enqueue" in caller.say(speech).names


def test_a_first_webhook_delivered_twice_is_one_call(app: Flask, caller: Telephone) -> None:
    token = {"I-Twilio-Idempotency-Token": "abc"}
    first = caller.send("/telephony/voice", token)
    again = caller.send("/telephony/voice", token)
    assert first.text == again.text
    assert count(app, Call) == 1
    assert count(app, Event) == 1


def test_every_webhook_of_a_call_may_come_twice(agent: Person, app: Flask, caller: Telephone) -> None:
    def twice(*steps: Any) -> None:
        for step in steps:
            assert step().status == step().status

    twice(
        caller.dial,
        lambda: caller.say("井盖坏了"),
        caller.wait,
        lambda: caller.transcript("井盖坏了", seq=1),
        lambda: caller.leave_queue("hangup"),
        lambda: caller.status("completed", 3),
    )
    assert count(app, Call) == count(app, Utterance) == 1
    with app.app_context(), work():
        kinds = list(session().scalars(select(Event.kind).where(Event.subject_type == "call").order_by(Event.id)))
    assert len([kind for kind in kinds if kind == "call.ended"]) == 1
    assert len([kind for kind in kinds if kind == "call.waiting"]) == 1
    assert len([kind for kind in kinds if kind == "call.transcript"]) == 1


UNKNOWN: list[tuple[str, dict[str, Any]]] = [
    ("/status", {"CallStatus": "completed", "SequenceNumber": "2"}),
    ("/agent-leg?call=99&attempt=1", {"CallStatus": "no-answer"}),
    ("/agent-leg", {"CallStatus": "no-answer"}),
    ("/recording?call=99", {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingUrl": "http://x"}),
    (
        "/conference?call=99&attempt=1",
        {"ConferenceSid": "CF1", "FriendlyName": "call-99", "StatusCallbackEvent": "participant-leave"},
    ),
    (
        "/conference?call=x&attempt=99999999999999999999",
        {"ConferenceSid": "CF1", "FriendlyName": "call-99", "StatusCallbackEvent": "conference-end"},
    ),
]


@pytest.mark.parametrize(("path", "fields"), UNKNOWN)
def test_callbacks_about_unknown_calls_are_answered_and_write_nothing(
    app: Flask, caller: Telephone, path: str, fields: dict[str, Any]
) -> None:
    assert caller.send(f"/telephony/voice{path}", **fields).status == 204
    assert count(app, Call) == count(app, Event) == 0


def test_a_number_that_no_column_holds_costs_neither_the_end_nor_the_recording(
    agent: Person, app: Flask, talk: Telephone
) -> None:
    huge = "999999999999"
    fields = {"RecordingSid": "RE1", "RecordingStatus": "completed", "RecordingUrl": "http://r/1"}
    assert talk.send(f"/telephony/voice/recording?call={talk.id}", RecordingDuration=huge, **fields).status == 204
    assert talk.transcript("井盖", seq=int(huge)).status == 400
    assert talk.status("completed", int(huge)).status == 204
    row = talk.row()
    assert row is not None
    assert (row.state, row.recording_sid, row.recording_seconds) == ("ended", "RE1", None)


def test_documents_for_unknown_calls_lead_on_or_say_goodbye(agent: Person, caller: Telephone) -> None:
    assert caller.press("0").names == ["Enqueue"]
    assert caller.leave_queue("hangup").names == []
    assert caller.leave_queue("error").names[0] == "Say"
    assert caller.send("/telephony/voice/talk-ended", DialCallStatus="completed").names[-1] == "Hangup"
    assert caller.send("/telephony/voice/connect?call=99&attempt=1").names == ["Enqueue"]
    assert caller.send("/telephony/voice/connect").names == ["Enqueue"]


def test_answers_are_small_documents_with_nothing_before_the_declaration(caller: Telephone) -> None:
    heard: Heard = caller.dial()
    assert heard.text.startswith("<?xml")
    assert len(heard.text.encode()) < 64 * 1024


def test_what_citizens_say_never_becomes_markup(app: Flask, agent: Person, caller: Telephone) -> None:
    caller.dial()
    heard = caller.say("</Say><Redirect>http://evil</Redirect>")
    assert "Redirect" not in heard.names


def test_interim_transcripts_are_not_stored(app: Flask, caller: Telephone) -> None:
    caller.dial()
    assert caller.transcript("井", final=False).status == 204
    assert count(app, Utterance) == 0


def test_the_agents_api_refuses_strangers_other_roles_and_missing_tokens(app: Flask, caller: Telephone) -> None:
    caller.dial()
    path = f"/api/v1/calls/{caller.id}"
    assert app.test_client().get(path).status_code == 401
    from app.accounts.roles import Role

    handler = new_agent(app, "处置员", Role.LEADER)
    assert handler.get(path).status_code == 403
    assert handler.post(f"{path}/answer").status_code == 403
    agent = new_agent(app, "坐席")
    assert agent.client.post(f"{path}/answer").status_code == 400
    assert agent.get("/api/v1/calls/999999").status_code == 404
    assert agent.post("/api/v1/calls/999999/answer").status_code == 404
