"""When the matter is fixed, everybody attached has one message: no more after a crash, and no fewer."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.db import session, work
from app.events.models import Event
from app.incidents import telling
from app.incidents.tasks import tell_everybody
from app.messages.models import OutgoingMessage
from tests.incidents.conftest import NUMBERS, burst, confirm, confirmed, fresh, incidents, look, surge, talk
from tests.support.carrier import FakeCarrier, Hook
from tests.support.people import Person, file_case, somebody, stored
from tests.support.sms import Handset, close_case, send_due
from tests.support.voice import Telephone

FIXED = "已处置完毕"
NEIGHBOUR = "+8613955551234"
LANDLINE = "+8657487654321"


def end(who: Person, incident: dict[str, Any], *, fixed: bool = True) -> Any:
    body = {"fixed": fixed, "reason": "主管已修复，恢复供水"}
    return who.post(f"/api/v1/incidents/{incident['id']}/end", body, version=incident["edition"])


def join_by_key(app: Flask, caller: str) -> None:
    phone = Telephone(app, caller)
    phone.send(phone.dial().verb("Gather").attrib["action"], Digits="1")


def told(app: Flask) -> list[str | None]:
    """The recipients of the message that it is fixed, in the order of their numbers."""
    with app.app_context(), work():
        query = select(OutgoingMessage).where(OutgoingMessage.purpose == "incident.ended")
        return sorted(message.recipient or "" for message in session().scalars(query))


def everybody(n: int = 4) -> list[str]:
    return [f"+86{number}" for number in NUMBERS[:n]]


def tell(app: Flask, incident: dict[str, Any]) -> None:
    with app.app_context():
        tell_everybody(incident["id"])


@pytest.fixture
def small_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BITE", 2)


def test_everybody_attached_has_one_message_whichever_way_they_came(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    one = confirmed(app, agent)
    join_by_key(app, NEIGHBOUR)
    person, phone = talk(app, "+8613955550009")
    person.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "joined", "case_id": one["main_case"]["id"]})
    assert end(chief, one).json["state"] == "ended"
    tell(app, one)
    look(app)
    assert told(app) == sorted([*everybody(), NEIGHBOUR, "+8613955550009"])
    send_due(app)
    assert [FIXED in text for text in carrier.texts_to(NEIGHBOUR)] == [True]
    assert "百丈街道供水管道故障" in carrier.texts_to(NEIGHBOUR)[0]


def test_a_lost_task_is_made_good_by_the_sweep(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    end(chief, one)
    assert told(app) == []
    look(app)
    assert told(app) == everybody()
    with app.app_context(), work():
        assert telling.waiting() == []


def test_a_worker_that_dies_in_the_middle_goes_on_where_it_stopped(
    app: Flask, agent: Person, chief: Person, small_bites: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = confirmed(app, agent, 5)
    end(chief, one)
    record, bites = telling.record, []

    def die_in_the_second_bite(*given: Any, **named: Any) -> Event:
        event = record(*given, **named)
        bites.append(event)
        if len(bites) == 2:
            raise RuntimeError("the machine is gone")
        return event

    monkeypatch.setattr(telling, "record", die_in_the_second_bite)
    with pytest.raises(RuntimeError):
        tell(app, one)
    assert len(told(app)) == 2
    monkeypatch.setattr(telling, "record", record)
    look(app)
    assert told(app) == everybody(5)


def test_four_workers_at_once_tell_each_once(committing: Flask, small_bites: None) -> None:
    app = committing
    agent, chief = somebody(app, Role.AGENT), somebody(app, Role.SUPERVISOR)
    one = confirmed(app, agent, 9)
    end(chief, one)
    workers = [threading.Thread(target=tell, args=(app, one)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    look(app)
    assert told(app) == everybody(9)


def test_who_wants_none_has_none(app: Flask, agent: Person, chief: Person) -> None:
    for nth in range(3):
        burst(agent, nth)
    burst(agent, 3, sms_consent=False)
    burst(agent, 4, reporter_phone="")
    burst(agent, 5, reporter_phone="057487654321")
    look(app)
    one = confirm(chief, incidents(agent)[0])
    assert one["joined"] == 6
    Handset(Hook(app.test_client()), everybody()[0]).text("退订")
    join_by_key(app, "anonymous")
    join_by_key(app, LANDLINE)
    end(chief, one)
    look(app)
    assert told(app) == everybody()[1:3]


def test_a_confidential_caller_is_told_and_stays_unknown(app: Flask, agent: Person, chief: Person) -> None:
    burst(agent, 0, confidential=True, description="我是王大锤，家里停水")
    for nth in (1, 2, 3):
        burst(agent, nth)
    look(app)
    one = confirm(chief, incidents(agent)[0])
    end(chief, one)
    look(app)
    assert told(app) == everybody()
    leader = somebody(app, Role.LEADER, area="330212")
    assert "王大锤" not in leader.get(f"/api/v1/incidents/{one['id']}").get_data(as_text=True)
    with app.app_context(), work():
        lines = session().scalars(select(Event).where(Event.subject_type == "incident")).all()
        text = "".join(str(line.payload) for line in lines)
    assert lines
    assert not any(number in text for number in NUMBERS[:4])
    assert "周" not in text


def test_closing_the_main_case_ends_the_incident_and_its_own_reporter_hears_of_it_once(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    one = confirmed(app, agent)
    main = agent.get(f"/api/v1/cases/{one['main_case']['id']}").json
    close_case(app, main)
    (ended,) = incidents(agent, "ended")
    assert (ended["is_fixed"], ended["ended_at"] is not None) == (True, True)
    look(app)
    send_due(app)
    for number in everybody():
        assert sum(FIXED in text or "已办结" in text for text in carrier.texts_to(number)) == 1, number


def test_who_has_a_case_of_the_incident_reopened_is_told_when_it_is_closed_anew(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    one = confirmed(app, agent)
    path = f"/api/v1/cases/{one['main_case']['id']}"
    close_case(app, agent.get(path).json)
    look(app)
    closed = agent.get(path).json
    assert (
        chief.post(f"{path}/actions/reopen", {"reason": "三楼以上没有水"}, version=closed["version"]).status_code == 200
    )
    close_case(app, agent.get(path).json)
    send_due(app)
    assert sum("已办结" in text for text in carrier.texts_to(everybody()[0])) == 2
    assert len(told(app)) == 3


def test_a_case_closed_after_the_message_tells_its_reporter_nothing_twice(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    filed = surge(app, agent)
    one = confirm(chief, incidents(agent)[0])
    end(chief, one)
    look(app)
    other = agent.get(f"/api/v1/cases/{filed[1]['id']}").json
    close_case(app, other)
    send_due(app)
    texts = carrier.texts_to(everybody()[1])
    assert sum(FIXED in text for text in texts) == 1
    assert not any("已办结" in text for text in texts)


def test_a_case_closed_before_has_told_its_reporter_already(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    filed = surge(app, agent)
    one = confirm(chief, incidents(agent)[0])
    close_case(app, agent.get(f"/api/v1/cases/{filed[1]['id']}").json)
    assert fresh(chief, one)["state"] == "confirmed"
    end(chief, fresh(chief, one))
    look(app)
    assert told(app) == [each for n, each in enumerate(everybody()) if n != 1]


def test_an_incident_that_was_none_after_all_tells_nobody(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    assert end(chief, one, fixed=False).json["is_fixed"] is False
    look(app)
    assert told(app) == []
    assert end(chief, fresh(chief, one)).status_code == 409


def test_when_the_main_case_comes_to_nothing_another_takes_its_place(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    main = stored(app, one["main_case"]["id"])
    path = f"/api/v1/cases/{main.id}/actions/void"
    assert chief.post(path, {"reason": "误报"}, version=main.version).status_code == 200
    card = fresh(chief, one)
    assert card["state"] == "confirmed"
    assert card["main_case"]["id"] not in (main.id, None)
    join_by_key(app, NEIGHBOUR)
    assert fresh(chief, one)["joined"] == 5
    end(chief, fresh(chief, one))
    look(app)
    assert told(app) == sorted([*everybody(), NEIGHBOUR])


def test_a_main_case_closed_by_force_is_no_proof_that_anything_is_fixed(
    app: Flask, agent: Person, chief: Person
) -> None:
    one = confirmed(app, agent)
    main = stored(app, one["main_case"]["id"])
    path = f"/api/v1/cases/{main.id}/actions/force_close"
    assert chief.post(path, {"reason": "责任单位不明"}, version=main.version).status_code == 200
    card = fresh(chief, one)
    assert card["state"] == "confirmed"
    assert card["main_case"]["id"] != main.id
    look(app)
    assert told(app) == []


def test_where_the_main_case_came_to_nothing_and_there_is_no_other_callers_are_not_told_that_it_is_fixed(
    app: Flask, agent: Person, chief: Person
) -> None:
    first, second, *_ = surge(app, agent)
    one = confirm(chief, incidents(agent)[0], case_ids=[first["id"]])
    main = stored(app, first["id"])
    chief.post(f"/api/v1/cases/{main.id}/actions/void", {"reason": "误报"}, version=main.version)
    card = fresh(chief, one)
    assert (card["state"], card["edition"]) == ("confirmed", one["edition"] + 1)
    assert "办结" not in card["told"]
    body = {"case_ids": [second["id"]]}
    attached = chief.post(f"/api/v1/incidents/{one['id']}/cases", body, version=card["edition"])
    assert attached.json["main_case"]["id"] == second["id"]


def test_further_reporters_of_a_single_case_are_told_with_its_closing(
    app: Flask, agent: Person, carrier: FakeCarrier
) -> None:
    case = file_case(agent)
    person, phone = talk(app, NEIGHBOUR)
    person.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "joined", "case_id": case["id"]})
    close_case(app, agent.get(f"/api/v1/cases/{case['id']}").json)
    send_due(app)
    (text,) = carrier.texts_to(NEIGHBOUR)
    assert case["number"] in text
    assert "评价" not in text


def test_those_attached_to_a_case_before_it_joined_an_incident_come_along_and_are_told_once(
    app: Flask, agent: Person, chief: Person, carrier: FakeCarrier
) -> None:
    both = "+8613955550009"
    burst(agent, 4, reporter_phone=both)
    first = burst(agent, 0)
    for caller in (NEIGHBOUR, both):
        person, phone = talk(app, caller)
        person.post(f"/api/v1/calls/{phone.id}/disposition", {"kind": "joined", "case_id": first["id"]})
    for nth in (1, 2, 3):
        burst(agent, nth)
    look(app)
    one = confirm(chief, incidents(agent)[0])
    assert one["joined"] == 6
    end(chief, one)
    look(app)
    assert told(app) == sorted([*everybody(), NEIGHBOUR, both])
    close_case(app, agent.get(f"/api/v1/cases/{first['id']}").json)
    send_due(app)
    assert sum(FIXED in text for text in carrier.texts_to(both)) == 1
