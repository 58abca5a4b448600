"""The wallboard's figures: worked out at most once a second, and only while somebody looks."""

import time

from flask_socketio import SocketIO

from app.realtime.rooms import viewer_in
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
        if age < AT_MOST_EVERY or not (self._is_stale or age >= AT_LEAST_EVERY):
            return
        for room in self._watched():
            viewer = viewer_in(room)
            if viewer is not None:
                self._socketio.emit("figures", wall_figures(viewer).model_dump(mode="json"), to=room)
                self._sent, self._is_stale = time.monotonic(), False

    def _watched(self) -> list[str]:
        """Rooms of this process with somebody in them."""
        rooms = self._socketio.server.manager.rooms.get("/", {})
        return [room for room in rooms if isinstance(room, str) and room.startswith("wall")]
