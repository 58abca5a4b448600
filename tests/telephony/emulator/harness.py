"""A carrier in a thread with a clock moved by hand, a tiny hotline to call, and phones to hold."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import websocket
from aiohttp import web
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from telephony.emulator.clock import HandClock
from telephony.emulator.config import Settings
from telephony.emulator.office import Office, open_office
from telephony.emulator.server import build_app

ACCOUNT, TOKEN = "AC" + "0" * 32, "carrier-auth-token"
KEY, SECRET = "SK" + "1" * 32, "carrier-api-secret-of-a-decent-length"
PATIENCE = 10.0


def until(condition: Callable[[], Any], what: str = "condition") -> Any:
    """Wait in real time until something holds; returns it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(f"{what} did not come about")


@dataclass
class Asked:
    """One request the hotline received."""

    method: str
    path: str
    url: str
    form: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def all(self) -> dict[str, str]:
        return {**self.query, **self.form}


Answer = str | int | tuple[int, str, dict[str, str]]


@dataclass
class Hotline:
    """A real HTTP server; `answers` maps a path to TwiML inside <Response>, a status, or a function of the request."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        hotline = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hotline._serve(self)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        # With the library's backlog of five a busy moment looks like a dead hotline.
        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        asked = Asked(
            handler.command,
            parts.path,
            self.url + handler.path,
            dict(parse_qsl(body, keep_blank_values=True)),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in handler.headers.items()},
        )
        self.asked.append(asked)
        answer = self.answers.get(parts.path, 204)
        status, text, headers = self._shape(answer(asked) if callable(answer) else answer)
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(text.encode())))
            handler.end_headers()
            handler.wfile.write(text.encode())
        except OSError:
            pass  # the carrier has stopped waiting

    def _shape(self, answer: Answer) -> tuple[int, str, dict[str, str]]:
        if isinstance(answer, int):
            return answer, "", {}
        if isinstance(answer, tuple):
            return answer
        return 200, f"<?xml version='1.0'?><Response>{answer}</Response>", {"Content-Type": "text/xml"}

    def requests(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def wait_for(self, path: str, count: int = 1) -> Asked:
        until(lambda: len(self.requests(path)) >= count, f"request {count} to {path}, got {self.asked}")
        return self.requests(path)[count - 1]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Carrier:
    """The emulator itself, on a free port."""

    def __init__(self, hotline_url: str, data_dir: Path) -> None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.clock = HandClock()
        self.office: Office | None = None
        self.settings = Settings(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            api_key=KEY,
            api_secret=SECRET,
            data_dir=data_dir,
            hotline_url=hotline_url,
            own_url=self.url,
            web_origins=frozenset({"http://hotline.example", hotline_url}),
            seconds_per_character=0.1,
        )
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(listener, ready),))
        self._thread.start()
        assert ready.wait(PATIENCE)

    async def _run(self, listener: socket.socket, ready: threading.Event) -> None:
        self.office = open_office(self.settings, self.clock)
        runner = web.AppRunner(build_app(self.office), shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        ready.set()
        await self._stop.wait()
        await runner.cleanup()

    def advance(self, seconds: float, *, force: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self.clock.advance(seconds, force=force), self._loop).result(PATIENCE)

    def set_chaos(self, **wanted: Any) -> None:
        def change() -> None:
            for name, value in wanted.items():
                setattr(self.office.chaos, name, value)

        self._loop.call_soon_threadsafe(change)
        self.advance(0)

    def client(self, name: str = ACCOUNT, secret: str = TOKEN) -> Client:
        client = Client(name, secret, ACCOUNT)
        client.api.base_url = self.url
        return client

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)
        self._loop.close()


class Party:
    """A handset: a web phone or a browser client at the end of a web socket."""

    def __init__(self, url: str, first: dict[str, Any] | None = None, origin: str | None = None) -> None:
        options = {"origin": origin} if origin else {"suppress_origin": True}
        self.socket = websocket.create_connection(url, timeout=PATIENCE, **options)
        self.events: list[dict[str, Any]] = []
        self._obeyed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if first:
            self.order(**first)
        self.sid = ""

    def _read(self) -> None:
        try:
            while True:
                kind, data = self.socket.recv_data(control_frame=True)
                if kind == websocket.ABNF.OPCODE_TEXT:
                    self.events.append(json.loads(data))
                elif kind == websocket.ABNF.OPCODE_PONG:
                    self._obeyed.set()
                elif kind == websocket.ABNF.OPCODE_CLOSE:
                    return
        except (websocket.WebSocketException, OSError):
            return
        finally:
            self._obeyed.set()

    def order(self, **order: Any) -> None:
        """Returns when the carrier has heard it: the clock may be moved on at once. It answers a ping only after
        everything that came before."""
        self._obeyed.clear()
        self.socket.send(json.dumps(order))
        with suppress(websocket.WebSocketException, OSError):  # turned away already
            self.socket.ping()
        if self._reader.is_alive():
            self._obeyed.wait(PATIENCE)

    def got(self, kind: str, count: int = 1, **facts: Any) -> dict[str, Any]:
        """The `count`-th event of this kind that carries these facts; waits for it."""

        def matching() -> list[dict[str, Any]]:
            return [
                event
                for event in list(self.events)
                if event["type"] == kind and all(event.get(name) == value for name, value in facts.items())
            ]

        try:
            until(lambda: len(matching()) >= count)
        except AssertionError:
            raise AssertionError(f"no {kind} {facts}; got {self.events}") from None
        return matching()[count - 1]

    def heard(self, text: str) -> dict[str, Any]:
        return self.got("heard", text=text, final=True)

    def dial(self, number: str = "96310", **more: Any) -> str:
        self.order(type="dial", to=number, **more)
        self.sid = self.got("dialing")["sid"]
        return self.sid

    def accept(self) -> str:
        self.sid = self.got("incoming")["sid"]
        self.order(type="accept", sid=self.sid)
        self.got("status", status="in-progress")
        return self.sid

    def say(self, text: str, final: bool = True) -> None:
        self.order(type="say", sid=self.sid, text=text, final=final)

    def press(self, keys: str) -> None:
        self.order(type="keys", sid=self.sid, keys=keys)

    def hang_up(self) -> None:
        self.order(type="hangup", sid=self.sid)

    def lose_connection(self) -> None:
        """As if the network had gone: no goodbye."""
        self.socket.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.socket.close()
        self._reader.join(2)
        self.socket.shutdown()  # a socket the other side has closed is not closed by close()


def token_for(identity: str, *, secret: str = SECRET, ttl: int = 600, account: str = ACCOUNT) -> str:
    token = AccessToken(account, KEY, secret, identity=identity, ttl=ttl)
    token.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid="AP" + "2" * 32))
    return str(token.to_jwt())


@dataclass
class World:
    hotline: Hotline
    carrier: Carrier
    parties: list[Party] = field(default_factory=list)

    @property
    def rest(self) -> Client:
        return self.carrier.client()

    def phone(self, number: str = "+8613800001234") -> Party:
        party = Party(f"{self.carrier.url.replace('http', 'ws')}/phones?number=%2B{number[1:]}")
        self.parties.append(party)
        party.got("hello")
        return party

    def agent(self, identity: str = "agent-1") -> Party:
        party = Party(
            f"{self.carrier.url.replace('http', 'ws')}/clients", {"type": "register", "token": token_for(identity)}
        )
        self.parties.append(party)
        party.got("registered")
        return party

    def url(self, path: str) -> str:
        return self.hotline.url + path

    def answer(self, **paths: Any) -> None:
        """`voice=…` answers /telephony/voice; other names answer /name."""
        for name, answer in paths.items():
            self.hotline.answers["/telephony/voice" if name == "voice" else f"/{name}"] = answer

    def advance(self, seconds: float, *, force: bool = False) -> None:
        self.carrier.advance(seconds, force=force)

    def close(self) -> None:
        for party in self.parties:
            party.close()
        self.carrier.close()
        self.hotline.close()
