"""Database: base class, column types, the session of this context, and the one commit site."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import structlog
from gevent import monkey
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from app.waiting import HubConnection

log = structlog.get_logger(__name__)

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})
MOST_PREPARED = 500
ASK_AFTER = 1.0  # seconds a connection may rest before it is asked whether its server is still there

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on both databases; a naive value is a bug and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
JsonType = JSON().with_variant(JSONB(), "postgresql")

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
Json = Annotated[dict[str, Any], mapped_column(JsonType)]
JsonList = Annotated[list[Any], mapped_column(JsonType)]


class StrayWriteError(RuntimeError):
    """A bug: whoever writes opens a transaction at the entry point."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime}


@dataclass
class Work:
    """What belongs to one piece of work: a session, and what runs once it is committed."""

    session: Session
    in_transaction: bool = False
    writes_left: int | None = None  # in a transaction of a single statement; None: as many as it likes
    effects: list[Callable[[], None]] = field(default_factory=list)


_work: ContextVar[Work | None] = ContextVar("piece_of_work", default=None)
_make_session: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
_engine: Engine | None = None
# SQLite has one writer: queueing inside the process beats colliding on the file (p99 752 ms -> 80 ms).
_sqlite_writer = threading.RLock()


def connect(url: str) -> Engine:
    """Make the engine of this process; again only after `disconnect`."""
    global _engine
    is_sqlite = url.startswith("sqlite")
    options: dict[str, Any] = (
        {"connect_args": {"timeout": 15}}
        if is_sqlite
        else {
            # Made when needed and then kept: with fewer kept, a burst would open and close one for each request.
            "pool_size": 30,
            "max_overflow": 0,
            "pool_timeout": 5,
            "pool_use_lifo": True,  # a few connections stay warm instead of all growing stale in turn
            "connect_args": {"connect_timeout": 3, "options": "-c statement_timeout=10000 -c timezone=UTC"},
        }
    )
    # Values in the text of an error would end up in the logs: what citizens say, and who they are.
    _engine = create_engine(url, json_serializer=_json, hide_parameters=True, **options)
    event.listen(_engine, "before_cursor_execute", _refuse_stray_write)
    _prepare_sqlite(_engine) if is_sqlite else _prepare_postgresql(_engine)
    _make_session.configure(bind=_engine)
    return _engine


def _json(value: Any) -> str:
    """JSON columns are most of what a case writes, and orjson takes a fifth of the time."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a number that no 64 bits hold
        return json.dumps(value, ensure_ascii=False)


def disconnect() -> None:
    global _engine
    if _engine is not None:
        _engine.dispose()
    _engine = None


def engine() -> Engine:
    if _engine is None:
        raise RuntimeError("no database connected")
    return _engine


def bind_for_tests(connection: Connection | None) -> None:
    """Let every session join the connection's open transaction as savepoints, so that a test can roll it all back."""
    if connection is None:
        _make_session.configure(bind=_engine, join_transaction_mode="conditional_savepoint")
    else:
        _make_session.configure(bind=connection, join_transaction_mode="create_savepoint")


def _refuse_stray_write(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Outside `transaction()` PostgreSQL would commit each statement by itself: half a change could stay."""
    piece = _work.get()
    if piece is None or (piece.in_transaction and piece.writes_left is None):
        return
    if statement.lstrip()[:6].upper() in _WRITES:
        if not piece.writes_left:
            raise StrayWriteError(f"a write outside `transaction()`: {statement[:80]}")
        piece.writes_left -= 1


def _prepare_sqlite(target: Engine) -> None:
    @event.listens_for(target, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we issue BEGIN ourselves, see below
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(target, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: upgrading a read lock later fails without waiting for the busy time-out.
        piece = _work.get()
        writing = piece is not None and piece.in_transaction
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _connect_on_hub(_dialect: Any, _record: Any, args: Any, options: Any) -> HubConnection:
    return HubConnection.connect(*args, **options)


def _keep_plans(connection: Any, _record: Any) -> None:
    # The application has more statements than the hundred that psycopg keeps prepared: they would drive out each other
    # and be prepared over and over.
    connection.prepared_max = MOST_PREPARED


def _prepare_postgresql(target: Engine) -> None:
    if monkey.is_module_patched("select"):
        event.listen(target, "do_connect", _connect_on_hub)
    event.listen(target, "connect", _keep_plans)

    @event.listens_for(target, "checkin")
    def _note_rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(target, "checkout")
    def _look_at_rested(connection: Any, record: Any, _proxy: Any) -> None:
        # Asking on each checkout costs every request a round trip; a server is not restarted within a second.
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if connection.closed or (rested > ASK_AFTER and not _answers(connection)):
            raise InvalidatePoolError  # all of them are likely dead: the pool makes new ones and tries again

    @event.listens_for(target, "begin")
    def _begin(connection: Connection) -> None:
        # Under READ COMMITTED each statement sees the newest commits anyway: for reading alone, BEGIN and ROLLBACK
        # would be two round trips for nothing, and would hold a snapshot while the answer is rendered.
        piece = _work.get()
        reading = piece is not None and (not piece.in_transaction or piece.writes_left is not None)
        driver: Any = connection.connection.dbapi_connection
        if driver.autocommit != reading:
            driver.autocommit = reading


def _answers(connection: Any) -> bool:
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.Error:
        return False
    return True


def session() -> Session:
    """The session of this piece of work. Reading needs no `transaction()`; writing does."""
    piece = _work.get()
    if piece is None:
        raise RuntimeError("no unit of work: open `work()` or `transaction()` at the entry point")
    return piece.session


@contextmanager
def work() -> Iterator[Session]:
    """One piece of work (a request, a task, a socket message): a session that is closed at its end."""
    if (outer := _work.get()) is not None:
        yield outer.session
        return
    piece = Work(_make_session())
    token = _work.set(piece)
    try:
        yield piece.session
    finally:
        piece.session.close()
        _work.reset(token)


@contextmanager
def transaction(*, single: bool = False) -> Iterator[Session]:
    """Commit at the end or roll back whole. Opened by entry points only; refuses to nest.

    `single`: one statement at most will write. PostgreSQL commits that by itself: without BEGIN and COMMIT around it,
    which take longer than the statement. A second one is refused.
    """
    with work() as current, _one_sqlite_writer():
        piece = _work.get()
        assert piece is not None
        if piece.in_transaction:
            raise RuntimeError("transactions do not nest: services must not commit")
        current.rollback()  # what was read before may be stale: start from the committed state
        current.info.clear()
        piece.in_transaction, piece.writes_left = True, 1 if single else None
        try:
            yield current
            current.commit()
        except BaseException:
            current.rollback()
            current.info.clear()  # what was noted about rows that are not there after all
            piece.effects.clear()
            raise
        finally:
            piece.in_transaction, piece.writes_left = False, None
        effects, piece.effects = piece.effects, []
    _run(effects)


@contextmanager
def _one_sqlite_writer() -> Iterator[None]:
    if _engine is not None and _engine.dialect.name == "sqlite":
        with _sqlite_writer:
            yield
    else:
        yield


def after_commit(effect: Callable[[], None]) -> None:
    """Run once the current transaction is committed. A failure is logged: rows plus sweeps repair what it left out."""
    piece = _work.get()
    if piece is None or not piece.in_transaction:
        raise RuntimeError("after_commit needs an open transaction")
    piece.effects.append(effect)


def _run(effects: list[Callable[[], None]]) -> None:
    for effect in effects:
        try:
            effect()
        except Exception as error:  # the one loop that may swallow: the commit has happened already
            log.warning("after_commit.failed", effect=getattr(effect, "__qualname__", "?"), error=type(error).__name__)
