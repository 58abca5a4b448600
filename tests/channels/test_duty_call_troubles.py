"""What goes wrong with a call to a duty telephone: nothing is lost, nothing happens twice, the centre gets to know."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.channels.models import DutyCall
from app.db import session, transaction, work
from app.events.models import Event
from app.supervision import reminders
from telephony.ports import TelephonyError
from tests.support.carrier import FakeCarrier
from tests.support.duty import (
    LANDLINE,
    PIN,
    DutyPhone,
    answers_by_telephone,
    calls_of,
    command,
    ring_due,
)
from tests.support.people import Person, file_case, somebody, stored


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets minutes pass."""

    def pass_by(minutes: float) -> None:
        at = clock.now() + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda: at)

    return pass_by


def last_call(app: Flask, case: dict[str, Any]) -> DutyCall:
    return calls_of(app, case["unit"]["id"])[-1]


def kinds(agent: Person, case: dict[str, Any]) -> list[str]:
    return [line["kind"] for line in agent.get(f"/api/v1/cases/{case['id']}").json["history"]]


def state(app: Flask, case: dict[str, Any]) -> str:
    return stored(app, case["id"]).state


# --- who answers ---------------------------------------------------------------------------------------------------


def test_three_wrong_pins_end_the_call_lock_the_telephone_and_are_told(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any], later: Any
) -> None:
    phone.answer()
    assert "不正确" in phone.press("1111").said
    assert "不正确" in phone.press("2222").said
    assert "锁定30分钟" in phone.press("3333").said
    assert phone.is_over
    phone.hang_up()
    with city_app.app_context(), work():
        told = session().query(Event).filter_by(kind="unit.phone_locked").one()
        assert {"supervisors", "dispatchers", "administrators"} <= set(told.audience)
        assert "4821" not in str(told.payload)
    later(5)
    assert ring_due(city_app, carrier) == 0
    later(26)
    assert ring_due(city_app, carrier) == 1
    assert "已接单" in _accept(DutyPhone(city_app, carrier))
    assert state(city_app, case) == "handling"


def test_wrong_pins_count_over_several_calls(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, later: Any
) -> None:
    phone.answer()
    phone.press("1111")
    phone.press("2222")
    phone.hang_up()
    later(1)
    ring_due(city_app, carrier)
    again = DutyPhone(city_app, carrier)
    again.answer()
    assert "锁定" in again.press("3333").said


def test_a_voicemail_that_answers_hears_nothing_and_is_rung_again(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any], later: Any
) -> None:
    said = phone.answer().said
    said += phone.stay_silent().said
    said += phone.stay_silent().said
    said += phone.stay_silent().said
    assert phone.is_over
    assert case["address"] not in said
    phone.hang_up()
    call = last_call(city_app, case)
    assert (call.state, call.outcome) == ("waiting", "no_pin")
    later(1)
    assert ring_due(city_app, carrier) == 1


def test_a_unit_without_a_pin_is_not_rung_and_the_centre_is_told(
    city_app: Flask, carrier: FakeCarrier, agent: Person, unit_id: int
) -> None:
    answers_by_telephone(city_app, unit_id, pin=None)
    case = file_case(agent)
    assert ring_due(city_app, carrier) == 0
    assert kinds(agent, case)[-1] == "case.phone_unanswered"


def test_a_unit_with_a_landline_at_work_on_the_web_is_not_rung(
    city_app: Flask, carrier: FakeCarrier, agent: Person, unit_id: int
) -> None:
    file_case(agent)
    assert ring_due(city_app, carrier) == 0


# --- nobody answers ------------------------------------------------------------------------------------------------


def test_busy_is_tried_again_with_growing_gaps_and_at_last_the_centre_is_told_once(
    city_app: Flask, carrier: FakeCarrier, agent: Person, case: dict[str, Any], later: Any
) -> None:
    second = file_case(agent, address="百丈路与彩虹路口")
    gaps = []
    for _ in range(10):
        if not ring_due(city_app, carrier):
            break
        DutyPhone(city_app, carrier).status("busy")
        call = last_call(city_app, case)
        gaps.append((call.due_at - clock.now()).total_seconds())
        later(max(gaps[-1], 0) / 60)
    tries = len(carrier.asked("place_call"))
    assert tries == 3  # a missing cover is urgent
    assert gaps[0] < gaps[1]
    assert last_call(city_app, case).state == "missed"
    for each in (case, second):
        assert kinds(agent, each).count("case.phone_unanswered") == 1
    with city_app.app_context(), work():
        (told,) = session().query(Event).filter_by(kind="unit.unreached").all()
        assert told.payload["total"] == 2
        assert "占线" in told.payload["text"]
        assert LANDLINE[-8:] not in str(told.payload)
    later(600)
    assert ring_due(city_app, carrier) == 0


def test_the_dispatchers_digest_tells_of_all_cases_of_a_unit_nobody_reached(
    city_app: Flask, carrier: FakeCarrier, agent: Person, case: dict[str, Any], later: Any
) -> None:
    second = file_case(agent, address="百丈路与彩虹路口")
    while ring_due(city_app, carrier):
        DutyPhone(city_app, carrier).status("no-answer")
        later(4)
    command(city_app, second, "reassign", unit_id=_another(city_app, second), reason="另派")
    dispatcher = somebody(city_app, Role.DISPATCHER, area="330212")
    with city_app.app_context():
        for _ in range(2):
            with work(), transaction():
                reminders.send_digests()
        with work():
            told = [
                each.payload["text"]
                for each in session().query(Event).filter_by(kind="reminder.digest")
                if each.payload["recipient"] == f"account:{dispatcher.account_id}"
            ]
    assert len([text for text in told if "值班电话未接通" in text]) == 1
    assert any(case["number"] in text for text in told)


def test_whoever_urges_afterwards_lets_it_ring_anew(
    city_app: Flask, carrier: FakeCarrier, case: dict[str, Any], later: Any
) -> None:
    while ring_due(city_app, carrier):
        DutyPhone(city_app, carrier).status("no-answer")
        later(31)
    command(city_app, case, "urge", reason="来电人又来电")
    assert ring_due(city_app, carrier) == 1
    assert "已被催办1次" in DutyPhone(city_app, carrier).identify().said


def test_a_hang_up_midway_leaves_the_unread_cases_for_the_next_call(
    city_app: Flask, carrier: FakeCarrier, agent: Person, case: dict[str, Any], later: Any
) -> None:
    second = file_case(agent, address="百丈路与彩虹路口")
    ring_due(city_app, carrier)
    phone = DutyPhone(city_app, carrier)
    phone.identify()
    phone.press("1")
    phone.hang_up()
    assert sorted([state(city_app, case), state(city_app, second)]) == ["dispatched", "handling"]
    later(1)
    assert ring_due(city_app, carrier) == 1
    again = DutyPhone(city_app, carrier)
    assert "1件案件" in again.answer().said


def test_a_hang_up_after_the_tone_reports_nothing_but_keeps_the_recording(
    city_app: Flask, carrier: FakeCarrier, agent: Person, phone: DutyPhone, case: dict[str, Any], later: Any
) -> None:
    phone.identify()
    phone.press("3")
    phone.status("completed")
    phone_said = phone.speak("换好了", hangs_up=True)
    assert phone_said.names == ["Hangup"]
    detail = agent.get(f"/api/v1/cases/{case['id']}").json
    assert detail["state"] == "dispatched"
    assert [(note["submitted"], note["text"]) for note in detail["voice_notes"]] == [(False, "换好了")]
    later(1)
    assert ring_due(city_app, carrier) == 1


def test_silence_after_the_tone_leads_back_to_the_case(phone: DutyPhone) -> None:
    phone.identify()
    phone.press("3")
    assert "没有听到您的留言" in phone.stay_silent().said
    assert "接单请按一" in phone.said


def test_somebody_who_listens_but_presses_nothing_is_not_rung_again(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any], later: Any
) -> None:
    phone.identify()
    for _ in range(3):
        phone.stay_silent()
    assert phone.is_over
    phone.hang_up()
    later(60)
    assert ring_due(city_app, carrier) == 0
    assert state(city_app, case) == "dispatched"


# --- the case has moved ---------------------------------------------------------------------------------------------


def test_a_call_answered_after_the_case_was_reassigned_says_that_nothing_waits(
    city_app: Flask, agent: Person, phone: DutyPhone, case: dict[str, Any]
) -> None:
    command(city_app, case, "reassign", unit_id=_another(city_app, case), reason="片区调整")
    said = phone.answer().said
    assert "没有待处理" in said
    assert phone.is_over
    phone.hang_up()
    assert last_call(city_app, case).state == "dropped"


def test_a_case_reassigned_while_it_is_read_can_no_longer_be_accepted(
    city_app: Flask, phone: DutyPhone, case: dict[str, Any]
) -> None:
    phone.identify()
    moved = command(city_app, case, "reassign", unit_id=_another(city_app, case), reason="片区调整")
    assert "已不在本单位" in phone.press("1").said
    assert stored(city_app, case["id"]).unit_id == moved["unit"]["id"]
    assert state(city_app, case) == "dispatched"


def test_a_case_that_was_voided_is_not_rung_about(city_app: Flask, carrier: FakeCarrier, case: dict[str, Any]) -> None:
    command(city_app, case, "void", reason="重复")
    assert ring_due(city_app, carrier) == 0
    assert last_call(city_app, case).state == "dropped"


def test_a_case_accepted_at_the_desk_meanwhile_offers_no_acceptance(
    city_app: Flask, phone: DutyPhone, case: dict[str, Any]
) -> None:
    handler = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    phone.identify()
    path = f"/api/v1/cases/{case['id']}"
    version = handler.get(path).json["version"]
    assert handler.post(f"{path}/actions/accept", {}, version=version).status_code == 200
    assert "没有这个选项" in phone.press("1").said


# --- the carrier ------------------------------------------------------------------------------------------------------


def test_a_carrier_that_is_down_is_asked_again(
    city_app: Flask, carrier: FakeCarrier, case: dict[str, Any], later: Any
) -> None:
    carrier.refuse_next(TelephonyError("down", permanent=False, retry_after=300))
    assert ring_due(city_app, carrier) == 0
    assert last_call(city_app, case).outcome == "carrier"
    later(2)
    assert ring_due(city_app, carrier) == 0
    later(4)
    assert ring_due(city_app, carrier) == 1


def test_a_request_that_may_have_reached_the_carrier_is_not_repeated_while_it_may_ring(
    city_app: Flask, carrier: FakeCarrier, case: dict[str, Any], later: Any
) -> None:
    carrier.refuse_next(TelephonyError("lost", permanent=False, outcome_unknown=True))
    ring_due(city_app, carrier)
    assert ring_due(city_app, carrier) == 0
    assert last_call(city_app, case).state == "placing"
    later(4)
    ring_due(city_app, carrier)
    later(2)
    ring_due(city_app, carrier)
    assert len(carrier.asked("place_call")) == 1


def test_a_call_of_unknown_outcome_that_is_answered_goes_on_as_any_other(
    city_app: Flask, carrier: FakeCarrier, case: dict[str, Any]
) -> None:
    """The address itself says which call it is, although its sid was never learnt."""
    carrier.refuse_next(TelephonyError("lost", permanent=False, outcome_unknown=True))
    ring_due(city_app, carrier)
    call = last_call(city_app, case)
    query = f"?call={call.id}&attempt=1"
    carrier.place_call(LANDLINE, f"/telephony/duty/answered{query}", f"/telephony/duty/status{query}")
    assert "已接单" in _accept(DutyPhone(city_app, carrier))


@pytest.mark.parametrize("order", [["completed", "in-progress", "ringing"], ["ringing", "completed", "completed"]])
def test_shuffled_and_repeated_callbacks_end_the_call_once(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any], order: list[str]
) -> None:
    phone.identify()
    phone.press("1")
    for status in order:
        assert phone.status(status).status == 204
    call = last_call(city_app, case)
    assert (call.state, call.outcome, call.attempt) == ("done", "heard", 1)


def test_callbacks_of_an_earlier_attempt_mean_nothing_any_more(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any], later: Any
) -> None:
    phone.status("busy")
    later(1)
    ring_due(city_app, carrier)
    phone.status("completed")
    phone.status("failed")
    assert phone.answer().names == ["Hangup"]
    assert (last_call(city_app, case).state, last_call(city_app, case).attempt) == ("ringing", 2)
    DutyPhone(city_app, carrier).status("busy")
    later(3)
    carrier.refuse_next(TelephonyError("lost", permanent=False, outcome_unknown=True))
    ring_due(city_app, carrier)
    phone.status("completed")
    assert (last_call(city_app, case).state, last_call(city_app, case).attempt) == ("placing", 3)


def test_the_same_key_delivered_twice_moves_the_case_once(
    agent: Person, phone: DutyPhone, case: dict[str, Any]
) -> None:
    menu = phone.identify()
    first = phone.press("1")
    phone.heard = menu
    assert phone.press("1").said == first.said
    assert kinds(agent, case).count("case.accepted") == 1


def test_a_report_delivered_twice_is_one(agent: Person, phone: DutyPhone, case: dict[str, Any]) -> None:
    phone.identify()
    phone.press("3")
    confirm = phone.speak("换好了")
    phone.press("1")
    phone.heard = confirm
    phone.press("1")
    assert kinds(agent, case).count("case.fed_back") == 1


def test_two_dispatches_at_once_ring_once(committing_city_app: Flask, carrier: FakeCarrier) -> None:
    app = committing_city_app
    agents = [somebody(app, Role.AGENT, nth=nth) for nth in range(2)]
    unit = int(file_case(agents[0])["unit"]["id"])
    answers_by_telephone(app, unit)
    roads = ("彩虹路", "福明路")
    together = threading.Barrier(2)

    def dispatch(nth: int) -> None:
        together.wait()
        file_case(agents[nth], address=f"百丈路与{roads[nth]}口")

    threads = [threading.Thread(target=dispatch, args=(nth,)) for nth in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(calls_of(app, unit)) == 1
    ring_due(app, carrier)
    assert len(carrier.asked("place_call")) == 1
    assert "2件案件" in DutyPhone(app, carrier).answer().said


def test_two_workers_ring_once(committing_city_app: Flask, carrier: FakeCarrier) -> None:
    app = committing_city_app
    agent = somebody(app, Role.AGENT)
    unit = int(file_case(agent)["unit"]["id"])
    answers_by_telephone(app, unit)
    file_case(agent)
    threads = [threading.Thread(target=ring_due, args=(app, carrier)) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(carrier.asked("place_call")) == 1


@pytest.mark.parametrize("way", ["forge", "unsigned"])
def test_an_unsigned_answer_is_refused(city_app: Flask, phone: DutyPhone, way: str) -> None:
    path = phone.order["url"].removeprefix("http://hotline.test")
    client = city_app.test_client()
    for address in (path, "/telephony/duty/heard?call=1&attempt=1&step=1", "/telephony/duty/status?call=1&attempt=1"):
        answer = client.post(address, data={"CallSid": "CA1", "Digits": "1"}, headers={"X-Twilio-Signature": way})
        assert answer.status_code == 403


def test_a_call_that_came_while_the_last_one_was_ending_is_found_by_the_sweep(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any]
) -> None:
    with city_app.app_context(), transaction():
        session().query(DutyCall).update({"state": "done"})
    assert ring_due(city_app, carrier) == 1


def test_a_talk_whose_end_was_never_told_is_ended_by_the_sweep(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any], later: Any
) -> None:
    phone.identify()
    later(11)
    ring_due(city_app, carrier)
    assert last_call(city_app, case).outcome == "lost"
    later(1)
    assert ring_due(city_app, carrier) == 1


# --- when it rings ----------------------------------------------------------------------------------------------------


def test_at_night_only_what_is_urgent_rings(
    city_app: Flask, carrier: FakeCarrier, agent: Person, duty_unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = clock.local(clock.now()).replace(hour=23, minute=10) + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: night.astimezone(clock.UTC))
    loose = file_case(agent, condition_no=2, urgency="normal")
    assert loose["unit"]["id"] == duty_unit
    assert ring_due(city_app, carrier) == 0
    call = calls_of(city_app, duty_unit)[-1]
    assert clock.local(call.due_at).hour == 7
    file_case(agent, address="百丈路与彩虹路口", urgency="critical")
    assert ring_due(city_app, carrier) == 1
    phone = DutyPhone(city_app, carrier)
    assert "2件案件" in phone.answer().said
    phone.press(PIN)
    phone.press("1")
    phone.hang_up()
    assert clock.local(calls_of(city_app, duty_unit)[-1].due_at).hour == 7  # the urgent one has been accepted


def _accept(phone: DutyPhone) -> str:
    phone.identify()
    return phone.press("1").said


def _another(app: Flask, case: dict[str, Any]) -> int:
    nth = 0
    while (found := somebody(app, Role.HANDLER, nth=nth).unit_id) == case["unit"]["id"]:
        nth += 1
    assert found is not None
    return found
