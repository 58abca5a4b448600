"""The frames that all consoles share, against an independent websocket implementation, and over real sockets."""

from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import engineio  # type: ignore[import-untyped]
import gevent
import pytest
from engineio.async_drivers import gevent as driver  # type: ignore[import-untyped]
from engineio.packet import MESSAGE, PING, Packet  # type: ignore[import-untyped]
from engineio.socket import Socket  # type: ignore[import-untyped]
from gevent import select, socket
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from app.realtime.frames import Letters, SharedFrames, frame, share_frames

MOVED = "Engine.IO has changed a part that app/realtime/frames.py replaces, {}: fit it, or stay at the pin."


def messages(data: bytes) -> list[str]:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(data)
    texts = [""]
    for event in client.events():
        assert isinstance(event, TextMessage)
        texts[-1] += event.data
        texts += [""] * event.message_finished
    assert texts.pop() == ""
    return texts


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_client_reads_the_whole_message_whatever_its_size(size: int) -> None:
    text = "井" * (size // 3) + "x" * (size % 3)
    assert messages(frame(text.encode())) == [text]


def test_the_library_still_has_the_parts_that_are_replaced() -> None:
    server = engineio.Server(async_mode="gevent")
    assert server._async.get("websocket") is driver.WebSocketWSGI, MOVED.format("the table's `websocket`")
    assert server._async.get("queue") is driver.queue.JoinableQueue, MOVED.format("the table's `queue`")
    share_frames(SimpleNamespace(server=SimpleNamespace(eio=server)))
    console = Socket(server, "sid")
    assert isinstance(console.queue, Letters), MOVED.format("a socket's `queue`")
    line = server._async["websocket"](console._websocket_handler, server)
    assert console.queue.line is line, MOVED.format("the handler a socket gives to its websocket")


class Line:
    """A console's line whose other end reads only when told to, and the writer that Engine.IO gives it."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.queue = Letters()
        frames = SharedFrames(self.handler, None)
        frames.ws = SimpleNamespace(connected=True, sock=self.near)
        self.written: list[Any] = []
        self.writer = gevent.spawn(self._write, frames)

    def handler(self, _ws: SharedFrames) -> None:
        raise AssertionError("Engine.IO's own part of the work")

    def _write(self, frames: SharedFrames) -> None:
        while (packet := self.queue.get()) is not None:
            self.written.append(packet)
            frames.send(packet.encode())

    def read_all(self) -> bytes:
        self.queue.put(None)
        data = b""
        with gevent.Timeout(5):
            while not self.writer.ready() or select.select([self.far], [], [], 0.01)[0]:
                if select.select([self.far], [], [], 0.01)[0]:
                    data += self.far.recv(65536)
        return data


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.writer.kill()
    made.near.close()
    made.far.close()


def test_a_message_to_a_free_line_is_written_at_once_without_its_writer(line: Line) -> None:
    line.queue.put(Packet(MESSAGE, "文件"))
    with gevent.Timeout(5):
        assert messages(line.far.recv(4096)) == ["4文件"]
    assert not line.written


def test_a_ping_goes_through_the_writer_which_would_give_the_console_up_otherwise(line: Line) -> None:
    line.queue.put(Packet(PING))
    assert messages(line.read_all()) == ["2"]
    assert len(line.written) == 1


def test_a_slow_console_gets_everything_whole_and_in_order(line: Line) -> None:
    sent = [f"{number}:" + "长" * 3000 for number in range(40)]
    for text in sent:
        line.queue.put(Packet(MESSAGE, text))
        gevent.sleep(0)
    assert line.written, "the line took forty messages at once: nothing was tried"
    assert messages(line.read_all()) == ["4" + text for text in sent]


def test_a_line_that_has_ended_loses_no_more_than_itself(line: Line) -> None:
    line.far.close()
    line.queue.put(Packet(MESSAGE, "x" * 100_000))
    line.queue.put(None)
    with gevent.Timeout(5), suppress(OSError):  # the writer's end is the library's to catch
        line.writer.get()
    assert line.writer.ready()
