"""Starts and claims from several threads with real commits, on both databases."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from app.accounts.roles import SYSTEM
from app.db import transaction
from app.errors import Conflict
from app.learning import runs


def at_once(app: Flask, act: Callable[[], Any], times: int = 4) -> list[Any]:
    """What each of several threads got, all let go at the same moment."""
    ready, got = threading.Barrier(times), []

    def run() -> None:
        with app.app_context():
            ready.wait()
            got.append(act())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def start() -> int | None:
    try:
        with transaction():
            return runs.start(SYSTEM).id
    except Conflict:
        return None


def test_of_trainings_started_at_the_same_moment_one_runs(any_app: Flask) -> None:
    got = at_once(any_app, start)
    assert sorted(each is not None for each in got) == [False, False, False, True]


def test_of_workers_that_take_the_same_run_one_works_on_it(any_app: Flask) -> None:
    with any_app.app_context():
        run_id = start()
    assert run_id is not None

    def claim() -> bool:
        with transaction():
            return runs.claim(run_id)

    assert sorted(at_once(any_app, claim)) == [False, False, False, True]
