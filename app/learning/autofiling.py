"""Text messages that need no person: only of classes that are proven and allowed, and only when nothing is open.

Filed by a task a moment after they came, so that a carrier's request never waits for it and a failure leaves what is
there anyway: a draft for an agent.
"""

from sqlalchemy import select

from app.accounts.roles import SYSTEM
from app.cases import service as cases
from app.cases.models import Case
from app.cases.schemas import NewCase
from app.cases.workflow import State
from app.db import session
from app.learning import queries
from app.learning.allowances import CONFIDENT, ClassProof, proof_of
from app.learning.outcomes import ShownSuggestion, read_suggestion
from nlp.types import Intent, Urgency

MATTERS = frozenset({Intent.COMPLAINT.value, Intent.REPORT.value, Intent.HELP.value})
AT_ONCE = 50


def file_alone(case_id: int) -> bool:
    """File and dispatch the draft if it still may be; asked anew, because an agent may have been quicker."""
    case = session().get(Case, case_id)
    proof = may_be_filed(case) if case is not None else None
    if case is None or proof is None:
        return False
    new = NewCase.model_validate(
        {
            "class_code": proof.code,
            "condition_no": proof.condition_no,
            "description": case.description[:2000],
            "address": case.address,
            "district": case.district_code,
            "street": case.street_code,
            "community": case.community_code,
            "intent": case.intent,
            "urgency": case.urgency,
        }
    )
    cases.complete_draft(SYSTEM, case.id, new, case.version)
    return True


def fileable() -> list[int]:
    """Drafts that wait although they need no person."""
    if not queries.allowed_classes():
        return []
    waiting = select(Case).where(Case.state == State.REPORTED, Case.source == "sms").order_by(Case.opened_at.desc())
    return [case.id for case in session().scalars(waiting.limit(AT_ONCE)) if may_be_filed(case) is not None]


def may_be_filed(case: Case) -> ClassProof | None:
    """The proof of its class when a person has nothing left to decide; None keeps it for an agent."""
    found = read_suggestion(case.suggestion)
    if case.source != "sms" or case.state != State.REPORTED or found is None or not _is_clear(case, found):
        return None
    proof = proof_of(found.candidates[0].code)
    return proof if proof.is_open else None


def _is_clear(case: Case, found: ShownSuggestion) -> bool:
    """One matter of one sure class at one known place, nothing to ask, nobody in danger."""
    sure = bool(found.candidates) and min(found.candidates[0].confidence, found.in_scope) >= CONFIDENT
    placed = bool(case.address and case.district_code) and len(case.address) >= 2
    calm = case.urgency != Urgency.CRITICAL.value and case.intent in MATTERS
    return sure and placed and calm and len(found.matters) <= 1 and not found.question
