"""What callers hear of a confirmed incident, and what the keys do."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.accounts.roles import Role
from app.calls import plan
from app.calls.models import Call
from app.calls.plan import Desk, News
from app.cases.models import CaseReporter
from app.db import session, work
from tests.incidents.conftest import ANNOUNCED, burst, confirm, confirmed, fresh, incidents, look, proposed
from tests.support.carrier import Hook
from tests.support.people import Person, somebody
from tests.support.sms import Handset
from tests.support.voice import Heard, Telephone, get_ready, new_agent, set_status
from tests.web.test_statements import statements_of

NEIGHBOUR = "+8613955551234"
LANDLINE = "+8657487654321"


def reporters(app: Flask, incident: dict[str, Any]) -> list[CaseReporter]:
    with app.app_context(), work():
        query = select(CaseReporter).where(CaseReporter.incident_id == incident["id"], CaseReporter.via != "case")
        return list(session().scalars(query.order_by(CaseReporter.id)))


def listens(phone: Telephone) -> str:
    """Dials, and returns the address to which the carrier sends the key."""
    return asks(phone.dial())


def asks(heard: Heard) -> str:
    return heard.verb("Gather").attrib["action"]


def press(phone: Telephone, address: str, digits: str) -> Any:
    return phone.send(address, Digits=digits)


@pytest.fixture
def on_duty(app: Flask) -> Person:
    person = new_agent(app, "王磊")
    get_ready(person)
    return person


def test_a_proposal_is_not_announced_and_a_confirmed_incident_is(app: Flask, agent: Person, on_duty: Person) -> None:
    one = proposed(app, agent)
    plain = Telephone(app, NEIGHBOUR).dial()
    assert "请按一" not in plain.said
    confirm(somebody(app, Role.SUPERVISOR), one)
    heard = Telephone(app, NEIGHBOUR).dial()
    assert ANNOUNCED in heard.said
    assert "请按一" in heard.said
    assert "按零转人工" in heard.said
    assert heard.names == plain.names == ["Start", "Gather", "Enqueue"]


def test_the_expected_time_is_told_until_it_has_passed(app: Flask, agent: Person, chief: Person) -> None:
    soon = clock.now() + timedelta(days=2)
    card = confirm(chief, proposed(app, agent), expected_until=soon.isoformat())
    local = clock.local(soon)
    assert f"预计{local.month}月{local.day}日{local.hour}时" in Telephone(app, NEIGHBOUR).dial().said
    change = {"announcement": "百丈街道仍在抢修，请谅解。", "expected_until": None}
    answer = chief.patch(f"/api/v1/incidents/{card['id']}", change, version=card["edition"])
    assert answer.status_code == 200
    said = Telephone(app, NEIGHBOUR).dial().said
    assert "仍在抢修" in said
    assert "预计" not in said


def test_key_one_attaches_the_caller_thanks_and_offers_an_agent(
    app: Flask, agent: Person, chief: Person, on_duty: Person
) -> None:
    one = confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    heard = press(phone, listens(phone), "1")
    assert heard.names == ["Gather", "Say", "Hangup"]
    assert "已有5人反映" in heard.said
    assert "短信" in heard.said
    assert "请按零" in heard.said
    assert fresh(chief, one)["joined"] == 5
    (row,) = reporters(app, one)
    assert (row.via, row.phone, row.sms_consent) == ("key", NEIGHBOUR, True)
    call = phone.row()
    assert call is not None
    assert (call.case_id, call.state) == (one["main_case"]["id"], "greeting")
    assert press(phone, asks(heard), "0").names == ["Enqueue"]
    assert phone.state == "offered"


def test_a_repeated_key_and_a_second_call_count_once(app: Flask, agent: Person, chief: Person, on_duty: Person) -> None:
    one = confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    address = listens(phone)
    first, second = press(phone, address, "1"), press(phone, address, "1")
    assert first.text == second.text
    again = Telephone(app, NEIGHBOUR)
    assert "已有5人反映" in press(again, listens(again), "1").said
    assert fresh(chief, one)["joined"] == 5


def test_whoever_filed_a_case_of_the_incident_is_not_counted_again(app: Flask, agent: Person, chief: Person) -> None:
    one = confirmed(app, agent)
    phone = Telephone(app, "+8613800007000")
    press(phone, listens(phone), "1")
    assert fresh(chief, one)["joined"] == 4


def test_whoever_can_or_wants_to_get_no_message_is_counted_and_told_that_none_comes(
    app: Flask, agent: Person, chief: Person
) -> None:
    one, opted_out = confirmed(app, agent), "+8613955557777"
    Handset(Hook(app.test_client()), opted_out).text("退订")
    for caller in ("anonymous", LANDLINE, opted_out):
        phone = Telephone(app, caller)
        heard = press(phone, listens(phone), "1")
        press(phone, listens(phone), "1")
        assert "收不到短信" in heard.said
    assert fresh(chief, one)["joined"] == 7


@pytest.mark.parametrize("key", ["0", "2", "5", "#"])
def test_every_other_key_goes_straight_to_the_queue(app: Flask, agent: Person, on_duty: Person, key: str) -> None:
    one = confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    assert press(phone, listens(phone), key).names == ["Enqueue"]
    assert phone.state == "offered"
    assert reporters(app, one) == []


def test_silence_and_speech_go_on_as_ever(app: Flask, agent: Person, on_duty: Person) -> None:
    confirmed(app, agent)
    silent, speaking = Telephone(app, NEIGHBOUR), Telephone(app, LANDLINE)
    assert silent.dial().names[-1] == "Enqueue"
    silent.wait()
    assert silent.state == "offered"
    address = listens(speaking)
    assert speaking.send(address, SpeechResult="百丈路井盖不见了", Confidence="0.9").names == ["Say", "Enqueue"]


def test_without_an_incident_key_one_goes_to_the_queue(app: Flask, on_duty: Person) -> None:
    phone = Telephone(app, NEIGHBOUR)
    assert press(phone, listens(phone), "1").names == ["Enqueue"]


def test_two_incidents_have_a_key_each_and_a_third_is_not_read_out(app: Flask, agent: Person, chief: Person) -> None:
    places = ("330212008", "330212001", "330212002")
    for n, street in enumerate(places):
        for nth in range(4):
            burst(agent, 10 * n + nth, street=street)
    look(app)
    for one in sorted(incidents(agent), key=lambda each: each["area"]["code"]):
        confirm(chief, one, announcement=f"街道{one['area']['code']}停水。")
    newest = [each["area"]["code"] for each in sorted(incidents(agent), key=lambda i: i["decided_at"], reverse=True)]
    phone = Telephone(app, NEIGHBOUR)
    heard = phone.dial()
    told = [code for code in newest if code in heard.said]
    assert told == newest[:2]
    press(phone, asks(heard), "2")
    joined = {each["area"]["code"]: each["joined"] for each in incidents(agent)}
    assert joined == {newest[0]: 4, newest[1]: 5, newest[2]: 4}


def test_an_incident_that_has_ended_meanwhile_leads_to_an_agent(
    app: Flask, agent: Person, chief: Person, on_duty: Person
) -> None:
    one = confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    address = listens(phone)
    ended = chief.post(
        f"/api/v1/incidents/{one['id']}/end", {"fixed": True, "reason": "已恢复"}, version=one["edition"]
    )
    assert ended.status_code == 200
    heard = press(phone, address, "1")
    assert heard.names[-1] == "Enqueue"
    assert "已处理完毕" in heard.said
    assert "请按一" not in Telephone(app, LANDLINE).dial().said


def test_a_made_up_incident_in_the_address_joins_nobody(app: Flask, agent: Person, on_duty: Person) -> None:
    proposal = proposed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    phone.dial()
    for news in (str(proposal["id"]), "987654321", "x", "-", "9" * 40):
        assert press(phone, f"/telephony/voice/heard?news={news}", "1").status == 200
    assert reporters(app, proposal) == []


def test_with_nobody_on_duty_the_caller_is_thanked_and_let_go(app: Flask, agent: Person) -> None:
    confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    heard = press(phone, listens(phone), "1")
    assert heard.names == ["Say", "Say", "Hangup"]
    assert "请按零" not in heard.said


def test_an_agent_who_gets_the_caller_all_the_same_sees_the_case(app: Flask, agent: Person, on_duty: Person) -> None:
    one = confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    heard = press(phone, listens(phone), "1")
    press(phone, asks(heard), "0")
    on_duty.post(f"/api/v1/calls/{phone.id}/answer")
    detail = on_duty.get(f"/api/v1/calls/{phone.id}").json
    assert detail["case"]["id"] == one["main_case"]["id"]
    assert detail["disposition"] is None
    set_status(on_duty, "busy")


def test_announcing_costs_the_first_webhook_no_statement(app: Flask, agent: Person) -> None:
    confirmed(app, agent)
    assert len(statements_of(lambda: Telephone(app, NEIGHBOUR).dial())) <= 6


def test_the_greeting_that_asks_no_database_is_the_plain_one(app: Flask, agent: Person) -> None:
    confirmed(app, agent)
    heard = Telephone(app, NEIGHBOUR).send("/telephony/voice/fallback", ErrorCode="11200", ErrorUrl="/telephony/voice")
    assert "请按一" not in heard.said
    assert heard.names[-1] == "Enqueue"


def test_the_plan_is_the_old_one_while_nothing_is_known() -> None:
    desk = Desk(is_anyone_online=True, queue_length=0)
    plain = plan.greet(str, desk, number="96310", hints="")
    assert plan.greet(str, desk, number="96310", hints="", news=()) == plain
    assert plan.greet(str, desk, number="96310", hints="", news=(News(7, "停水。"),)) != plain


def test_hanging_up_after_the_key_is_no_abandoned_call(app: Flask, agent: Person) -> None:
    confirmed(app, agent)
    phone = Telephone(app, NEIGHBOUR)
    press(phone, listens(phone), "1")
    phone.hang_up()
    with app.app_context(), work():
        row = session().scalars(select(Call).where(Call.sid == phone.sid)).one()
        assert (row.state, row.queued_at) == ("ended", None)
