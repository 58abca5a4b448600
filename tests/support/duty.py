"""A duty telephone as the carrier's webhooks tell it: rung by the worker, answered, keys pressed, notes spoken."""

import json
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.channels import ringing
from app.channels.models import DutyCall
from app.db import session, transaction, work
from app.network import queries as network
from app.network.models import Unit
from app.network.service import renew_stamp
from app.network.unit_changes import hash_pin
from app.webhooks import public_url
from tests.support.carrier import FakeCarrier
from tests.support.people import somebody
from tests.support.voice import Heard, Telephone, addresses

LANDLINE, PIN = "+8657455500017", "4821"
_sequence = count(1)
_recordings = count(1)


def answers_by_telephone(app: Flask, unit_id: int, phone: str = LANDLINE, pin: str | None = PIN) -> None:
    with app.app_context(), work(), transaction():
        unit = session().get_one(Unit, unit_id)
        unit.channel, unit.duty_phone = "telephone", phone
        unit.pin_hash = hash_pin(pin) if pin else None
        renew_stamp("routing")
        network.forget()


def ring_due(app: Flask, carrier: FakeCarrier) -> int:
    """What the worker does every few seconds; returns how many telephones were rung."""
    before = len(carrier.asked("place_call"))
    with app.app_context():
        with work(), transaction():
            ringing.repair()
            due = list(ringing.due())
        for call_id in due:
            with work():
                ringing.ring(call_id, carrier, public_url)
    return len(carrier.asked("place_call")) - before


def calls_of(app: Flask, unit_id: int) -> list[DutyCall]:
    with app.app_context(), work():
        return list(session().scalars(select(DutyCall).where(DutyCall.unit_id == unit_id).order_by(DutyCall.id)))


class DutyPhone:
    """The call that was placed last. `heard` is what the carrier is told to do now."""

    def __init__(self, app: Flask, carrier: FakeCarrier) -> None:
        self.order = carrier.asked("place_call")[-1]
        self.carrier = carrier
        self.line = Telephone(app, caller="96310", sid=self.order["sid"])
        self.heard: Heard | None = None

    @property
    def said(self) -> str:
        assert self.heard is not None
        return self.heard.said

    @property
    def is_over(self) -> bool:
        return self.heard is not None and "Hangup" in self.heard.names

    def send(self, address: str, **fields: Any) -> Heard:
        return self.line.send(address, To=self.order["recipient"], Direction="outbound-api", **fields)

    def answer(self) -> Heard:
        self.heard = self.send(self.order["url"])
        return self.heard

    def press(self, keys: str) -> Heard:
        assert self.heard is not None
        self.heard = self.send(str(self.heard.verb("Gather").get("action")), Digits=keys)
        return self.heard

    def stay_silent(self) -> Heard:
        assert self.heard is not None
        self.heard = self.send(str(self.heard.verb("Redirect").text))
        return self.heard

    def speak(self, text: str, seconds: int = 7, *, hangs_up: bool = False) -> Heard:
        """After the tone; the recogniser's words and the file come on their own ways."""
        assert self.heard is not None
        assert self.heard.names[-2] == "Record"
        record, sid = self.heard.verb("Record"), f"RE{next(_recordings):032x}"
        words = addresses(self.heard)["statusCallbackUrl"]
        url = f"http://localhost:9/2010-04-01/Accounts/AC/Recordings/{sid}"
        self.carrier.recordings[url] = b"RIFF" + sid.encode()
        self.transcript(words, text)
        facts = {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": seconds}
        self.heard = self.send(str(record.get("action")), Digits="hangup" if hangs_up else "#", **facts)
        self.send(str(record.get("recordingStatusCallback")), RecordingStatus="completed", **facts)
        return self.heard

    def transcript(self, address: str, text: str, *, track: str = "inbound_track", seq: int = 2) -> Heard:
        return self.send(
            address,
            TranscriptionSid="GT" + self.line.sid[2:],
            TranscriptionEvent="transcription-content",
            TranscriptionData=json.dumps({"transcript": text, "confidence": 0.9}, ensure_ascii=False),
            SequenceId=seq,
            Track=track,
            Final="true",
        )

    def status(self, status: str, sequence: int | None = None) -> Heard:
        number = next(_sequence) if sequence is None else sequence
        return self.send(self.order["status_callback"], CallStatus=status, SequenceNumber=number)

    def hang_up(self) -> Heard:
        return self.status("completed")

    def identify(self, pin: str = PIN) -> Heard:
        self.answer()
        return self.press(pin)


def command(app: Flask, case: dict[str, Any], action: str, **facts: Any) -> dict[str, Any]:
    """The duty manager does something to the case, whatever its version."""
    chief = somebody(app, Role.SUPERVISOR)
    current = chief.get(f"/api/v1/cases/{case['id']}").json
    answer = chief.post(f"/api/v1/cases/{case['id']}/actions/{action}", facts, version=current["version"])
    assert answer.status_code == 200, answer.json
    done: dict[str, Any] = answer.json
    return done
