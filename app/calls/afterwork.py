"""What agents note about a call, and the status they choose for themselves."""

import json
from typing import Any

from app import clock
from app.accounts.roles import Principal
from app.calls import joining, transfers
from app.calls.lines import owned
from app.calls.models import Call, CallState, Disposition
from app.calls.offers import serve_soon, withdraw_offer
from app.calls.rows import locked, tell
from app.cases import service as cases
from app.cases.queries import find_case
from app.cases.schemas import ActionFacts
from app.cases.workflow import Action
from app.desk import queries as desk
from app.desk import seats
from app.desk.models import Seat, SeatState, Status
from app.errors import Conflict, Invalid, StaleVersion, TooLarge
from app.knowledge import service as knowledge

_ABOUT_A_CASE = (Disposition.CASE, Disposition.JOINED)
LARGEST_DRAFT = 32 * 1024


def set_status(agent_id: int, status: Status, reason: str) -> Seat:
    """Going away while the console rings hands the caller on instead of letting it ring out."""
    seat = desk.seat_of(agent_id)
    if seat is not None and seat.state == SeatState.RINGING and seat.call_id and status is not Status.READY:
        call_id = seat.call_id
        withdraw_offer(call_id, is_missed=False)
        transfers.decline(agent_id, call_id)
    changed = seats.set_status(agent_id, status, reason)
    serve_soon()
    return changed


def finish_wrap_up(agent_id: int) -> Seat:
    seat = seats.finish_wrap_up(agent_id)
    serve_soon()
    return seat


def dispose(
    agent: Principal, call_id: int, kind: Disposition, note: str, case_id: int | None, article_id: int | None = None
) -> Call:
    """How the call was closed; may be corrected by the same agent. `article_id`: what an answer was taken from."""
    call = _own(agent, call_id)
    if call.state not in (CallState.TALKING, CallState.ENDED):
        raise Conflict("这通来电尚未接听")
    if case_id is not None:
        call.case_id = find_case(agent, case_id).id
    if kind in _ABOUT_A_CASE and call.case_id is None:
        raise Invalid("请先立案或选择案件", fields={"case_id": "请先立案或选择案件"})
    # A corrected note must not urge the unit a second time.
    if case_id is not None and call.disposition != kind:
        _pass_on(agent, call, kind, note, case_id)
    _note_article(call, article_id if kind is Disposition.ANSWERED else None)
    call.disposition, call.disposition_note, call.disposed_at = kind, note, clock.now()
    seats.note_disposed(agent.id or 0, call.id)
    tell("call.disposed", call, actor_id=agent.id)
    serve_soon()
    return call


def _pass_on(agent: Principal, call: Call, kind: Disposition, note: str, case_id: int) -> None:
    """What the known case gets of the call."""
    if kind is Disposition.URGED:
        cases.act(agent, case_id, Action.URGE, facts=ActionFacts(reason=note))
    elif kind is Disposition.JOINED:
        joining.attach(agent, call, case_id)


def _note_article(call: Call, article_id: int | None) -> None:
    """Counted once per call and article, however often the agent corrects the note."""
    if article_id is not None and call.article_id != article_id:
        knowledge.note_use(article_id)
    call.article_id = article_id


def save_draft(agent: Principal, call_id: int, form: dict[str, Any], version: int | None) -> int:
    """Keep the console's half-filled form; returns its new version. Nobody is told: only this console writes it."""
    if len(json.dumps(form, ensure_ascii=False).encode()) > LARGEST_DRAFT:
        raise TooLarge("草稿过长")
    call = _own(agent, call_id)
    current = draft_version(call)
    if version is not None and version != current:
        raise StaleVersion("草稿已在另一个窗口更新", version=current)
    call.draft = {"version": current + 1, "form": form}
    return current + 1


def _own(agent: Principal, call_id: int) -> Call:
    """The agent's own call. A voicemail becomes that of whoever works on it first, and the others see whose it is."""
    call = locked(call_id)
    if call.agent_id is None and call.is_voicemail:
        call.agent_id = agent.id
        tell("call.taken_up", call, actor_id=agent.id)
    return owned(agent, call)


def draft_version(call: Call) -> int:
    return int((call.draft or {}).get("version", 0))
