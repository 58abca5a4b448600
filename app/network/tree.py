"""The tree of units: who stands below whom, over any number of levels."""

from functools import lru_cache

from sqlalchemy import select

from app.db import session
from app.network.models import Unit
from app.network.queries import routing_stamp


def below(unit_id: int) -> tuple[int, ...]:
    """All units below this one, without itself, working or not: what a closed office had stays its parent's to see.

    Kept until a unit is edited, so that a request of a handler rarely asks.
    """
    return _below(unit_id, routing_stamp())


@lru_cache(maxsize=4096)
def _below(unit_id: int, _stamp: str) -> tuple[int, ...]:
    tree = select(Unit.id).where(Unit.parent_id == unit_id).cte("below", recursive=True)
    # Not UNION ALL: should a circle ever come in past the checks, the walk ends all the same.
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return tuple(session().scalars(select(tree.c.id).where(tree.c.id != unit_id).order_by(tree.c.id)))
