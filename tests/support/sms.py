"""A citizen's text messages at the hotline's webhooks, and the worker that sends ours."""

from itertools import count
from typing import Any
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.db import session, transaction, work
from app.messages.models import OutgoingMessage
from app.messages.tasks import sweep_messages
from tests.support.carrier import Hook
from tests.support.people import Person, picture, somebody

CITIZEN = "+8613800001234"
STRANGER = "+8613955556666"
_numbers = count(1)


class Handset:
    """`text` sends one message and returns the reply, "" for silence."""

    def __init__(self, hook: Hook, number: str) -> None:
        self.hook, self.number = hook, number

    def text(self, body: str, sid: str = "", **fields: str) -> str:
        answer = self.hook("/telephony/sms", **self.message(body, sid, **fields))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return reply_in(answer)

    def message(self, body: str, sid: str = "", **fields: str) -> dict[str, Any]:
        sid = sid or f"SM{next(_numbers):032x}"
        return {"MessageSid": sid, "From": self.number, "To": "96310", "Body": body, **fields}


def reply_in(answer: Any) -> str:
    return "".join(ElementTree.fromstring(answer.get_data(as_text=True)).itertext())


def send_due(app: Flask) -> None:
    """What the worker does every few seconds."""
    with app.app_context():
        sweep_messages()


def outgoing(app: Flask) -> list[OutgoingMessage]:
    with app.app_context(), work():
        return list(session().scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))


def change(app: Flask, message_id: int, **values: object) -> None:
    """The row as a crash or the passing of time would have left it."""
    with app.app_context(), transaction():
        row = session().get_one(OutgoingMessage, message_id)
        for name, value in values.items():
            setattr(row, name, value)


def close_case(app: Flask, case: dict[str, Any]) -> dict[str, Any]:
    """The unit accepts and reports, the inspector is content."""
    unit = somebody(app, Role.HANDLER, unit_id=case["unit"]["id"])
    inspector = somebody(app, Role.INSPECTOR, area="330212")
    case = _act(unit, case, "accept")
    uploaded = unit.upload(f"/api/v1/cases/{case['id']}/attachments", picture(), "result")
    assert uploaded.status_code == 201, uploaded.json
    case = _act(unit, {**case, "version": uploaded.json["version"]}, "feed_back", result="井盖已经补上")
    return _act(inspector, case, "pass_check")


def _act(who: Person, case: dict[str, Any], action: str, **facts: str) -> dict[str, Any]:
    answer = who.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=case["version"])
    assert answer.status_code == 200, answer.json
    done: dict[str, Any] = answer.json
    return done
