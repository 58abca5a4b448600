"""Who rings again about what was closed a while ago says that it was not fixed. Proposed; an agent decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import or_, select

from app import clock
from app.accounts.roles import SYSTEM, Principal
from app.cases import service as cases
from app.cases.guards import possible
from app.cases.models import Case, CaseReporter
from app.cases.reporters import is_reporter
from app.cases.rows import locked, record
from app.cases.schemas import ActionFacts, NearbyQuery
from app.cases.situations import asker_of, policy, situation_of
from app.cases.terms import Action, State
from app.cases.visibility import is_among, visible
from app.config import Settings
from app.db import session
from app.errors import Conflict, Invalid
from app.followup.models import CallBack, Kind, Reason, Task
from app.followup.rows import add, known
from app.followup.schemas import RepeatReport
from nlp.duplicates import LIKELY, Likeness, Report, family, rank

MOST = 3
LATEST_CASES = 50  # of one caller; nobody has more closed within the days that count
READ = 400

CallerOfCall = Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class Again:
    case: Case
    days: int
    likeness: Likeness
    may_reopen: bool


def find(viewer: Principal, asked: NearbyQuery) -> list[Again]:
    """What the caller reported or was attached to, closed lately, that may be the same matter; the likeliest first."""
    caller = _caller(viewer, asked)
    closed = [case for case in _closed(viewer, caller) if _is_there(case, asked)] if caller else []
    ranked = rank(Report(f"{asked.address} {asked.text}", asked.class_code, asked.community or ""), _reports(closed))
    likely = [(closed[place], like) for place, like in ranked if _is_same(closed[place], asked, like)]
    return [_again(viewer, case, like) for case, like in likely[:MOST]]


def take_again(actor: Principal, case_id: int, report: RepeatReport, version: int | None = None) -> Case:
    """The old case goes back to its unit in the caller's words; an SMS that said so needs no case of its own."""
    case = locked(actor, case_id, version)
    draft = _own_draft(actor, case, report.draft_id) if report.draft_id else None
    note(case, report.text, report.call_id)
    words = report.text or (draft.description[:1000] if draft else "")
    why = f"来电人再次反映（结案 {_days(case)} 天后）"
    cases.take(actor, case, Action.REOPEN, ActionFacts(reason=f"{why}：{words}" if words else why))
    if draft is not None:
        cases.take(actor, draft, Action.VOID, ActionFacts(reason=f"与 {case.number} 为同一问题，已重新办理"))
    return case


def link(new: Case) -> None:
    """A new case names the old one: only another case of the same caller that was closed."""
    old = session().get(Case, new.repeat_of)
    if old is None or old.id == new.id or old.state != State.CLOSED or not _is_by(old, new.reporter_hash):
        raise Invalid("只能关联同一来电人已结案的案件", fields={"repeat_of": "不是同一来电人已结案的案件"})
    old = cases.locked(SYSTEM, old.id)
    note(old, f"另立 {new.number}", new.call_id)
    record(SYSTEM, old, [("case.repeated", f"来电人再次反映，另立 {new.number}")])


def note(case: Case, words: str, call_id: int | None) -> None:
    """Counts as not fixed, once for each closing."""
    if known(case.id, Kind.REPEAT, case.reopens) is not None:
        return
    now = clock.now()
    told = CallBack(case_id=case.id, kind=Kind.REPEAT, round=case.reopens, reason=Reason.AGAIN, created_at=now)
    told.next_at = told.due_at = told.done_at = now
    told.state, told.contacted, told.solved = Task.DONE, True, False
    told.remark, told.call_id = words, call_id
    add([(told, case)])


def _again(viewer: Principal, case: Case, likeness: Likeness) -> Again:
    offered = possible(situation_of(case), asker_of(viewer, case), policy())
    return Again(case, _days(case), likeness, any(action is Action.REOPEN for action, _ in offered))


def _days(case: Case) -> int:
    return (clock.now() - case.closed_at).days if case.closed_at else 0


def _closed(viewer: Principal, caller: str) -> Sequence[Case]:
    since = clock.now() - timedelta(days=_settings().repeat_days)
    attached = select(CaseReporter.case_id).where(CaseReporter.number_hash == caller)
    reported = or_(Case.reporter_hash == caller, is_among(attached))
    query = select(Case).where(visible(viewer), reported, Case.state == State.CLOSED, Case.closed_at >= since)
    return session().scalars(query.order_by(Case.closed_at.desc()).limit(LATEST_CASES)).all()


def _is_there(case: Case, asked: NearbyQuery) -> bool:
    """In the same street; in the same district where one of the two names no street."""
    if asked.street and case.street_code:
        return asked.street == case.street_code
    return asked.district == case.district_code


def _is_same(case: Case, asked: NearbyQuery, like: Likeness) -> bool:
    """Of the same class, or told in words that are likely about the same."""
    return case.class_code in family(asked.class_code) or like.score >= LIKELY


def _reports(closed: Sequence[Case]) -> list[Report]:
    return [
        Report(f"{case.address} {case.description[:READ]}", case.class_code or "", case.community_code or "")
        for case in closed
    ]


def _own_draft(actor: Principal, case: Case, draft_id: int) -> Case:
    draft = locked(actor, draft_id)
    if draft.state != State.REPORTED or not _is_by(case, draft.reporter_hash):
        raise Conflict("这条短信不是同一来电人的待受理短信", number=draft.number)
    return draft


def _is_by(case: Case, caller: str | None) -> bool:
    return caller is not None and (case.reporter_hash == caller or is_reporter(case.id, caller))


def _caller(viewer: Principal, asked: NearbyQuery) -> str | None:
    if asked.draft_id:
        return session().scalar(select(Case.reporter_hash).where(Case.id == asked.draft_id, visible(viewer)))
    ask: CallerOfCall = current_app.extensions["caller_of_call"]
    return ask(asked.call_id) if asked.call_id else None


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
