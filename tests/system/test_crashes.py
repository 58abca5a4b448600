"""kill -9 of each part while people call and write: nothing is lost, nothing is doubled."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlalchemy import create_engine, pool, text

from tests.support.console import Console
from tests.support.handset import Handset
from tests.support.system import System, eventually

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]
_numbers = count(13_900_000_001)


class Books:
    """What the database says, read from outside the product."""

    def __init__(self, system: System) -> None:
        self._engine = create_engine(system.environment()["DATABASE_URL"], poolclass=pool.NullPool)

    def states(self, sids: list[str]) -> list[str]:
        """States of the calls in order; a call that is missing or there twice makes a list of another length."""
        with self._engine.connect() as connection:
            rows = [
                connection.execute(text("SELECT state FROM call WHERE sid = :sid"), {"sid": sid}).scalars().all()
                for sid in sids
            ]
        return [state for found in rows for state in found]

    def messages(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM incoming_message")).scalar_one())

    def drafts(self) -> int:
        with self._engine.connect() as connection:
            query = "SELECT count(*) FROM \"case\" WHERE source = 'sms'"
            return int(connection.execute(text(query)).scalar_one())

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def books(system: System) -> Iterator[Books]:
    eventually(system.is_ready, "readiness")
    opened = Books(system)
    yield opened
    opened.close()


@pytest.fixture
def new_handset(system: System) -> Iterator[Callable[[], Handset]]:
    made: list[Handset] = []

    def make() -> Handset:
        made.append(Handset(system.emulator_url, f"+86{next(_numbers)}"))
        return made[-1]

    yield make
    for handset in made:
        handset.close()


@pytest.fixture
def console(system: System, books: Books) -> Iterator[Console]:
    """Somebody must be there: with no agent at all, callers are sent to the voicemail."""
    opened = Console(system.url)
    yield opened
    eventually(system.is_ready, "readiness")
    opened.close()


@pytest.fixture
def waiting_callers(console: Console, books: Books, new_handset: Callable[[], Handset]) -> list[Handset]:
    """Three people in the queue, nobody to answer."""
    callers = [new_handset() for _ in range(3)]
    for caller in callers:
        caller.dial()
    for caller in callers:
        eventually(lambda caller=caller: caller.of_type("listening"), "the greeting")
        caller.press("0")  # straight on to the queue
    eventually(lambda: books.states(sids_of(callers)) == ["waiting"] * 3, "the queue", 60)
    return callers


def sids_of(callers: list[Handset]) -> list[str]:
    return [caller.sid for caller in callers]


def reaches_redis(system: System) -> bool:
    with urllib.request.urlopen(f"{system.url}/readyz", timeout=10) as answer:
        return bool(json.load(answer)["parts"]["redis"])


@pytest.mark.parametrize(("system", "part"), [("sqlite", "worker"), ("postgresql", "valkey")], indirect=["system"])
def test_callers_keep_waiting_and_messages_keep_coming(
    system: System, books: Books, waiting_callers: list[Handset], new_handset: Callable[[], Handset], part: str
) -> None:
    before = books.messages(), books.drafts()
    writers = [new_handset() for _ in range(3)]
    starts = system.parts()[part]["starts"]
    system.kill(part)
    for writer in writers:
        writer.text("鄞州区百丈东路井盖丢失")
    for writer in writers:
        eventually(writer.received, "the answer")
    eventually(lambda: system.parts().get(part, {}).get("starts", 0) > starts, "the return", 60)
    eventually(lambda: reaches_redis(system), "Redis")
    assert [len(writer.received()) for writer in writers] == [1, 1, 1]
    assert (books.messages(), books.drafts()) == (before[0] + 3, before[1] + 3)
    assert books.states(sids_of(waiting_callers)) == ["waiting"] * 3
    hang_up_all(books, waiting_callers)


@pytest.mark.parametrize(
    ("system", "part"),
    [("sqlite", "web"), ("postgresql", "web"), ("postgresql", "postgres")],
    indirect=["system"],
)
def test_what_was_acknowledged_is_there_once_after_the_crash(
    system: System, books: Books, waiting_callers: list[Handset], new_handset: Callable[[], Handset], part: str
) -> None:
    before = books.messages(), books.drafts()
    writers = [new_handset() for _ in range(3)]
    for writer in writers:
        writer.text("海曙区中山西路路灯不亮")
    for writer in writers:
        eventually(writer.received, "the answer")
    system.kill_and_wait(part)
    eventually(system.is_ready, "readiness", 60)
    assert [len(writer.received()) for writer in writers] == [1, 1, 1]
    assert (books.messages(), books.drafts()) == (before[0] + 3, before[1] + 3)
    # Each call is known exactly once; whom the carrier had to let go during the outage is not still "waiting".
    for caller, state in zip(waiting_callers, books.states(sids_of(waiting_callers)), strict=True):
        assert caller.is_over or state == "waiting"
    hang_up_all(books, waiting_callers)


def hang_up_all(books: Books, callers: list[Handset]) -> None:
    for caller in callers:
        caller.hang_up()
    eventually(lambda: books.states(sids_of(callers)) == ["ended"] * len(callers), "the end of all calls", 60)
