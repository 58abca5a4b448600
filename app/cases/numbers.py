"""Case numbers: NB + day + five digits, counted from 1 each day of the city."""

import secrets
from typing import cast

from sqlalchemy import Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.cases.models import CaseCounter
from app.db import session

PREFIX = "NB"
# Made once: it runs for every case while the counter's row is locked.
_TABLE = cast("Table", CaseCounter.__table__)
_COUNT = {
    name: insert(_TABLE)
    .on_conflict_do_update(index_elements=["day"], set_={"last": _TABLE.c.last + literal_column("1")})
    .returning(_TABLE.c.last)
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}


def next_number() -> str:
    """Gapless within a day: the counter's row stays locked until the transaction ends, so take the number last."""
    day = clock.local(clock.now()).date()
    count = session().scalar(_COUNT[session().get_bind().dialect.name], {"day": day, "last": 1})
    return f"{PREFIX}{day:%y%m%d}-{count:05d}"


def new_link_token() -> str:
    """96 random bits, short enough for an SMS."""
    return secrets.token_urlsafe(12)
