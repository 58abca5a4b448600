"""How alike a new complaint and a known case are, for the hint of a duplicate. Pure.

Same class, same community and shared two-character pieces of text and address, weighted by judgement; never a decision:
the agent attaches the call or does not.
"""

from app.cases.models import Case
from app.cases.schemas import NearbyQuery


def likeness(asked: NearbyQuery, case: Case) -> float:
    """0..1."""
    same_class = 1.0 if case.class_code == asked.class_code else 0.4
    place = 0.6
    if asked.community and case.community_code:
        place = 1.0 if case.community_code == asked.community else 0.3
    text = overlap(asked.text, f"{case.address} {case.description}") if asked.text else 0.0
    return round(0.35 * same_class + 0.25 * place + 0.4 * text, 3)


def overlap(one: str, other: str) -> float:
    """Shared pieces over the pieces of the shorter text: a short complaint inside a long one counts whole."""
    pieces, others = _pieces(one), _pieces(other)
    shorter = min(len(pieces), len(others))
    return len(pieces & others) / shorter if shorter else 0.0


def _pieces(text: str) -> frozenset[str]:
    kept = "".join(char for char in text if char.isalnum())
    return frozenset(kept[i : i + 2] for i in range(len(kept) - 1))
