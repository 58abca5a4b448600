"""One event for a thousand consoles is one websocket frame, made once.

What a server sends is not masked, so the bytes are the same for every console; the library would build, and for a
browser compress, them anew for each. An uncompressed message is allowed on a line that has agreed to compression.
"""

from typing import cast

from engineio.async_drivers.gevent import WebSocketWSGI  # type: ignore[import-untyped]
from flask_socketio import SocketIO

FIN_TEXT = 0x81
_SHORT, _MEDIUM, _MOST_MEDIUM = 125, 126, 0xFFFF
_LONG = 127


class SharedFrames(WebSocketWSGI):  # type: ignore[misc]
    """Engine.IO encodes a packet once and hands the same string to the writer of each console."""

    _message = ""
    _frame = b""

    def send(self, message: str | bytes) -> None:
        if isinstance(message, bytes) or not self.ws.connected:
            super().send(message)
            return
        # All of it: `send` alone may take a part, and the rest would be lost to a console on a slow line.
        self.ws.sock.sendall(self._frame_of(message))

    @staticmethod
    def _frame_of(message: str) -> bytes:
        if message is not SharedFrames._message:
            SharedFrames._message, SharedFrames._frame = message, frame(message.encode())
        return SharedFrames._frame


def frame(payload: bytes) -> bytes:
    """An unmasked final text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size <= _SHORT:
        return bytes((FIN_TEXT, size)) + payload
    if size <= _MOST_MEDIUM:
        return bytes((FIN_TEXT, _MEDIUM)) + size.to_bytes(2, "big") + payload
    return bytes((FIN_TEXT, _LONG)) + size.to_bytes(8, "big") + payload


def share_frames(socketio: SocketIO) -> None:
    """Under gevent; tests and the command line have other sockets."""
    parts = cast("dict[str, object]", socketio.server.eio._async)
    if parts["websocket"] is WebSocketWSGI:
        socketio.server.eio._async = {**parts, "websocket": SharedFrames}
