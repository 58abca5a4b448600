"""Which state of the slowly changing tables is in force: every process keeps such a table under its stamp.

All stamps are read in one statement, once per piece of work: within a request nothing may change under its reader, and
a change made by another process counts from the next request on.
"""

from functools import cache

from sqlalchemy import BigInteger, Select, String, TextClause, cast, literal, select, text, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.db import session

_KNOWN = "stamps"
_sources: dict[str, Select[str, str, int, str]] = {}


def source(
    kind: str,
    stamp: InstrumentedAttribute[str],
    *,
    name: InstrumentedAttribute[str] | None = None,
    row_id: InstrumentedAttribute[int] | None = None,
) -> Select[str, str, int, str]:
    """The statement that `register` wants: one row of (kind, name, row's id, stamp) for each stamp of that kind."""
    return select(
        cast(literal(kind), String).label("kind"),
        (cast(literal(""), String) if name is None else name).label("name"),
        (cast(literal(0), BigInteger) if row_id is None else row_id).label("row_id"),
        stamp.label("stamp"),
    )


def register(kind: str, rows: Select[str, str, int, str]) -> None:
    _sources[kind] = rows
    _all.cache_clear()


def current(kind: str) -> dict[str, tuple[int, str]]:
    """(row's id, stamp) by name."""
    known: dict[str, dict[str, tuple[int, str]]] | None = session().info.get(_KNOWN)
    if known is None:
        known = session().info[_KNOWN] = {each: {} for each in _sources}
        for row in session().execute(_all()):
            known[row.kind][row.name] = (row.row_id, row.stamp)
    return known[kind]


def forget() -> None:
    """After a change in this piece of work, read again."""
    session().info.pop(_KNOWN, None)


@cache
def _all() -> TextClause:
    """As bare words: the ORM would look through its parts anew for every request."""
    whole = union_all(*_sources.values())
    return text(str(whole.compile(compile_kwargs={"literal_binds": True})))
