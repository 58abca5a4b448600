"""What the hotline texts to a citizen: once, whatever the carrier, the broker and the worker do."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from datetime import timedelta
from itertools import permutations

import pytest
from celery import current_app as current_celery
from flask import Flask
from sqlalchemy import select

from app import clock, logs
from app.accounts.roles import Role
from app.db import session, work
from app.events.models import Event
from app.messages.models import Delivery
from app.messages.tasks import send_message
from telephony.ports import TelephonyError
from tests.support.carrier import FakeCarrier, Hook
from tests.support.duty import command
from tests.support.people import Person, file_case, somebody
from tests.support.sms import CITIZEN, Handset, change, close_case, outgoing, send_due

Deliver = Callable[[], list[str]]
BUSY = TelephonyError("busy", permanent=False, retry_after=40, code=20429)
DOWN = TelephonyError("not reached", permanent=False)
WRONG_NUMBER = TelephonyError("no such number", permanent=True, code=21211)
NO_ANSWER = TelephonyError("no answer came", permanent=False, outcome_unknown=True)
OPTED_OUT = TelephonyError("opted out", permanent=True, code=21610)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass."""

    def pass_by(seconds: float) -> None:
        moment = clock.now() + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return pass_by


def tell_status(app: Flask, carrier: FakeCarrier, status: str, **fields: str) -> None:
    """The carrier's callback for the message it took last, at the address that we gave it."""
    sent = carrier.sent[-1]
    path = sent.status_callback.removeprefix("http://localhost")
    answer = Hook(app.test_client())(path, MessageSid=sent.sid, MessageStatus=status, To=CITIZEN, **fields)
    assert answer.status_code == 204


def states(app: Flask) -> list[str]:
    return [message.state for message in outgoing(app)][-1:]


def test_the_citizen_is_told_of_the_dispatch_and_of_the_closing_once_each(
    app: Flask, agent: Person, deliver: Deliver
) -> None:
    case = file_case(agent)
    (told,) = deliver()
    assert case["number"] in told
    assert case["unit"]["name"] in told
    assert "/c/" in told
    close_case(app, case)
    deliver()
    first, second = deliver()
    assert (first, "1-5" in second) == (told, True)


def test_a_case_that_is_closed_by_decision_is_told_without_asking_for_a_rating(
    app: Flask, agent: Person, deliver: Deliver
) -> None:
    case = file_case(agent)
    command(app, case, "force_close", reason="责任单位不明")
    *_, told = deliver()
    assert case["number"] in told
    assert "决定结案" in told
    assert "1-5" not in told


def test_a_city_may_let_its_citizens_sleep_and_tell_them_in_the_morning_how_a_matter_ended(
    app: Flask, agent: Person, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["settings"].model_copy(update={"hold_sms_at_night": True})
    monkeypatch.setitem(app.extensions, "settings", settings)
    night = clock.local(clock.now()).replace(hour=23) + timedelta(days=1)
    with clock.standing_at(night.astimezone(clock.UTC)):
        close_case(app, file_case(agent))
        assert ["已受理" in text for text in deliver()] == [True]
    with clock.standing_at((night + timedelta(hours=8)).astimezone(clock.UTC)):
        assert "已办结" in deliver()[-1]


def test_who_gave_no_number_or_no_consent_is_told_nothing(
    agent: Person, deliver: Deliver, carrier: FakeCarrier
) -> None:
    file_case(agent, reporter_phone="")
    file_case(agent, sms_consent=False)
    deliver()
    assert carrier.sent == []


def test_who_has_opted_out_gets_nothing_until_they_come_back(citizen: Handset, agent: Person, deliver: Deliver) -> None:
    citizen.text("退订")
    file_case(agent)
    assert deliver() == []
    citizen.text("开通")
    file_case(agent)
    assert len(deliver()) == 1


def test_who_opts_out_while_a_message_waits_does_not_get_it(
    app: Flask, citizen: Handset, agent: Person, deliver: Deliver
) -> None:
    file_case(agent)
    citizen.text("STOP")
    assert deliver() == []
    assert states(app) == [Delivery.FAILED]


def test_an_opt_out_that_only_the_carrier_knows_is_learnt_from_its_refusal(
    agent: Person, carrier: FakeCarrier, deliver: Deliver
) -> None:
    file_case(agent)
    carrier.refuse_next(OPTED_OUT)
    deliver()
    file_case(agent)
    assert deliver() == []


def test_two_workers_with_one_message_send_it_once(committing: Flask, carrier: FakeCarrier) -> None:
    file_case(somebody(committing, Role.AGENT))
    (message,) = outgoing(committing)

    def work(_: int) -> None:
        with committing.app_context():
            send_message(message.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    assert len(carrier.sent) == 1
    assert states(committing) == [Delivery.SENT]


def test_a_permanent_refusal_is_not_tried_again(
    app: Flask, agent: Person, carrier: FakeCarrier, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    carrier.refuse_next(WRONG_NUMBER)
    deliver()
    later(3600)
    assert deliver() == []
    (message,) = outgoing(app)
    assert (message.state, message.error_code) == (Delivery.FAILED, 21211)


def test_a_busy_carrier_is_asked_again_when_it_said(
    agent: Person, carrier: FakeCarrier, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    carrier.refuse_next(BUSY)
    deliver()
    later(39)
    assert deliver() == []
    later(2)
    assert len(deliver()) == 1


def test_an_outage_of_an_hour_delays_a_message_and_loses_none(
    agent: Person, carrier: FakeCarrier, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    for _ in range(60):
        carrier.refuse_next(DOWN)
        deliver()
        later(60)
    carrier._refusals.clear()
    later(900)
    assert len(deliver()) == 1


def test_with_the_carrier_away_a_sweep_asks_once_and_not_for_each_message(
    app: Flask, agent: Person, carrier: FakeCarrier
) -> None:
    for _ in range(3):
        file_case(agent)
    carrier.refuse_next(DOWN)
    send_due(app)
    assert carrier.sent == []
    send_due(app)
    assert len(carrier.sent) == 2


def test_an_unknown_outcome_is_never_sent_again_and_heals_by_the_callback(
    app: Flask, agent: Person, carrier: FakeCarrier, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    carrier.refuse_next(NO_ANSWER)
    deliver()
    later(7200)
    assert deliver() == []
    (message,) = outgoing(app)
    assert message.state == Delivery.UNKNOWN
    path = f"/telephony/sms/status?message={message.id}&attempt=1"
    Hook(app.test_client())(path, MessageSid="SM" + "f" * 32, MessageStatus="delivered")
    assert states(app) == [Delivery.DELIVERED]


def test_the_claim_of_a_dead_worker_ends_as_unknown_and_not_as_a_second_message(
    app: Flask, agent: Person, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    (message,) = outgoing(app)
    change(app, message.id, state=Delivery.SENDING, claimed_at=clock.now())
    later(30)
    assert (deliver(), states(app)) == ([], [Delivery.SENDING])
    later(31)
    assert (deliver(), states(app)) == ([], [Delivery.UNKNOWN])


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_callbacks_in_any_order_and_twice_end_as_delivered(
    app: Flask, agent: Person, carrier: FakeCarrier, deliver: Deliver, order: tuple[str, ...]
) -> None:
    file_case(agent)
    deliver()
    for status in (*order, *order):
        tell_status(app, carrier, status)
    assert states(app) == [Delivery.DELIVERED]


def test_a_failed_delivery_keeps_the_carriers_reason(
    app: Flask, agent: Person, carrier: FakeCarrier, deliver: Deliver
) -> None:
    file_case(agent)
    deliver()
    tell_status(app, carrier, "undelivered", ErrorCode="30005")
    tell_status(app, carrier, "sent")
    (message,) = outgoing(app)
    assert (message.state, message.error_code) == (Delivery.FAILED, 30005)


def test_a_telephone_out_of_reach_is_tried_again_a_few_times(
    app: Flask, agent: Person, carrier: FakeCarrier, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    for sendings in (1, 2, 3):
        assert len(deliver()) == sendings
        tell_status(app, carrier, "undelivered", ErrorCode="30003")
        tell_status(app, carrier, "undelivered", ErrorCode="30003")
        assert len(deliver()) == sendings
        later(600)
    assert len(deliver()) == 3
    assert states(app) == [Delivery.FAILED]


def test_what_is_still_told_of_an_earlier_sending_settles_no_later_one(
    app: Flask, agent: Person, carrier: FakeCarrier, deliver: Deliver, later: Callable[[float], None]
) -> None:
    file_case(agent)
    deliver()
    tell_status(app, carrier, "undelivered", ErrorCode="30003")
    later(600)
    carrier.refuse_next(NO_ANSWER)
    deliver()
    tell_status(app, carrier, "undelivered", ErrorCode="30003")
    assert states(app) == [Delivery.UNKNOWN]


@pytest.mark.parametrize("query", ["", "?message=999999", "?message=x", "?message=" + "9" * 30])
def test_a_callback_for_a_message_that_is_not_ours_changes_nothing(app: Flask, agent: Person, query: str) -> None:
    file_case(agent)
    answer = Hook(app.test_client())(
        f"/telephony/sms/status{query}", MessageSid="SM" + "0" * 32, MessageStatus="delivered"
    )
    assert answer.status_code == 204
    assert states(app) == [Delivery.QUEUED]


def test_with_the_broker_dead_the_case_is_filed_and_the_sweep_sends(
    app: Flask, agent: Person, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_celery.conf, "broker_url", "redis://127.0.0.1:9/0")
    current_celery.pool.force_close_all()
    monkeypatch.setattr(current_celery, "_pool", None)
    case = file_case(agent)
    (told,) = deliver()
    assert case["number"] in told


def test_no_log_line_holds_a_telephone_number(
    app: Flask, citizen: Handset, agent: Person, carrier: FakeCarrier
) -> None:
    written = io.StringIO()
    with redirect_stderr(written):
        logs.configure("DEBUG")
        citizen.text("百丈路井盖丢失，打我电话13800001234")
        file_case(agent)
        carrier.refuse_next(TelephonyError("the number +8613800001234 is wrong", permanent=True, code=21211))
        send_due(app)
        Hook(app.test_client())("/telephony/sms", forge=True, **citizen.message("查询"))
    logs.configure("WARNING")
    assert "sms.not_sent" in written.getvalue()
    assert "webhook.refused" in written.getvalue()
    assert "13800001234" not in written.getvalue()


def test_no_event_carries_the_callers_number_or_name(app: Flask, citizen: Handset, agent: Person) -> None:
    case = file_case(agent)
    citizen.text(f"催办 {case['number']}")
    with app.app_context(), work():
        payloads = [str(payload) for payload in session().scalars(select(Event.payload))]
    assert any(case["number"] in payload for payload in payloads)
    assert not any("13800001234" in payload or "周女士" in payload for payload in payloads)
