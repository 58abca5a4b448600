"""Cases of the past as questions to the router: what would other rules have done with them?"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from sqlalchemy import select

from app import clock
from app.cases.dispatching import cases_at_hand, question
from app.cases.models import Case
from app.catalogue.queries import catalogue
from app.db import session
from app.network.dryrun import Sample


def recent_samples(limit: int, on: date) -> Iterator[Sample]:
    """The newest cases first, asked as if each came in on that day, at the hour at which it really came."""
    query = (
        select(
            Case.id,
            Case.number,
            Case.class_code,
            Case.class_name,
            Case.condition_no,
            Case.district_code,
            Case.street_code,
            Case.community_code,
            Case.opened_at,
        )
        .where(Case.class_code.is_not(None), Case.district_code.is_not(None))
        .order_by(Case.opened_at.desc())
        .limit(limit)
    )
    classes, load = catalogue(), lru_cache(maxsize=None)(cases_at_hand)
    for row in session().execute(query):
        if row.class_code in classes:
            entry = classes.class_of(row.class_code)
            place = (row.district_code, row.street_code, row.community_code)
            asked = question(entry, row.condition_no, place, on, clock.local(row.opened_at).time(), load)
            yield Sample(row.id, row.number, asked)
