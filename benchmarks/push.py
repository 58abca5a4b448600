"""How fast one event reaches every console: `python -m benchmarks.push [--consoles N …] [--events N]`.

An event is committed to PostgreSQL and the consoles' relay is woken through Valkey, as every request does it; each
console is an agent's Socket.IO session on one web process. Beside it, in turns, a raw websocket server of twenty lines
writes the same bytes to as many sockets: the least that this machine can do in this language. Prints the time from
commit to arrival over all consoles and events, and the ratio. The client shares the machine.
"""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import base64  # noqa: E402
import hashlib  # noqa: E402
import multiprocessing  # noqa: E402
import re  # noqa: E402
import socket  # noqa: E402
import struct  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
import psycopg  # noqa: E402
import redis  # noqa: E402
from gevent.server import StreamServer  # noqa: E402

from app.events.wake import CHANNEL  # noqa: E402
from benchmarks._client import Connections, enter  # noqa: E402
from benchmarks._stage import Stage, stage  # noqa: E402
from scripts.local.ports import free_port  # noqa: E402

MARK = b'"bench.pushed"'
PING, PONG = b"\x81\x012", b"\x81\x81\0\0\0\x003"
COPY = """
INSERT INTO event (kind, subject_type, subject_id, subject_seq, version, at, audience, payload, previous_hash, hash)
SELECT 'bench.pushed', 'bench', %s, 1, version, now(), '["agents"]', payload, previous_hash, hash
FROM event WHERE kind = 'case.dispatched' ORDER BY id LIMIT 1
"""


class Crowd:
    """Consoles that note when the marked message comes."""

    def __init__(self, url: str, path: str, headers: str, hello: bytes = b"") -> None:
        self._address = (urlsplit(url).hostname or "", urlsplit(url).port or 80)
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
        ).encode()
        self._hello = hello
        self.arrivals: list[float] = []
        self.is_greeted = 0
        self._readers: list[gevent.Greenlet] = []
        self._sockets: list[socket.socket] = []

    def join(self, consoles: int) -> None:
        for _ in range(consoles):
            line = socket.create_connection(self._address, timeout=60)
            line.sendall(self._request)
            if b"101" not in line.recv(4096).split(b"\r\n", 1)[0]:
                raise SystemExit("the socket was refused")
            line.sendall(self._hello)
            self._sockets.append(line)
            self._readers.append(gevent.spawn(self._read, line))
            gevent.sleep(0)
        self._wait(lambda: not self._hello or self.is_greeted >= consoles)

    def _read(self, line: socket.socket) -> None:
        line.settimeout(None)
        tail = b""
        while data := line.recv(65536):
            now = time.perf_counter()
            if PING in data:
                line.sendall(PONG)
            self.is_greeted += b'"hello"' in data
            if MARK in tail + data:
                self.arrivals.append(now)
                tail = b""
            else:
                tail = data[-len(MARK) :]

    def measure(self, strike: Callable[[], float]) -> list[float]:
        """Seconds from the stroke to each arrival."""
        self.arrivals = []
        begun = strike()
        self._wait(lambda: len(self.arrivals) >= len(self._sockets))
        return [arrival - begun for arrival in self.arrivals]

    def _wait(self, happens: Callable[[], bool]) -> None:
        give_up = time.monotonic() + 60
        while not happens():
            if time.monotonic() > give_up:
                raise SystemExit(f"only {len(self.arrivals)} of {len(self._sockets)} consoles were reached")
            gevent.sleep(0.02)

    def leave(self) -> None:
        gevent.killall(self._readers)
        for line in self._sockets:
            line.close()


def serve_raw(port: int) -> None:
    """Whoever says STRIKE makes the bytes that follow go to all who shook hands."""
    lines: list[socket.socket] = []

    def talk(line: socket.socket, _address: object) -> None:
        asked = line.recv(65536)
        if not asked:
            return
        if asked.startswith(b"STRIKE"):
            for each in lines:
                each.sendall(asked[6:])
            return
        found = re.search(rb"Sec-WebSocket-Key: (\S+)", asked)
        digest = hashlib.sha1((found[1] if found else b"") + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        line.sendall(answer + b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n")
        lines.append(line)
        while line.recv(4096):
            pass
        lines.remove(line)

    StreamServer(("127.0.0.1", port), talk, backlog=2048).serve_forever()


def raw_stroke(port: int) -> Callable[[], float]:
    message = b'42["event",{"kind":' + MARK + b',"payload":"' + b"x" * 1400 + b'"}]'
    frame = b"\x81\x7e" + struct.pack(">H", len(message)) + message

    def strike() -> float:
        line = socket.create_connection(("127.0.0.1", port))
        begun = time.perf_counter()
        line.sendall(b"STRIKE" + frame)
        line.close()
        return begun

    return strike


def our_stroke(target: Stage) -> Callable[[], float]:
    database = psycopg.connect(target.database_url.replace("+psycopg", ""), autocommit=True)
    broker = redis.Redis.from_url(target.environment["REDIS_URL"])
    numbers = iter(range(time.time_ns() % 10**9, 2 * 10**9))

    def strike() -> float:
        database.execute(COPY, (next(numbers),))
        begun = time.perf_counter()
        broker.publish(CHANNEL, b"1")
        return begun

    return strike


def await_listener(port: int) -> None:
    """The raw server is a process of its own and needs a second, on a busy machine ten."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            gevent.sleep(0.1)
        else:
            return
    raise SystemExit("the raw server did not start")


def compare(target: Stage, consoles: int, events: int) -> None:
    port = free_port()
    raw_server = multiprocessing.get_context("spawn").Process(target=serve_raw, args=(port,), daemon=True)
    raw_server.start()
    await_listener(port)
    cookie = enter(Connections(target))["Cookie"]
    ours = Crowd(target.url, "/socket.io/?EIO=4&transport=websocket", f"Cookie: {cookie}\r\n", b"\x81\x82\0\0\0\x0040")
    raw = Crowd(f"http://127.0.0.1:{port}", "/", "")
    crowds = {"hotline": (ours, our_stroke(target)), "raw": (raw, raw_stroke(port))}
    for crowd in (ours, raw):
        crowd.join(consoles)
    times: dict[str, list[float]] = {name: [] for name in crowds}
    for turn in range(events + 2):
        for name, (crowd, strike) in crowds.items():
            arrived = crowd.measure(strike)
            times[name] += arrived if turn >= 2 else []
            gevent.sleep(0.3)
    for crowd in (ours, raw):
        crowd.leave()
    raw_server.terminate()
    late = {name: tell(name, consoles, sorted(found)) for name, found in times.items()}
    print(
        f"{'ratio':8} {consoles:5} consoles   p99 {late['hotline'] / late['raw']:.2f} times the raw server's",
        flush=True,
    )


def tell(name: str, consoles: int, times: list[float]) -> float:
    median, late = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
    print(f"{name:8} {consoles:5} consoles   median {median:.1f} ms, p99 {late:.1f} ms, last {times[-1] * 1000:.1f} ms")
    return late


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, nargs="*", default=[200, 1000])
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    with stage() as target:
        for consoles in [20] if options.smoke else options.consoles:
            compare(target, consoles, 3 if options.smoke else options.events)


if __name__ == "__main__":
    main()
