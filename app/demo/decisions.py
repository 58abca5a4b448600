"""What the classifier would have suggested for the demonstration's cases, beside what their agents chose."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from sqlalchemy import insert, select

from app.cases.models import Case
from app.db import session
from app.learning.models import SuggestionOutcome
from nlp.types import Understanding

# In thought, agents take from a glance to half a minute; a wrong suggestion costs longer.
GLANCE, PAUSE, SEARCH = 4, 25, 40


def write_decisions(case_ids: list[int], understand: Callable[[str], Understanding], random: Random) -> None:
    """Real suggestions by the model in use: the pages of the learning show how it does on this city."""
    rows = (
        session()
        .execute(select(Case).where(Case.id.in_(case_ids), Case.class_code.is_not(None), Case.filed_at.is_not(None)))
        .scalars()
    )
    found = list(_decisions(list(rows), understand, random))
    if found:
        session().execute(insert(SuggestionOutcome), found)


def _decisions(
    cases: list[Case], understand: Callable[[str], Understanding], random: Random
) -> Iterator[dict[str, Any]]:
    known: dict[str, Understanding] = {}  # the stories tell the same sentence more than once
    for case in cases:
        if case.description not in known:
            known[case.description] = understand(case.description)
        yield _row(case, known[case.description], random)


def _row(case: Case, found: Understanding, random: Random) -> dict[str, Any]:
    shares = [candidate.confidence for candidate in found.candidates]
    best = found.candidates[0].code if found.candidates else None
    is_overridden = best is not None and best != case.class_code
    return {
        "case_id": case.id,
        "call_id": case.call_id,
        "source": case.source,
        "text": case.description,
        "model_version": found.model_version,
        "candidates": [{"code": each.code, "confidence": each.confidence} for each in found.candidates],
        "suggested_code": best,
        "confidence": shares[0] if shares else None,
        "margin": round(shares[0] - (shares[1] if len(shares) > 1 else 0.0), 4) if shares else None,
        "in_scope": found.in_scope,
        "chosen_code": case.class_code,
        "condition_no": case.condition_no,
        "truth_code": case.class_code,
        "is_overridden": is_overridden,
        "seconds": random.randint(GLANCE, PAUSE) + is_overridden * random.randint(GLANCE, SEARCH),
        "agent_id": case.agent_id,
        "at": case.filed_at,
        "is_void": case.state == "void",
    }
