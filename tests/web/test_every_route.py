"""Every route that exists: strangers are let in nowhere but at the public doors, and nobody ever gets a 500."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.accounts.roles import Role
from tests.support.people import Person, somebody

PUBLIC = {
    "/",
    "/login",
    "/logout",
    "/healthz",
    "/readyz",
    "/metrics",
    "/dev/parts",
    "/demo/<door>",
    "/api/docs",
    "/api/openapi.json",
    "/static/<path:filename>",
}
STAFF = (Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER, Role.INSPECTOR, Role.HANDLER, Role.LEADER, Role.ADMINISTRATOR)
NOWHERE = {"int": "987654321", "default": "nowhere", "string": "nowhere", "path": "nowhere"}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(("/socket.io", "/telephony"))]


def address(app: Flask, rule: Rule) -> str:
    """The rule with things that do not exist in its places."""
    values: dict[str, Any] = {
        name: int(NOWHERE["int"]) if type(rule._converters[name]).__name__ == "IntegerConverter" else "nowhere"
        for name in rule.arguments
    }
    with app.test_request_context():
        return str(rule.build(values)[1])  # type: ignore[index]


def tries(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule in rules(app) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def test_a_stranger_is_let_in_at_the_public_doors_only(city_app: Flask) -> None:
    stranger = city_app.test_client()
    for rule, method in tries(city_app):
        if rule.rule in PUBLIC or rule.rule.startswith(("/c/", "/t/")):
            continue
        answer = stranger.open(address(city_app, rule), method=method)
        is_sent_to_sign_in = answer.status_code == 302 and "/login" in answer.headers["Location"]
        assert is_sent_to_sign_in or answer.status_code in (400, 401), f"{method} {rule.rule}: {answer.status_code}"


@pytest.mark.parametrize("role", STAFF)
def test_no_role_ever_gets_a_server_error_for_things_that_do_not_exist(city_app: Flask, role: Role) -> None:
    person = somebody(city_app, role)
    for rule, method in tries(city_app):
        if rule.rule in ("/logout", "/demo/<door>"):
            continue
        answer = _send(person, method, address(city_app, rule))
        assert answer.status_code < 500, f"{method} {rule.rule}: {answer.status_code}"
        answer.close()


def _send(person: Person, method: str, path: str) -> Any:
    headers = {"X-CSRF-Token": person.csrf, "If-Match": '"1"'}
    options: dict[str, Any] = {} if method == "GET" else {"json": {}}
    return person.client.open(path, method=method, headers=headers, **options)


@pytest.mark.parametrize("role", STAFF)
def test_only_administrators_enter_the_administration(city_app: Flask, role: Role) -> None:
    person = somebody(city_app, role)
    for rule, method in tries(city_app):
        if not rule.rule.startswith("/admin"):
            continue
        answer = _send(person, method, address(city_app, rule))
        assert (answer.status_code == 403) == (role is not Role.ADMINISTRATOR), f"{method} {rule.rule}"
