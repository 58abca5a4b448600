"""No test speaks to the outside: sockets of this process reach this machine only."""

import ipaddress
import socket
from typing import Any

import pytest


class OutsideWorld(AssertionError):
    """A test tried to leave the machine."""


def _is_here(host: str) -> bool:
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


def _check(connection: socket.socket, address: Any) -> None:
    if connection.family == socket.AF_UNIX:
        return
    if not _is_here(str(address[0])):
        raise OutsideWorld(f"a test tried to connect to {address[0]}:{address[1]}")


def stay_at_home(patch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _check(self, address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_here(name):
            raise OutsideWorld(f"a test tried to look up {name}")
        return look_up(host, *arguments, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
