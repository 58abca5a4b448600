"""Case numbers: NB + day + five digits, counted from 1 each day of the city."""

import secrets

from sqlalchemy import literal_column
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.cases.models import CaseCounter
from app.db import session

PREFIX = "NB"


def next_number() -> str:
    """Gapless within a day: the counter's row stays locked until the transaction ends, so take the number last."""
    day = clock.local(clock.now()).date()
    dialect = session().get_bind().dialect.name
    upsert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(CaseCounter).values(day=day, last=1)
    count = session().scalar(
        upsert.on_conflict_do_update(
            index_elements=["day"], set_={"last": CaseCounter.__table__.c.last + literal_column("1")}
        ).returning(CaseCounter.last)
    )
    return f"{PREFIX}{day:%y%m%d}-{count:05d}"


def new_link_token() -> str:
    """96 random bits, short enough for an SMS."""
    return secrets.token_urlsafe(12)
