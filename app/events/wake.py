"""Tell every web process that new events are committed. Redis only wakes; the event table is the truth."""

from collections.abc import Callable

import redis
import structlog

from app.db import session

log = structlog.get_logger(__name__)

CHANNEL = "hotline:events"
_client: redis.Redis | None = None


def configure(url: str) -> None:
    """Short time-outs: a dead Redis may delay a request by half a second at most, and loses nothing."""
    global _client
    _client = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def broker() -> redis.Redis | None:
    return _client


def after_this_commit(after_commit: Callable[[Callable[[], None]], None]) -> None:
    """Once per transaction, however many events it records."""
    if not session().info.get("wakes"):
        session().info["wakes"] = True
        after_commit(publish)


def publish() -> None:
    if _client is None:
        return
    try:
        _client.publish(CHANNEL, b"1")
    except redis.RedisError as error:
        log.warning("wake.failed", error=type(error).__name__)
