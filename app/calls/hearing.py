"""Who may listen to a call. The voice is the caller's own: it tells more than a name or a number."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from app.accounts.roles import Permission, Principal, Role
from app.calls.cards import agent_name
from app.calls.models import Call, Party, PartyState
from app.calls.schemas import CaseRecording
from app.cases.models import Case
from app.cases.visibility import reaches
from app.db import session
from app.webhooks import settings


def may_hear(viewer: Principal, call: Call) -> bool:
    """Supervisors all; agents their own calls and the voicemails nobody has taken; units by the city's setting only."""
    if Role.SUPERVISOR in viewer.roles:
        return True
    if viewer.may(Permission.HEAR_RECORDINGS):
        return call.agent_id in (None, viewer.id) or _took_part(viewer, call)
    return _is_of_own_unit(viewer, call)


def recordings_of(viewer: Principal, case: Case) -> list[CaseRecording]:
    """What was recorded of the calls behind a case, oldest first, as far as this person may listen to it."""
    linked = select(Call).where(or_(Call.case_id == case.id, Call.id == case.call_id), Call.recording_url.is_not(None))
    calls = session().scalars(linked.order_by(Call.started_at))
    return [_line(call) for call in calls if may_hear(viewer, call)]


def _line(call: Call) -> CaseRecording:
    agent = agent_name(call.agent_id)
    return CaseRecording(
        call_id=call.id,
        at=call.started_at,
        seconds=call.recording_seconds,
        agent=agent.name if agent else "",
        is_voicemail=call.is_voicemail,
        url=f"/api/v1/calls/{call.id}/recording",
    )


def _took_part(viewer: Principal, call: Call) -> bool:
    """Handed the call on, or was in it as a third."""
    query = select(Party.id).where(
        Party.call_id == call.id,
        Party.account_id == viewer.id,
        Party.state != PartyState.RINGING,
        Party.joined_at.is_not(None),
    )
    return session().scalar(query.limit(1)) is not None


def _is_of_own_unit(viewer: Principal, call: Call) -> bool:
    """Never when any of the call's cases has a confidential caller: it is one and the same voice."""
    if not settings().units_hear_recordings or Role.HANDLER not in viewer.roles:
        return False
    cases = _cases_of(call)
    return not any(case.confidential for case in cases) and any(reaches(viewer, case) for case in cases)


def _cases_of(call: Call) -> Sequence[Case]:
    return session().scalars(select(Case).where(or_(Case.call_id == call.id, Case.id == call.case_id))).all()
