"""A caller's telephone as the carrier's webhooks tell it: signed exactly like Twilio's, one `CallSid` per call."""

import json
import re
from itertools import count
from typing import Any
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from app.accounts.models import Account
from app.accounts.roles import Role
from app.calls.models import Call
from app.db import session, transaction, work
from tests.support.people import Person
from tests.support.settings import AUTH_TOKEN, PUBLIC_BASE_URL

_numbers = count(1)
CALLER = "+8613805743821"


def sign(url: str, form: dict[str, Any]) -> str:
    return str(RequestValidator(AUTH_TOKEN).compute_signature(url, form))


class Heard:
    """An answer document."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.response = response
        self.text = response.get_data(as_text=True)
        is_document = self.status == 200 and response.mimetype == "text/xml"
        self.verbs = list(ElementTree.fromstring(self.text)) if is_document else []

    @property
    def names(self) -> list[str]:
        return [verb.tag for verb in self.verbs]

    def verb(self, name: str) -> ElementTree.Element:
        return next(element for verb in self.verbs for element in verb.iter() if element.tag == name)

    @property
    def said(self) -> str:
        return "".join(element.text or "" for verb in self.verbs for element in verb.iter() if element.tag == "Say")


class Telephone:
    """One call. Every method posts one webhook and returns what the carrier is told."""

    def __init__(self, app: Flask, caller: str = CALLER, sid: str | None = None) -> None:
        self.app, self.caller = app, caller
        self.sid = sid or f"CA{next(_numbers):032x}"
        self.client = app.test_client()
        self.sequence = count(0)
        self.utterances = count(1)

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> Heard:
        form = {
            "CallSid": self.sid,
            "AccountSid": "AC" + "0" * 31 + "1",
            "From": self.caller,
            "To": "96310",
            "CallStatus": "in-progress",
            "Direction": "inbound",
            **fields,
        }
        form = {name: str(value) for name, value in form.items() if value is not None}
        path = path.removeprefix(PUBLIC_BASE_URL)
        signature = sign(PUBLIC_BASE_URL + path, form)
        response = self.client.post(
            path,
            data=form,
            headers={"X-Twilio-Signature": signature, **(headers or {})},
            environ_overrides={"RAW_URI": path},  # what gunicorn hands on; the test client drops a bare "?"
        )
        return Heard(response)

    def dial(self, **fields: Any) -> Heard:
        return self.send("/telephony/voice", **{"CallStatus": "ringing", **fields})

    def say(self, text: str) -> Heard:
        return self.send("/telephony/voice/heard", SpeechResult=text, Confidence="0.9")

    def press(self, digits: str) -> Heard:
        return self.send("/telephony/voice/heard", Digits=digits)

    def wait(self, position: int = 1, waited: int = 3, average: int = 0) -> Heard:
        return self.send(
            "/telephony/voice/wait",
            QueuePosition=position,
            QueueTime=waited,
            AvgQueueTime=average,
            CurrentQueueSize=position,
            QueueSid="QU" + "0" * 32,
        )

    def leave_queue(self, result: str) -> Heard:
        return self.send("/telephony/voice/queue-left", QueueResult=result, QueueTime=5)

    def status(self, status: str, sequence: int | None = None, at: str = "", **fields: Any) -> Heard:
        number = next(self.sequence) if sequence is None else sequence
        return self.send(
            "/telephony/voice/status", CallStatus=status, SequenceNumber=number, Timestamp=at or None, **fields
        )

    def hang_up(self) -> Heard:
        return self.status("completed", CallDuration=60)

    def conference(self, address: str, event: str, call_sid: str | None = None, **fields: Any) -> Heard:
        return self.send(
            address,
            StatusCallbackEvent=event,
            ConferenceSid="CF" + self.sid[2:],
            FriendlyName="call",
            SequenceNumber=next(self.sequence),
            CallSid=call_sid or self.sid,
            **fields,
        )

    def transcript(
        self, text: str, *, track: str = "inbound_track", final: bool = True, seq: int | None = None
    ) -> Heard:
        return self.send(
            "/telephony/voice/transcript",
            TranscriptionSid="GT" + self.sid[2:],
            TranscriptionEvent="transcription-content",
            TranscriptionData=json.dumps({"transcript": text, "confidence": 0.9}, ensure_ascii=False),
            SequenceId=next(self.utterances) if seq is None else seq,
            Track=track,
            Final="true" if final else "false",
        )

    def row(self) -> Call | None:
        """The call as it is stored."""
        with self.app.app_context(), work():
            session().expire_all()
            return session().scalar(select(Call).where(Call.sid == self.sid))

    @property
    def id(self) -> int:
        row = self.row()
        assert row is not None
        return row.id

    @property
    def state(self) -> str:
        row = self.row()
        return row.state if row else "unknown"


def addresses(heard: Heard) -> dict[str, str]:
    """Every address in an answer by attribute name."""
    found = re.findall(r'(\w+)="(http[^"]+)"', heard.text)
    return {name: address.replace("&amp;", "&") for name, address in found}


def new_agent(app: Flask, name: str, role: Role = Role.AGENT) -> Person:
    """An agent of the tests' own, signed in."""
    with app.app_context(), transaction():
        number = next(_numbers)
        account = Account(login=f"agent{number}", name=name, work_no=f"T{number:05}", roles=[role.value])
        session().add(account)
        session().flush()
        return Person(app, account)


def get_ready(agent: Person) -> dict[str, Any]:
    return set_status(agent, "ready")


def set_status(agent: Person, status: str, reason: str = "") -> dict[str, Any]:
    answer = agent.post("/api/v1/seat/status", {"status": status, "reason": reason})
    assert answer.status_code == 200, answer.json
    seat: dict[str, Any] = answer.json["seat"]
    return seat


def seat_of(agent: Person) -> dict[str, Any]:
    answer = agent.get("/api/v1/seat")
    assert answer.status_code == 200, answer.json
    seat: dict[str, Any] = answer.json["seat"]
    return seat
