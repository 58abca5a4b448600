"""The wallboard's figures: worked out at most once a second, and only while somebody looks."""

import time

from flask_socketio import SocketIO

from app.accounts.roles import SYSTEM
from app.reports.wall import wall_figures

AT_MOST_EVERY = 1.0  # seconds, while things change
AT_LEAST_EVERY = 10.0  # seconds, so that waiting times and lamps move when nothing else does


class Figures:
    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio
        self._sent = 0.0
        self._is_stale = True

    def refresh(self, *, changed: bool) -> None:
        """Counters are batched: a hundred events in a second are one message."""
        self._is_stale = self._is_stale or changed
        age = time.monotonic() - self._sent
        if age < AT_MOST_EVERY or not (self._is_stale or age >= AT_LEAST_EVERY) or not self._is_watched():
            return
        self._socketio.emit("figures", wall_figures(SYSTEM).model_dump(mode="json"), to="wall")
        self._sent, self._is_stale = time.monotonic(), False

    def _is_watched(self) -> bool:
        return any(True for _ in self._socketio.server.manager.get_participants("/", "wall"))
