"""Web sockets of web phones and browser clients: events out, what the person does in."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from telephony.emulator.legs import accept, decline, hang_up
from telephony.emulator.messages import as_row, receive, thread
from telephony.emulator.models import Call
from telephony.emulator.office import Office
from telephony.emulator.rest.answers import OFFICE
from telephony.emulator.speech import press, utter
from telephony.emulator.tokens import EXPIRED, BadToken, Visitor, read_token
from telephony.emulator.traffic import dial_hotline
from telephony.ports import CallStatus

# How long a leg survives a broken line before it is hung up, like a short hole in radio coverage.
GRACE = 8.0
LONGEST_UTTERANCE = 2000
LONGEST_SMS = 20_000
HEARTBEAT = 20.0


class SocketLine:
    """One open window. Events are queued and written by its own task, so that nobody waits for a slow browser."""

    def __init__(self, address: str, socket: web.WebSocketResponse) -> None:
        self._address = address
        self._socket = socket
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    @property
    def address(self) -> str:
        return self._address

    def send(self, event: dict[str, Any]) -> None:
        self._outbox.put_nowait(event)

    async def close(self) -> None:
        """Tell the window that the carrier goes; it may try again later."""
        await self._socket.close(code=WSCloseCode.SERVICE_RESTART)

    async def write(self) -> None:
        while True:
            event = await self._outbox.get()
            if self._socket.closed:
                return
            await self._socket.send_str(json.dumps(event, ensure_ascii=False, default=str))


def check_origin(request: web.Request) -> None:
    """A browser names the page it comes from; a foreign page has no business here. Programs name none."""
    origin = request.headers.get("Origin")
    settings = request.app[OFFICE].settings
    own = {settings.own_url, f"{request.scheme}://{request.host}"}
    if origin is not None and origin not in own | settings.web_origins:
        raise web.HTTPForbidden(text="Origin is not allowed")


async def phone_socket(request: web.Request) -> web.WebSocketResponse:
    """`/phones?number=+86…`: a web phone, one window = one handset."""
    check_origin(request)
    office, number = request.app[OFFICE], request.query.get("number", "").strip()
    if not number.lstrip("+").isdigit() or len(number) > 16:
        raise web.HTTPBadRequest(text="number must be a telephone number")
    socket = await _open(request)
    line = SocketLine(number, socket)
    resumed = take_up(office, line, [sid for sid in request.query.get("resume", "").split(",") if sid])
    line.send(
        {
            "type": "hello",
            "number": number,
            "hotline": office.settings.numbers,
            "thread": [as_row(message) for message in thread(office, number)],
            "resumed": resumed,
        }
    )
    await _serve(office, line, socket)
    return socket


async def client_socket(request: web.Request) -> web.WebSocketResponse:
    """`/clients`: a browser client; its first message is `{type: "register", token, resume: [sid…]}`."""
    check_origin(request)
    office = request.app[OFFICE]
    socket = await _open(request)
    try:
        first = await socket.receive_json(timeout=10)
        visitor = read_token(office.settings, str(first.get("token", "")))
    except BadToken as error:
        await socket.send_json({"type": "error", "code": error.code, "message": str(error)})
        await socket.close()
        return socket
    except (TypeError, ValueError, AttributeError, TimeoutError):
        await socket.close(code=4000, message=b"register first")
        return socket
    line = SocketLine(f"client:{visitor.identity}", socket)
    resumed = take_up(office, line, first.get("resume", []))
    line.send({"type": "registered", "identity": visitor.identity, "resumed": resumed})
    await _serve(office, line, socket, Lease(office, line, visitor))
    return socket


async def _open(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=256 * 1024)
    await socket.prepare(request)
    return socket


class Lease:
    """A browser client's registration lasts as long as its token; a new token prolongs it."""

    def __init__(self, office: Office, line: SocketLine, visitor: Visitor) -> None:
        self._office, self._line, self.visitor = office, line, visitor
        self._task = office.spawn(self._run_out())

    def renew(self, token: str) -> None:
        try:
            visitor = read_token(self._office.settings, token)
            if visitor.identity != self.visitor.identity:
                raise BadToken(EXPIRED, "The new token is somebody else's")
        except BadToken as error:
            self._line.send({"type": "error", "code": error.code, "message": str(error)})
            return
        self.visitor = visitor
        self.end()
        self._task = self._office.spawn(self._run_out())
        _connect(self._office, self._line)
        self._line.send({"type": "registered", "identity": visitor.identity, "resumed": []})

    def end(self) -> None:
        self._task.cancel()

    async def _run_out(self) -> None:
        # The token's life is real time, whatever the carrier's clock does.
        await asyncio.sleep(max(self.visitor.expires - time.time(), 0))
        _disconnect(self._office, self._line)
        self._line.send({"type": "error", "code": EXPIRED, "message": "Access token has expired"})
        self._line.send({"type": "unregistered"})


async def _serve(office: Office, line: SocketLine, socket: web.WebSocketResponse, lease: Lease | None = None) -> None:
    if lease is None or lease.visitor.may_receive:
        _connect(office, line)
    writer = asyncio.ensure_future(line.write())
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                _obey(office, line, message.data, lease)
    finally:
        writer.cancel()
        if lease is not None:
            lease.end()
        _disconnect(office, line)
        drop_line(office, line, is_clean=socket.close_code in (1000, 1001))


def _connect(office: Office, line: SocketLine) -> None:
    windows = office.lines.setdefault(line.address, [])
    if line not in windows:
        windows.append(line)


def _disconnect(office: Office, line: SocketLine) -> None:
    windows = office.lines.get(line.address, [])
    if line in windows:
        windows.remove(line)
    if not windows:
        office.lines.pop(line.address, None)


# --- lines that break and come back ------------------------------------------------------------------------------


def drop_line(office: Office, line: SocketLine, *, is_clean: bool) -> None:
    """The window is gone: a closed page hangs up at once, a broken connection has a moment to come back."""
    for call in [call for call in office.calls.values() if not call.is_over]:
        if line in call.ringing:
            decline(call, line, CallStatus.NO_ANSWER)
        elif call.line is line:
            call.line = None
            if is_clean:
                hang_up(office, call)
            else:
                office.spawn(_hang_up_unless_back(office, call))


async def _hang_up_unless_back(office: Office, call: Call) -> None:
    await office.clock.sleep(GRACE)
    if call.line is None:
        hang_up(office, call)


def take_up(office: Office, line: SocketLine, sids: object) -> list[str]:
    """Give a returning window its calls back; only its own and only while nobody else holds them."""
    taken = []
    for sid in sids if isinstance(sids, list) else []:
        call = office.calls.get(str(sid))
        if call is not None and not call.is_over and call.line is None and call.address == line.address:
            call.attach(line)
            taken.append(call.sid)
    return taken


# --- what a person does ------------------------------------------------------------------------------------------

Order = dict[str, Any]


def _obey(office: Office, line: SocketLine, text: str, lease: Lease | None) -> None:
    """Carry out one message; a malformed one is answered with an error and changes nothing."""
    try:
        order = json.loads(text)
        kind = str(order["type"])
    except (ValueError, TypeError, KeyError):
        line.send({"type": "error", "code": 31100, "message": "malformed message"})
        return
    if kind == "token" and lease is not None:
        lease.renew(str(order.get("token", "")))
    elif kind == "dial":
        _dial(office, line, order, lease)
    elif kind == "sms" and lease is None:
        receive(office, line.address, str(order.get("to", "")), str(order.get("text", ""))[:LONGEST_SMS])
    elif kind in CALL_ORDERS:
        call = office.calls.get(str(order.get("sid", "")))
        if call is not None and (call.line is line or line in call.ringing):
            CALL_ORDERS[kind](office, line, call, order)


def _dial(office: Office, line: SocketLine, order: Order, lease: Lease | None) -> None:
    if lease is not None and not lease.visitor.may_call:
        line.send({"type": "error", "code": 31201, "message": "the token allows no outgoing calls"})
        return
    parameters = order.get("parameters")
    extra = {str(k): str(v) for k, v in parameters.items()} if isinstance(parameters, dict) else {}
    dial_hotline(office, line, str(order.get("to", "")), withhold=bool(order.get("withhold")), extra=extra)


def _accept(office: Office, line: SocketLine, call: Call, order: Order) -> None:
    accept(call, line)


def _reject(office: Office, line: SocketLine, call: Call, order: Order) -> None:
    decline(call, line)


def _say(office: Office, line: SocketLine, call: Call, order: Order) -> None:
    utter(office, call, str(order.get("text", ""))[:LONGEST_UTTERANCE], bool(order.get("final", True)))


def _keys(office: Office, line: SocketLine, call: Call, order: Order) -> None:
    press(call, str(order.get("keys", ""))[:100])


def _hang_up(office: Office, line: SocketLine, call: Call, order: Order) -> None:
    if line in call.ringing:
        decline(call, line)
    else:
        hang_up(office, call)


CALL_ORDERS: dict[str, Callable[[Office, SocketLine, Call, Order], None]] = {
    "accept": _accept,
    "reject": _reject,
    "say": _say,
    "keys": _keys,
    "hangup": _hang_up,
}
