"""What is said: kept once, sealed, shown to those who may, and understood while the caller speaks."""

from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.roles import Role
from app.db import session, work
from app.events.models import Event
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.people import Person
from tests.support.voice import Telephone, new_agent


class Redacting(FakeClassifier):
    def redact(self, text: str) -> str:
        return text.replace("13805743821", "***********")


@pytest.fixture
def classifier() -> FakeClassifier:
    return Redacting()


def events(app: Flask, kind: str) -> list[Event]:
    with app.app_context(), work():
        return list(session().scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def test_both_voices_are_kept_in_order_and_pushed_to_the_one_who_talks(
    app: Flask, agent: Person, talk: Telephone
) -> None:
    talk.transcript("您好，请问什么事", track="outbound_track")
    talk.transcript("百丈路井盖不见了")
    detail = agent.get(f"/api/v1/calls/{talk.id}").json
    assert [(line["track"], line["text"]) for line in detail["transcript"]] == [
        ("agent", "您好，请问什么事"),
        ("caller", "百丈路井盖不见了"),
    ]
    pushed = events(app, "call.transcript")
    assert [event.payload["text"] for event in pushed] == ["您好，请问什么事", "百丈路井盖不见了"]
    assert {room for event in pushed for room in event.audience} == {f"call:{talk.id}", f"seat:{agent.account_id}"}
    assert pushed[0].payload["seq"] < pushed[1].payload["seq"]


def test_every_final_utterance_of_the_caller_is_understood_with_all_before_it(
    app: Flask, talk: Telephone, classifier: FakeClassifier
) -> None:
    talk.transcript("这边垃圾没人收")
    talk.transcript("好的", track="outbound_track")
    talk.transcript("就在百丈路")
    assert classifier.heard == ["这边垃圾没人收", "这边垃圾没人收\n就在百丈路"]
    _, second = events(app, "call.suggested")
    assert second.payload["suggestion"]["places"][0]["street"]["name"] == "百丈街道"
    row = talk.row()
    assert row is not None
    assert row.suggestion == second.payload["suggestion"]


def test_our_own_announcements_are_not_taken_for_an_agents_words(agent: Person, caller: Telephone) -> None:
    caller.dial()
    caller.transcript("您好，这里是宁波城管热线", track="outbound_track")
    assert agent.get(f"/api/v1/calls/{caller.id}").json["transcript"] == []


def test_a_suggestion_that_stays_the_same_is_pushed_once(app: Flask, talk: Telephone) -> None:
    talk.transcript("就在百丈路")
    talk.transcript("嗯")
    assert len(events(app, "call.suggested")) == 1


def test_the_greetings_answer_counts_once_though_transcription_heard_it_too(
    app: Flask, agent: Person, caller: Telephone, classifier: FakeClassifier
) -> None:
    caller.dial()
    caller.transcript("百丈路井盖不见了。")
    caller.say("百丈路，井盖不见了")
    caller.transcript("就在门口")
    assert classifier.heard == ["百丈路井盖不见了。", "百丈路井盖不见了。\n就在门口"]
    assert len(events(app, "call.transcript")) == 2


def test_a_transcript_delivered_twice_or_late_is_kept_once(app: Flask, agent: Person, talk: Telephone) -> None:
    talk.transcript("第二句", seq=2)
    talk.transcript("第一句", seq=1)
    talk.transcript("第二句", seq=2)
    talk.hang_up()
    talk.transcript("最后一句", seq=3)
    lines = agent.get(f"/api/v1/calls/{talk.id}").json["transcript"]
    assert [line["text"] for line in lines] == ["第二句", "第一句", "最后一句"]


def test_spoken_numbers_are_sealed_at_rest_redacted_in_events_and_whole_for_the_agent(
    app: Flask, agent: Person, talk: Telephone
) -> None:
    talk.transcript("我的电话是13805743821")
    with app.app_context(), work():
        dump = str(session().execute(text("SELECT * FROM utterance")).all())
        calls = str(session().execute(text('SELECT * FROM "call"')).all())
        history = str(session().execute(text("SELECT payload FROM event")).all())
    for stored in (dump, calls, history):
        assert "13805743821" not in stored
    assert "13805743821" in agent.get(f"/api/v1/calls/{talk.id}").json["transcript"][0]["text"]


def test_events_name_rooms_that_may_see_a_masked_number_and_the_wall_is_not_among_them(
    app: Flask, agent: Person, talk: Telephone
) -> None:
    talk.hang_up()
    with app.app_context(), work():
        recorded = list(session().scalars(select(Event).where(Event.subject_type == "call")))
    assert {event.kind for event in recorded} >= {"call.started", "call.waiting", "call.answered", "call.ended"}
    for event in recorded:
        assert not {"wall", "leaders", "inspectors"} & set(event.audience)
        assert event.payload["call"]["phone"] == "138****3821"


def test_seats_are_told_to_the_wall_without_a_word_about_the_caller(app: Flask, talk: Telephone) -> None:
    for event in events(app, "seat.changed"):
        assert "wall" in event.audience
        assert set(event.payload["seat"]) == {
            "account_id", "name", "work_no", "status", "reason", "state", "since", "call_id", "owes_call_id",
            "wrap_up_until", "extended", "version",
        }  # fmt: skip


def test_an_agents_draft_is_kept_and_an_older_window_is_told(agent: Person, talk: Telephone) -> None:
    path = f"/api/v1/calls/{talk.id}/draft"
    assert agent.put(path, {"form": {"fields": {"description": "井盖"}}, "version": 0}).json == {"version": 1}
    stale = agent.put(path, {"form": {"fields": {}}, "version": 0})
    assert stale.status_code == 409
    detail = agent.get(f"/api/v1/calls/{talk.id}").json
    assert detail["draft"] == {"fields": {"description": "井盖"}}
    assert agent.put(path, {"form": {"fields": {"description": "长" * 20_000}}}).status_code == 413
    assert agent.put(path, {"form": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ({"kind": "answered"}, 200),
        ({"kind": "prank", "note": "无声"}, 200),
        ({"kind": "case"}, 422),
        ({"kind": "case", "case_id": 999}, 404),
        ({"kind": "nonsense"}, 422),
        ({"kind": "answered", "note": "长" * 501}, 422),
        ({}, 422),
    ],
)
def test_dispositions(agent: Person, talk: Telephone, choice: dict[str, Any], status: int) -> None:
    assert agent.post(f"/api/v1/calls/{talk.id}/disposition", choice).status_code == status


def test_a_recording_is_fetched_under_our_key_and_only_for_those_who_may_listen(
    app: Flask, agent: Person, talk: Telephone, carrier: FakeCarrier
) -> None:
    path = f"/api/v1/calls/{talk.id}/recording"
    assert agent.get(path).status_code == 404
    address = f"/telephony/voice/recording?call={talk.id}&attempt=1"
    fields = {"RecordingSid": "RE1", "RecordingUrl": "http://r/1", "RecordingDuration": "61", "CallSid": None}
    talk.send(address, RecordingStatus="in-progress", **fields)
    assert agent.get(path).status_code == 404
    talk.send(address, RecordingStatus="completed", **fields)
    carrier.recordings["http://r/1"] = b"RIFF0000WAVE"
    reply = agent.get(path)
    assert (reply.status_code, reply.mimetype, reply.data) == (200, "audio/wav", b"RIFF0000WAVE")
    assert reply.headers["Cache-Control"] == "no-store"
    assert agent.get(f"/api/v1/calls/{talk.id}").json["has_recording"] is True
    assert new_agent(app, "检查", Role.INSPECTOR).get(path).status_code == 403


def test_the_phone_token_is_for_the_agents_own_name(agent: Person) -> None:
    token = agent.get("/api/v1/phone/token").json
    assert token["identity"] == f"agent_{agent.account_id}"
    grants = jwt.decode(token["token"], options={"verify_signature": False})["grants"]
    assert grants["identity"] == token["identity"]
    assert token["ttl"] <= 3600
