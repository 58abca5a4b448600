"""A unit that answers by telephone: it is rung up, hears the case, and its keys move it."""

from typing import Any

from flask import Flask

from app.accounts.roles import Role
from tests.support.carrier import FakeCarrier
from tests.support.duty import LANDLINE, DutyPhone, calls_of, ring_due
from tests.support.people import Person, file_case, somebody, stored


def history(person: Person, case: dict[str, Any]) -> list[tuple[str, str]]:
    lines = person.get(f"/api/v1/cases/{case['id']}").json["history"]
    return [(line["kind"], line["text"]) for line in lines]


def test_nothing_of_the_case_is_said_before_the_pin_and_nothing_of_the_caller_ever(phone: DutyPhone) -> None:
    assert phone.order["recipient"] == LANDLINE
    before = phone.answer().said
    assert "1件案件" in before
    assert "密码" in before
    assert "百丈路" not in before
    after = phone.press("4821").said
    for said in ("雨水井盖", "百丈路与中兴路口", "前处置", "接单请按一", "退回请按二", "已办结请按三"):
        assert said in after
    for secret in ("周女士", "13800001234", "骑车"):
        assert secret not in before + after


def test_a_unit_accepts_by_a_key(city_app: Flask, agent: Person, phone: DutyPhone, case: dict[str, Any]) -> None:
    phone.identify()
    assert "已接单" in phone.press("1").said
    assert phone.is_over
    phone.hang_up()
    assert stored(city_app, case["id"]).state == "handling"
    lines = agent.get(f"/api/v1/cases/{case['id']}").json["history"]
    assert [line["kind"] for line in lines[-2:]] == ["case.phoned", "case.accepted"]
    assert lines[-1]["actor"].endswith("（电话）")
    assert calls_of(city_app, case["unit"]["id"])[-1].state == "done"


def test_a_return_by_key_tells_its_reason(agent: Person, phone: DutyPhone, case: dict[str, Any]) -> None:
    phone.identify()
    assert "不属于本单位职责请按一" in phone.press("2").said
    assert "已退回" in phone.press("1").said
    kind, text = history(agent, case)[-1]
    assert kind == "case.returned"
    assert "不属于本单位职责" in text


def test_a_return_for_another_reason_is_spoken_and_confirmed(
    city_app: Flask, agent: Person, phone: DutyPhone, case: dict[str, Any]
) -> None:
    phone.identify()
    phone.press("2")
    phone.press("4")
    assert "确认退回请按一" in phone.speak("这条路去年移交给街道了").said
    assert stored(city_app, case["id"]).state == "dispatched"
    phone.press("1")
    assert history(agent, case)[-1][0] == "case.returned"
    assert "这条路去年移交给街道了" in history(agent, case)[-1][1]


def test_a_report_by_voice_goes_to_the_check_without_a_photograph_and_the_note_can_be_heard(
    city_app: Flask, agent: Person, phone: DutyPhone, case: dict[str, Any]
) -> None:
    phone.identify()
    assert "提示音" in phone.press("3").said
    assert "已录音9秒" in phone.speak("井盖已经换好", seconds=9).said
    assert "已提交核查" in phone.press("1").said
    detail = agent.get(f"/api/v1/cases/{case['id']}").json
    assert (detail["state"], detail["unseen"]) == ("checking", True)
    assert detail["result"] == "电话反馈：井盖已经换好"
    (note,) = detail["voice_notes"]
    assert (note["purpose"], note["seconds"], note["submitted"], note["text"]) == ("result", 9, True, "井盖已经换好")
    sound = agent.get(note["url"])
    assert (sound.status_code, sound.mimetype) == (200, "audio/wav")
    stranger = somebody(city_app, Role.INSPECTOR, area="330203")
    assert stranger.get(note["url"]).status_code == 404


def test_the_inspector_must_have_looked_where_no_photograph_came(
    city_app: Flask, phone: DutyPhone, case: dict[str, Any]
) -> None:
    phone.identify()
    phone.press("3")
    phone.speak("换好了")
    phone.press("1")
    inspector = somebody(city_app, Role.INSPECTOR, area="330212")
    path = f"/api/v1/cases/{case['id']}"
    now = inspector.get(path).json
    offered = next(each for each in now["actions"] if each["action"] == "pass_check")
    assert offered["requires"] == ["reason"]
    refused = inspector.post(f"{path}/actions/pass_check", {}, version=now["version"])
    assert refused.status_code == 422
    assert "现场" in refused.json["detail"]
    passed = inspector.post(f"{path}/actions/pass_check", {"reason": "到场查看，井盖完好"}, version=now["version"])
    assert (passed.status_code, passed.json["state"]) == (200, "closed")


def test_several_cases_are_heard_one_after_the_other_in_one_call(
    city_app: Flask, carrier: FakeCarrier, agent: Person, case: dict[str, Any]
) -> None:
    second = file_case(agent, address="百丈路与彩虹路口")
    third = file_case(agent, address="百丈路与福明路口")
    assert ring_due(city_app, carrier) == 1
    phone = DutyPhone(city_app, carrier)
    assert "3件案件" in phone.answer().said
    assert "第1件，共3件" in phone.press("4821").said
    assert "第2件，共3件" in phone.press("1").said
    assert "第3件，共3件" in phone.press("8").said
    assert phone.press("1").names[-1] == "Hangup"
    phone.hang_up()
    states = [stored(city_app, each["id"]).state for each in (case, second, third)]
    assert sorted(states) == ["dispatched", "handling", "handling"]
    assert ring_due(city_app, carrier) == 0


def test_repeating_and_unknown_keys_change_nothing(city_app: Flask, phone: DutyPhone, case: dict[str, Any]) -> None:
    first = phone.identify().said
    assert phone.press("9").said in first
    assert "没有这个选项" in phone.press("7").said
    assert "没有这个选项" in phone.press("8").said
    assert stored(city_app, case["id"]).state == "dispatched"


def test_zero_asks_the_command_centre_to_ring_back(agent: Person, phone: DutyPhone, case: dict[str, Any]) -> None:
    phone.identify()
    assert "九六三一零" in phone.press("0").said
    assert history(agent, case)[-1][0] == "case.centre_asked"
    assert "已接单" in phone.press("1").said


def test_a_failed_check_rings_again_and_says_so(
    city_app: Flask, carrier: FakeCarrier, phone: DutyPhone, case: dict[str, Any]
) -> None:
    phone.identify()
    phone.press("3")
    phone.speak("换好了")
    phone.press("1")
    phone.hang_up()
    inspector = somebody(city_app, Role.INSPECTOR, area="330212")
    path = f"/api/v1/cases/{case['id']}"
    version = inspector.get(path).json["version"]
    assert inspector.post(f"{path}/actions/fail_check", {"reason": "松动"}, version=version).status_code == 200
    assert ring_due(city_app, carrier) == 1
    assert "核查未通过" in DutyPhone(city_app, carrier).identify().said
