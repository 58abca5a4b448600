"""Agents and text messages attach further people to what is known, and tell them how far it is."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, work
from app.extensions import socketio
from app.realtime.relay import Relay
from nlp.types import Candidate, Matter, Term, Urgency
from tests.incidents.conftest import STREET, burst, confirmed, fresh, look, talk
from tests.realtime.test_push import NOBODY_LISTENS, Console
from tests.support.carrier import FakeCarrier, Hook
from tests.support.people import Person, file_case, somebody, stored
from tests.support.sms import Handset, send_due
from tests.support.voice import Telephone

NEIGHBOUR = "+8613955551234"
WORDS = "百丈路停水了，什么时候来水"


def dispose(agent: Person, phone: Telephone, **body: Any) -> Any:
    return agent.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "joined", **body})


def texting(app: Flask, number: str = NEIGHBOUR) -> Handset:
    return Handset(Hook(app.test_client()), number)


def drafts(agent: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = agent.get("/api/v1/agent/snapshot").json["drafts"]
    return found


@pytest.fixture
def water(classifier: Any) -> Any:
    """The machine is sure of 停水 in 百丈."""
    known = replace(
        classifier.understand("百丈路"), candidates=(Candidate("E0402", 0.9, (Term("停水", 3, 5),)),), in_scope=0.9
    )
    classifier.answers["停水"] = known
    return known


# --- by an agent ----------------------------------------------------------------------------------------------------


def test_one_click_attaches_the_caller_to_the_incident_and_closes_the_call(
    app: Flask, agent: Person, chief: Person
) -> None:
    one = confirmed(app, agent)
    person, phone = talk(app, NEIGHBOUR)
    answer = dispose(person, phone, case_id=one["main_case"]["id"])
    assert answer.status_code == 200
    assert answer.json["call"]["disposition"] == "joined"
    card = fresh(chief, one)
    assert card["joined"] == 5
    assert "已有5人反映" in card["told"]
    assert one["main_case"]["number"] in card["told"]


def test_a_corrected_note_attaches_nobody_twice(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    person, phone = talk(app, NEIGHBOUR)
    for note in ("", "补充：三楼也没水"):
        assert dispose(person, phone, case_id=one["main_case"]["id"], note=note).status_code == 200
    assert fresh(chief, one)["joined"] == 5


def test_a_case_beside_any_incident_takes_further_reporters_too(app: Flask, agent: Person) -> None:
    case = file_case(agent)
    person, phone = talk(app, NEIGHBOUR)
    assert dispose(person, phone, case_id=case["id"]).status_code == 200
    seen = agent.get(f"/api/v1/cases/{case['id']}").json
    assert (seen["reporters"], seen["history"][-1]["label"]) == (1, "又有市民反映")
    assert "2 人" in seen["history"][-1]["text"]


def test_the_agent_reads_the_progress_of_a_known_case_beside_it(app: Flask, agent: Person) -> None:
    case = file_case(agent)
    person, phone = talk(app, NEIGHBOUR)
    assert dispose(person, phone, case_id=case["id"]).status_code == 200
    asked = f"class_code={case['class_code']}&district=330212&street={case['street']['code']}&address={case['address']}"
    (twin, *_) = agent.get(f"/api/v1/cases/nearby?{asked}&text={case['description']}").json
    assert twin["case"]["id"] == case["id"]
    assert twin["told"].startswith(f"同一问题已有2人反映，编号{case['number']}，已派{case['unit']['name']}处置")


def test_the_cases_own_caller_is_not_a_further_reporter(app: Flask, agent: Person) -> None:
    case = file_case(agent, reporter_phone=NEIGHBOUR)
    person, phone = talk(app, NEIGHBOUR)
    assert dispose(person, phone, case_id=case["id"]).status_code == 200
    assert stored(app, case["id"]).reporters == 0


def test_nobody_is_attached_to_what_has_ended_or_to_nothing(app: Flask, agent: Person, chief: Person) -> None:
    case = file_case(agent)
    path = f"/api/v1/cases/{case['id']}/actions/void"
    assert chief.post(path, {"reason": "重复"}, version=case["version"]).status_code == 200
    person, phone = talk(app, NEIGHBOUR)
    assert dispose(person, phone, case_id=case["id"]).status_code == 409
    assert dispose(person, phone).status_code == 422
    assert dispose(person, phone, case_id=987654321).status_code == 404


def test_ten_callers_at_once_are_ten_people(committing: Flask) -> None:
    app = committing
    one = confirmed(app, somebody(app, Role.AGENT))
    phones = [Telephone(app, f"+861395555{n:04d}") for n in range(10)]
    addresses = [phone.dial().verb("Gather").attrib["action"] for phone in phones]
    jobs = [
        threading.Thread(target=phone.send, args=(address,), kwargs={"Digits": "1"})
        for phone, address in zip(phones, addresses, strict=True)
        for _ in range(2)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert fresh(somebody(app, Role.SUPERVISOR), one)["joined"] == 14


def test_who_else_reported_is_for_the_centre_and_never_for_the_unit(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    person, phone = talk(app, NEIGHBOUR)
    dispose(person, phone, case_id=one["main_case"]["id"])
    path = f"/api/v1/cases/{one['main_case']['id']}/reporters"
    assert [row["phone"] for row in agent.get(path).json["items"] if row["via"] == "agent"] == [NEIGHBOUR]
    dispatcher = somebody(app, Role.DISPATCHER, area="330212")
    assert "5555" not in dispatcher.get(path).get_data(as_text=True)
    unit = somebody(app, Role.HANDLER, unit_id=stored(app, one["main_case"]["id"]).unit_id)
    assert unit.get(path).status_code == 403
    assert unit.get(f"/api/v1/cases/{one['main_case']['id']}").json["incident_id"] == one["id"]


# --- by text message ------------------------------------------------------------------------------------------------


def test_a_text_about_a_known_incident_is_answered_with_its_progress_and_leaves_no_draft(
    app: Flask, agent: Person, chief: Person, water: Any
) -> None:
    one = confirmed(app, agent)
    before = drafts(agent)
    reply = texting(app).text(WORDS)
    assert one["main_case"]["number"] in reply
    assert "已有5人反映" in reply
    assert drafts(agent) == before
    assert fresh(chief, one)["joined"] == 5
    assert "已有5人反映" in texting(app).text(WORDS)
    assert fresh(chief, one)["joined"] == 5


def test_the_sender_may_ask_for_the_known_case_afterwards(app: Flask, agent: Person, water: Any) -> None:
    one = confirmed(app, agent)
    texting(app).text(WORDS)
    for question in ("查询", f"查询 {one['main_case']['number']}"):
        assert one["main_case"]["number"] in texting(app).text(question)
    assert one["main_case"]["number"] not in texting(app, "+8613955559999").text(f"查询 {one['main_case']['number']}")


def test_whoever_says_that_it_is_another_matter_gets_a_draft_and_no_message_later(
    app: Flask, agent: Person, chief: Person, water: Any
) -> None:
    one = confirmed(app, agent)
    texting(app).text(WORDS)
    reply = texting(app).text("不是，我说的是路灯，停水那个不是我")
    (draft,) = [each for each in drafts(agent) if each["number"] in reply]
    assert draft["description"].startswith("不是")
    assert fresh(chief, one)["joined"] == 4


@pytest.mark.parametrize("doubt", ["class", "place", "other street", "two matters", "danger"])
def test_in_doubt_a_person_decides(app: Flask, agent: Person, water: Any, classifier: Any, doubt: str) -> None:
    confirmed(app, agent)
    place = water.places[0]
    doubted = {
        "class": replace(water, candidates=(Candidate("E0402", 0.4, ()),)),
        "place": replace(water, places=(replace(place, confidence=0.3),)),
        "other street": replace(water, places=(replace(place, street=None),)),
        "two matters": replace(water, matters=(Matter("停水", 0, 2, ()), Matter("路灯", 3, 5, ()))),
        "danger": replace(water, urgency=Urgency.CRITICAL),
    }
    classifier.answers["停水"] = doubted[doubt]
    before = len(drafts(agent))
    assert "人反映" not in texting(app).text(WORDS)
    assert len(drafts(agent)) == before + 1


def test_an_agent_attaches_a_waiting_text_with_one_click_and_its_sender_hears_how_far_it_is(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    one = confirmed(app, agent)
    reply = texting(app).text("百丈这里没自来水")
    (draft,) = [each for each in drafts(agent) if each["number"] in reply]
    path = f"/api/v1/cases/{draft['id']}/join"
    assert agent.post(path, {"case_id": one["main_case"]["id"]}).status_code == 428
    answer = agent.post(path, {"case_id": one["main_case"]["id"]}, version=draft["version"])
    assert (answer.status_code, answer.json["people"], answer.json["incident_id"]) == (200, 5, one["id"])
    assert draft["id"] not in [each["id"] for each in drafts(agent)]
    assert stored(app, draft["id"]).state == "void"
    send_due(app)
    assert f"编号{one['main_case']['number']}" in carrier.texts_to(NEIGHBOUR)[-1]
    again = agent.post(path, {"case_id": one["main_case"]["id"]}, version=draft["version"])
    assert again.status_code == 409
    assert fresh(chief, one)["joined"] == 5


def test_the_text_of_a_repeated_delivery_joins_once(app: Flask, agent: Person, chief: Person, water: Any) -> None:
    one = confirmed(app, agent)
    first = texting(app).text(WORDS, sid="SM" + "b" * 32)
    assert texting(app).text(WORDS, sid="SM" + "b" * 32) == first
    assert fresh(chief, one)["joined"] == 5


# --- who hears of it ------------------------------------------------------------------------------------------------


def test_consoles_near_the_place_hear_of_every_step_and_others_of_none(
    app: Flask, agent: Person, chief: Person
) -> None:
    relay = Relay(app, socketio, NOBODY_LISTENS)
    relay.step()
    near = [agent, chief, somebody(app, Role.DISPATCHER, area="330212"), somebody(app, Role.LEADER, area="3302")]
    far = [
        somebody(app, Role.DISPATCHER, area="330203"),
        somebody(app, Role.HANDLER),
        somebody(app, Role.LEADER, area="330203"),
    ]
    hearing, deaf = [Console(app, each) for each in near], [Console(app, each) for each in far]
    one = confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    phone.send(phone.dial().verb("Gather").attrib["action"], Digits="1")
    end = {"fixed": True, "reason": "恢复供水"}
    assert chief.post(f"/api/v1/incidents/{one['id']}/end", end, version=one["edition"]).status_code == 200
    relay.step()
    steps = ["incident.proposed", "incident.confirmed", "incident.joined", "incident.ended"]
    for console in hearing:
        events = [event for event in console.events if event["kind"].startswith("incident.")]
        assert [event["kind"] for event in events] == steps
        versions = [event["payload"]["incident"]["version"] for event in events]
        assert versions == sorted(set(versions))
        text = str(events)
        assert NEIGHBOUR[-8:] not in text
        assert "周0" not in text
    for console in deaf:
        assert [kind for kind in console.kinds if kind.startswith("incident.")] == []


def test_a_caller_who_joins_makes_no_open_form_of_the_unit_stale(app: Flask, agent: Person) -> None:
    one = confirmed(app, agent)
    with app.app_context(), work():
        main = session().get_one(Case, one["main_case"]["id"])
        version, unit_id = main.version, main.unit_id
    phone = Telephone(app, NEIGHBOUR)
    phone.send(phone.dial().verb("Gather").attrib["action"], Digits="1")
    unit = somebody(app, Role.HANDLER, unit_id=unit_id)
    assert unit.post(f"/api/v1/cases/{one['main_case']['id']}/actions/accept", {}, version=version).status_code == 200


def test_a_new_case_beside_the_incident_is_left_to_people(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    beside = burst(agent, 30, street=STREET)
    look(app)
    lines = fresh(chief, one)["lines"]
    assert [line["attached"] for line in lines if line["case"]["id"] == beside["id"]] == [False]
