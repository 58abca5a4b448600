"""A case and a person as the guards see them."""

from flask import current_app

from app import clock
from app.accounts.roles import Principal
from app.cases.guards import Asker, Policy, Situation
from app.cases.models import Case, CaseRequest
from app.cases.steps import Confirmation, Level
from app.cases.terms import RequestKind, RequestState, State, UnitRole, UnitState, Verification
from app.cases.visibility import covers, is_of_city
from app.config import Settings
from app.network.queries import telephoning_units


def situation_of(case: Case) -> Situation:
    made = case.requests if case.requests_made else []
    # Of two appeals against two marks the earlier is decided first, as `pending_request` takes them.
    pending = {RequestKind(each.kind): each for each in reversed(made) if each.state == RequestState.PENDING}
    suspension, appeal = pending.get(RequestKind.SUSPENSION), pending.get(RequestKind.APPEAL)
    return Situation(
        state=State(case.state),
        now=clock.now(),
        unit_id=case.unit_id,
        due_at=case.due_at,
        fed_back_at=case.fed_back_at,
        closed_at=case.closed_at,
        extensions=case.extensions,
        was_suspended=case.suspended_at is not None,
        returns=case.returns,
        supervisions=case.supervisions,
        returned_by=frozenset(case.returned_by),
        verification=Verification(case.verification),
        co_units=frozenset(case.co_unit_ids),
        open_co_units=_open_co_units(case),
        pending=frozenset(pending),
        askers=frozenset(each.asked_by for each in pending.values() if each.asked_by is not None),
        until=suspension.until if suspension else None,
        marks=frozenset(each.mark for each in made if each.kind == RequestKind.APPEAL and each.mark is not None),
        first_reviewer=appeal.first_reviewer if appeal else None,
        by_telephone=case.unit_id in telephoning_units(),
        unseen=is_unseen(case),
        proposed_by=case.proposed_by,
    )


def is_unseen(case: Case) -> bool:
    """Reported by telephone and waiting for its check; no photograph of this round shows what was done."""
    if case.state != State.CHECKING or case.unit_id not in telephoning_units():
        return False
    return not any(each.purpose in ("result", "check") and each.round == case.round for each in case.attachments)


def asker_of(actor: Principal, case: Case) -> Asker:
    return Asker(
        id=actor.id,
        roles=actor.roles,
        level=Level.CITY if is_of_city(actor) else Level.DISTRICT,
        covers=covers(actor, case.district_code, case.street_code, case.community_code),
        unit_id=actor.unit_id,
    )


def policy() -> Policy:
    settings: Settings = current_app.extensions["settings"]
    kept = {
        Confirmation.NON_FILING: settings.city_confirms_non_filing,
        Confirmation.CLOSING: settings.city_confirms_closing,
    }
    return Policy(
        city_confirms=frozenset(each for each, is_kept in kept.items() if is_kept),
        reopen_window=settings.reopen_window,
    )


def pending_request(case: Case, kind: RequestKind) -> CaseRequest:
    """The one that waits for a decision, the oldest first; the guards have seen that it exists."""
    return next(each for each in case.requests if each.kind == kind and each.state == RequestState.PENDING)


def _open_co_units(case: Case) -> frozenset[int]:
    if not case.co_unit_ids:
        return frozenset()
    return frozenset(
        part.unit_id
        for part in case.units
        if part.role == UnitRole.CO and part.state == UnitState.DISPATCHED and part.unit_id in case.co_unit_ids
    )
