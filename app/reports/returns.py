"""Units that return cases to each other: where the rules, or the limits of two units' duties, need a decision."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select

from app import clock
from app.cases.models import Case, CaseUnit
from app.cases.terms import UnitRole, UnitState
from app.db import session

MOST_PAIRS = 50


@dataclass(frozen=True, slots=True)
class ReturnPair:
    """`there` cases went from one to other after a return, `back` the other way round."""

    one: str
    other: str
    there: int
    back: int
    classes: tuple[tuple[str, int], ...]


def return_pairs(days: int) -> list[ReturnPair]:
    """Pairs of the last days, those that send most to each other first."""
    flows: Counter[tuple[str, str]] = Counter()
    classes: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for class_name, units in _journeys(days):
        for one, other in pairwise(units):
            if one != other:
                flows[one, other] += 1
                classes[frozenset((one, other))][class_name] += 1
    pairs = {tuple(sorted(flow)) for flow in flows}
    found = []
    for one, other in pairs:
        usual = classes[frozenset((one, other))].most_common(3)
        found.append(ReturnPair(one, other, flows[one, other], flows[other, one], tuple(usual)))
    return sorted(found, key=lambda each: (-min(each.there, each.back), -each.there - each.back))[:MOST_PAIRS]


def _journeys(days: int) -> list[tuple[str, list[str]]]:
    """Class and units in their order, of every case that some unit returned."""
    since = clock.now() - timedelta(days=days)
    returned = select(CaseUnit.case_id).where(CaseUnit.state == UnitState.RETURNED, CaseUnit.left_at >= since)
    rows = session().execute(
        select(Case.id, Case.class_name, Case.unit_name, CaseUnit.unit_name.label("left"))
        .join(CaseUnit, CaseUnit.case_id == Case.id)
        .where(Case.id.in_(returned), CaseUnit.role == UnitRole.MAIN)
        .order_by(Case.id, CaseUnit.id)
    )
    journeys: dict[int, tuple[str, str, list[str]]] = {}
    for row in rows:
        journeys.setdefault(row.id, (row.class_name, row.unit_name, []))[2].append(row.left)
    return [(name, [*left, now] if now else left) for name, now, left in journeys.values()]
