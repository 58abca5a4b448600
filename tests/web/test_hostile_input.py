"""What no console of ours would send: refused with a reason, never a 500, and nothing of it kept or shown again."""

import base64
import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from app.accounts.roles import Role
from tests.support.people import Person, file_case, somebody


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


def send_raw(agent: Person, path: str, body: bytes, **headers: str) -> Any:
    return agent.client.post(
        path, data=body, content_type="application/json", headers={"X-CSRF-Token": agent.csrf, **headers}
    )


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000], ids=["lists", "objects"])
def test_json_nested_without_end_is_malformed(agent: Person, body: bytes) -> None:
    refused = send_raw(agent, "/api/v1/understand", body)
    assert (refused.status_code, refused.content_type) == (400, "application/problem+json")


def test_a_version_that_is_none_is_asked_for_again(agent: Person) -> None:
    path = f"/api/v1/cases/{file_case(agent)['id']}/actions/urge"
    for named in ("²", '"²"', "9" * 5000, "1 2", "*", '"1", "2"'):
        assert send_raw(agent, path, b"{}", **{"If-Match": named}).status_code == 428, named
    assert send_raw(agent, path, b"{}", **{"If-Match": 'W/"1"'}).status_code in (200, 409)


@pytest.mark.parametrize(
    "place",
    [b'["9999-12-31T23:59:59-23:00",1]', b'["0001-01-01T00:00:00+23:00",1]', b'["2026-01-01T00:00:00Z",%d]' % 2**70],
)
def test_a_place_in_a_list_beyond_all_times_and_numbers_is_refused(agent: Person, place: bytes) -> None:
    cursor = base64.urlsafe_b64encode(place).decode()
    assert agent.get(f"/api/v1/cases?cursor={cursor}").status_code == 422


def test_of_a_photograph_only_the_picture_stays(agent: Person) -> None:
    whereabouts = Image.Exif()
    whereabouts[0x010F] = "a maker of telephones"
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "blue").save(out, "JPEG", exif=whereabouts.tobytes(), comment=b"who took it")
    sent = agent.upload(f"/api/v1/cases/{file_case(agent)['id']}/attachments", out.getvalue(), "report")
    shown = agent.get(sent.json["attachment"]["url"])
    content = shown.get_data()
    shown.close()
    assert b"a maker of telephones" not in content
    assert b"who took it" not in content


def test_invented_methods_make_no_figures(city_app: Flask) -> None:
    client = city_app.test_client()
    for method in ("QZXINVENTED", "QZXANOTHER"):
        assert client.open("/api/v1/cases", method=method).status_code in (401, 405)
    assert "QZX" not in client.get("/metrics").text


@pytest.mark.parametrize("lie", [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"GIF89a" + bytes(50)])
def test_what_is_no_photograph_is_refused_and_said_nowhere_else(
    agent: Person, lie: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = f"/api/v1/cases/{file_case(agent)['id']}/attachments"
    assert agent.upload(path, lie, "report", "../../photo.jpg").status_code == 415
    assert "Traceback" not in capfd.readouterr().err
