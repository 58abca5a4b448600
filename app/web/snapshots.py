"""What a console shows when it opens or comes back: everything it needs, in one answer."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from app import clock
from app.accounts.roles import Permission, Principal, Role
from app.calls.queries import AgentDesk, agent_desk
from app.cases import folders
from app.cases import queries as cases
from app.cases.cards import card_of, draft_of
from app.cases.folders import Opening
from app.cases.models import Case
from app.cases.requests import open_requests
from app.cases.schemas import CaseCard, FolderQuery, MessageDraft, Moment
from app.config import Settings
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


class FolderCount(BaseModel):
    """`all`: also of those without a lamp."""

    all: int
    red: int
    yellow: int
    green: int


class Worklist(BaseModel):
    """`counts` of every folder; `pages`: the folders whose cases are here, and the cursor of what follows, if any."""

    server_time: Moment
    me: Me
    counts: dict[str, FolderCount]
    pages: dict[str, str | None]
    cases: list[CaseCard]


class DeskSnapshot(Worklist):
    unit: DeskUnit


class InspectSnapshot(Worklist):
    pass


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


class CommandSnapshot(Worklist):
    requests: list[RequestCard]
    incidents: list[IncidentCard]


class FolderPage(BaseModel):
    """`requests`: of these cases, for whoever may decide them."""

    items: list[CaseCard]
    requests: list[RequestCard]
    next_cursor: str | None


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
    console = folders.unit_desk(person)
    unit = find_unit(person.unit_id or 0)
    shown = DeskUnit(id=unit.id, name=unit.name, type=unit.unit_type, duty_phone=mask(unit.duty_phone))
    return DeskSnapshot(**_worklist(person, folders.opening(console)), unit=shown)


def inspect_snapshot(person: Principal) -> InspectSnapshot:
    return InspectSnapshot(**_worklist(person, folders.opening(folders.inspection(person))))


def command_snapshot(person: Principal) -> CommandSnapshot:
    opening = folders.opening(folders.command(person))
    return CommandSnapshot(
        **_worklist(person, opening),
        requests=_requests_of(opening.cases),
        incidents=cards_of(incidents.active(person)),
    )


def _worklist(person: Principal, opening: Opening) -> dict[str, Any]:
    return {
        "server_time": clock.now(),
        "me": me(person),
        "counts": shown_counts(opening.counts),
        "pages": opening.pages,
        "cases": [card_of(case) for case in opening.cases],
    }


def shown_counts(counts: dict[str, folders.Count]) -> dict[str, FolderCount]:
    return {name: FolderCount.model_validate(each, from_attributes=True) for name, each in counts.items()}


def folder_page(console: folders.Console, asked: FolderQuery) -> FolderPage:
    found, cursor = folders.page(console, asked)
    requests = _requests_of(found) if console.viewer.may(Permission.COMMAND_CASES) else []
    return FolderPage(items=[card_of(case) for case in found], requests=requests, next_cursor=cursor)


def _requests_of(found: Sequence[Case]) -> list[RequestCard]:
    asked = open_requests([case.id for case in found if case.requests_made])
    return [RequestCard.model_validate(each, from_attributes=True) for each in asked]


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
