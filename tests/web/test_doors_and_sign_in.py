"""The demonstration's doors, signing in and out, errors as pages, and the documentation of the API."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Role
from app.accounts.service import set_password
from app.db import session, transaction
from tests.support.application import rolled_back_app
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.people import somebody

HTML = {"Accept": "text/html"}
PASSWORD = "一个足够长的密码 2026"
WRONG = "用户名或密码不正确"


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form token"
    return found.group(1)


def submit(client: FlaskClient, path: str, form: dict[str, str], *, at: str, address: str = "10.1.0.1") -> Any:
    """Fill in the form that stands on the page `at`."""
    page = client.get(at, headers=HTML).text
    sent = {"csrf_token": token_in(page), **form}
    return client.post(path, data=sent, headers=HTML, environ_overrides={"REMOTE_ADDR": address})


@pytest.fixture
def agent_login(city_app: Flask) -> str:
    with city_app.app_context(), transaction():
        account = session().scalars(select(Account).where(Account.login == "agent1001")).one()
        set_password(account, PASSWORD)
    return "agent1001"


@pytest.fixture
def production_app(make_settings: Callable[..., Any], city_url: str) -> Any:
    settings = make_settings(city_url, environment="production")
    with rolled_back_app(settings, FakeCarrier(), FakeClassifier()) as application:
        yield application


@pytest.mark.parametrize(
    ("door", "page"),
    [("agent", "/agent"), ("wall", "/wall"), ("desk", "/desk"), ("inspect", "/inspect"), ("admin", "/admin")],
)
def test_one_click_leads_through_a_door_to_a_working_page(city_app: Flask, door: str, page: str) -> None:
    client = city_app.test_client()
    entered = submit(client, f"/demo/{door}", {}, at="/")
    assert entered.status_code == 302
    assert entered.location == page
    assert client.get(page, headers=HTML).status_code == 200


def test_the_doors_offer_the_phone_and_everybody_of_every_unit(city_app: Flask) -> None:
    page = city_app.test_client().get("/").text
    assert re.search(r'href="http://localhost:9/phone[^"]*" target="_blank" rel="noopener"', page)
    units = re.search(r'id="as-desk".*?</select>', page, re.S)
    assert units
    assert units.group().count("<option") > 250
    assert '<optgroup label="鄞州区">' in units.group()


def test_a_door_lets_in_whoever_was_chosen(city_app: Flask) -> None:
    client = city_app.test_client()
    submit(client, "/demo/agent", {"as": "agent1003"}, at="/")
    assert "徐佳" in client.get("/").text


@pytest.mark.parametrize(("door", "login"), [("nowhere", ""), ("agent", "admin"), ("admin", "agent1001")])
def test_a_door_is_no_way_into_another_role(city_app: Flask, door: str, login: str) -> None:
    assert submit(city_app.test_client(), f"/demo/{door}", {"as": login}, at="/").status_code == 404


def test_a_door_needs_the_form_token(city_app: Flask) -> None:
    refused = city_app.test_client().post("/demo/admin", headers=HTML)
    assert refused.status_code == 400
    assert "页面已过期" in refused.text


def test_production_has_no_doors(production_app: Flask) -> None:
    client = production_app.test_client()
    assert client.get("/").location == "/login"
    assert client.get("/dev/parts", headers=HTML).status_code == 404
    assert submit(client, "/demo/admin", {}, at="/login").status_code == 404


def test_signing_in_leads_to_ones_own_work(city_app: Flask, agent_login: str) -> None:
    client = city_app.test_client()
    answer = submit(client, "/login", {"login": agent_login, "password": PASSWORD}, at="/login", address="10.1.0.2")
    assert answer.location == "/agent"
    assert client.get("/agent").status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_back(city_app: Flask, agent_login: str) -> None:
    client = city_app.test_client()
    way = client.get("/agent?x=1", headers=HTML).location
    assert way == "/login?next=/agent?x%3D1"
    form = {"login": agent_login, "password": PASSWORD, "next": "/agent?x=1"}
    assert submit(client, "/login", form, at=way, address="10.1.0.3").location == "/agent?x=1"


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "evil", "javascript:alert(1)"),
        *("/\t/evil.example", "/\t\\evil.example", "/agent\r\nX-Sent: evil"),
    ],
)
def test_signing_in_never_leads_to_another_site(city_app: Flask, agent_login: str, target: str) -> None:
    form = {"login": agent_login, "password": PASSWORD, "next": target}
    address = f"10.1.1.{len(target)}"
    answer = submit(city_app.test_client(), "/login", form, at="/login", address=address)
    assert answer.location == "/agent"


def test_one_wording_for_every_cause(city_app: Flask, agent_login: str) -> None:
    for number, (login, password) in enumerate([(agent_login, "falsch"), ("nobody", PASSWORD), ("agent1002", "")]):
        form = {"login": login, "password": password}
        answer = submit(city_app.test_client(), "/login", form, at="/login", address=f"10.1.2.{number}")
        assert answer.status_code == 403
        assert re.findall(r'role="alert">.*?<span>(.*?)</span>', answer.text, re.S) == [WRONG]


def test_what_was_typed_comes_back_escaped_and_without_the_password(city_app: Flask) -> None:
    form = {"login": '"><script>alert(1)</script>', "password": "geheim-geheim"}
    page = submit(city_app.test_client(), "/login", form, at="/login", address="10.1.2.9").text
    assert "<script>alert" not in page
    assert html.escape(form["login"]).replace("&quot;", "&#34;") in page
    assert "geheim-geheim" not in page


def test_guessing_passwords_is_stopped(city_app: Flask, agent_login: str) -> None:
    client = city_app.test_client()
    form = {"login": agent_login, "password": "falsch"}
    codes = [submit(client, "/login", form, at="/login", address="10.1.3.1").status_code for _ in range(11)]
    assert codes[:10] == [403] * 10
    assert codes[10] == 429
    right = submit(client, "/login", {**form, "password": PASSWORD}, at="/login", address="10.1.3.1")
    assert right.status_code == 429
    assert "Retry-After" in right.headers


def test_guessing_one_persons_password_from_many_addresses_is_stopped(city_app: Flask, agent_login: str) -> None:
    client, form = city_app.test_client(), {"login": agent_login, "password": "falsch"}
    guesses = [submit(client, "/login", form, at="/login", address=f"10.1.4.{n}").status_code for n in range(11)]
    assert guesses == [403] * 10 + [429]
    other = submit(client, "/login", {**form, "login": "agent1002"}, at="/login", address="10.1.4.1")
    assert other.status_code == 403


def test_a_whole_centre_signs_in_from_one_address(city_app: Flask, agent_login: str) -> None:
    form = {"login": agent_login, "password": PASSWORD}
    for _ in range(12):
        client = city_app.test_client()
        assert submit(client, "/login", form, at="/login", address="10.1.5.1").location == "/agent"


def test_signing_in_needs_the_form_token(city_app: Flask, agent_login: str) -> None:
    answer = city_app.test_client().post("/login", data={"login": agent_login, "password": PASSWORD}, headers=HTML)
    assert answer.status_code == 400


def test_signing_out_ends_the_session(city_app: Flask) -> None:
    person = somebody(city_app, Role.AGENT)
    assert person.client.post("/logout", data={"csrf_token": person.csrf}).status_code == 302
    assert person.get("/agent", headers=HTML).location.startswith("/login")


def test_nobody_is_signed_out_by_another_site(city_app: Flask) -> None:
    person = somebody(city_app, Role.AGENT)
    assert person.client.post("/logout", headers=HTML).status_code == 400
    assert person.get("/agent").status_code == 200


@pytest.mark.parametrize(("path", "method", "status"), [("/nowhere", "GET", 404), ("/agent", "PUT", 405)])
def test_errors_are_pages_for_people_and_problems_for_machines(
    city_app: Flask, path: str, method: str, status: int
) -> None:
    client = somebody(city_app, Role.AGENT)
    with_token = {"X-CSRF-Token": client.csrf}
    page = client.client.open(path, method=method, headers={**HTML, **with_token})
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert f'<p class="code num">{status}</p>' in page.text
    assert "Traceback" not in page.text
    told = client.client.open(path, method=method, headers={"Accept": "application/json", **with_token})
    assert (told.status_code, told.mimetype) == (status, "application/problem+json")


def test_a_refused_method_names_the_allowed_ones(city_app: Flask) -> None:
    person = somebody(city_app, Role.AGENT)
    answer = person.client.put("/agent", headers={**HTML, "X-CSRF-Token": person.csrf})
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("path", "english"),
    [("/", "Walk in through any door"), ("/login", "Use the account your administrator"), ("/nowhere", "Not found")],
)
def test_pages_speak_english_when_asked_and_remember_it(city_app: Flask, path: str, english: str) -> None:
    client = city_app.test_client()
    assert english not in client.get(path, headers=HTML).text
    first = client.get(f"{path}?lang=en", headers=HTML).text
    assert english in first
    assert '<html lang="en">' in first
    assert english in client.get(path, headers=HTML).text
    assert english not in client.get(f"{path}?lang=zh-CN", headers=HTML).text


def test_an_unknown_language_is_chinese(city_app: Flask) -> None:
    assert '<html lang="zh-CN">' in city_app.test_client().get("/?lang=../../etc", headers=HTML).text


def test_the_documentation_is_served_locally_with_strict_scripts(city_app: Flask) -> None:
    client = city_app.test_client()
    page = client.get("/api/docs")
    assert page.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page.text)
    for file in re.findall(r'(?:src|href)="(/static/[^"#]+)"', page.text):
        with client.get(file) as served:
            assert served.status_code == 200
    assert json.loads(client.get("/api/openapi.json").text)["openapi"].startswith("3.1")
