"""An agent's console without a browser: signed in through the demonstration's door, its socket open."""

import re

import requests
import socketio


class Console:
    """Keeps a seat manned. The agent is on a break: callers wait, and nobody answers them."""

    def __init__(self, url: str, login: str = "agent1001") -> None:
        self.url = url
        self._http = requests.Session()
        form = {"as": login, "csrf_token": self._find(r'name="csrf_token"[^>]*value="([^"]+)"', "/")}
        self._http.post(f"{url}/demo/agent", data=form, timeout=15).raise_for_status()
        self._token = self._find(r'name="csrf-token" content="([^"]+)"', "/agent")
        self._socket = socketio.Client(reconnection_delay=0.2, reconnection_delay_max=1)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies)
        self._socket.connect(url, headers={"Cookie": cookies}, transports=["websocket"], wait_timeout=15)
        self.choose("break", "小休")

    def _find(self, pattern: str, path: str) -> str:
        answer = self._http.get(self.url + path, timeout=15)
        answer.raise_for_status()
        found = re.search(pattern, answer.text)
        assert found, f"{path} has no token"
        return found[1]

    def choose(self, status: str, reason: str = "") -> None:
        headers = {"X-CSRF-Token": self._token}
        body = {"status": status, "reason": reason}
        answer = self._http.post(f"{self.url}/api/v1/seat/status", json=body, headers=headers, timeout=15)
        assert answer.ok, answer.text

    def close(self) -> None:
        self.choose("offline")
        self._socket.disconnect()
        self._http.close()
