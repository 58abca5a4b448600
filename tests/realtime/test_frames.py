"""The frames that all consoles share, against an independent websocket implementation."""

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from app.realtime.frames import frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_client_reads_the_whole_message_whatever_its_size(size: int) -> None:
    text = "井" * (size // 3) + "x" * (size % 3)
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(frame(text.encode()))
    heard = [event for event in client.events() if isinstance(event, TextMessage)]
    assert "".join(event.data for event in heard) == text
    assert heard[-1].message_finished
