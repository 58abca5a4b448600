"""When people call: the curve of a day, of a week and of the weeks before today. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from app.clock import CITY, local

# Calls per half hour from midnight, relative to each other: a peak in the morning and a lower one in the afternoon.
_NIGHT = (3, 2, 2, 1, 1, 1, 1, 1, 1, 2, 4, 6)
_MORNING = (12, 18, 30, 52, 78, 97, 104, 98, 92, 85, 70, 62)
_AFTERNOON = (52, 48, 60, 78, 84, 80, 74, 66, 58, 52, 44, 38)
_EVENING = (34, 30, 30, 28, 24, 20, 16, 12, 10, 8, 6, 4)
_HALF_HOURS = (*_NIGHT, *_MORNING, *_AFTERNOON, *_EVENING)
_WEEKEND = 0.65


def moments(day: date, count: int, random: Random) -> list[datetime]:
    """About `count` moments of a working day, two thirds of it at weekends; sorted, UTC offsets of the city."""
    factor = _WEEKEND if day.weekday() >= 5 else 1.0
    number = round(count * factor * random.uniform(0.94, 1.06))
    midnight = datetime.combine(day, time(), CITY)
    slots = random.choices(range(len(_HALF_HOURS)), _HALF_HOURS, k=number)
    return sorted(midnight + timedelta(minutes=30 * slot, seconds=random.randint(0, 1799)) for slot in slots)


def days_before(now: datetime, count: int) -> Iterator[date]:
    """The last `count` days up to today, oldest first."""
    today = local(now).date()
    return (today - timedelta(days=back) for back in range(count - 1, -1, -1))
