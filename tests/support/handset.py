"""A citizen's telephone at the running carrier: dials, listens, speaks, sends and receives messages."""

import json
import threading
from typing import Any
from urllib.parse import quote

import websocket

from tests.support.system import eventually


class Handset:
    """One window of the web phone. `events` are what the carrier told it, oldest first."""

    def __init__(self, emulator_url: str, number: str) -> None:
        self.number = number
        self.events: list[dict[str, Any]] = []
        address = emulator_url.replace("http://", "ws://") + f"/phones?number={quote(number)}"
        self._socket = websocket.create_connection(address, timeout=60)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                text = self._socket.recv()
            except (OSError, websocket.WebSocketException):
                return
            if not text:
                return
            self.events.append(json.loads(text))

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def sid(self) -> str:
        return str(self.of_type("dialing")[-1]["sid"])

    @property
    def is_over(self) -> bool:
        return bool(self.of_type("ended"))

    def heard(self) -> str:
        """Everything that was said to the caller."""
        return " ".join(str(event.get("text", "")) for event in self.events if event["type"] in ("say", "heard"))

    def dial(self, number: str = "96310") -> str:
        """Returns the call's sid."""
        self._send(type="dial", to=number)
        eventually(lambda: self.of_type("dialing"), "the dial tone")
        return self.sid

    def say(self, text: str) -> None:
        self._send(type="say", sid=self.sid, text=text)

    def press(self, keys: str) -> None:
        self._send(type="keys", sid=self.sid, keys=keys)

    def hang_up(self) -> None:
        self._send(type="hangup", sid=self.sid)

    def text(self, body: str, to: str = "96310") -> None:
        self._send(type="sms", to=to, text=body)

    def received(self) -> list[str]:
        """Texts of the messages that came from the hotline."""
        return [str(event["text"]) for event in self.of_type("sms") if event.get("direction") != "inbound"]

    def _send(self, **order: Any) -> None:
        self._socket.send(json.dumps(order, ensure_ascii=False))

    def close(self) -> None:
        self._socket.close()
        self._reader.join(5)
