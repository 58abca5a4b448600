"""The page behind the link in the SMS: who gets in, what it shows, and what a citizen can do there."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.accounts.roles import Role
from app.db import session, transaction
from app.events.queries import history
from tests.support.people import Person, file_case, picture, somebody, stored

HTML = {"Accept": "text/html"}
WRONG = "后四位不正确"
LOCKED = "错误次数过多"
NOT_SHOWN = ("周女士", "13800001234", "0001234", "骑车很危险", "陈晓雨")


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def case(agent: Person) -> dict[str, Any]:
    return file_case(agent)


@pytest.fixture
def link(city_app: Flask, case: dict[str, Any]) -> str:
    return f"/c/{stored(city_app, case['id']).link_token}"


@pytest.fixture
def citizen(city_app: Flask) -> FlaskClient:
    return city_app.test_client()


@pytest.fixture
def closed(city_app: Flask, case: dict[str, Any], agent: Person) -> dict[str, Any]:
    """The same case, reported, handled and checked with a photograph each."""
    unit = somebody(city_app, Role.HANDLER, unit_id=case["unit"]["id"])
    inspector = somebody(city_app, Role.INSPECTOR, area="330212")
    agent.upload(f"/api/v1/cases/{case['id']}/attachments", picture("black"), "report")
    act(unit, case, "accept")
    unit.upload(f"/api/v1/cases/{case['id']}/attachments", picture("blue"), "result")
    act(unit, case, "feed_back", result="已补装新井盖，联系人 13911112222")
    inspector.upload(f"/api/v1/cases/{case['id']}/attachments", picture("green"), "check")
    return act(inspector, case, "pass_check")


def act(who: Person, case: dict[str, Any], action: str, **facts: str) -> dict[str, Any]:
    version = stored(who.app, case["id"]).version
    answer = who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=version)
    assert answer.status_code == 200, answer.json
    detail: dict[str, Any] = answer.json
    return detail


def submit(client: FlaskClient, path: str, form: dict[str, str], *, at: str, address: str = "10.2.0.1") -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(at, headers=HTML).text)
    assert token, "no form on the page"
    sent = {"csrf_token": token.group(1), **form}
    return client.post(path, data=sent, headers=HTML, environ_overrides={"REMOTE_ADDR": address})


def unlock(client: FlaskClient, link: str, digits: str = "1234", **options: str) -> Any:
    return submit(client, link, {"digits": digits}, at=link, **options)


def test_the_link_alone_shows_nothing_of_the_case(citizen: FlaskClient, link: str, case: dict[str, Any]) -> None:
    page = citizen.get(link, headers=HTML)
    assert page.status_code == 200
    assert 'name="digits"' in page.text
    for secret in (case["number"], case["class_name"], case["address"], case["unit"]["name"], *NOT_SHOWN):
        assert secret not in page.text


def test_the_last_four_digits_open_exactly_this_case(citizen: FlaskClient, link: str, case: dict[str, Any]) -> None:
    opened = unlock(citizen, link)
    assert (opened.status_code, opened.location) == (303, link)
    page = citizen.get(link).text
    for shown in (case["number"], case["class_name"], case["unit"]["name"], "已派遣，等待单位接单", "2 小时", "鄞州区"):
        assert shown in page
    for secret in NOT_SHOWN:
        assert secret not in page


def test_who_opened_one_case_sees_no_other(agent: Person, citizen: FlaskClient, link: str, city_app: Flask) -> None:
    other = file_case(agent, reporter_phone="13900005678")
    unlock(citizen, link)
    page = citizen.get(f"/c/{stored(city_app, other['id']).link_token}").text
    assert 'name="digits"' in page
    assert other["number"] not in page


@pytest.mark.parametrize("digits", ["4321", "", "123", "12345", " ", "１２３４", "1234567890" * 50, "' or 1=1"])
def test_wrong_digits_are_told_in_one_wording(citizen: FlaskClient, link: str, digits: str) -> None:
    answer = unlock(citizen, link, digits)
    assert answer.status_code == 403
    assert WRONG in answer.text
    assert 'name="digits"' in citizen.get(link).text


def test_after_five_wrong_answers_the_link_is_locked_for_everybody(city_app: Flask, link: str) -> None:
    for guess in range(5):
        answer = unlock(city_app.test_client(), link, f"000{guess}", address=f"10.2.1.{guess}")
        assert answer.status_code == 403
    right = unlock(city_app.test_client(), link, "1234", address="10.2.1.9")
    assert right.status_code == 429
    assert LOCKED in right.text
    assert 'name="digits"' not in right.text


def test_right_answers_lock_nobody_out(city_app: Flask, link: str) -> None:
    for number in range(7):
        assert unlock(city_app.test_client(), link, address=f"10.2.2.{number}").status_code == 303


def test_a_case_of_a_withheld_number_opens_to_nobody(agent: Person, citizen: FlaskClient, city_app: Flask) -> None:
    nameless = file_case(agent, reporter_phone="")
    link = f"/c/{stored(city_app, nameless['id']).link_token}"
    for digits in ("", "0000", "None"):
        assert unlock(citizen, link, digits).status_code == 403


def test_a_link_that_never_was_and_one_that_is_over_look_the_same(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask
) -> None:
    with city_app.app_context(), transaction():
        row = session().get_one(type(stored(city_app, closed["id"])), closed["id"])
        row.closed_at = clock.now() - timedelta(days=31)
    over, never = citizen.get(link, headers=HTML), citizen.get("/c/nosuchtoken", headers=HTML)
    assert over.status_code == never.status_code == 404
    said = {re.sub(r"(?s).*<main|</main>.*", "", page.text) for page in (over, never)}
    assert len(said) == 1
    assert "链接无效或已过期" in over.text


def test_the_page_stays_out_of_search_engines_and_caches(citizen: FlaskClient, link: str) -> None:
    for path in (link, "/c/nosuchtoken"):
        page = citizen.get(path, headers=HTML)
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert page.headers["Cache-Control"] == "no-store"


def test_a_closed_case_tells_its_way_without_anybodys_name(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask
) -> None:
    city_app.extensions["classifier"].redact = lambda text: text.replace("13911112222", "139****2222")
    unlock(citizen, link)
    page = citizen.get(link).text
    steps = re.findall(r"<li[^>]*><b>(.*?)</b>", page)
    assert steps == ["核查通过，已结案", "处置完成", "单位已接单", "已派遣", "已受理"]
    assert "已补装新井盖，联系人 139****2222" in page
    assert "1 分钟（承诺 2 小时）" in page
    with city_app.app_context(), transaction():
        staff = {str(event.payload.get("by")) for event in history("case", closed["id"])}
    assert len(staff) >= 3
    for secret in (*NOT_SHOWN, *staff, "13911112222"):
        assert secret not in page


def test_the_pictures_of_report_and_result_are_shown_and_those_of_the_check_are_not(
    citizen: FlaskClient, closed: dict[str, Any], link: str
) -> None:
    unlock(citizen, link)
    shown = re.findall(r'<img src="([^"]+)" alt="(处置.)', citizen.get(link).text)
    assert [label for _, label in shown] == ["处置前", "处置后"]
    for path, _ in shown:
        with citizen.get(path) as photo:
            assert (photo.status_code, photo.mimetype) == (200, "image/jpeg")
            assert photo.headers["Cache-Control"] == "no-store"
    (check,) = (each["id"] for each in closed["attachments"] if each["purpose"] == "check")
    assert citizen.get(f"{link}/photos/{check}", headers=HTML).status_code == 404


def test_no_picture_without_the_digits_and_none_of_another_case(
    city_app: Flask, agent: Person, closed: dict[str, Any], link: str
) -> None:
    photo = next(each["id"] for each in closed["attachments"] if each["purpose"] == "result")
    assert city_app.test_client().get(f"{link}/photos/{photo}", headers=HTML).status_code == 404
    other = file_case(agent, reporter_phone="13900005678")
    neighbour, their_link = city_app.test_client(), f"/c/{stored(city_app, other['id']).link_token}"
    unlock(neighbour, their_link, "5678")
    assert neighbour.get(f"{their_link}/photos/{photo}", headers=HTML).status_code == 404
    assert neighbour.get(f"{link}/photos/{photo}", headers=HTML).status_code == 404


def test_a_rating_stands_on_the_case_and_a_second_one_replaces_it(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask
) -> None:
    unlock(citizen, link)
    assert submit(citizen, f"{link}/rating", {"rating": "4", "comment": " 很快 "}, at=link).location == link
    assert (stored(city_app, closed["id"]).rating, stored(city_app, closed["id"]).rating_comment) == (4, "很快")
    page = citizen.get(link).text
    assert "感谢您的评价" in page
    assert "“很快”" in page
    submit(citizen, f"{link}/rating", {"rating": "5", "comment": "<b>真好</b>"}, at=link)
    assert stored(city_app, closed["id"]).rating == 5
    assert "<b>真好" not in citizen.get(link).text


def test_the_same_rating_twice_is_recorded_once(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask
) -> None:
    unlock(citizen, link)
    for _ in range(2):
        submit(citizen, f"{link}/rating", {"rating": "3", "comment": "好" * 600}, at=link)
    with city_app.app_context(), transaction():
        assert [event.kind for event in history("case", closed["id"])].count("case.rated") == 1


@pytest.mark.parametrize("rating", ["", "0", "6", "-1", "5.0", "满意", "５", "1" * 400])
def test_a_rating_outside_one_to_five_is_refused(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask, rating: str
) -> None:
    unlock(citizen, link)
    submit(citizen, f"{link}/rating", {"rating": rating}, at=link)
    assert "请用 1 至 5 评价" in citizen.get(link).text
    assert stored(city_app, closed["id"]).rating is None


def test_an_open_case_cannot_be_rated_yet(
    citizen: FlaskClient, case: dict[str, Any], link: str, city_app: Flask
) -> None:
    unlock(citizen, link)
    assert 'name="rating"' not in citizen.get(link).text
    submit(citizen, f"{link}/rating", {"rating": "1"}, at=link)
    assert "不能评价" in citizen.get(link).text
    assert stored(city_app, case["id"]).rating is None


def test_urging_reaches_the_case_once_an_hour(
    citizen: FlaskClient, case: dict[str, Any], link: str, city_app: Flask
) -> None:
    unlock(citizen, link)
    submit(citizen, f"{link}/urge", {}, at=link)
    assert "已为您催办" in citizen.get(link).text
    submit(citizen, f"{link}/urge", {}, at=link)
    assert "一小时内只能催办一次" in citizen.get(link).text
    assert stored(city_app, case["id"]).urges == 1
    with clock.standing_at(datetime.now(UTC) + timedelta(minutes=61)):
        submit(citizen, f"{link}/urge", {}, at=link)
    assert stored(city_app, case["id"]).urges == 2


def test_a_closed_case_cannot_be_urged(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask
) -> None:
    unlock(citizen, link)
    assert f"{link}/urge" not in citizen.get(link).text
    submit(citizen, f"{link}/urge", {}, at=link)
    assert stored(city_app, closed["id"]).urges == 0


@pytest.mark.parametrize("action", ["rating", "urge"])
def test_nothing_is_done_without_the_digits_or_the_form_token(
    citizen: FlaskClient, closed: dict[str, Any], link: str, city_app: Flask, action: str
) -> None:
    assert submit(citizen, f"{link}/{action}", {"rating": "1"}, at=link).status_code == 404
    unlock(citizen, link)
    assert citizen.post(f"{link}/{action}", data={"rating": "1"}, headers=HTML).status_code == 400
    assert (stored(city_app, closed["id"]).rating, stored(city_app, closed["id"]).urges) == (None, 0)


def test_the_page_speaks_english(citizen: FlaskClient, link: str, case: dict[str, Any]) -> None:
    assert "last four digits" in citizen.get(f"{link}?lang=en").text
    unlock(citizen, link)
    page = citizen.get(link).text
    for words in ("Sent to the responsible unit", "Promised within", "2 hours", "Remind the unit", "Progress"):
        assert words in page
    assert case["class_name"] not in page


def test_who_says_it_is_not_solved_gets_the_case_back_to_the_unit(
    city_app: Flask, citizen: FlaskClient, link: str, closed: dict[str, Any]
) -> None:
    unlock(citizen, link)
    again = submit(citizen, f"{link}/reopen", {"reason": "井盖又响了"}, at=link)
    assert again.status_code == 303
    case = stored(city_app, closed["id"])
    assert (case.state, case.reopens) == ("dispatched", 1)
    assert "已交回处置单位" in citizen.get(link, headers=HTML).text


def test_without_a_reason_or_after_the_window_nothing_is_reopened(
    city_app: Flask, citizen: FlaskClient, link: str, closed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(citizen, link)
    submit(citizen, f"{link}/reopen", {"reason": " "}, at=link)
    assert stored(city_app, closed["id"]).state == "closed"
    later = clock.now() + timedelta(days=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "/reopen" not in citizen.get(link, headers=HTML).text
    submit(citizen, f"{link}/reopen", {"reason": "井盖又响了"}, at=link)
    assert stored(city_app, closed["id"]).state == "closed"
