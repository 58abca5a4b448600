"""One transaction of an entry point, begun again when another writer was first."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.db import transaction

T = TypeVar("T")

TRIES = 6
_DEADLOCK, _SERIALIZATION = "40P01", "40001"


def in_transaction(work: Callable[[], T], *, single: bool = False) -> T:
    """Run `work` in its own transaction, from the start again after a collision of two writers.

    `work` must take ids rather than rows: what it read before the collision is stale. Other errors pass through.
    `single`: as in `transaction`.
    """
    for _ in range(TRIES - 1):
        try:
            return _once(work, single)
        except (DBAPIError, StaleDataError) as error:
            if not _is_collision(error):
                raise
    return _once(work, single)


def _once(work: Callable[[], T], single: bool) -> T:
    with transaction(single=single):
        return work()


def _is_collision(error: Exception) -> bool:
    if isinstance(error, (StaleDataError, IntegrityError)):
        return True
    # psycopg keeps the state on the exception itself; SQLite queues its writers and has none of these.
    return getattr(getattr(error, "orig", None), "sqlstate", None) in (_DEADLOCK, _SERIALIZATION)
