"""The history: one line after the other, none lost, none changed unseen."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.db import transaction, work
from app.events.models import Event
from app.events.queries import history, newest
from app.events.service import on, on_all, record, record_all
from app.events.verification import first_broken_line
from app.retries import in_transaction
from tests.support.history import tampering

SUBJECT = ("test", 1)


def write(app: Flask, *kinds: str) -> list[int]:
    with app.app_context(), transaction():
        return [record(kind, subject=SUBJECT, audience=["b", "a", "b"], payload={"字": "𠮷"}).id for kind in kinds]


def broken_line(app: Flask) -> int | None:
    with app.app_context(), work():
        broken = first_broken_line(*SUBJECT)
        return broken.seq if broken else None


def test_lines_count_from_one_and_each_hangs_on_the_one_before(any_app: Flask) -> None:
    write(any_app, "test.one", "test.two")
    write(any_app, "test.three")
    with any_app.app_context(), work():
        lines = history(*SUBJECT)
        assert [line.subject_seq for line in lines] == [1, 2, 3]
        assert [line.previous_hash for line in lines[1:]] == [line.hash for line in lines[:-1]]
        assert [line.kind for line in history(*SUBJECT, newest=2)] == ["test.two", "test.three"]
        assert lines[0].audience == ["a", "b"]
    assert broken_line(any_app) is None


@pytest.mark.parametrize(
    "change", [{"payload": {"字": "x"}}, {"kind": "test.other"}, {"actor_id": 7}, {"subject_seq": 9}]
)
def test_a_line_changed_afterwards_is_found(any_app: Flask, change: dict[str, object]) -> None:
    _, second, _ = write(any_app, "test.one", "test.two", "test.three")
    with tampering(any_app) as db:
        db.execute(update(Event).where(Event.id == second).values(**change))
    assert broken_line(any_app) is not None


def test_a_line_taken_out_is_found(any_app: Flask) -> None:
    _, second, _ = write(any_app, "test.one", "test.two", "test.three")
    with tampering(any_app) as db:
        db.delete(db.get_one(Event, second))
    assert broken_line(any_app) == 2


def both_at_once(app: Flask, write_one: Callable[[], None]) -> list[BaseException]:
    failures: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                write_one()
            except IntegrityError as error:
                failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_six_writers_of_one_subject_never_fork_its_history(any_app: Flask) -> None:
    def write_one() -> None:
        in_transaction(lambda: record("test.race", subject=SUBJECT, audience=[], payload={}))

    failures = both_at_once(any_app, write_one)
    with any_app.app_context(), work():
        assert [line.subject_seq for line in history(*SUBJECT)] == list(range(1, 7 - len(failures)))
    assert broken_line(any_app) is None


def test_what_a_handler_cannot_do_undoes_the_line(any_app: Flask) -> None:
    @on("test.refused")
    def refuse(_event: Event) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(any_app, "test.refused")
    with any_app.app_context(), work():
        assert history(*SUBJECT) == []


def test_the_audit_finds_lines_by_kind_and_by_what_stands_before_the_dot(any_app: Flask) -> None:
    write(any_app, "test.one", "tests.other", "test.one")
    with any_app.app_context(), work():
        assert len(newest(kind="test.")) == 2
        assert [line.kind for line in newest(kind="tests.other")] == ["tests.other"]
        assert [line.subject_seq for line in newest(subject=SUBJECT, limit=2)] == [3, 2]


def test_lines_recorded_at_once_are_taken_at_once_and_only_those_asked_for(any_app: Flask) -> None:
    taken: list[list[str]] = []

    @on_all("test.taken", "test.last")
    def take(events: Sequence[Event]) -> None:
        taken.append([event.kind for event in events])

    with any_app.app_context(), transaction():
        steps: list[tuple[str, dict[str, Any]]] = [("test.taken", {}), ("test.left", {}), ("test.last", {})]
        record_all(steps, subject=SUBJECT, audience=[])
        record("test.left", subject=SUBJECT, audience=[], payload={})
    assert taken == [["test.taken", "test.last"]]
