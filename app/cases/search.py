"""Finding cases by what somebody typed: a number or its beginning, a telephone number, a class, a piece of an address.

Each is asked for where it stands in order, the newest first, and only as far as the page reaches: a common word is met
among the newest cases, a seldom one through the characters of all addresses (PostgreSQL alone; SQLite reads them all).
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from heapq import nlargest

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Text,
    false,
    func,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app import clock
from app.accounts.roles import Permission, Principal
from app.cases.models import Case
from app.cases.numbers import PREFIX
from app.cases.visibility import is_of_one_unit
from app.catalogue.queries import codes_named
from app.clock import CITY
from app.db import session
from app.privacy import fingerprint
from telephony.numbers import normalise

# How many of the newest cases are read for a word before the index of characters is asked.
NEWEST = 4000
# A word met so often among them is met often enough in a few times their age; through the index each case that holds
# it is fetched from its own place on the disk, and then sorted.
OFTEN, FURTHER = 5, 10
# Classes that one word may name with a way of their own to the newest of each; "路" names half of the catalogue.
MOST_CLASSES = 12
_NUMBER = re.compile(rf"{PREFIX}(\d{{0,6}})(-\d*)?", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d\s()-]{5,}")  # a house number is shorter
_WHOLE = len("NB261124-00001")

Cases = Select[Case]
Found = list[tuple[datetime, int]]


def matching(query: Cases, viewer: Principal, words: str, *, before: datetime | None, limit: int) -> Cases:
    """`query`, without an order, narrowed to what fits the words; complete for the newest `limit` of them.

    `before`: where the page begins, if it is not the first.
    """
    if number := _NUMBER.fullmatch(words):
        return query.where(_numbered(words.upper(), number[1]))
    phone = normalise(words) if _PHONE.fullmatch(words) and viewer.may(Permission.SEE_REPORTERS) else None
    if phone:
        return query.where(Case.reporter_hash == fingerprint(phone))
    codes = codes_named(words)
    if session().get_bind().dialect.name != "postgresql" or is_of_one_unit(viewer):
        return query.where(or_(_at(words), Case.class_code.in_(codes)))
    found = [*_of_classes(query, codes, limit), *_at_place(query, words, before, limit)]
    return select(Case).where(Case.id.in_({case_id for _, case_id in nlargest(limit, set(found))}))


def _numbered(words: str, digits: str) -> ColumnElement[bool]:
    """A number tells the day of its case: without that, all numbers would have to be read."""
    if len(words) >= _WHOLE:
        return Case.number == words
    begins = Case.number.startswith(words, autoescape=True)
    if len(digits) < 2:
        return begins
    days = _days_of(digits)
    if not days:
        return false()
    # Taken around midnight, number and moment may differ by a day.
    first, last = (datetime.combine(day, time(), CITY) for day in (days[0], days[-1]))
    return begins & (Case.opened_at >= first - timedelta(days=1)) & (Case.opened_at < last + timedelta(days=2))


def _days_of(digits: str) -> list[date]:
    """The days whose yymmdd begins with these digits, of which the first two are a year."""
    first = date(2000 + int(digits[:2]), 1, 1)
    year = (first + timedelta(days=n) for n in range(366))
    return [day for day in year if f"{day:%y%m%d}".startswith(digits)]


def _at(words: str) -> ColumnElement[bool]:
    return Case.address.contains(words, autoescape=True)


def _of_classes(query: Cases, codes: Sequence[str], limit: int) -> Found:
    """The newest of each class, of which the newest of all are some; of many classes one in a few cases is one."""
    if not codes:
        return []
    ways = [Case.class_code == code for code in codes] if len(codes) <= MOST_CLASSES else [Case.class_code.in_(codes)]
    return _pairs(union_all(*(_newest(query.where(way), limit) for way in ways)))


def _at_place(query: Cases, words: str, before: datetime | None, limit: int) -> Found:
    newest = select(Case.opened_at).where(true() if before is None else Case.opened_at <= before)
    floor = session().scalar(newest.order_by(Case.opened_at.desc()).offset(NEWEST).limit(1))
    met = query.where(_at(words))
    found = _pairs(_newest(met if floor is None else met.where(Case.opened_at >= floor), limit))
    if floor is None or len(found) >= limit:
        return found
    if len(found) >= OFTEN:
        reach = floor - FURTHER * ((before or clock.now()) - floor)
        older = met.where(Case.opened_at < floor, Case.opened_at >= reach)
        found += _pairs(_newest(older, limit - len(found)))
        if len(found) >= limit:
            return found
    return _among_letters(query, words, limit)


def _among_letters(query: Cases, words: str, limit: int) -> Found:
    """The order is kept apart: else the planner might hope to meet a seldom word early and read a million rows."""
    letters = func.string_to_array(Case.address, null(), type_=ARRAY(Text))
    there = query.with_only_columns(Case.opened_at, Case.id).where(letters.contains(sorted(set(words))), _at(words))
    fenced = there.offset(0).subquery()
    return _pairs(select(fenced).order_by(fenced.c.opened_at.desc(), fenced.c.id.desc()).limit(limit))


def _newest(query: Cases, limit: int) -> Select[datetime, int]:
    columns = query.with_only_columns(Case.opened_at, Case.id)
    return columns.order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit)


def _pairs(query: Executable) -> Found:
    return [(opened, case_id) for opened, case_id in session().execute(query)]
