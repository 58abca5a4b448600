"""A case over HTTP: from the agent's form to the rating, with every refusal on the way."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.roles import Role
from app.cases.models import Case
from app.db import session, transaction, work
from app.events.models import Event
from app.events.verification import first_broken_line
from tests.support.history import unprotect
from tests.support.people import COVER, Person, bystander, file_case, picture, somebody, stored


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def case(agent: Person) -> dict[str, Any]:
    return file_case(agent)


@pytest.fixture
def unit(city_app: Flask, case: dict[str, Any]) -> Person:
    return somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])


@pytest.fixture
def inspector(city_app: Flask) -> Person:
    return somebody(city_app, Role.INSPECTOR, area="330212")


def act(who: Person, case: dict[str, Any], action: str, **facts: str) -> Any:
    return who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=case["version"])


def kinds(case: dict[str, Any]) -> list[str]:
    return [line["kind"] for line in case["history"]]


def test_a_filed_case_has_a_number_a_unit_with_its_reason_and_a_deadline_with_its_derivation(
    case: dict[str, Any],
) -> None:
    assert case["number"].startswith("NB")
    assert case["state"] == "dispatched"
    assert case["unit"]["name"] in case["routing"]["explanation"]
    assert case["deadline_steps"]
    assert case["limit_text"] == "2 紧急工作时"
    assert case["lamp"] == "green"
    assert kinds(case) == ["case.opened", "case.filed", "case.dispatched"]


def test_the_whole_way_from_the_desk_to_the_closing(
    agent: Person, unit: Person, inspector: Person, case: dict[str, Any]
) -> None:
    taken = act(unit, case, "accept").json
    assert taken["state"] == "handling"
    assert act(unit, taken, "feed_back", result="已补装").status_code == 422
    assert unit.upload(f"/api/v1/cases/{case['id']}/attachments", picture(), "result").status_code == 201
    shown = unit.get(f"/api/v1/cases/{case['id']}").json
    done = act(unit, shown, "feed_back", result="已补装新井盖").json
    assert done["state"] == "checking"
    failed = act(inspector, done, "fail_check", reason="井盖仍松动").json
    assert (failed["state"], failed["reworks"]) == ("handling", 1)
    assert act(unit, failed, "feed_back", result="又装了一次").status_code == 422, "a rework needs new photographs"
    unit.upload(f"/api/v1/cases/{case['id']}/attachments", picture("blue"), "result")
    again = act(unit, unit.get(f"/api/v1/cases/{case['id']}").json, "feed_back", result="已加固").json
    closed = act(inspector, again, "pass_check").json
    assert (closed["state"], closed["state_label"]) == ("closed", "已结案")
    assert kinds(closed)[-4:] == ["case.check_failed", "case.photographed", "case.fed_back", "case.closed"]


def test_the_history_is_chained_and_one_changed_byte_is_found(city_app: Flask, case: dict[str, Any]) -> None:
    with city_app.app_context(), transaction():
        assert first_broken_line("case", case["id"]) is None
        line = (
            session().scalars(select(Event).where(Event.subject_type == "case", Event.subject_id == case["id"])).first()
        )
        assert line is not None
        unprotect(session())
        line.payload = {**line.payload, "text": line.payload["text"] + "。"}
        session().flush()
        broken = first_broken_line("case", case["id"])
        assert broken is not None
        assert (broken.seq, broken.number) == (line.subject_seq, case["number"])


def test_a_second_writer_gets_a_conflict_with_the_present_state_and_nothing_is_lost(
    city_app: Flask, agent: Person, case: dict[str, Any]
) -> None:
    other = somebody(city_app, Role.AGENT, nth=1)
    path = f"/api/v1/cases/{case['id']}"
    assert agent.patch(path, {"address": "百丈路 120 号"}, version=case["version"]).status_code == 200
    refused = other.patch(path, {"description": "井盖已经碎了"}, version=case["version"])
    assert refused.status_code == 409
    assert refused.content_type == "application/problem+json"
    assert refused.json["type"] == "/problems/stale-version"
    assert refused.json["current"]["address"] == "百丈路 120 号"
    assert stored(city_app, case["id"]).description == COVER["description"]


def test_a_write_without_the_version_it_saw_is_refused(agent: Person, unit: Person, case: dict[str, Any]) -> None:
    assert agent.patch(f"/api/v1/cases/{case['id']}", {"address": "某路 1 号"}).status_code == 428
    assert unit.post(f"/api/v1/cases/{case['id']}/actions/accept").status_code == 428


def test_the_same_request_twice_files_one_case(city_app: Flask, agent: Person) -> None:
    first = agent.post("/api/v1/cases", COVER, Idempotency_Key="key-of-a-call-7")
    second = agent.post("/api/v1/cases", COVER, Idempotency_Key="key-of-a-call-7")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    other = agent.post("/api/v1/cases", {**COVER, "address": "别处 5 号"}, Idempotency_Key="key-of-a-call-7")
    assert other.status_code == 422
    with city_app.app_context(), work():
        assert session().scalar(select(func.count()).select_from(Case).where(Case.number == first.json["number"])) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"class_code": "X9"}, "class_code"),
        ({"description": ""}, "description"),
        ({"address": ""}, "address"),
        ({"district": "330203", "street": "330212008"}, "district"),
        ({"lng": 10.0}, "lng"),
        ({"reporter_phone": "not a number"}, "reporter_phone"),
        ({"surprise": 1}, "surprise"),
        ({"condition_no": 0}, "condition_no"),
    ],
)
def test_a_wrong_field_is_named_in_a_problem_document(agent: Person, change: dict[str, Any], field: str) -> None:
    answer = agent.post("/api/v1/cases", {**COVER, **change})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert field in answer.json["fields"], answer.json


def test_a_class_or_condition_that_does_not_exist_is_not_found(agent: Person) -> None:
    assert agent.post("/api/v1/cases", {**COVER, "class_code": "C9999"}).status_code == 404
    assert agent.post("/api/v1/cases", {**COVER, "condition_no": 77}).status_code == 404


def test_rare_characters_and_emoji_are_kept_as_spoken(agent: Person) -> None:
    text = "𠮷祥路🕳️井盖没了，老人王㛃差点摔倒"
    assert file_case(agent, description=text)["description"] == text


ROUTES = [
    ("get", "/api/v1/cases/{id}", None),
    ("patch", "/api/v1/cases/{id}", {"address": "改一改 1 号"}),
    ("post", "/api/v1/cases/{id}/actions/accept", {}),
    ("post", "/api/v1/cases/{id}/actions/feed_back", {"result": "好了"}),
    ("post", "/api/v1/cases/{id}/actions/pass_check", {}),
    ("post", "/api/v1/cases/{id}/actions/void", {"reason": "重复"}),
]
OUTSIDERS = [
    (Role.HANDLER, "another unit", {404, 403}),
    (Role.INSPECTOR, "another district", {404, 403}),
    (Role.LEADER, "another district", {404, 403}),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
@pytest.mark.parametrize("role", [Role.HANDLER, Role.INSPECTOR, Role.LEADER])
def test_a_foreign_case_does_not_exist_for_units_inspectors_and_leaders_of_elsewhere(
    city_app: Flask, case: dict[str, Any], role: Role, method: str, path: str, body: Any
) -> None:
    unit_id = case["unit"]["id"]
    stranger = bystander(city_app, unit_id) if role is Role.HANDLER else somebody(city_app, role, area="330203")
    send = getattr(stranger, method)
    options = {} if method == "get" else {"body": body, "version": case["version"]}
    answer = send(path.format(id=case["id"]), **options)
    assert answer.status_code in (403, 404)
    assert case["address"] not in answer.get_data(as_text=True)
    assert stored(city_app, case["id"]).version == case["version"]


def test_a_stranger_is_asked_to_sign_in(city_app: Flask, case: dict[str, Any]) -> None:
    answer = city_app.test_client().get(f"/api/v1/cases/{case['id']}")
    assert answer.status_code == 401
    assert answer.json["title"] == "请先登录"


def test_a_write_without_the_csrf_token_is_refused(agent: Person) -> None:
    answer = agent.client.post("/api/v1/cases", json=COVER)
    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/csrf"


def test_the_unit_sees_a_masked_caller_and_of_a_confidential_one_nothing(city_app: Flask, agent: Person) -> None:
    plain, secret = file_case(agent), file_case(agent, confidential=True)
    unit = somebody(city_app, Role.HANDLER, unit_id=plain["unit"]["id"])
    assert unit.get(f"/api/v1/cases/{plain['id']}").json["reporter"] == {"name": "周**", "phone": "138****1234"}
    shown = unit.get(f"/api/v1/cases/{secret['id']}")
    assert shown.json["reporter"] is None
    assert "1234" not in shown.get_data(as_text=True)
    assert "周女士" not in shown.get_data(as_text=True)
    assert agent.get(f"/api/v1/cases/{secret['id']}").json["reporter"]["phone"] == "+8613800001234"


def test_no_event_ever_carries_a_telephone_number_or_a_name(city_app: Flask, case: dict[str, Any]) -> None:
    with city_app.app_context(), work():
        lines = session().scalars(select(Event).where(Event.subject_type == "case", Event.subject_id == case["id"]))
        pushed = " ".join(str(line.as_push()) for line in lines)
    assert "13800001234" not in pushed
    assert "周女士" not in pushed


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.4 a lie", b"<svg onload=alert(1)>", picture(form="GIF"), picture()[:60], b"\x89PNG\r\n\x1a\n"],
)
def test_an_upload_that_lies_about_its_type_is_refused(unit: Person, case: dict[str, Any], data: bytes) -> None:
    act(unit, case, "accept")
    answer = unit.upload(f"/api/v1/cases/{case['id']}/attachments", data, "result", "photo.jpg")
    assert answer.status_code in (415, 422)
    assert unit.get(f"/api/v1/cases/{case['id']}").json["attachments"] == []


def test_a_photograph_is_kept_once_and_without_what_was_hidden_in_it(unit: Person, case: dict[str, Any]) -> None:
    act(unit, case, "accept")
    path = f"/api/v1/cases/{case['id']}/attachments"
    hidden = picture(form="JPEG") + b"<?php evil ?>"
    first, second = unit.upload(path, hidden, "result"), unit.upload(path, hidden, "result")
    assert first.json["attachment"]["id"] == second.json["attachment"]["id"]
    kept = unit.get(first.json["attachment"]["url"])
    assert kept.content_type == "image/jpeg"
    assert b"evil" not in kept.data
    kept.close()


def test_the_unit_may_not_upload_for_the_inspector_nor_before_it_accepted(unit: Person, case: dict[str, Any]) -> None:
    path = f"/api/v1/cases/{case['id']}/attachments"
    assert unit.upload(path, picture(), "check").status_code == 403
    assert unit.upload(path, picture(), "result").status_code == 409
    assert unit.upload(path, picture(), "selfie").status_code == 422


def test_known_cases_of_the_same_matter_are_shown_likest_first(agent: Person, case: dict[str, Any]) -> None:
    asked = {"class_code": "C0103", "district": "330212", "street": "330212008", "text": "百丈路口井盖不见了"}
    found = agent.get("/api/v1/cases/nearby", query_string=asked).json
    assert found[0]["case"]["number"] == case["number"]
    assert found[0]["similarity"] > 0.5


def test_the_preview_tells_what_filing_would_do(agent: Person) -> None:
    asked = {"class_code": "C0103", "condition_no": 1, "district": "330212", "street": "330212008"}
    preview = agent.post("/api/v1/routing/preview", asked).json
    filed = file_case(agent)
    assert preview["unit"]["id"] == filed["unit"]["id"]
    assert preview["explanation"] == filed["routing"]["explanation"]
    assert preview["unit"]["duty_phone"] is None or "****" in preview["unit"]["duty_phone"]


def test_lists_are_paged_newest_first_without_gaps_or_repetitions(agent: Person) -> None:
    filed = [file_case(agent, address=f"百丈路 {n} 号")["number"] for n in range(5)]
    seen, cursor = [], None
    while True:
        asked = {"mine": "true", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = agent.get("/api/v1/cases", query_string=asked).json
        seen += [each["number"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen[: len(filed)] == filed[::-1]
    assert len(seen) == len(set(seen))


def test_a_broken_cursor_and_an_unknown_filter_are_named(agent: Person) -> None:
    assert agent.get("/api/v1/cases", query_string={"cursor": "rubbish"}).status_code == 422
    assert agent.get("/api/v1/cases", query_string={"state": "asleep"}).status_code == 422


def test_a_case_is_found_by_its_callers_number_only_by_those_who_may_know_it(
    city_app: Flask, agent: Person, case: dict[str, Any]
) -> None:
    found = agent.get("/api/v1/cases", query_string={"q": "13800001234"}).json["items"]
    assert case["number"] in [each["number"] for each in found]
    administrator = somebody(city_app, Role.ADMINISTRATOR)
    assert administrator.get("/api/v1/cases", query_string={"q": "13800001234"}).json["items"] == []
