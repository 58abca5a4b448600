"""What was suggested and what was chosen, written in the transaction in which the case is filed."""

from datetime import datetime
from typing import Annotated, Any

from flask import current_app
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from sqlalchemy import func, select

from app import clock
from app.cases.models import Case
from app.cases.workflow import State
from app.db import session
from app.events.models import Event
from app.inserts import insert_now
from app.learning.models import SuggestionOutcome
from nlp.types import Classifier

# A console left open over night says nothing about how hard the choice was.
LONGEST_SECONDS = 4 * 3600
# Opened, filed: a case has at most these two lines when it is filed for the first time.
_FIRST_LINES = 2
_MADE = "learning.outcomes"


def keep(event: Event) -> None:
    """The first filing makes the row; whatever changes the class later moves what is held true."""
    case = session().get_one(Case, event.subject_id)
    is_new = event.kind == "case.filed" and event.subject_seq <= _FIRST_LINES
    known = None if is_new else of_case(case.id)
    if known is not None:
        _follow(known, case)
    elif event.kind == "case.filed" and case.class_code:
        row = _outcome(case, event)
        insert_now(row)
        session().info.setdefault(_MADE, {})[case.id] = row


def of_case(case_id: int) -> SuggestionOutcome | None:
    made: dict[int, SuggestionOutcome] = session().info.get(_MADE, {})
    if case_id in made:  # filed and dispatched at once: no need to ask for what was written a moment ago
        return made[case_id]
    return session().scalar(select(SuggestionOutcome).where(SuggestionOutcome.case_id == case_id))


class ShownClass(BaseModel):
    code: Annotated[str, StringConstraints(pattern=r"^[CE]\d{4}$")]
    confidence: float = Field(ge=0, le=1)


class ShownSuggestion(BaseModel):
    """What matters here of a suggestion; more fields may come and go with the versions that made it."""

    candidates: list[ShownClass]
    in_scope: float = Field(ge=0, le=1)
    model_version: str = ""
    matters: list[Any] = []
    question: str = ""


def read_suggestion(kept: dict[str, Any] | None) -> ShownSuggestion | None:
    """A console sends back what it was shown; what is not of that shape teaches nothing."""
    try:
        return ShownSuggestion.model_validate(kept) if kept else None
    except ValidationError:
        return None


def _outcome(case: Case, event: Event) -> SuggestionOutcome:
    classifier: Classifier = current_app.extensions["classifier"]
    found = read_suggestion(case.suggestion)
    row = SuggestionOutcome(
        case_id=case.id,
        call_id=case.call_id,
        source=case.source,
        text=classifier.redact(case.description),
        chosen_code=case.class_code or "",
        truth_code=case.class_code or "",
        condition_no=case.condition_no,
        agent_id=event.actor_id,
        filed_alone=event.actor_id is None,
        at=event.at,
    )
    if found is not None:
        _add_suggestion(row, found)
        row.seconds = _seconds(_suggested_at(case), event.at)
    return row


def _add_suggestion(row: SuggestionOutcome, found: ShownSuggestion) -> None:
    row.model_version, row.in_scope = found.model_version[:40], found.in_scope
    row.candidates = [{"code": each.code, "confidence": each.confidence} for each in found.candidates]
    if found.candidates:
        best = found.candidates[0]
        second = found.candidates[1].confidence if len(found.candidates) > 1 else 0.0
        row.suggested_code, row.confidence = best.code, best.confidence
        row.margin = round(best.confidence - second, 4)
        row.is_overridden = best.code != row.chosen_code


def _suggested_at(case: Case) -> datetime | None:
    """When the last suggestion was shown: with a call, as its history tells; with a text message, at once."""
    if case.call_id is None:
        return case.opened_at
    return session().scalar(
        select(func.max(Event.at)).where(
            Event.subject_type == "call", Event.subject_id == case.call_id, Event.kind == "call.suggested"
        )
    )


def _seconds(since: datetime | None, until: datetime) -> int | None:
    if since is None:
        return None
    return max(0, min(int((until - since).total_seconds()), LONGEST_SECONDS))


def _follow(row: SuggestionOutcome, case: Case) -> None:
    row.is_void = case.state == State.VOID
    if case.class_code and row.truth_code != case.class_code and not row.reviewed_at:
        row.truth_code, row.condition_no, row.changed_at = case.class_code, case.condition_no, clock.now()
