"""What a console shows when it opens or comes back: everything it needs, in one answer."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select

from app import clock
from app.accounts.roles import Permission, Principal, Role
from app.calls.queries import AgentDesk, agent_desk
from app.cases import queries as cases
from app.cases.cards import card_of, draft_of
from app.cases.models import Case
from app.cases.schemas import CaseCard, MessageDraft, Moment
from app.cases.workflow import State
from app.cases.worklists import to_command
from app.config import Settings
from app.db import session
from app.errors import Forbidden
from app.followup import queries as call_backs
from app.followup.schemas import CallBackCard
from app.incidents import queries as incidents
from app.incidents.cards import cards_of
from app.incidents.schemas import IncidentCard
from app.messages.schemas import OpenThreadCard
from app.messages.views import open_threads
from app.network.queries import unit as find_unit
from telephony.numbers import mask


class Me(BaseModel):
    id: int
    name: str
    work_no: str
    roles: list[str]
    unit_id: int | None
    area_code: str


class CarrierFacts(BaseModel):
    """Where the browser phone's library is, and whom it registers as."""

    kind: str
    client_url: str
    identity: str


class AgentSnapshot(AgentDesk):
    me: Me
    drafts: list[MessageDraft]
    my_cases: list[CaseCard]
    threads: list[OpenThreadCard]
    call_backs: list[CallBackCard]
    incidents: list[IncidentCard]
    carrier: CarrierFacts


class DeskUnit(BaseModel):
    id: int
    name: str
    type: str
    duty_phone: str | None


class DeskSnapshot(BaseModel):
    server_time: Moment
    me: Me
    unit: DeskUnit
    counts: dict[str, int]
    lamps: dict[str, int]
    cases: list[CaseCard]


class InspectSnapshot(BaseModel):
    server_time: Moment
    me: Me
    cases: list[CaseCard]


class RequestCard(BaseModel):
    """A unit's request that waits for a decision."""

    id: int
    case_id: int
    kind: str
    label: str
    reason: str
    until: Moment | None
    asked_at: Moment
    reviewed: bool


class CommandSnapshot(BaseModel):
    server_time: Moment
    me: Me
    cases: list[CaseCard]
    requests: list[RequestCard]
    incidents: list[IncidentCard]


def me(person: Principal) -> Me:
    return Me(
        id=person.id or 0,
        name=person.name,
        work_no=person.work_no,
        roles=sorted(person.roles),
        unit_id=person.unit_id,
        area_code=person.area_code,
    )


def agent_snapshot(person: Principal, settings: Settings) -> AgentSnapshot:
    return AgentSnapshot(
        **dict(agent_desk(person)),
        me=me(person),
        drafts=[draft_of(case) for case in cases.drafts()],
        my_cases=[card_of(case) for case in cases.filed_by(person.id or 0)],
        threads=open_threads(person),
        call_backs=call_backs.to_do(person),
        incidents=cards_of(incidents.active(person)),
        carrier=carrier_facts(person, settings),
    )


def carrier_facts(person: Principal, settings: Settings) -> CarrierFacts:
    local = f"{settings.twilio_api_base_url}/client.js"
    vendor = "/static/vendor/twilio-voice-sdk/dist/twilio.min.js"
    return CarrierFacts(
        kind=settings.carrier,
        client_url=local if settings.carrier == "emulator" else vendor,
        identity=f"agent_{person.id}",
    )


def desk_snapshot(person: Principal) -> DeskSnapshot:
    if person.unit_id is None or not person.may(Permission.WORK_UNIT_DESK):
        raise Forbidden("您不属于任何处置单位")
    unit = find_unit(person.unit_id)
    cards = [card_of(case) for case in cases.at_unit(person, unit.id)]
    return DeskSnapshot(
        server_time=clock.now(),
        me=me(person),
        unit=DeskUnit(id=unit.id, name=unit.name, type=unit.unit_type, duty_phone=mask(unit.duty_phone)),
        counts=_desk_counts(cards, unit.id),
        lamps=_lamps(cards),
        cases=cards,
    )


def inspect_snapshot(person: Principal) -> InspectSnapshot:
    if not person.may(Permission.CHECK_CASES):
        raise Forbidden("您的角色不能核查")
    # A case may be looked at for both reasons at once.
    tasks = {case.id: case for case in [*cases.to_check(person), *cases.to_verify(person)]}
    cards = [card_of(case) for case in tasks.values()]
    return InspectSnapshot(server_time=clock.now(), me=me(person), cases=cards)


def command_snapshot(person: Principal) -> CommandSnapshot:
    if not person.may(Permission.COMMAND_CASES):
        raise Forbidden("您的角色不能派遣")
    waiting, requests = to_command(person)
    return CommandSnapshot(
        server_time=clock.now(),
        me=me(person),
        cases=[card_of(case) for case in waiting],
        requests=[RequestCard.model_validate(each, from_attributes=True) for each in requests],
        incidents=cards_of(incidents.active(person)),
    )


def home_of(person: Principal) -> str:
    """The page a person works on."""
    for role, page in HOMES:
        if role in person.roles:
            return page
    return "/"


HOMES = (
    (Role.ADMINISTRATOR, "/admin"),
    (Role.SUPERVISOR, "/wall"),
    (Role.AGENT, "/agent"),
    (Role.DISPATCHER, "/command"),
    (Role.HANDLER, "/desk"),
    (Role.INSPECTOR, "/inspect"),
    (Role.LEADER, "/wall"),
)


def _desk_counts(cards: list[CaseCard], unit_id: int) -> dict[str, int]:
    def count(*states: State) -> int:
        return sum(card.state in states for card in cards)

    week_ago = clock.now() - timedelta(days=7)
    closed = select(func.count()).select_from(Case).where(Case.unit_id == unit_id, Case.state == State.CLOSED)
    return {
        "todo": count(State.DISPATCHED, State.HANDLING),
        "to_accept": count(State.DISPATCHED),
        "handling": count(State.HANDLING),
        "checking": count(State.CHECKING),
        "returned": sum(card.state == State.HANDLING and card.reworks > 0 for card in cards),
        "closed": session().scalar(closed.where(Case.closed_at >= week_ago)) or 0,
    }


def _lamps(cards: list[CaseCard]) -> dict[str, int]:
    at_work: list[Any] = [card.lamp for card in cards if card.state in (State.DISPATCHED, State.HANDLING)]
    return {colour: at_work.count(colour) for colour in ("red", "yellow", "green")}
