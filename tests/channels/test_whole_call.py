"""The whole call over the wire: our carrier rings a landline, the landline's keys and words reach the case."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app.accounts.roles import Role
from app.channels import ringing
from app.channels.models import DutyCall
from app.db import session, transaction, work
from app.webhooks import public_url
from telephony.twilio.account import TwilioAccount
from telephony.twilio.carrier import TwilioCarrier
from tests.support.application import running_app
from tests.support.classifier import FakeClassifier
from tests.support.duty import LANDLINE, PIN, answers_by_telephone
from tests.support.people import file_case, somebody, stored
from tests.telephony.emulator.harness import ACCOUNT, KEY, SECRET, TOKEN, Carrier, Party, until


class Late:
    """A WSGI application that is known only after its own address is."""

    app: Flask

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.app(environ, start)


@pytest.fixture
def emulator(city_on_the_wire: tuple[Flask, Carrier]) -> Carrier:
    return city_on_the_wire[1]


@pytest.fixture
def city(city_on_the_wire: tuple[Flask, Carrier]) -> Flask:
    return city_on_the_wire[0]


@pytest.fixture
def city_on_the_wire(
    make_settings: Callable[..., Any], fresh_city_url: str, classifier: FakeClassifier, tmp_path: Path
) -> Iterator[tuple[Flask, Carrier]]:
    late = Late()
    server = make_server("127.0.0.1", 0, late, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    emulator = Carrier(address, tmp_path)
    account = TwilioAccount(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        api_key=KEY,
        api_secret=SECRET,
        application_sid="AP" + "0" * 32,
        hotline_number="96310",
        sms_sender="96310",
        base_url=emulator.url,
    )
    settings = make_settings(fresh_city_url, public_base_url=address)
    with running_app(settings, TwilioCarrier(account), classifier) as late.app:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield late.app, emulator
        finally:
            emulator.close()
            server.shutdown()
            thread.join()
            server.server_close()


def ring(app: Flask) -> None:
    """The worker's turn."""
    with app.app_context():
        with work(), transaction():
            due = list(ringing.due())
        for call_id in due:
            with work():
                ringing.ring(call_id, app.extensions["carrier"], public_url)


def hears(phone: Party, part: str) -> None:
    until(lambda: any(part in str(event.get("text", "")) for event in phone.events), f"{part}; got {phone.events}")


def listens(phone: Party, count: int) -> None:
    phone.got("listening", count, keys=True)


def test_a_landline_is_rung_hears_its_case_reports_it_and_the_note_can_be_played(
    city: Flask, emulator: Carrier
) -> None:
    agent = somebody(city, Role.AGENT)
    unit = int(file_case(agent)["unit"]["id"])
    answers_by_telephone(city, unit)
    case = file_case(agent, address="百丈路与彩虹路口")
    landline = Party(f"{emulator.url.replace('http', 'ws')}/phones?number=%2B{LANDLINE[1:]}")
    landline.got("hello")
    ring(city)
    landline.accept()
    hears(landline, "1件案件待处理")
    listens(landline, 1)
    landline.press(f"{PIN}#")
    hears(landline, "百丈路与彩虹路口")
    listens(landline, 2)
    landline.press("3")
    hears(landline, "提示音后说明处置情况")
    emulator.advance(3)  # the sentence before the tone
    landline.got("listening", speech=True)
    landline.say("井盖已经换好")
    emulator.advance(4)
    landline.press("#")
    hears(landline, "提交办结请按一")
    listens(landline, 4)
    landline.press("1")
    hears(landline, "已提交核查")
    emulator.advance(30)
    landline.got("ended")
    landline.close()
    until(lambda: _call(city).state == "done", "the call's end")
    assert stored(city, case["id"]).result == "电话反馈：井盖已经换好"
    (note,) = agent.get(f"/api/v1/cases/{case['id']}").json["voice_notes"]
    assert note["text"] == "井盖已经换好"
    assert agent.get(note["url"]).data[:4] == b"RIFF"


def test_a_landline_that_declines_is_busy_and_rung_again_later(city: Flask, emulator: Carrier) -> None:
    agent = somebody(city, Role.AGENT)
    answers_by_telephone(city, int(file_case(agent)["unit"]["id"]))
    file_case(agent, address="百丈路与彩虹路口")
    landline = Party(f"{emulator.url.replace('http', 'ws')}/phones?number=%2B{LANDLINE[1:]}")
    emulator.set_chaos(shuffle=True, repeat=2)
    ring(city)
    landline.order(type="reject", sid=landline.got("incoming")["sid"])
    until(lambda: emulator.advance(1) or _call(city).outcome == "busy", "the busy signal")
    landline.close()
    assert (_call(city).state, _call(city).attempt) == ("waiting", 1)


def _call(app: Flask) -> DutyCall:
    with app.app_context(), work():
        session().expire_all()
        return session().query(DutyCall).one()
