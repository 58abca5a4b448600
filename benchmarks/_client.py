"""A person at a console, or many: HTTP over connections that are kept open, with the time each answer took."""

import http.client
import re
import time
from collections import deque
from itertools import cycle
from urllib.parse import urlencode

from benchmarks._stage import Stage


class Connections:
    """Kept open, as a proxy in front of the web process keeps them."""

    def __init__(self, target: Stage) -> None:
        self._hosts = cycle(target.hosts)
        self._idle: deque[http.client.HTTPConnection] = deque()
        self.times: list[float] = []
        self.failures = 0

    def send(
        self, method: str, path: str, body: str | bytes, headers: dict[str, str], expected: int = 200
    ) -> tuple[str, str]:
        """The body and the cookie set, if any."""
        # Each in turn: always the last one would mean always the same web process.
        connection = self._idle.popleft() if self._idle else http.client.HTTPConnection(next(self._hosts), timeout=30)
        begun = time.perf_counter()
        connection.request(method, path, body.encode() if isinstance(body, str) else body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        self.times.append(time.perf_counter() - begun)
        self.failures += answer.status != expected
        self._idle.append(connection)
        return text, (answer.getheader("Set-Cookie") or "").partition(";")[0]


def enter(connections: Connections, door: str = "agent", login: str = "") -> dict[str, str]:
    """The headers of somebody who came through one of the demonstration's doors; whoever has most to do, or `login`."""
    page, cookie = connections.send("GET", "/", "", {})
    form = urlencode({"csrf_token": token_in(page), "as": login})
    plain = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    _, cookie = connections.send("POST", f"/demo/{door}", form, plain, 302)
    page, renewed = connections.send("GET", PAGES.get(door, f"/{door}"), "", {"Cookie": cookie})
    return {"Cookie": renewed or cookie, "X-CSRF-Token": token_in(page), "Content-Type": "application/json"}


PAGES = {"supervise": "/supervision"}


def token_in(page: str) -> str:
    found = re.search(r'name="csrf[-_]token"[^>]*(?:content|value)="([^"]+)"', page)
    if found is None:
        raise SystemExit("the page holds no CSRF token")
    return found[1]


def percentile(times: list[float], share: float) -> float:
    """In milliseconds, of seconds."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000
