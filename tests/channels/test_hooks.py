"""Webhooks to a unit's own system: signed, once for each event, tried again, never into our own network."""

import hashlib
import hmac
import http.server
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.roles import Role
from app.channels import hooks
from app.channels.reach import Unreachable, check_url, find_target, post
from app.db import transaction, work
from tests.support.people import Person, file_case, somebody

HERE = [ip_network("127.0.0.0/8")]


@dataclass
class Receiver:
    """A unit's own system: what it got, and what it answers."""

    url: str
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((dict(self.headers), body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.send_header("Location", "http://127.0.0.1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}/cases?from=hotline")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def agent(city_app: Flask) -> Person:
    return somebody(city_app, Role.AGENT)


@pytest.fixture
def unit_id(agent: Person) -> int:
    return int(file_case(agent)["unit"]["id"])


@pytest.fixture
def administrator(city_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Of a city that lets webhooks go to this very machine, where the tests' receivers are."""
    settings = city_app.extensions["settings"].model_copy(update={"hook_networks": "127.0.0.0/8"})
    monkeypatch.setitem(city_app.extensions, "settings", settings)
    return somebody(city_app, Role.ADMINISTRATOR)


@pytest.fixture
def secret(administrator: Person, unit_id: int, receiver: Receiver) -> str:
    page = set_hook(administrator, unit_id, receiver.url)
    found = re.search(r'class="secret">([\w-]{40,})<', page.text)
    assert found is not None, page.text
    return found[1]


def set_hook(who: Person, unit_id: int, url: str, version: str = "") -> Any:
    data = {"url": url, "version": version, "is_active": "1", "csrf_token": who.csrf}
    return who.client.post(f"/admin/units/{unit_id}/hook", data=data)


def run_due(app: Flask) -> int:
    with app.app_context():
        with work(), transaction():
            waiting = list(hooks.due())
        for each in waiting:
            with work():
                hooks.deliver(each, HERE)
    return len(waiting)


def last_delivery(app: Flask, unit_id: int) -> Any:
    with app.app_context(), work():
        return hooks.deliveries(unit_id)[0]


def test_a_dispatched_case_is_told_once_signed_and_without_the_caller(
    city_app: Flask, agent: Person, unit_id: int, secret: str, receiver: Receiver
) -> None:
    case = file_case(agent)
    assert case["unit"]["id"] == unit_id
    run_due(city_app)
    assert run_due(city_app) == 0
    ((headers, body),) = receiver.got
    moment, digest = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Hotline-Signature"]).groups()  # type: ignore[union-attr]
    assert hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest() == digest
    told = json.loads(body)
    assert (told["kind"], told["number"]) == ("case.dispatched", case["number"])
    assert headers["X-Hotline-Event"] == "case.dispatched"
    reporter = agent.get(f"/api/v1/cases/{case['id']}").json["reporter"]
    assert reporter["phone"] not in body.decode()
    assert last_delivery(city_app, unit_id).state == "delivered"


def test_other_units_cases_stay_unknown_to_the_hook(
    city_app: Flask, administrator: Person, agent: Person, receiver: Receiver
) -> None:
    stranger = somebody(city_app, Role.HANDLER, nth=5)
    assert stranger.unit_id is not None
    assert set_hook(administrator, stranger.unit_id, receiver.url).status_code == 200
    assert file_case(agent)["unit"]["id"] != stranger.unit_id
    run_due(city_app)
    assert receiver.got == []


def test_a_system_that_is_down_for_a_day_hears_it_afterwards_with_the_same_id(
    city_app: Flask, agent: Person, unit_id: int, secret: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answers = [500, 302, 503]
    file_case(agent)
    begun = clock.now()
    for hours in (0, 1, 5, 30):
        monkeypatch.setattr(clock, "now", lambda hours=hours: begun + timedelta(hours=hours))
        run_due(city_app)
    ids = {headers["X-Hotline-Delivery"] for headers, _ in receiver.got}
    assert (len(receiver.got), len(ids)) == (4, 1)
    delivery = last_delivery(city_app, unit_id)
    assert (delivery.state, delivery.attempts, delivery.status) == ("delivered", 4, 204)


def test_after_four_days_it_is_given_up_and_can_be_sent_again_by_hand(
    city_app: Flask,
    administrator: Person,
    agent: Person,
    unit_id: int,
    secret: str,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.answers = [500]
    file_case(agent)
    begun = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=5))
    run_due(city_app)
    delivery = last_delivery(city_app, unit_id)
    assert (delivery.state, delivery.error) == ("failed", "对方应答 500")
    path = f"/admin/units/{unit_id}/deliveries/{delivery.id}/replay"
    assert administrator.client.post(path, data={"csrf_token": administrator.csrf}).status_code == 303
    run_due(city_app)
    assert last_delivery(city_app, unit_id).state == "delivered"
    assert len({headers["X-Hotline-Delivery"] for headers, _ in receiver.got}) == 1


def test_a_system_that_cannot_be_reached_is_asked_by_one_delivery_and_the_others_wait(
    city_app: Flask, administrator: Person, agent: Person, unit_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def hang(*_: object) -> int:
        asked.append("once")
        raise Unreachable("对方没有及时应答")

    monkeypatch.setattr(hooks, "post", hang)
    set_hook(administrator, unit_id, "http://127.0.0.1:9/")
    for road in ("彩虹路", "福明路"):
        file_case(agent, address=f"百丈路与{road}口")
    assert (run_due(city_app), len(asked)) == (2, 1)
    assert run_due(city_app) == 0


def test_what_a_dead_worker_held_is_an_attempt_that_failed_and_is_given_up_some_day(
    city_app: Flask, agent: Person, unit_id: int, secret: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_case(agent)
    with city_app.app_context(), transaction():
        hooks._claim(hooks.due()[0])
    begun = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(minutes=3))
    assert run_due(city_app) == 0
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(minutes=4))
    run_due(city_app)
    delivery = last_delivery(city_app, unit_id)
    assert (delivery.state, delivery.attempts, len(receiver.got)) == ("delivered", 2, 1)


def test_two_workers_send_one_delivery_once(
    city_app: Flask, agent: Person, unit_id: int, secret: str, receiver: Receiver
) -> None:
    file_case(agent)
    with city_app.app_context(), work(), transaction():
        (waiting,) = hooks.due()
    with city_app.app_context(), work():
        hooks.deliver(waiting, HERE)
        hooks.deliver(waiting, HERE)
    assert len(receiver.got) == 1


def test_a_stale_form_does_not_overwrite_the_address(
    administrator: Person, unit_id: int, secret: str, receiver: Receiver
) -> None:
    assert set_hook(administrator, unit_id, "https://new.example.cn/", version="99").status_code == 409


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https://", "http://user:pass@a.example/", "https://a.example/#x", "a.example", "http://[::1"],
)
def test_an_address_that_can_be_no_hook_is_refused_in_words(administrator: Person, unit_id: int, url: str) -> None:
    answer = set_hook(administrator, unit_id, url)
    assert answer.status_code == 422
    assert "网址" in answer.text
    with pytest.raises(Unreachable):
        check_url(url)


def test_a_private_address_is_refused_as_soon_as_it_is_typed(administrator: Person, unit_id: int) -> None:
    answer = set_hook(administrator, unit_id, "https://10.1.2.3/hook")
    assert (answer.status_code, "内部网络" in answer.text) == (422, True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::1]",
        "[::7f00:1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:a00:1::]",
        "[fec0::1]",
        "[fd00::1]",
    ],
)
def test_nothing_is_sent_into_a_private_network(host: str) -> None:
    with pytest.raises(Unreachable, match="内部网络"):
        find_target(f"http://{host}/", [])


def test_a_name_that_also_means_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: both)
    with pytest.raises(Unreachable, match="内部网络"):
        find_target("http://rebinding.example/", [])


def test_a_redirect_is_an_answer_and_never_followed(receiver: Receiver) -> None:
    receiver.answers = [302]
    assert post(find_target(receiver.url, HERE), b"{}", {}) == 302
    assert len(receiver.got) == 1


def test_a_closed_port_is_said_in_words() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(Unreachable, match="连接被拒绝"):
        post(find_target(url, HERE), b"{}", {})
