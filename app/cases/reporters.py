"""Further reporters of a known case: they are attached to it, told how it stands, and told once when it is done.

They are no part of the case's card: units learn how many there are and never who.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    func,
    or_,
    select,
    update,
)

from app import clock
from app.cases.models import Case, CaseReporter
from app.cases.terms import AT_THE_UNIT, ENDED, State
from app.db import session
from telephony.numbers import is_mobile


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody about to be attached. `via`: agent, key (on the telephone), sms, case (one filed before).

    `opted_out`: they are not promised a message, which they would not get. Not stored: they may come back.
    """

    via: str
    phone: str | None = None
    number_hash: str | None = None
    call_id: int | None = None
    own_case_id: int | None = None
    words: str | None = None
    confidential: bool = False
    sms_consent: bool = True
    noted_by: int | None = None
    opted_out: bool = False

    @property
    def will_be_told(self) -> bool:
        return self.sms_consent and not self.opted_out and is_mobile(self.phone)


def attach(case: Case, newcomer: Newcomer, incident_id: int | None = None) -> bool:
    """False: known already. The case's row is held by the caller, so nobody attaches the same person meanwhile."""
    if _is_known(case, newcomer, incident_id):
        return False
    session().add(
        CaseReporter(
            case_id=case.id,
            incident_id=incident_id,
            own_case_id=newcomer.own_case_id,
            call_id=newcomer.call_id,
            via=newcomer.via,
            phone=newcomer.phone,
            number_hash=newcomer.number_hash,
            words=newcomer.words,
            confidential=newcomer.confidential,
            sms_consent=newcomer.sms_consent,
            noted_by=newcomer.noted_by,
            at=clock.now(),
        )
    )
    session().flush()
    return True


def _is_known(case: Case, newcomer: Newcomer, incident_id: int | None) -> bool:
    if newcomer.number_hash is not None and newcomer.number_hash == case.reporter_hash and incident_id is None:
        return True
    same = _same_person(newcomer)
    if not same:
        return False
    place: ColumnElement[bool] = CaseReporter.case_id == case.id
    if incident_id is not None:
        place = or_(place, CaseReporter.incident_id == incident_id)
    return session().scalar(select(CaseReporter.id).where(place, or_(*same)).limit(1)) is not None


def _same_person(newcomer: Newcomer) -> list[ColumnElement[bool]]:
    same: list[ColumnElement[bool]] = []
    if newcomer.number_hash is not None:
        same.append(CaseReporter.number_hash == newcomer.number_hash)
    if newcomer.call_id is not None:
        same.append(CaseReporter.call_id == newcomer.call_id)
    return same


def take_over(case_ids: Sequence[int], incident_id: int) -> None:
    """Whoever was attached to a case before it became part of an incident; nobody stands in it, or is told, twice."""
    known = select(CaseReporter.number_hash).where(
        CaseReporter.incident_id == incident_id, CaseReporter.number_hash.is_not(None)
    )
    rows = select(CaseReporter).where(CaseReporter.case_id.in_(case_ids), CaseReporter.incident_id.is_(None))
    seen = set(session().scalars(known))
    for row in session().scalars(rows.order_by(CaseReporter.id)):
        if row.number_hash is None or row.number_hash not in seen:
            row.incident_id = incident_id
            seen.add(row.number_hash)
        else:
            row.told_at = clock.now()
    session().flush()


def of_case(case_id: int, limit: int = 500) -> Sequence[CaseReporter]:
    query = select(CaseReporter).where(CaseReporter.case_id == case_id).order_by(CaseReporter.at, CaseReporter.id)
    return session().scalars(query.limit(limit)).all()


def count_of_incident(incident_id: int) -> int:
    query = select(func.count()).select_from(CaseReporter).where(CaseReporter.incident_id == incident_id)
    return session().scalar(query) or 0


def is_reporter(case_id: int, number_hash: str) -> bool:
    query = select(CaseReporter.id).where(CaseReporter.case_id == case_id, CaseReporter.number_hash == number_hash)
    return session().scalar(query) is not None


def last_joined(number_hash: str) -> Case | None:
    """The known case that this telephone was attached to last."""
    query = select(Case).join(CaseReporter, CaseReporter.case_id == Case.id)
    mine = query.where(CaseReporter.number_hash == number_hash, CaseReporter.own_case_id.is_(None))
    return session().scalar(mine.order_by(CaseReporter.at.desc()).limit(1))


def leave(incident_id: int, number_hash: str) -> bool:
    """Somebody says that theirs is another matter. Whoever filed a case of their own stays."""
    query = select(CaseReporter).where(
        CaseReporter.incident_id == incident_id,
        CaseReporter.number_hash == number_hash,
        CaseReporter.own_case_id.is_(None),
    )
    row = session().scalar(query)
    if row is not None:
        session().delete(row)
        session().flush()
    return row is not None


def last_incident_by_sms(number_hash: str) -> int | None:
    query = select(CaseReporter.incident_id).where(CaseReporter.number_hash == number_hash, CaseReporter.via == "sms")
    return session().scalar(query.order_by(CaseReporter.id.desc()).limit(1))


def told_at(incident_id: int, number_hash: str) -> datetime | None:
    """When this telephone had the message that the incident is over."""
    query = select(CaseReporter.told_at).where(
        CaseReporter.incident_id == incident_id,
        CaseReporter.number_hash == number_hash,
        CaseReporter.told_at.is_not(None),
    )
    return session().scalar(query)


def take_untold(case_id: int) -> Sequence[CaseReporter]:
    """The further reporters of a case of no incident, marked as told: their messages are queued with this change."""
    rows = session().scalars(
        select(CaseReporter)
        .where(CaseReporter.case_id == case_id, CaseReporter.incident_id.is_(None), CaseReporter.told_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    taken = rows.all()
    _mark_told(taken)
    return taken


def take_untold_of_incident(incident_id: int, limit: int) -> Sequence[CaseReporter]:
    """A bite. Two workers take different ones; what a crashed one took comes back with its transaction."""
    rows = session().scalars(
        select(CaseReporter)
        .where(CaseReporter.incident_id == incident_id, CaseReporter.told_at.is_(None))
        .order_by(CaseReporter.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = rows.all()
    _mark_told(taken)
    return taken


def _mark_told(taken: Sequence[CaseReporter]) -> None:
    if taken:
        ids = [row.id for row in taken]
        session().execute(update(CaseReporter).where(CaseReporter.id.in_(ids)).values(told_at=clock.now()))


def tell_anew(case_id: int) -> None:
    """What they were told was not so: at the next closing they are told again."""
    mine = (CaseReporter.case_id == case_id) & CaseReporter.incident_id.is_(None)
    session().execute(update(CaseReporter).where(mine).values(told_at=None))


def progress(case: Case, people: int) -> str:
    """What a further caller is told: how many reported it, and how it stands."""
    return f"同一问题已有{people}人反映，编号{case.number}，{standing(case)}"


def told(case: Case) -> str:
    """The same of a case at hand; how many told of an incident, only the incident knows."""
    if case.incident_id is not None:
        return f"已归入集中事件，编号{case.number}，{standing(case)}"
    return progress(case, (case.reporters or 0) + 1)


def standing(case: Case) -> str:
    """Where the work is and until when, as the end of a sentence for callers."""
    until = f"，时限{clock.local(case.due_at):%m月%d日%H:%M}" if case.due_at and case.state in AT_THE_UNIT else ""
    return where_it_is(case).removesuffix("。") + until + "。"


def where_it_is(case: Case) -> str:
    unit = case.unit_name or "责任单位"
    if case.state in AT_THE_UNIT:
        return f"已派{unit}处置。" if case.state == State.DISPATCHED else f"{unit}正在处置。"
    if case.state in (State.CHECKING, State.CONFIRMING):
        return f"{unit}已处置，正在核查。"
    if case.state == State.SUSPENDED:
        return f"{unit}因条件不具备暂缓处置。"
    return "已办结。" if case.state in ENDED else "正在派遣。"
