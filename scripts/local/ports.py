"""Loopback ports: finding free ones and asking whether somebody listens."""

import errno
import random
import socket

LOOPBACK = "127.0.0.1"

# Below Linux's ephemeral range (32768 up): a server that restarts after a crash must get its port back, and inside that
# range any outgoing connection may have taken it meanwhile.
_FIRST, _LAST = 20_000, 32_000


def why_not(port: int, host: str = LOOPBACK) -> tuple[str, str] | None:
    """None if a server may listen there, else the reason in Chinese and in English."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return "需要管理员权限", "needs an administrator"
        except socket.gaierror:
            return f"无法绑定到 HOST={host}", f"cannot be bound on HOST={host}"
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "已被占用", "is in use"
            return f"无法绑定到 HOST={host}", f"cannot be bound on HOST={host}"
    return None


def is_free(port: int, host: str = LOOPBACK) -> bool:
    return why_not(port, host) is None


def free_port() -> int:
    """A port nobody listens on now. Another process may still be faster: callers start over if their server refuses."""
    while True:
        port = random.randint(_FIRST, _LAST)
        if is_free(port):
            return port


def answers(port: int, host: str = LOOPBACK) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
