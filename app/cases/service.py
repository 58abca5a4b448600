"""Changing a case. Every change goes through the workflow table and is recorded in the same transaction."""

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app import clock
from app.accounts.roles import CITIZEN, SYSTEM, Principal
from app.cases import dispatching, effects, workflow
from app.cases.deadlines import ACCEPTANCE
from app.cases.dispatching import find_route
from app.cases.guards import Given, Outcome, decide
from app.cases.models import Case
from app.cases.numbers import new_link_token, next_number
from app.cases.rows import locked, record
from app.cases.schemas import ActionFacts, CaseEdit, CaseFields, NewCase
from app.cases.situations import asker_of, policy, situation_of
from app.cases.terms import Verification
from app.cases.understanding import describe
from app.cases.visibility import may_file_at, rooms
from app.cases.workflow import Action, Fact, State, Step
from app.catalogue.clocks import Clock
from app.catalogue.queries import catalogue
from app.db import session
from app.errors import Conflict, Forbidden, Invalid
from app.inserts import insert_now
from app.network.queries import areas
from app.privacy import fingerprint
from nlp.types import Understanding
from telephony.numbers import normalise

__all__ = [
    "RATINGS",
    "SOURCES",
    "act",
    "complete_draft",
    "edit",
    "find_route",
    "locked",
    "note",
    "note_photo",
    "open_case",
    "open_draft",
    "rate",
    "resume_due",
    "urge",
]

NO_FACTS = ActionFacts()


def open_case(actor: Principal, new: NewCase) -> Case:
    """A case from a call or the web: opened, filed and, unless asked not to, dispatched in one go."""
    case = Case(
        source=new.source,
        call_id=new.call_id,
        agent_id=actor.id,
        opened_at=clock.now(),
        description=new.description,
        link_token=new_link_token(),
        suggestion=new.suggestion,
        state=State.REPORTED,
        attachments=[],
    )
    _fill(actor, case, new)
    _name_reporter(case, new)
    case.repeat_of = new.repeat_of
    lines = [("case.opened", f"来源：{SOURCES[new.source]}"), *_take_in(actor, case, new)]
    case.number = next_number()
    insert_now(case)
    record(actor, case, lines, is_new=True)
    return case


def open_draft(text: str, *, source_id: str, phone: str | None, understanding: Understanding) -> Case:
    """An SMS becomes a case that waits for an agent, with what the machine understood beside it."""
    place = understanding.places[0] if understanding.places else None
    case = Case(
        source="sms",
        source_id=source_id,
        opened_at=clock.now(),
        description=text,
        link_token=new_link_token(),
        state=State.REPORTED,
        accept_due_at=clock.now() + ACCEPTANCE,
        intent=understanding.intent.value,
        urgency=understanding.urgency.value,
        suggestion=describe(understanding).model_dump(mode="json"),
        reporter_phone=phone,
        reporter_hash=fingerprint(phone) if phone else None,
        address=place.address or place.text if place else "",
        district_code=place.district.code if place and place.district else None,
        street_code=place.street.code if place and place.street else None,
        community_code=place.community.code if place and place.community else None,
        number=next_number(),
    )
    insert_now(case)
    record(CITIZEN, case, [("case.opened", "来源：短信")], is_new=True)
    return case


def complete_draft(actor: Principal, draft_id: int, new: NewCase, expected_version: int | None) -> Case:
    """File the SMS draft with what the agent filled in. Two agents at one draft: the second gets a conflict."""
    case = locked(actor, draft_id, expected_version)
    if case.state != State.REPORTED:
        raise Conflict(f"这条短信已由他人处理（{workflow.LABELS[State(case.state)]}）", number=case.number)
    case.agent_id = actor.id
    case.description = new.description
    _fill(actor, case, new)
    if new.reporter_name:
        case.reporter_name = new.reporter_name
    case.confidential, case.callback_consent = new.confidential, new.callback_consent
    case.suggestion, case.repeat_of = new.suggestion or case.suggestion, new.repeat_of
    record(actor, case, _take_in(actor, case, new))
    return case


def act(
    actor: Principal,
    case_id: int,
    action: Action,
    *,
    expected_version: int | None = None,
    facts: ActionFacts = NO_FACTS,
) -> Case:
    """One step of the workflow table. `expected_version` is the one the person saw; a newer one is a conflict."""
    case = locked(actor, case_id, expected_version)
    take(actor, case, action, facts)
    return case


def take(actor: Principal, case: Case, action: Action, facts: ActionFacts = NO_FACTS) -> None:
    """The step on a row already held."""
    given = Given(_facts(case, facts), facts.reason, facts.unit_id, facts.until)
    outcome = decide(situation_of(case), asker_of(actor, case), action, given, policy())
    knew = rooms(case)
    text = effects.take_effect(effects.Move(actor, case, facts, outcome), action)
    effects.enter(case, action, outcome, facts.reason)
    # Some steps change only a request or a co-unit's part: consoles must see a newer version all the same.
    flag_modified(case, "state")
    record(actor, case, [(outcome.event, text)], also_told=knew)
    if action is Action.FILE:
        _dispatch_at_once(actor, case)


def _dispatch_at_once(actor: Principal, case: Case) -> None:
    """紧急安全类 waits for nobody, also when filed after a verification; what was once returned is the command's."""
    if _is_urgent_safety(case) and not case.returns:
        if case.verification == Verification.NONE:
            effects.verify_beside(case)
        take(actor, case, Action.DISPATCH, ActionFacts(reason="紧急安全类，立即派遣"))


def resume_due(limit: int = 200) -> int:
    """挂账 that has come to its end goes on by itself. Safe to run twice: a resumed case is no longer suspended."""
    due = (
        select(Case)
        .where(Case.state == State.SUSPENDED, Case.suspended_until <= clock.now())
        .order_by(Case.suspended_until)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    cases = session().scalars(due).all()
    for case in cases:
        take(SYSTEM, case, Action.RESUME)
    return len(cases)


def edit(actor: Principal, case_id: int, change: CaseEdit, expected_version: int) -> Case:
    case = locked(actor, case_id, expected_version)
    decide(situation_of(case), asker_of(actor, case), Action.EDIT, Given(frozenset()), policy())
    changes = {field: value for field, value in change.model_dump(exclude_unset=True).items() if value is not None}
    changed = [EDITABLE[field] for field, value in changes.items() if getattr(case, field) != value]
    if not changed:
        return case
    for field, value in changes.items():
        setattr(case, field, value)
    record(actor, case, [("case.edited", f"补正：{'、'.join(changed)}")])
    return case


def urge(actor: Principal, case: Case, text: str = "") -> None:
    """催办: counted on the known case, never a new one."""
    take(actor, case, Action.URGE, ActionFacts(reason=text))


def rate(case: Case, rating: int, comment: str = "") -> None:
    """The citizen's answer, 1 to 5; a second one replaces the first."""
    if not 1 <= rating <= 5:
        raise Invalid("请用 1 至 5 评价", fields={"rating": "请用 1 至 5 评价"})
    step = workflow.step(State(case.state), Action.RATE, CITIZEN.roles)
    if (case.rating, case.rating_comment) == (rating, comment):
        return
    case.rating, case.rating_comment = rating, comment[:500]
    record(CITIZEN, case, [(step.event, f"评分 {rating}（{RATINGS[rating]}）")])


def note_photo(actor: Principal, case: Case, text: str) -> None:
    """A new photograph is a change everyone at the case should see."""
    case.photos += 1
    record(actor, case, [("case.photographed", text)])


def note(actor: Principal, case: Case, kind: str, text: str) -> None:
    """A line of history that moves nothing; consoles see a newer version all the same."""
    flag_modified(case, "state")
    record(actor, case, [(kind, text)])


SOURCES = {"call": "来电", "sms": "短信", "web": "网络"}
RATINGS = {1: "很差", 2: "较差", 3: "一般", 4: "满意", 5: "很满意"}
EDITABLE = {"description": "问题描述", "address": "事发地址", "lng": "经度", "lat": "纬度", "urgency": "紧急程度"}


def _fill(actor: Principal, case: Case, fields: CaseFields) -> None:
    place = (fields.district, fields.street or (fields.community or "")[:9] or None, fields.community)
    if not may_file_at(actor, *place):
        raise Forbidden("案件不在您的辖区")
    entry = catalogue().class_of(fields.class_code)
    condition = entry.condition(fields.condition_no)
    case.catalogue_version = catalogue().version_id
    case.class_code, case.class_name, case.condition_no = entry.code, entry.name, condition.no
    limit = dispatching.area_limit(condition, fields.district, fields.street, fields.community)
    case.limit_value, case.limit_unit = limit.value, limit.clock.value
    case.intent, case.urgency, case.address = fields.intent, fields.urgency, fields.address
    case.district_code, case.street_code, case.community_code = place
    case.lng, case.lat = _position(fields)


def _position(fields: CaseFields) -> tuple[float | None, float | None]:
    """Where the agent put the pin, else the middle of the finest area known."""
    if fields.lng is not None and fields.lat is not None:
        return fields.lng, fields.lat
    area = areas().find(fields.community or fields.street or fields.district)
    return (area.lng, area.lat) if area else (None, None)


def _name_reporter(case: Case, new: NewCase) -> None:
    phone = normalise(new.reporter_phone) if new.reporter_phone else None
    if new.reporter_phone and phone is None:
        raise Invalid("回访电话不是有效号码", fields={"reporter_phone": "不是有效号码"})
    case.reporter_name, case.reporter_phone = new.reporter_name or None, phone
    case.reporter_hash = fingerprint(phone) if phone else None
    case.confidential, case.sms_consent = new.confidential, new.sms_consent
    case.callback_consent = new.callback_consent


def _take_in(actor: Principal, case: Case, new: NewCase) -> list[tuple[str, str]]:
    """Filing and the dispatch that follows, or 核实 first if the agent doubts it; returns the lines to record."""
    if new.verify and not _is_urgent_safety(case):
        effects.verify_beside(case)
        return [_enter(actor, case, Action.ASK_VERIFICATION, "")]
    return _file(actor, case, dispatch=new.dispatch)


def _file(actor: Principal, case: Case, *, dispatch: bool) -> list[tuple[str, str]]:
    lines = [_enter(actor, case, Action.FILE, effects.filing_text(case))]
    if _is_urgent_safety(case):
        effects.verify_beside(case)
        lines = [(kind, f"{text} · 紧急安全类，立即派遣，核实同时进行") for kind, text in lines]
        dispatch = True
    if dispatch:
        lines.append(_enter(actor, case, Action.DISPATCH, dispatching.dispatch(case, NO_FACTS)))
    return lines


def _enter(actor: Principal, case: Case, action: Action, text: str) -> tuple[str, str]:
    step: Step = workflow.step(State(case.state), action, actor.roles, _facts(case, NO_FACTS))
    effects.enter(case, action, Outcome(step.target, step.event, step))
    return step.event, text


def _is_urgent_safety(case: Case) -> bool:
    """紧急安全类: a class in which people get hurt, under a condition that is counted in urgent hours."""
    entry = catalogue(case.catalogue_version).class_of(case.class_code or "")
    return entry.safety_critical and case.limit_unit == Clock.URGENT_HOUR


def _facts(case: Case, facts: ActionFacts) -> frozenset[Fact]:
    """What the case has and what the action brings."""
    has_photo = any(each.purpose == "result" and each.round == case.round for each in case.attachments)
    known = {
        Fact.CLASS: facts.class_code or case.class_code,
        Fact.CONDITION: facts.condition_no or case.condition_no,
        Fact.PLACE: case.district_code and case.address,
        Fact.REASON: facts.reason,
        Fact.RESULT: facts.result,
        Fact.PHOTO: has_photo,
        Fact.UNIT: facts.unit_id,
        Fact.UNTIL: facts.until,
        Fact.CREW: facts.crew,
    }
    return frozenset(fact for fact, value in known.items() if value)
