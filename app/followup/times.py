"""When people may be called, and when they are called again. Pure."""

from datetime import datetime, time, timedelta

from app.clock import CITY

# Nobody is rung out of bed for a survey or an apology [judged].
FROM, UNTIL = time(8, 30), time(20, 30)
MOST_ATTEMPTS = 3
# After the first and the second time that nobody answered [judged].
AGAIN_AFTER = (timedelta(hours=3), timedelta(hours=24))
# An answer by SMS makes the call needless: it is given time to come [judged].
WAIT_FOR_ANSWER = timedelta(hours=4)
# Whoever was let down is told so soon [judged].
APOLOGY = timedelta(hours=2)
CLAIM_LASTS = timedelta(hours=1)


def calling_time(moment: datetime) -> datetime:
    """The moment itself, or the next morning if the city sleeps. UTC like the moment."""
    local = moment.astimezone(CITY)
    if local.time() < FROM:
        local = datetime.combine(local.date(), FROM, CITY)
    elif local.time() >= UNTIL:
        local = datetime.combine(local.date() + timedelta(days=1), FROM, CITY)
    return local.astimezone(moment.tzinfo)


def next_attempt(now: datetime, attempts: int) -> datetime | None:
    """When to try again after so many vain attempts; None: it was the last."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return calling_time(now + AGAIN_AFTER[min(attempts, len(AGAIN_AFTER)) - 1])


def is_in_sample(case_id: int, percent: int) -> bool:
    """Spread evenly over the numbers and the same at every question: nobody can choose whom to ask."""
    return case_id * 2654435761 % 2**32 * 100 < percent * 2**32
