"""A person changes their own password: what is asked for, what it ends, and how guessing is stopped."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.roles import Role
from app.accounts.service import check_password, set_password
from app.db import session, transaction
from app.errors import Forbidden
from app.events.models import Event
from tests.support.people import Person, somebody

HTML = {"Accept": "text/html"}
OLD, NEW = "一个足够长的密码 2026", "另一个足够长的密码 2027"
RIGHT = {"present": OLD, "new": NEW, "again": NEW}


@pytest.fixture
def person(city_app: Flask) -> Person:
    """An agent with a password, signed in."""
    account_id = somebody(city_app, Role.AGENT).account_id
    with city_app.app_context(), transaction():
        set_password(session().get_one(Account, account_id), OLD)
    return somebody(city_app, Role.AGENT)


def send(person: Person, *, address: str = "10.2.0.1", **form: str) -> Any:
    sent = {"csrf_token": person.csrf, **RIGHT, **form}
    return person.client.post("/password", data=sent, headers=HTML, environ_overrides={"REMOTE_ADDR": address})


def opens(app: Flask, person: Person, password: str) -> bool:
    with app.app_context(), transaction():
        try:
            check_password(session().get_one(Account, person.account_id).login, password)
        except Forbidden:
            return False
        return True


def test_the_change_ends_the_other_sessions_and_this_one_goes_on(city_app: Flask, person: Person) -> None:
    elsewhere = somebody(city_app, Role.AGENT)
    answer = send(person, next="/agent?x=1")
    assert (answer.status_code, answer.location) == (303, "/agent?x=1")
    boot = re.search(r'id="boot"[^>]*>(.*?)</script>', person.get("/agent", headers=HTML).text, re.S)
    assert boot
    assert [kind for kind, text in json.loads(boot.group(1))["told"] if "密码已修改" in text] == ["good"]
    assert elsewhere.get("/agent", headers=HTML).location.startswith("/login")
    assert opens(city_app, person, NEW)
    assert not opens(city_app, person, OLD)


def test_the_change_is_in_the_audit_without_the_password(city_app: Flask, person: Person) -> None:
    send(person)
    page = somebody(city_app, Role.ADMINISTRATOR).get("/admin/audit", headers=HTML).text
    assert person.name in page
    with city_app.app_context(), transaction():
        event = session().scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        assert (event.kind, event.actor_id, event.subject_id) == ("account.changed", *[person.account_id] * 2)
        assert event.payload["password_changed"] is True
        assert NEW not in str(event.payload)


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({"present": "falsch"}, 403, "当前密码不正确"),
        ({"present": ""}, 422, "请填写当前密码"),
        ({"new": "kurz", "again": "kurz"}, 422, "至少 10 位"),
        ({"new": "x" * 201, "again": "x" * 201}, 422, "最多 200 位"),
        ({"again": "ganz anders 2027"}, 422, "两次输入的新密码不一致"),
        ({"new": OLD, "again": OLD}, 422, "新密码不能与当前密码相同"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    city_app: Flask, person: Person, form: dict[str, str], status: int, told: str
) -> None:
    answer = send(person, **form)
    assert answer.status_code == status
    assert told in answer.text.split('class="err"')[1]
    assert OLD not in answer.text
    assert NEW not in answer.text
    assert opens(city_app, person, OLD)


def test_it_never_leads_to_another_site(person: Person) -> None:
    assert send(person, next="//evil.example").location == "/password"
    assert "密码已修改" in person.get("/password", headers=HTML).text


def test_guesses_here_and_at_the_sign_in_are_one_count(city_app: Flask, person: Person) -> None:
    with city_app.app_context(), transaction():
        login = session().get_one(Account, person.account_id).login
    client = city_app.test_client()
    form = {"login": login, "password": "falsch", "csrf_token": person.csrf}
    with person.client.session_transaction() as cookie, client.session_transaction() as other:
        other["csrf_token"] = cookie["csrf_token"]
    here = [send(person, address=f"10.2.1.{n}", present="falsch").status_code for n in range(5)]
    at = [{"REMOTE_ADDR": f"10.2.2.{n}"} for n in range(5)]
    there = [client.post("/login", data=form, headers=HTML, environ_overrides=each).status_code for each in at]
    assert here + there == [403] * 10
    assert send(person, address="10.2.3.1").status_code == 429
    assert opens(city_app, person, OLD)


def test_an_account_without_a_password_is_told_so(city_app: Flask) -> None:
    person = somebody(city_app, Role.INSPECTOR)
    page = person.get("/password", headers=HTML)
    assert page.status_code == 200
    assert "您的账号没有密码" in page.text
    assert 'name="present"' not in page.text
    assert send(person).status_code == 409


def test_a_stranger_signs_in_first(city_app: Flask) -> None:
    client = city_app.test_client()
    assert client.get("/password?next=/agent", headers=HTML).location.startswith("/login?next=/password")
    assert client.post("/password", data=RIGHT, headers=HTML).status_code == 400


def test_the_form_needs_its_token(city_app: Flask, person: Person) -> None:
    assert person.client.post("/password", data=RIGHT, headers=HTML).status_code == 400
    assert opens(city_app, person, OLD)
