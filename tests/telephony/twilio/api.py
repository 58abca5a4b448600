"""A carrier's REST API on a real socket of this machine, answering whatever a test tells it to."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from telephony.twilio.account import TwilioAccount

HANG = "hang"  # read the request, then never answer
CUT = "cut"  # read the request, then close the connection
CUT_BODY = "cut body"  # promise more bytes than are sent


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    user: str | None
    agent: str


class Api:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answer | str] = []
        self.done = threading.Event()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def will_answer(self, *answers: Answer | str) -> None:
        self.answers += answers

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def account(self, **changes: Any) -> TwilioAccount:
        facts: dict[str, Any] = {
            "account_sid": "AC" + "a" * 32,
            "auth_token": "t" * 32,
            "api_key": "SK" + "b" * 32,
            "api_secret": "s" * 32,
            "application_sid": "AP" + "c" * 32,
            "hotline_number": "96310",
            "sms_sender": "+8657496310",
            "base_url": self.url,
        }
        return TwilioAccount(**{**facts, **changes})

    @contextmanager
    def running(self) -> Iterator["Api"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.done.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    def __init__(self, api: Api) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        api = self.server.api
        api.asked.append(self._read())
        answer = api.answers.pop(0) if api.answers else Answer()
        if answer == HANG:
            api.done.wait()
        if isinstance(answer, Answer):
            self._write(answer)
        elif answer == CUT_BODY:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nRIFF")
        self.close_connection = True

    def _read(self) -> Asked:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        return Asked(
            method=self.command,
            path=urlsplit(self.path).path,
            query=parse_qs(urlsplit(self.path).query, keep_blank_values=True),
            form=parse_qs(body, keep_blank_values=True),
            user=base64.b64decode(key).decode().partition(":")[0] if scheme == "Basic" else None,
            agent=self.headers.get("User-Agent", ""),
        )

    def _write(self, answer: Answer) -> None:
        raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
