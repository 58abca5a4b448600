"""Centre and citizen write to each other: by SMS, on the citizen's page, and who may read it."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.roles import Role
from app.db import work
from app.events.queries import newest
from tests.followup.conftest import Desk
from tests.support.carrier import FakeCarrier, Hook
from tests.support.people import Person, somebody, stored
from tests.support.sms import CITIZEN, STRANGER, Handset, send_due

ASKED = "请问井盖在路口哪一侧？"


def write(who: Person, case: dict[str, Any], text: str = ASKED) -> Any:
    return who.post(f"/api/v1/cases/{case['id']}/messages", {"text": text})


def thread(who: Person, case: dict[str, Any]) -> dict[str, Any]:
    answer = who.get(f"/api/v1/cases/{case['id']}/messages")
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def said(who: Person, case: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["by"], each["text"]) for each in thread(who, case)["items"]]


def drafts(who: Person) -> list[str]:
    return [each["description"] for each in who.get("/api/v1/agent/snapshot").json["drafts"]]


def open_threads(who: Person, case: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get("/api/v1/agent/snapshot").json["threads"]
    return [each for each in found if each["case"]["id"] == case["id"]]


def unit_of(desk: Desk, case: dict[str, Any]) -> Person:
    return somebody(desk.app, Role.HANDLER, unit_id=case["unit"]["id"])


def test_what_the_agent_writes_reaches_the_citizens_telephone(desk: Desk, carrier: FakeCarrier) -> None:
    case = desk.file()
    assert write(desk.agent, case).status_code == 201
    send_due(desk.app)
    text = carrier.texts_to(CITIZEN)[-1]
    assert text.endswith(ASKED)
    assert case["number"] in text
    (line,) = thread(desk.agent, case)["items"]
    assert (line["delivery"], line["author"]) == ("sent", desk.agent.name)


def test_the_answer_lands_on_the_case_and_waits_for_the_agents(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    before = drafts(desk.agent)
    reply = desk.citizen.text("东北角，靠近公交站")
    assert case["number"] in reply
    assert said(desk.agent, case) == [("centre", ASKED), ("citizen", "东北角，靠近公交站")]
    assert drafts(desk.agent) == before
    (waiting,) = open_threads(desk.agent, case)
    assert (waiting["case"]["id"], waiting["text"], waiting["count"]) == (case["id"], "东北角，靠近公交站", 1)


def test_an_answer_or_a_glance_takes_it_off_the_list(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    desk.citizen.text("东北角")
    write(desk.other, case, "好的，谢谢")
    assert open_threads(desk.agent, case) == []
    desk.citizen.text("不客气")
    desk.agent.post(f"/api/v1/cases/{case['id']}/messages/read")
    assert open_threads(desk.agent, case) == []
    assert [each["waits"] for each in thread(desk.agent, case)["items"]] == [False] * 4


@pytest.mark.parametrize("text", ["家门口的路灯也不亮了", "垃圾没人清", "路口煤气味很重", "百丈路路灯坏了"])
def test_what_looks_like_another_matter_becomes_a_draft_all_the_same(desk: Desk, text: str) -> None:
    case = desk.file()
    write(desk.agent, case)
    desk.citizen.text(text)
    assert text in drafts(desk.agent)
    assert len(said(desk.agent, case)) == 1


def test_words_about_the_threads_own_matter_stay_in_it(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    desk.citizen.text("百丈路的井盖还是没装")
    assert said(desk.agent, case)[-1] == ("citizen", "百丈路的井盖还是没装")


def test_a_thread_that_rests_for_a_week_takes_nothing_in(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    desk.later(days=8)
    desk.citizen.text("还是东北角")
    assert "还是东北角" in drafts(desk.agent)


def test_another_telephone_never_writes_into_it(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    Handset(Hook(desk.app.test_client()), STRANGER).text("我在旁边")
    Handset(Hook(desk.app.test_client()), "anonymous").text("我也在旁边")
    assert said(desk.agent, case) == [("centre", ASKED)]


def test_orders_and_ratings_are_still_heard_within_a_thread(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    assert "催办" in desk.citizen.text(f"催办 {case['number']}")
    assert stored(desk.app, case["id"]).urges == 1
    desk.citizen.text("3")  # nothing is closed yet: it answers the question
    assert said(desk.agent, case)[-1] == ("citizen", "3")
    desk.close(case)
    desk.citizen.text("4")
    assert stored(desk.app, case["id"]).rating == 4


def test_the_same_delivery_again_stands_there_once(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    first = desk.citizen.text("东北角", sid="SM" + "b" * 32)
    assert desk.citizen.text("东北角", sid="SM" + "b" * 32) == first
    assert len(said(desk.agent, case)) == 2


@pytest.mark.parametrize(("who", "why"), [({"reporter_phone": ""}, "没有留下"), ({"sms_consent": False}, "不同意")])
def test_whoever_wants_no_sms_gets_none(desk: Desk, who: dict[str, Any], why: str) -> None:
    case = desk.file(**who)
    refused = write(desk.agent, case)
    assert refused.status_code == 409
    assert why in refused.json["detail"]
    assert why in thread(desk.agent, case)["why_not"]


def test_whoever_opted_out_gets_none(desk: Desk) -> None:
    case = desk.file()
    desk.citizen.text("TD")
    assert write(desk.agent, case).status_code == 409
    assert thread(desk.agent, case)["why_not"] == "来电人已退订短信"


@pytest.mark.parametrize("text", ["", "   ", "长" * 301])
def test_a_message_has_words_but_not_too_many(desk: Desk, text: str) -> None:
    assert write(desk.agent, desk.file(), text).status_code == 422


def test_the_history_says_who_wrote_and_never_what(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case, "周女士您好，请问在哪一侧？")
    desk.citizen.text("我是周丽华，东北角")
    detail = unit_of(desk, case).get(f"/api/v1/cases/{case['id']}")
    kinds = [each["kind"] for each in detail.json["history"]]
    assert kinds[-2:] == ["case.messaged", "case.written_to"]
    for secret in ("周女士", "周丽华", "东北角", "哪一侧"):
        assert secret not in detail.text


def test_a_unit_reads_an_open_callers_thread_without_the_name_and_writes_nothing(desk: Desk) -> None:
    case = desk.file(reporter_name="周小满")
    write(desk.agent, case)
    desk.citizen.text("东北角，周小满，13800001234")
    unit = unit_of(desk, case)
    shown = thread(unit, case)
    assert "东北角" in shown["items"][-1]["text"]
    assert "周小满" not in str(shown)
    assert "0001234" not in str(shown)
    assert (shown["may_write"], shown["phone"]) == (False, "")
    assert write(unit, case).status_code == 403


def test_a_confidential_callers_thread_is_the_centres_alone(desk: Desk) -> None:
    case = desk.file(confidential=True)
    write(desk.agent, case)
    assert unit_of(desk, case).get(f"/api/v1/cases/{case['id']}/messages").status_code == 403
    for role in (Role.INSPECTOR, Role.LEADER):
        reader = somebody(desk.app, role, area="330212")
        assert reader.get(f"/api/v1/cases/{case['id']}/messages").status_code == 403
    dispatcher = somebody(desk.app, Role.DISPATCHER, area="330212")
    assert said(dispatcher, case) == [("centre", ASKED)]


# --- the citizen's page, without a line of JavaScript ---------------------------------------------------------------


@pytest.fixture
def browser(desk: Desk) -> FlaskClient:
    return desk.app.test_client()


def token_on(browser: FlaskClient, link: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).text)
    assert found, "no form on the page"
    return found.group(1)


def open_page(desk: Desk, browser: FlaskClient, case: dict[str, Any], address: str = "10.3.0.1") -> str:
    link = f"/c/{stored(desk.app, case['id']).link_token}"
    form = {"csrf_token": token_on(browser, link), "digits": "1234"}
    opened = browser.post(link, data=form, environ_overrides={"REMOTE_ADDR": address})
    assert opened.status_code == 303
    return link


def send(browser: FlaskClient, link: str, text: str, **form: str) -> Any:
    fields = {"csrf_token": token_on(browser, link), "text": text, **form}
    return browser.post(f"{link}/message", data=fields)


def test_the_citizen_reads_and_writes_on_the_page(desk: Desk, browser: FlaskClient) -> None:
    case = desk.file()
    write(desk.agent, case)
    link = open_page(desk, browser, case)
    page = browser.get(link).text
    assert ASKED in page
    assert desk.agent.name not in page
    assert send(browser, link, "在东北角<b>").status_code == 303
    assert "在东北角&lt;b&gt;" in browser.get(link).text
    assert said(desk.agent, case)[-1] == ("citizen", "在东北角<b>")
    assert len(open_threads(desk.agent, case)) == 1


@pytest.mark.parametrize("text", ["", "  ", "长" * 1001])
def test_nothing_and_too_much_is_said_so(desk: Desk, browser: FlaskClient, text: str) -> None:
    case = desk.file()
    link = open_page(desk, browser, case)
    send(browser, link, text)
    assert "1000 字以内" in browser.get(link).text
    assert said(desk.agent, case) == []


def test_who_has_not_shown_the_digits_writes_nothing(desk: Desk, browser: FlaskClient) -> None:
    case = desk.file()
    link = f"/c/{stored(desk.app, case['id']).link_token}"
    form = {"csrf_token": token_on(browser, link), "text": "让我进去"}
    assert browser.post(f"{link}/message", data=form).status_code == 404
    opened = open_page(desk, browser, case)
    assert browser.post(f"{opened}/message", data={"text": "没有令牌"}).status_code == 400
    assert said(desk.agent, case) == []


def test_a_flood_is_dammed(desk: Desk, browser: FlaskClient) -> None:
    case = desk.file()
    link = open_page(desk, browser, case)
    statuses = [send(browser, link, f"第 {n} 条").status_code for n in range(12)]
    assert 429 in statuses
    assert len(said(desk.agent, case)) <= 10


def test_no_text_message_is_turned_away(desk: Desk) -> None:
    case = desk.file()
    write(desk.agent, case)
    for n in range(12):
        assert case["number"] in desk.citizen.text(f"再说一句 {n}")
    assert open_threads(desk.agent, case)[0]["count"] == 12


def test_consoles_hear_at_once_that_the_citizen_wrote(desk: Desk, city_app: Flask) -> None:
    case = desk.file()
    write(desk.agent, case)
    desk.citizen.text("东北角")
    with city_app.app_context(), work():
        (event,) = newest(kind="case.written_to", limit=1)
        assert {"agents", "supervisors", f"case:{case['id']}"} <= set(event.audience)
        assert "东北角" not in str(event.payload)
