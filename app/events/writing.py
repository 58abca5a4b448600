"""Lines into the table, past the ORM: every step of every case writes here, and its unit of work takes three times as
long as one statement for all lines of a step."""

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from sqlalchemy import Table, TextualSelect, bindparam, insert, text

from app.db import session
from app.events.models import Event

_TABLE = cast("Table", Event.__table__)
_COLUMNS = tuple(column for column in _TABLE.columns if column is not _TABLE.c.id)
# A statement for each number of lines is prepared once; whoever writes more at a time can wait for several.
AT_ONCE = 32


def write(lines: Sequence[Event]) -> None:
    """Each line learns its id. They are not the session's: nothing may change them any more."""
    session().flush()  # what a line tells of stands before it
    for begin in range(0, len(lines), AT_ONCE):
        some = lines[begin : begin + AT_ONCE]
        values = {
            f"{column.name}_{place}": getattr(line, column.key)
            for place, line in enumerate(some)
            for column in _COLUMNS
        }
        rows = session().execute(_insert(len(some)), values)
        ids = {(row.subject_type, row.subject_id, row.subject_seq): row.id for row in rows}
        for line in some:
            line.id = ids[line.subject_type, line.subject_id, line.subject_seq]


@lru_cache(maxsize=AT_ONCE)
def _insert(lines: int) -> TextualSelect:
    """As text, because SQLAlchemy keeps no compiled form of an INSERT with several rows."""
    known = _TABLE.c.id, _TABLE.c.subject_type, _TABLE.c.subject_id, _TABLE.c.subject_seq
    rows = [
        {column.name: bindparam(f"{column.name}_{place}", type_=column.type) for column in _COLUMNS}
        for place in range(lines)
    ]
    written = text(str(insert(_TABLE).values(rows).returning(*known)))
    return written.bindparams(*(value for row in rows for value in row.values())).columns(*known)
