"""How a web process waits for PostgreSQL, and works through something long, while it serves others."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, cast

import gevent
import psycopg
from gevent.util import wrap_errors
from psycopg.abc import PQGen
from psycopg.waiting import Ready

R = TypeVar("R")
T = TypeVar("T")


def breathing(items: Iterable[T]) -> Iterator[T]:
    """Whoever rings has a turn after each: nothing else would let go of the hub in a long piece of arithmetic."""
    for each in items:
        yield each
        gevent.sleep(0)


def off_the_hub(work: Callable[[], T]) -> T:
    """Computing that cannot be cut up, such as argon2's 125 ms of pure C: meanwhile calls and consoles go on."""
    # Handed over as a value: gevent itself writes what a thread raises to standard error, past the log.
    done: T | Exception = gevent.get_hub().threadpool.apply(wrap_errors(Exception, work))
    if isinstance(done, Exception):
        raise done
    return done


class HubCursor(psycopg.Cursor[Any]):
    """Describes a result by names and types alone, which is all that SQLAlchemy reads and asks for with every
    statement: psycopg's own columns took a twentieth of a request."""

    @property
    def description(self) -> Any:
        result = self.pgresult
        if result is None or not result.nfields:
            return super().description
        return [
            ((result.fname(place) or b"").decode(), result.ftype(place), None, None, None, None, None)
            for place in range(result.nfields)
        ]


class HubConnection(psycopg.Connection[Any]):
    """Waits for the server on gevent's hub itself. psycopg's own waiting polls through gevent's imitation of `poll`,
    which takes as much processor time as the rest of the driver."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cursor_factory = HubCursor

    def wait(self, gen: PQGen[R], interval: float = 0.0, timeout: float | None = None) -> R:
        if timeout is not None:
            return super().wait(gen, timeout=timeout)
        try:
            wanted = next(gen)
            hub = gevent.get_hub()
            while True:
                watcher = hub.loop.io(self.pgconn.socket, int(wanted))
                try:
                    hub.wait(watcher)
                finally:
                    watcher.close()
                # Ready for what was waited for; where that was either, looking at both harms nothing.
                wanted = gen.send(Ready(wanted))
        except StopIteration as end:
            return cast("R", end.value)
