"""Callers who say by a key, or to an agent, that theirs is a matter already known."""

from app import clock
from app.accounts.roles import Principal
from app.calls import plan
from app.calls.models import Call, CallState
from app.calls.plan import News, Url, Verbs
from app.calls.rows import locked_by_sid, tell
from app.calls.service import look_at_desk
from app.cases.reporters import Newcomer
from app.incidents import intake, service
from app.incidents.schemas import Joined
from app.messages.outbox import is_opted_out
from telephony.ports import Keys, Silence, Speech


def news() -> tuple[News, ...]:
    """What the greeting tells now; as the process keeps it, so it costs the call no question of its own."""
    now = clock.now()
    return tuple(News(each.id, each.spoken(now)) for each in intake.announced())


def hear_key(heard: Keys | Speech | Silence, announced: tuple[int, ...], url: Url) -> Verbs | None:
    """None: no key of an announced incident, or a call that is already further on."""
    incident_id = _chosen(heard, announced)
    call = locked_by_sid(heard.call_sid) if incident_id is not None else None
    if incident_id is None or call is None or call.state != CallState.GREETING:
        return None
    joined = intake.join_by_key(incident_id, _caller(call, via="key"))
    if joined is None:
        return plan.over_by_now(url, look_at_desk())
    case_id, told = joined
    if call.case_id != case_id:
        call.case_id = case_id
        tell("call.joined", call)
    return plan.after_joining(url, look_at_desk(), told)


def attach(agent: Principal, call: Call, case_id: int) -> Joined:
    """By the agent who talks with the caller."""
    return service.join_known(agent, case_id, _caller(call, via="agent", noted_by=agent.id))


def _chosen(heard: Keys | Speech | Silence, announced: tuple[int, ...]) -> int | None:
    if not isinstance(heard, Keys) or heard.digits not in ("1", "2"):
        return None
    place = int(heard.digits) - 1
    return announced[place] if place < len(announced) else None


def _caller(call: Call, *, via: str, noted_by: int | None = None) -> Newcomer:
    return Newcomer(
        via=via,
        phone=call.caller_number,
        number_hash=call.caller_hash,
        call_id=call.id,
        words=call.heard,
        noted_by=noted_by,
        opted_out=is_opted_out(call.caller_hash),
    )
