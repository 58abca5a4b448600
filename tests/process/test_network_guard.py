"""The suite itself may not reach the outside."""

import socket

import pytest

from tests.support.network import OutsideWorld


def test_an_outside_address_is_refused() -> None:
    with socket.socket() as connection, pytest.raises(OutsideWorld):
        connection.connect(("192.0.2.1", 80))


def test_an_outside_name_is_not_even_looked_up() -> None:
    with pytest.raises(OutsideWorld):
        socket.getaddrinfo("api.example.com", 443)


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
