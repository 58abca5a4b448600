"""Every page and form against every role, and the headers that protect each."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError

from app.accounts.roles import STAFF, Role
from tests.support.application import rolled_back_app
from tests.support.carrier import FakeCarrier
from tests.support.classifier import FakeClassifier
from tests.support.people import somebody

HTML = {"Accept": "text/html"}
CALLS, WALL, DESK, CHECK, ADMIN = (
    {Role.AGENT, Role.SUPERVISOR},
    {Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR},
    {Role.HANDLER},
    {Role.INSPECTOR, Role.SUPERVISOR},
    {Role.ADMINISTRATOR},
)
REVIEW = {Role.SUPERVISOR, Role.ADMINISTRATOR}
ADMIN_PAGES = (
    "/admin", "/admin/people", "/admin/people/new", "/admin/people/1", "/admin/units", "/admin/units/new",
    "/admin/units/1", "/admin/classes", "/admin/classes/C0103", "/admin/rules", "/admin/rules/new",
    "/admin/rules/1", "/admin/audit", "/admin/try", "/admin/models", "/admin/words", "/admin/words/C0103",
    "/admin/places", "/admin/places/new", "/admin/drift", "/admin/autofiling", "/admin/ladder", "/admin/surges",
    "/admin/articles", "/admin/articles/new", "/admin/articles/import",
)  # fmt: skip
ADMIN_FORMS = (
    "/admin/people/new", "/admin/people/1", "/admin/units/new", "/admin/units/1", "/admin/classes/C0103",
    "/admin/rules/new", "/admin/rules/1", "/admin/rules/1/switch", "/admin/models/train", "/admin/models/back",
    "/admin/models/1/activate", "/admin/words/C0103", "/admin/places/new", "/admin/autofiling/C0103", "/admin/try",
)  # fmt: skip
PAGES = {
    "/agent": CALLS,
    "/wall": WALL,
    "/supervision": WALL,
    "/desk": DESK,
    "/inspect": CHECK,
    **dict.fromkeys(ADMIN_PAGES, ADMIN),
    "/review": REVIEW,
}
PUBLIC = ("/", "/login", "/api/docs", "/c/nosuchlink", "/nowhere")


@pytest.mark.parametrize("role", sorted(STAFF))
def test_each_role_sees_its_own_pages_only(city_app: Flask, role: Role) -> None:
    person = somebody(city_app, role)
    seen = {page for page in PAGES if person.get(page, headers=HTML).status_code == 200}
    assert seen == {page for page, roles in PAGES.items() if role in roles}
    refused = {page: person.get(page, headers=HTML).status_code for page in PAGES if page not in seen}
    assert set(refused.values()) == {403}


def test_strangers_are_sent_to_sign_in(city_app: Flask) -> None:
    client = city_app.test_client()
    for page in PAGES:
        assert client.get(page, headers=HTML).location == f"/login?next={page}"


@pytest.mark.parametrize("role", sorted(STAFF - {Role.ADMINISTRATOR}))
def test_nobody_else_can_send_a_form_of_the_administration(city_app: Flask, role: Role) -> None:
    person = somebody(city_app, role)
    for path in ADMIN_FORMS:
        answer = person.client.post(path, data={"csrf_token": person.csrf, "version": "1"}, headers=HTML)
        assert answer.status_code == 403, path


def test_strangers_can_send_no_form_of_the_administration(city_app: Flask) -> None:
    client = city_app.test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found
    for path in ADMIN_FORMS:
        assert client.post(path, data={"csrf_token": found.group(1)}, headers=HTML).status_code == 401, path


@pytest.mark.parametrize("path", ADMIN_FORMS)
def test_every_form_of_the_administration_needs_its_token(city_app: Flask, path: str) -> None:
    admin = somebody(city_app, Role.ADMINISTRATOR)
    assert admin.client.post(path, data={"version": "1"}, headers=HTML).status_code == 400


@pytest.mark.parametrize("kind", ["people", "units", "rules"])
def test_what_does_not_exist_is_not_found(city_app: Flask, kind: str) -> None:
    admin = somebody(city_app, Role.ADMINISTRATOR)
    assert admin.get(f"/admin/{kind}/999999", headers=HTML).status_code == 404
    sent = admin.client.post(f"/admin/{kind}/999999", data={"csrf_token": admin.csrf, "version": "1"}, headers=HTML)
    assert sent.status_code in (404, 422)


def check_headers(answer: Any) -> None:
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert "unsafe" not in policy["script-src"]
    assert "*" not in policy["script-src"].split()
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]


def test_every_page_carries_the_protecting_headers(city_app: Flask) -> None:
    stranger = city_app.test_client()
    for page in PUBLIC:
        check_headers(stranger.get(page, headers=HTML))
    for role in STAFF:
        person = somebody(city_app, role)
        for page in PAGES:
            check_headers(person.get(page, headers=HTML))


def test_only_the_tiles_that_are_set_may_be_fetched(
    make_settings: Callable[..., Any], postgres_url: str, carrier: FakeCarrier, classifier: FakeClassifier
) -> None:
    tiles = "https://t{s}.tiles.example.cn/{z}/{x}/{y}.png https://names.example.cn/{z}/{x}/{y}"
    with rolled_back_app(make_settings(postgres_url, map_tiles=tiles), carrier, classifier) as app:
        policy = app.test_client().get("/login").headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://*.tiles.example.cn https://names.example.cn;" in policy
    with pytest.raises(ValidationError, match="must be addresses"):
        make_settings(postgres_url, map_tiles="https://tiles.example.cn/")


def test_no_page_needs_an_exception_from_the_strict_policy(city_app: Flask) -> None:
    """Inline styles and handlers would be dead under it; inline scripts need the page's own nonce."""
    for role in STAFF:
        person = somebody(city_app, role)
        for path in PAGES:
            page = person.get(path, headers=HTML)
            nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
            assert not re.search(r"<[a-z]+[^>]*\s(?:style|on[a-z]+)=", page.text), path
            for script in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page.text):
                assert nonce
                assert f'nonce="{nonce.group(1)}"' in script
