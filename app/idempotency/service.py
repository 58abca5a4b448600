"""Do a write once, however often it is asked for under one key (the Idempotency-Key header)."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.db import session
from app.errors import Invalid
from app.idempotency.models import IdempotencyKey

_KEY = re.compile(r"^[\w\-:.]{8,64}$")
KEPT = timedelta(days=2)
# Made once: building them costs each write as much as the database takes to answer.
_TABLE = cast("Table", IdempotencyKey.__table__)
_CLAIM = {
    name: insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.key)
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_KEEP = (
    update(_TABLE)
    .where(_TABLE.c.account_id == bindparam("of_account"), _TABLE.c.key == bindparam("under"))
    .values(status=bindparam("status"), answer=bindparam("answer"))
)

Answer = dict[str, Any]


def once(account_id: int, key: str | None, request_body: bytes, write: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer and whether it was written now. Call inside the transaction of the write.

    A second request with the same key waits on the first one's row and gets its answer; the same key with another
    body is a client's mistake (422).
    """
    if key is None:
        return write(), True
    if not _KEY.match(key):
        raise Invalid("Idempotency-Key 须为 8 至 64 位字母、数字或 - _ : .")
    digest = hashlib.sha256(request_body).hexdigest()
    if not _claim(account_id, key, digest):
        return _earlier(account_id, key, digest), False
    answer = write()
    session().execute(_KEEP, {"of_account": account_id, "under": key, "status": 1, "answer": answer})
    return answer, True


def forget_old() -> None:
    session().execute(delete(IdempotencyKey).where(IdempotencyKey.at < clock.now() - KEPT))


def _claim(account_id: int, key: str, digest: str) -> bool:
    values = {
        "account_id": account_id,
        "key": key,
        "request_hash": digest,
        "at": clock.now(),
        "status": 0,
        "answer": {},
    }
    return session().scalar(_CLAIM[session().get_bind().dialect.name], values) is not None


def _earlier(account_id: int, key: str, digest: str) -> Answer:
    row = session().get_one(IdempotencyKey, (account_id, key))
    if row.request_hash != digest:
        raise Invalid("同一个 Idempotency-Key 不能用于不同的内容")
    return row.answer
