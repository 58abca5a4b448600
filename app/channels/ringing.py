"""Ringing a duty telephone: claimed in one transaction, placed outside any, its end kept in another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import current_app
from sqlalchemy import and_, or_, select, update

from app import clock
from app.accounts.roles import SYSTEM
from app.cases.contacts import Contact, tell_centre
from app.cases.models import Case
from app.cases.pressing import is_urgent
from app.channels import duties, pins
from app.channels.dialogue import ANSWERED, STATUS
from app.channels.models import DutyCall, DutyState, DutyTask, TaskState
from app.clock import QuietHours
from app.config import Settings
from app.db import session, transaction
from app.network.models import Unit
from app.network.queries import telephoning_units
from app.network.queries import unit as find_unit
from telephony.ports import CallProgress, CallStatus, Carrier, TelephonyError

log = structlog.get_logger(__name__)

RINGS = 30  # seconds
# Between one attempt and the next: whoever is out for a moment is met, whoever is out for the day is not pestered.
GAPS = (timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=10), timedelta(minutes=30))
MOST_ATTEMPTS, MOST_IF_URGENT = 5, 3
# After these nobody waits for a callback any more; all of them are longer than what they wait for.
CLAIM_LASTS, RINGING_LASTS, TALK_LASTS = timedelta(minutes=2), timedelta(minutes=3), timedelta(minutes=10)
_LIVE = (DutyState.PLACING, DutyState.RINGING, DutyState.TALKING)
_OUTCOMES = {CallStatus.BUSY: "busy", CallStatus.NO_ANSWER: "no_answer", CallStatus.CANCELED: "no_answer"}
OUTCOMES = {
    "busy": "占线",
    "no_answer": "无人接听",
    "failed": "号码无法接通",
    "no_pin": "接听后没有输入密码",
    "locked": "密码连续输错",
    "hung_up": "没有听完就挂机",
    "carrier": "电话线路故障",
    "unknown": "呼叫结果不明",
    "lost": "通话中断",
    "no_pin_set": "单位没有设置密码",
    "heard": "已听取",
    "nothing": "没有需要通知的案件",
}


@dataclass(frozen=True, slots=True)
class Which:
    """The call and attempt that our own address named."""

    call_id: int
    attempt: int

    @property
    def query(self) -> str:
        return f"?call={self.call_id}&attempt={self.attempt}"


def ring(call_id: int, carrier: Carrier, url: Callable[[str], str]) -> None:
    """Ring once. Whoever loses the claim does nothing; what may be ringing already is not rung again meanwhile."""
    with transaction():
        claimed = _claim(call_id)
    if claimed is None:
        return
    which, phone = claimed
    try:
        sid = carrier.place_call(phone, url(ANSWERED + which.query), url(STATUS + which.query), RINGS)
    except TelephonyError as error:
        log.warning("duty.not_rung", call=call_id, code=error.code, unknown=error.outcome_unknown)
        with transaction():
            _note_failure(which, error)
        return
    with transaction():
        ours = and_(DutyCall.id == call_id, DutyCall.attempt == which.attempt, DutyCall.state == DutyState.PLACING)
        session().execute(update(DutyCall).where(ours).values(state=DutyState.RINGING, sid=sid))


def due(limit: int = 100) -> Sequence[int]:
    """Calls whose time has come, the urgent first."""
    wanted = (DutyCall.state == DutyState.WAITING) & (DutyCall.due_at <= clock.now())
    query = select(DutyCall.id).where(wanted).order_by(DutyCall.urgent.desc(), DutyCall.due_at).limit(limit)
    return session().scalars(query).all()


def repair() -> None:
    """Callbacks that never came, and tasks that fell between two calls."""
    for call_id, outcome in _silent():
        if (call := locked(call_id)) is not None and call.state in _LIVE:
            end_attempt(call, outcome)
    for task in duties.forgotten():
        if task.phone is not None:
            due_at = duties.rings_at(task.urgent)
            duties.open_call(task.unit_id, task.phone, due_at, is_urgent=task.urgent)


def note_progress(which: Which, progress: CallProgress) -> None:
    """Status callbacks come in any order and more than once; those of an earlier attempt mean nothing any more."""
    call = locked(which.call_id)
    if call is None or call.attempt != which.attempt or call.state not in _LIVE:
        return
    if call.sid not in (None, progress.call_sid) or progress.status.rank <= call.rank:
        return
    call.sid, call.rank = progress.call_sid, progress.status.rank
    if progress.status.is_terminal:
        end_attempt(call, outcome_of(call, progress.status))
    elif call.state == DutyState.PLACING:
        call.state = DutyState.RINGING


def locked(call_id: int) -> DutyCall | None:
    query = select(DutyCall).where(DutyCall.id == call_id).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def end_attempt(call: DutyCall, outcome: str) -> None:
    """The line is free again: all heard, or another attempt, or the command centre's turn."""
    waiting = duties.waiting_cases(call.unit_id, call.phone_hash)
    call.outcome, call.ended_at, call.scene = outcome, clock.now(), None
    if not waiting:
        call.state = DutyState.DONE if call.identified_at else DutyState.DROPPED
    elif call.identified_at is not None and _came_meanwhile(call, waiting):
        call.state = DutyState.DONE
        session().flush()
        duties.open_call(call.unit_id, call.phone or "", clock.now(), is_urgent=call.urgent)
    else:
        _miss(call, waiting)


def _claim(call_id: int) -> tuple[Which, str] | None:
    mine = (DutyCall.id == call_id) & (DutyCall.state == DutyState.WAITING) & (DutyCall.due_at <= clock.now())
    claimed = session().scalar(
        update(DutyCall)
        .where(mine)
        .values(state=DutyState.PLACING, claimed_at=clock.now(), attempt=DutyCall.attempt + 1)
        .returning(DutyCall.id)
    )
    call = session().get(DutyCall, claimed, populate_existing=True) if claimed is not None else None
    if call is None or not _may_ring(call):
        return None
    call.outcome = ""
    call.rank, call.sid, call.answered_at, call.identified_at, call.step = -1, None, None, None, 0
    call.scene, call.incoming = None, False
    return Which(call.id, call.attempt), call.phone or ""


def _may_ring(call: DutyCall) -> bool:
    """Whether there is still something to tell, to somebody who can say who they are."""
    waiting = duties.waiting_cases(call.unit_id, call.phone_hash)
    unit = find_unit(call.unit_id)
    if not waiting or unit.id not in telephoning_units() or not call.phone:
        call.state, call.outcome, call.ended_at = DutyState.DROPPED, "nothing", clock.now()
        duties.mark(unit.id, [case.id for case in waiting], TaskState.SETTLED)
        return False
    if not unit.pin_hash:
        call.outcome = "no_pin_set"
        _give_up(call, unit, waiting)
        return False
    until = pins.locked_until(call.unit_id, call.phone_hash)
    if until is not None:
        call.state, call.due_at, call.attempt = DutyState.WAITING, until, call.attempt - 1
        return False
    return True


def _note_failure(which: Which, error: TelephonyError) -> None:
    call = locked(which.call_id)
    if call is None or call.attempt != which.attempt or call.state != DutyState.PLACING:
        return  # a callback was faster: it does ring
    if error.outcome_unknown:
        call.outcome = "unknown"  # the claim holds until a callback or the sweep settles it
        return
    end_attempt(call, "failed" if error.permanent else "carrier")
    if error.retry_after is not None and call.state == DutyState.WAITING:
        call.due_at = max(call.due_at, clock.now() + timedelta(seconds=error.retry_after))


def _silent() -> list[tuple[int, str]]:
    """Attempts of which nothing was heard for too long, and what to make of each."""
    now = clock.now()
    never = and_(DutyCall.state == DutyState.PLACING, DutyCall.claimed_at < now - CLAIM_LASTS)
    unanswered = and_(DutyCall.state == DutyState.RINGING, DutyCall.claimed_at < now - RINGING_LASTS)
    quiet = and_(DutyCall.state == DutyState.TALKING, DutyCall.last_contact_at < now - TALK_LASTS)
    found = session().execute(select(DutyCall.id, DutyCall.state).where(or_(never, unanswered, quiet)).limit(100))
    outcomes = {DutyState.PLACING: "unknown", DutyState.RINGING: "no_answer"}
    return [(row.id, outcomes.get(DutyState(row.state), "lost")) for row in found]


def outcome_of(call: DutyCall, status: CallStatus) -> str:
    if status is not CallStatus.COMPLETED:
        return _OUTCOMES.get(status, "failed")
    if call.identified_at is None:
        return call.outcome if call.outcome in ("locked", "nothing") else "no_pin"
    return "heard" if call.outcome == "heard" else "hung_up"


def _came_meanwhile(call: DutyCall, waiting: Sequence[Case]) -> bool:
    """Nothing is left of what was there when they picked up: the rest deserves a call of its own."""
    mine = DutyTask.case_id.in_([case.id for case in waiting]) & (DutyTask.unit_id == call.unit_id)
    oldest = session().scalars(select(DutyTask.since).where(mine).order_by(DutyTask.since)).first()
    return oldest is not None and call.answered_at is not None and oldest > call.answered_at


def _miss(call: DutyCall, waiting: Sequence[Case]) -> None:
    call.urgent = any(map(is_urgent, waiting))  # what was urgent may have been accepted: the rest waits for the morning
    most = MOST_IF_URGENT if call.urgent else MOST_ATTEMPTS
    if call.attempt >= most:
        _give_up(call, find_unit(call.unit_id), waiting)
        return
    at = clock.now() + GAPS[min(max(call.attempt, 1), len(GAPS)) - 1]
    at = max(at, pins.locked_until(call.unit_id, call.phone_hash) or at)
    settings: Settings = current_app.extensions["settings"]
    quiet = QuietHours(settings.quiet_from, settings.quiet_until)
    call.state, call.due_at = DutyState.WAITING, at if call.urgent else quiet.end_after(at)


def _give_up(call: DutyCall, unit: Unit, waiting: Sequence[Case]) -> None:
    """The unit's telephone is of no use now: each case says so in its history, and the command centre is told once."""
    call.state, call.ended_at = DutyState.MISSED, clock.now()
    why = OUTCOMES.get(call.outcome, "")
    text = f"值班电话未能通知{unit.name}（呼叫{call.attempt}次，{why}），请改派或另行联系"
    ids = [case.id for case in waiting]
    tell_centre(SYSTEM, unit, Contact.PHONE, text, ids)
    duties.mark(unit.id, ids, TaskState.MISSED)
    log.warning("duty.given_up", unit=unit.id, call=call.id, cases=len(ids), outcome=call.outcome)
