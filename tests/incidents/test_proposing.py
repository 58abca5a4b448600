"""A surge is proposed once, grows, and is confirmed, dismissed or forgotten by people."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app import clock
from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, transaction, work
from app.events.verification import first_broken_line
from app.incidents.models import Incident
from tests.incidents.conftest import (
    ANNOUNCED,
    BURST,
    burst,
    confirm,
    confirmed,
    fresh,
    incidents,
    look,
    proposed,
    surge,
)
from tests.support.carrier import FakeCarrier, Hook
from tests.support.people import Person, somebody, stored
from tests.support.sms import Handset, send_due
from tests.support.voice import Telephone

SPEECH = "百丈路停水了"


def count(app: Flask) -> int:
    with app.app_context(), work():
        return session().scalar(select(func.count()).select_from(Incident)) or 0


def post(who: Person, incident: dict[str, Any], what: str, **body: Any) -> Any:
    return who.post(f"/api/v1/incidents/{incident['id']}/{what}", body, version=incident["edition"])


def test_the_fourth_citizen_of_a_street_makes_the_proposal(app: Flask, agent: Person) -> None:
    surge(app, agent, 3)
    assert incidents(agent) == []
    burst(agent, 3)
    look(app)
    (one,) = incidents(agent)
    assert (one["state"], one["reports"], one["minutes"]) == ("proposed", 4, 15)
    assert one["area"] == {"code": "330212008", "name": "鄞州区百丈街道"}
    assert one["title"] == "鄞州区百丈街道供水管道故障"
    assert "百丈街道" in one["announcement"]
    assert one["main_case"] is None


def test_the_calls_that_make_it_up_are_listed_with_their_words(app: Flask, agent: Person, chief: Person) -> None:
    one = proposed(app, agent)
    lines = fresh(chief, one)["lines"]
    assert [line["case"]["address"] for line in lines] == [BURST["address"]] * 4
    assert {line["text"] for line in lines} == {BURST["description"]}
    assert {line["attached"] for line in lines} == {False}


def test_a_second_look_proposes_nothing_new_and_growth_is_counted(app: Flask, agent: Person) -> None:
    one = proposed(app, agent)
    look(app)
    assert fresh(agent, one)["version"] == one["version"]
    burst(agent, 4)
    look(app)
    (grown,) = incidents(agent)
    assert (grown["id"], grown["reports"]) == (one["id"], 5)
    assert grown["version"] > one["version"]
    assert grown["edition"] == one["edition"]


def test_text_messages_and_callers_in_the_queue_count_before_an_agent_has_filed_them(
    app: Flask, agent: Person, classifier: Any
) -> None:
    classifier.answers["停水"] = understood(classifier)
    burst(agent, 0)
    Handset(Hook(app.test_client()), "+8613955550001").text(SPEECH)
    for caller in ("+8613955550002", "+8613955550003"):
        phone = Telephone(app, caller)
        phone.dial()
        phone.say(SPEECH)
    look(app)
    (one,) = incidents(agent)
    assert one["reports"] == 4
    sources = sorted((line["source"], line["case"] is None) for line in fresh(agent, one)["lines"])
    assert sources == [("来电", False), ("来电", True), ("来电", True), ("短信", False)]


def understood(classifier: Any) -> Any:
    """停水 at 百丈 as the machine would read it."""
    from dataclasses import replace

    from nlp.types import Candidate, Term

    known = classifier.understand("百丈路")
    return replace(known, candidates=(Candidate("E0402", 0.9, (Term("停水", 3, 5),)),), in_scope=0.9)


def test_one_person_who_calls_often_is_no_surge(app: Flask, agent: Person) -> None:
    for _ in range(6):
        burst(agent, 0)
    look(app)
    assert incidents(agent) == []


def test_two_sweeps_at_once_propose_once(committing: Flask) -> None:
    agent = somebody(committing, Role.AGENT)
    for nth in range(4):
        burst(agent, nth)
    threads = [threading.Thread(target=look, args=(committing,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(committing) == 1


def test_what_a_stopped_worker_missed_is_proposed_when_it_is_back(app: Flask, agent: Person) -> None:
    filed = [burst(agent, nth) for nth in range(4)]
    with app.app_context(), transaction():
        earlier = clock.now() - timedelta(minutes=40)
        session().execute(update(Case).where(Case.id.in_([c["id"] for c in filed])).values(opened_at=earlier))
    look(app)
    assert [one["reports"] for one in incidents(agent)] == [4]


def test_what_was_dismissed_is_proposed_again_only_for_new_callers(app: Flask, agent: Person, chief: Person) -> None:
    one = proposed(app, agent)
    answer = post(chief, one, "dismiss", reason="四家各自的水表问题")
    assert (answer.status_code, answer.json["state"]) == (200, "dismissed")
    look(app)
    assert incidents(agent) == []
    burst(agent, 10)
    look(app)
    assert incidents(agent) == []
    for nth in (11, 12, 13):
        burst(agent, nth)
    look(app)
    assert [each["reports"] for each in incidents(agent)] == [4]


def test_a_proposal_nobody_takes_up_lapses_when_nobody_calls_any_more(app: Flask, agent: Person) -> None:
    one = proposed(app, agent)
    with app.app_context(), transaction():
        long_ago = clock.now() - timedelta(hours=7)
        session().execute(update(Incident).values(last_at=long_ago, first_at=long_ago))
        session().execute(update(Case).values(opened_at=long_ago))
    look(app)
    assert incidents(agent) == []
    assert [each["id"] for each in incidents(agent, "dismissed")] == [one["id"]]


def test_confirming_attaches_the_cases_and_names_one_that_is_worked_on(
    app: Flask, agent: Person, chief: Person
) -> None:
    filed = surge(app, agent)
    (one,) = incidents(agent)
    card = confirm(chief, one)
    assert (card["state"], card["joined"], card["announcement"]) == ("confirmed", 4, ANNOUNCED)
    assert card["main_case"]["id"] == filed[0]["id"]
    for case in filed:
        seen = agent.get(f"/api/v1/cases/{case['id']}").json
        assert seen["incident_id"] == one["id"]
        assert seen["history"][-1]["kind"] == "case.joined_incident"
        assert seen["version"] == case["version"] + 1
    assert {line["attached"] for line in fresh(chief, one)["lines"]} == {True}
    with app.app_context(), work():
        assert first_broken_line("incident", one["id"]) is None


def test_cases_that_do_not_belong_can_be_left_out_and_taken_in_later(app: Flask, agent: Person, chief: Person) -> None:
    filed = surge(app, agent)
    (one,) = incidents(agent)
    card = confirm(chief, one, case_ids=[case["id"] for case in filed[:3]], main_case_id=filed[1]["id"])
    assert (card["joined"], card["main_case"]["id"]) == (3, filed[1]["id"])
    assert stored(app, filed[3]["id"]).incident_id is None
    answer = post(chief, card, "cases", case_ids=[filed[3]["id"]])
    assert (answer.status_code, answer.json["joined"]) == (200, 4)
    assert stored(app, filed[3]["id"]).incident_id == one["id"]


def test_the_text_messages_of_a_confirmed_incident_leave_the_agents_list_and_are_answered(
    app: Flask, agent: Person, chief: Person, classifier: Any, carrier: FakeCarrier
) -> None:
    classifier.answers["停水"] = understood(classifier)
    burst(agent, 0)
    senders = [f"+861395555000{n}" for n in range(3)]
    for sender in senders:
        Handset(Hook(app.test_client()), sender).text(SPEECH)
    before = len(agent.get("/api/v1/agent/snapshot").json["drafts"])
    look(app)
    card = confirm(chief, incidents(agent)[0])
    assert card["joined"] == 4
    assert len(agent.get("/api/v1/agent/snapshot").json["drafts"]) == before - 3
    send_due(app)
    for sender in senders:
        assert ["已有4人反映" in text for text in carrier.texts_to(sender)] == [True]


def test_a_foreign_case_cannot_be_smuggled_in(app: Flask, agent: Person, chief: Person) -> None:
    one = proposed(app, agent)
    other = burst(agent, 20, street="330212001")
    confirm(chief, one, case_ids=[*fresh(chief, one)["lines"][0:1][0:0], other["id"], *_ids(chief, one)])
    assert stored(app, other["id"]).incident_id is None


def _ids(who: Person, incident: dict[str, Any]) -> list[int]:
    return [line["case"]["id"] for line in fresh(who, incident)["lines"] if line["case"]]


def test_without_a_filed_case_there_is_nothing_to_confirm(
    app: Flask, agent: Person, chief: Person, classifier: Any
) -> None:
    classifier.answers["停水"] = understood(classifier)
    for n in range(4):
        Handset(Hook(app.test_client()), f"+861395555000{n}").text(SPEECH)
    look(app)
    (one,) = incidents(agent)
    answer = post(chief, one, "confirm", announcement=ANNOUNCED)
    assert (answer.status_code, answer.json["fields"]) == (422, {"main_case_id": "请先立案"})


def test_two_supervisors_at_once_one_confirms_and_the_other_is_told(committing: Flask) -> None:
    app = committing
    one = proposed(app, somebody(app, Role.AGENT))
    people = [somebody(app, Role.SUPERVISOR), somebody(app, Role.DISPATCHER, area="3302")]
    codes: list[int] = []

    def decide(who: Person, what: str, **body: Any) -> None:
        codes.append(post(who, one, what, **body).status_code)

    jobs = [
        threading.Thread(target=decide, args=(people[0], "confirm"), kwargs={"announcement": ANNOUNCED}),
        threading.Thread(target=decide, args=(people[1], "dismiss"), kwargs={"reason": "不是一回事"}),
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert sorted(codes) == [200, 409]


def test_a_stale_edition_is_refused_with_the_newest_card(app: Flask, agent: Person, chief: Person) -> None:
    one = proposed(app, agent)
    card = confirm(chief, one)
    late = post(chief, one, "confirm", announcement=ANNOUNCED)
    assert (late.status_code, late.json["type"]) == (409, "/problems/stale-version")
    assert late.json["current"]["edition"] == card["edition"]
    assert chief.post(f"/api/v1/incidents/{one['id']}/dismiss", {"reason": "不是"}).status_code == 428
    assert post(chief, card, "dismiss", reason="不是一回事").status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"announcement": "短"}, "announcement"),
        ({"announcement": "长" * 121}, "announcement"),
        ({"announcement": ANNOUNCED, "expected_until": "明天"}, "expected_until"),
        ({"announcement": ANNOUNCED, "expected_until": "2026-11-24T18:00:00"}, "expected_until"),
        ({"announcement": ANNOUNCED, "expected_until": "2020-11-24T18:00:00Z"}, "expected_until"),
        ({}, "announcement"),
    ],
)
def test_a_bad_announcement_is_refused_by_field(
    app: Flask, agent: Person, chief: Person, body: dict[str, Any], field: str
) -> None:
    one = proposed(app, agent)
    answer = chief.post(f"/api/v1/incidents/{one['id']}/confirm", body, version=one["edition"])
    assert answer.status_code == 422
    assert field in str(answer.json)


@pytest.mark.parametrize("what", ["confirm", "dismiss", "end", "cases"])
@pytest.mark.parametrize("role", [Role.AGENT, Role.LEADER, Role.INSPECTOR, Role.HANDLER, Role.ADMINISTRATOR])
def test_only_those_who_command_decide(app: Flask, agent: Person, role: Role, what: str) -> None:
    one = confirmed(app, agent)
    bodies = {
        "confirm": {"announcement": ANNOUNCED},
        "dismiss": {"reason": "不是一回事"},
        "end": {"fixed": True, "reason": "好了"},
        "cases": {"case_ids": [1]},
    }
    assert post(somebody(app, role), one, what, **bodies[what]).status_code == 403


def test_a_districts_dispatcher_commands_the_districts_incidents_only(app: Flask, agent: Person) -> None:
    one = proposed(app, agent)
    own, other = (somebody(app, Role.DISPATCHER, area=area) for area in ("330212", "330203"))
    assert incidents(other) == []
    assert other.get(f"/api/v1/incidents/{one['id']}").status_code == 404
    assert post(other, one, "dismiss", reason="不是一回事").status_code == 404
    assert [each["id"] for each in incidents(own)] == [one["id"]]
    assert confirm(own, one)["state"] == "confirmed"


@pytest.mark.parametrize(
    ("role", "page"),
    [(Role.AGENT, "agent"), (Role.DISPATCHER, "command"), (Role.SUPERVISOR, "wall"), (Role.LEADER, "wall")],
)
def test_every_console_of_the_place_starts_with_it(app: Flask, agent: Person, role: Role, page: str) -> None:
    one = confirmed(app, agent)
    near = somebody(app, role) if role in (Role.AGENT, Role.SUPERVISOR) else somebody(app, role, area="330212")
    assert [each["id"] for each in near.get(f"/api/v1/{page}/snapshot").json["incidents"]] == [one["id"]]
    if role in (Role.DISPATCHER, Role.LEADER):
        far = somebody(app, role, area="330203")
        assert far.get(f"/api/v1/{page}/snapshot").json["incidents"] == []
