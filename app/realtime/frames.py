"""One event for a thousand consoles is one websocket frame, made once and written to each socket on the spot.

What a server sends is not masked, so the bytes are the same for every console; the library would build, and for a
browser compress, them anew for each. An uncompressed message is allowed on a line that has agreed to compression.
It would also wake a writer for each console: three quarters of the time that an event takes to a thousand of them.
Only a line that takes no more just now, or has something waiting, is left to its writer.

Both classes take places of Engine.IO's own table, and one method of its sockets is called by its name; its version is
pinned, and tests/realtime/test_frames.py says which part has moved when a new one does not fit any more.
"""

from typing import Any, cast

import gevent
from engineio.async_drivers.gevent import WebSocketWSGI  # type: ignore[import-untyped]
from engineio.packet import MESSAGE, Packet  # type: ignore[import-untyped]
from flask_socketio import SocketIO
from gevent.lock import BoundedSemaphore
from gevent.queue import JoinableQueue

FIN_TEXT = 0x81
_SHORT, _MEDIUM, _MOST_MEDIUM = 125, 126, 0xFFFF
_LONG = 127


class Letters(JoinableQueue):  # type: ignore[misc]
    """What waits for a console's writer. A message that can be written at once does not wait.

    Everything else goes through the writer, pings above all: it gives up a console for which it never gets anything.
    """

    line: "SharedFrames | None" = None

    def put(self, item: Packet | None, block: bool = True, timeout: float | None = None) -> None:
        if self.line is None or item is None or not self._may_overtake(item) or not self.line.write_now(item.encode()):
            super().put(item, block, timeout)

    def _may_overtake(self, item: Packet) -> bool:
        return item.packet_type == MESSAGE and not item.binary and self.empty()


class SharedFrames(WebSocketWSGI):  # type: ignore[misc]
    """A console's line. Engine.IO encodes a packet once and hands the same string to each."""

    _message = ""
    _frame = b""
    ws: Any = None

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self._writing = BoundedSemaphore()
        handler.__self__.queue.line = self

    def send(self, message: str | bytes) -> None:
        """The writer's way. All of it: a socket may take a part, and the rest would be lost to a slow line."""
        with self._writing:
            if isinstance(message, bytes) or not self.ws.connected:
                super().send(message)
            else:
                self.ws.sock.sendall(self._frame_of(message))

    def write_now(self, message: str) -> bool:
        """Whether the message is on its way; never waits."""
        if self.ws is None or not self.ws.connected or not self._writing.acquire(blocking=False):
            return False
        whole = self._frame_of(message)
        try:
            sent = self.ws.sock.send(whole, 0, 0.0)
        except OSError:  # full, or gone: the writer will wait for it, or find out
            self._writing.release()
            return False
        if sent < len(whole):
            gevent.spawn(self._write_rest, whole[sent:])
        else:
            self._writing.release()
        return True

    def _write_rest(self, rest: bytes) -> None:
        try:
            self.ws.sock.sendall(rest)
        except OSError:
            return  # the reader sees the same end
        finally:
            self._writing.release()

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
        socketio.server.eio._async = {**parts, "websocket": SharedFrames, "queue": Letters}
