"""What cannot wait for the morning. Pure."""

from app.cases.models import Case
from app.catalogue.clocks import Clock

_URGENT = ("urgent", "critical")


def is_urgent(case: Case) -> bool:
    return case.urgency in _URGENT or case.limit_unit == Clock.URGENT_HOUR
