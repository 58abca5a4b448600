"""Changing a case. Every change goes through the workflow table and is recorded in the same transaction."""

from datetime import date

from sqlalchemy import select

from app import clock
from app.accounts.roles import CITIZEN, Principal
from app.cases import workflow
from app.cases.cards import card_of
from app.cases.deadlines import deadline_of
from app.cases.models import Case
from app.cases.numbers import new_link_token, next_number
from app.cases.schemas import ActionFacts, CaseEdit, CaseFields, NewCase
from app.cases.understanding import describe
from app.cases.visibility import can_see, rooms
from app.cases.workflow import Action, Fact, State, Step
from app.catalogue.clocks import Clock, Limit
from app.catalogue.queries import calendar, catalogue
from app.db import session
from app.errors import Conflict, Invalid, NotFound, StaleVersion
from app.events.service import record_all
from app.network.queries import areas, rule_index
from app.network.routing import Route, RouteQuery, route
from app.privacy import fingerprint
from nlp.types import Understanding
from telephony.numbers import normalise

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
    _fill(case, new)
    _name_reporter(case, new)
    lines = [("case.opened", f"来源：{SOURCES[new.source]}"), *_file(actor, case, dispatch=new.dispatch)]
    case.number = next_number()
    session().add(case)
    _record_all(actor, case, lines, is_new=True)
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
        intent=understanding.intent.value,
        urgency=understanding.urgency.value,
        suggestion=describe(understanding).model_dump(mode="json"),
        reporter_phone=phone,
        reporter_hash=fingerprint(phone) if phone else None,
        address=place.text if place else "",
        district_code=place.district.code if place and place.district else None,
        street_code=place.street.code if place and place.street else None,
        community_code=place.community.code if place and place.community else None,
        number=next_number(),
    )
    session().add(case)
    _record_all(CITIZEN, case, [("case.opened", "来源：短信")], is_new=True)
    return case


def complete_draft(actor: Principal, draft_id: int, new: NewCase, expected_version: int | None) -> Case:
    """File the SMS draft with what the agent filled in. Two agents at one draft: the second gets a conflict."""
    case = locked(actor, draft_id, expected_version)
    if case.state != State.REPORTED:
        raise Conflict(f"这条短信已由他人处理（{workflow.LABELS[State(case.state)]}）", number=case.number)
    case.agent_id = actor.id
    case.description = new.description
    _fill(case, new)
    if new.reporter_name:
        case.reporter_name = new.reporter_name
    case.confidential, case.callback_consent = new.confidential, new.callback_consent
    case.suggestion = new.suggestion or case.suggestion
    _record_all(actor, case, _file(actor, case, dispatch=new.dispatch))
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
    step = workflow.step(State(case.state), action, actor.roles, _facts(case, reason=facts.reason, result=facts.result))
    text = facts.reason or facts.result
    if action is Action.DISPATCH:
        text = _dispatch(case)
    _enter(case, action, step)
    if action is Action.FEED_BACK:
        case.result = facts.result
    _record_all(actor, case, [(step.event, text)])
    return case


def edit(actor: Principal, case_id: int, change: CaseEdit, expected_version: int) -> Case:
    case = locked(actor, case_id, expected_version)
    workflow.step(State(case.state), Action.EDIT, actor.roles)
    changes = {field: value for field, value in change.model_dump(exclude_unset=True).items() if value is not None}
    changed = [EDITABLE[field] for field, value in changes.items() if getattr(case, field) != value]
    if not changed:
        return case
    for field, value in changes.items():
        setattr(case, field, value)
    _record_all(actor, case, [("case.edited", f"补正：{'、'.join(changed)}")])
    return case


def urge(actor: Principal, case: Case, text: str = "") -> None:
    """催办: counted on the known case, never a new one."""
    step = workflow.step(State(case.state), Action.URGE, actor.roles)
    case.urges += 1
    _record_all(actor, case, [(step.event, text or f"第 {case.urges} 次催办")])


def rate(case: Case, rating: int, comment: str = "") -> None:
    """The citizen's answer, 1 to 5; a second one replaces the first."""
    if not 1 <= rating <= 5:
        raise Invalid("请用 1 至 5 评价", fields={"rating": "请用 1 至 5 评价"})
    step = workflow.step(State(case.state), Action.RATE, CITIZEN.roles)
    if (case.rating, case.rating_comment) == (rating, comment):
        return
    case.rating, case.rating_comment = rating, comment[:500]
    _record_all(CITIZEN, case, [(step.event, f"评分 {rating}（{RATINGS[rating]}）")])


def locked(actor: Principal, case_id: int, expected_version: int | None = None) -> Case:
    """The row, held until the transaction ends. What one may not see does not exist."""
    case = session().scalar(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    )
    if case is None or not (can_see(actor, case) or actor.roles == CITIZEN.roles):
        raise NotFound("没有这个案件")
    if expected_version is not None and case.version != expected_version:
        raise StaleVersion(
            "案件已被他人更新，请核对后再提交", version=case.version, current=card_of(case).model_dump(mode="json")
        )
    return case


def note_photo(actor: Principal, case: Case, text: str) -> None:
    """A new photograph is a change everyone at the case should see."""
    case.photos += 1
    _record_all(actor, case, [("case.photographed", text)])


def find_route(fields: CaseFields, on: date) -> tuple[Route, Limit]:
    """Which unit would get it and within which limit; Invalid for a place or condition that does not exist."""
    if not areas().holds(fields.district, fields.street, fields.community):
        raise Invalid("地点的区、街道、社区不相符", fields={"district": "请重新选择地点"})
    entry = catalogue().class_of(fields.class_code)
    condition = entry.condition(fields.condition_no)
    query = RouteQuery(
        class_code=entry.code,
        primary_unit_type=entry.primary_unit_type,
        secondary_unit_type=entry.secondary_unit_type,
        district=fields.district,
        street=fields.street,
        community=fields.community,
        on=on,
        class_name=entry.name,
    )
    return route(query, rule_index()), condition.limit


SOURCES = {"call": "来电", "sms": "短信", "web": "网络"}
RATINGS = {1: "很差", 2: "较差", 3: "一般", 4: "满意", 5: "很满意"}
EDITABLE = {"description": "问题描述", "address": "事发地址", "lng": "经度", "lat": "纬度", "urgency": "紧急程度"}


def _fill(case: Case, fields: CaseFields) -> None:
    entry = catalogue().class_of(fields.class_code)
    condition = entry.condition(fields.condition_no)
    case.catalogue_version = catalogue().version_id
    case.class_code, case.class_name, case.condition_no = entry.code, entry.name, condition.no
    case.limit_value, case.limit_unit = condition.limit.value, condition.limit.clock.value
    case.intent, case.urgency, case.address = fields.intent, fields.urgency, fields.address
    case.district_code, case.street_code, case.community_code = fields.district, fields.street, fields.community
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


def _file(actor: Principal, case: Case, *, dispatch: bool) -> list[tuple[str, str]]:
    """Filing, and the dispatch that follows at once; returns the lines to record."""
    step = workflow.step(State(case.state), Action.FILE, actor.roles, _facts(case))
    _enter(case, Action.FILE, step)
    condition = catalogue(case.catalogue_version).condition(case.class_code or "", case.condition_no or 0)
    lines = [(step.event, f"{case.class_name} · {condition.text}")]
    if dispatch:
        step = workflow.step(State(case.state), Action.DISPATCH, actor.roles)
        text = _dispatch(case)
        _enter(case, Action.DISPATCH, step)
        lines.append((step.event, text))
    return lines


def _dispatch(case: Case) -> str:
    """Choose the unit and start the clock; keeps the rule and its reasons as they are today."""
    now = clock.now()
    fields = CaseFields(
        class_code=case.class_code or "",
        condition_no=case.condition_no or 0,
        description=case.description,
        address=case.address,
        district=case.district_code or "",
        street=case.street_code,
        community=case.community_code,
    )
    found, limit = find_route(fields, clock.local(now).date())
    case.unit_id, case.unit_name = found.unit_id, found.unit_name
    case.routing = {
        "rule_id": found.rule_id,
        "rule": found.rule,
        "explanation": found.explanation,
        "runner_up": found.runner_up,
    }
    kept = Limit(case.limit_value, Clock(case.limit_unit)) if case.limit_value and case.limit_unit else limit
    deadline = deadline_of(now, kept, calendar(fields.district))
    case.due_at, case.yellow_at, case.deadline_steps = deadline.due_at, deadline.yellow_at, list(deadline.steps)
    return f"派往 {found.unit_name}，时限 {kept.text}"


_STAMPS = {
    Action.FILE: "filed_at",
    Action.DISPATCH: "dispatched_at",
    Action.ACCEPT: "accepted_at",
    Action.FEED_BACK: "fed_back_at",
    Action.PASS_CHECK: "closed_at",
}


def _enter(case: Case, action: Action, step: Step) -> None:
    """The one place that assigns a state."""
    case.state = step.target
    if action in _STAMPS:
        setattr(case, _STAMPS[action], clock.now())
    if action is Action.FAIL_CHECK:
        case.reworks += 1
    if action is Action.VOID:
        case.closed_at = clock.now()
    if action is Action.URGE:
        case.urges += 1


def _facts(case: Case, *, reason: str = "", result: str = "") -> set[Fact]:
    has_photo = any(each.purpose == "result" and each.round == case.reworks for each in case.attachments)
    known = {
        Fact.CLASS: case.class_code,
        Fact.CONDITION: case.condition_no,
        Fact.PLACE: case.district_code and case.address,
        Fact.REASON: reason,
        Fact.RESULT: result,
        Fact.PHOTO: has_photo,
    }
    return {fact for fact, value in known.items() if value}


def _record_all(actor: Principal, case: Case, lines: list[tuple[str, str]], *, is_new: bool = False) -> None:
    """One new version of the row, then a line of history for each step taken."""
    session().flush()
    card = card_of(case).model_dump(mode="json")
    record_all(
        [(kind, {"case": card, "by": actor.name, "text": text}) for kind, text in lines],
        subject=("case", case.id),
        audience=rooms(case),
        version=case.version,
        actor_id=actor.id,
        is_new=is_new,
    )
