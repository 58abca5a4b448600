"""What the API says and takes about cases. `CaseCard` is also the payload that is pushed to the consoles."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from app.cases.terms import State

Moment = Annotated[datetime, PlainSerializer(lambda m: m.isoformat().replace("+00:00", "Z"), return_type=str)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Area(BaseModel):
    code: str
    name: str


class UnitName(BaseModel):
    id: int
    name: str


class CaseCard(BaseModel):
    """A case at a glance, without a word about the caller: safe for every room that may know the case."""

    id: int
    number: str
    version: int
    state: str
    state_label: str
    class_code: str | None
    class_name: str
    kind: Literal["component", "event"] | None
    condition_no: int | None
    urgency: str
    address: str
    district: Area | None
    street: Area | None
    community: Area | None
    unit: UnitName | None
    source: str
    lamp: str
    opened_at: Moment
    filed_at: Moment | None
    dispatched_at: Moment | None
    due_at: Moment | None
    yellow_at: Moment | None
    fed_back_at: Moment | None
    closed_at: Moment | None
    limit_text: str
    urges: int
    reworks: int
    returns: int
    supervisions: int
    co_unit_ids: list[int]
    verification: str
    verify_due_at: Moment | None
    rating: int | None
    lng: float | None
    lat: float | None
    confidential: bool
    incident_id: int | None
    reporters: int
    promised_until: Moment | None
    promise_yellow_at: Moment | None


class HistoryLine(BaseModel):
    id: int
    kind: str
    label: str
    at: Moment
    actor: str
    text: str


class AttachmentLine(BaseModel):
    id: int
    url: str
    content_type: str
    purpose: str
    round: int
    at: Moment
    may_take_back: bool = False
    may_hide: bool = False


class HiddenPhoto(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class VoiceLine(BaseModel):
    """What a unit said on the telephone. `submitted`: it was confirmed; `text`: as far as it was understood."""

    id: int
    url: str
    purpose: str
    round: int
    seconds: int
    submitted: bool
    text: str
    at: Moment


class Condition(BaseModel):
    no: int
    text: str
    closing: str
    limit_text: str


class Reporter(BaseModel):
    name: str | None
    phone: str | None


class AskedFact(BaseModel):
    """A field of the action's form. `kind`: text, line, unit, units, date, photo, class, condition, place, rating."""

    name: str
    label: str
    kind: str
    required: bool


class OfferedAction(BaseModel):
    """`requires` names the facts without which it is refused; `facts` lists these and what may be given besides."""

    action: str
    label: str
    requires: list[str]
    facts: list[AskedFact]


class RequestLine(BaseModel):
    """延期, 挂账 or 申诉. `reviews`: who of the two reviewers has spoken, by account."""

    id: int
    kind: str
    label: str
    state: str
    unit: UnitName | None
    reason: str
    until: Moment | None
    mark: Moment | None
    asked_at: Moment
    first_review: str
    first_reviewed_at: Moment | None
    decision: str
    decided_at: Moment | None


class UnitPart(BaseModel):
    """A co-unit's part, or a main unit that has the case no longer; `overdue`: it had missed its deadline by then."""

    unit: UnitName
    role: str
    state: str
    dispatched_at: Moment | None
    accepted_at: Moment | None
    due_at: Moment | None
    fed_back_at: Moment | None
    left_at: Moment | None
    result: str
    overdue: bool


class StageClock(BaseModel):
    """受理, 核实, 派遣 or 核查: by when, and whether it runs now."""

    stage: str
    label: str
    due_at: Moment
    done_at: Moment | None
    running: bool
    late: bool


class CaseName(BaseModel):
    id: int
    number: str


class CaseDetail(CaseCard):
    """`unseen`: reported done by telephone, without a photograph; somebody must look on the spot."""

    unseen: bool
    voice_notes: list[VoiceLine]
    description: str
    intent: str
    result: str
    condition: Condition | None
    history: list[HistoryLine]
    attachments: list[AttachmentLine]
    routing: dict[str, Any] | None
    deadline_steps: list[str]
    reporter: Reporter | None
    rating_comment: str
    actions: list[OfferedAction]
    round: int
    crew: str
    requests: list[RequestLine]
    co_units: list[UnitPart]
    former_units: list[UnitPart]
    extensions: int
    reopens: int
    suspended_at: Moment | None
    suspended_until: Moment | None
    stages: list[StageClock]
    should_resolve: bool
    should_resolve_reason: str
    overdue: bool
    overdue_exempt: bool
    forced: bool
    ping_pong: bool
    repeat_of: CaseName | None


class MessageDraft(CaseCard):
    """An SMS that waits for an agent."""

    description: str
    suggestion: dict[str, Any] | None


class CasePage(BaseModel):
    items: list[CaseCard]
    next_cursor: str | None


class SimilarCase(BaseModel):
    """`similarity`: 0..1, how likely it is the same matter; `reasons`: what speaks for it, strongest first.

    `told`: how it stands, to be read to a caller who tells of it again.
    """

    case: CaseCard
    similarity: float
    reasons: list[str]
    same_caller: bool
    told: str


class CaseFields(BaseModel):
    """What an agent fills in. Unknown fields are refused: a misspelt one must not be lost silently."""

    model_config = ConfigDict(extra="forbid")

    class_code: Annotated[str, StringConstraints(pattern=r"^[CE]\d{4}$")]
    condition_no: int = Field(ge=1, le=99)
    description: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2000)]
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    district: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    street: Annotated[str, StringConstraints(pattern=r"^\d{9}$")] | None = None
    community: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] | None = None
    lng: float | None = Field(default=None, ge=120.0, le=123.0)
    lat: float | None = Field(default=None, ge=28.5, le=31.0)
    intent: Literal["complaint", "report", "help", "consult", "suggestion"] = "complaint"
    urgency: Literal["normal", "urgent", "critical"] = "normal"


class NewCase(CaseFields):
    """`call_id`: the call it came from. `draft_id`: the SMS draft it completes."""

    source: Literal["call", "web"] = "call"
    reporter_name: Line = ""
    reporter_phone: Line = ""
    confidential: bool = False
    sms_consent: bool = True
    callback_consent: bool = True
    call_id: int | None = None
    draft_id: int | None = None
    # The closed case of the same caller whose matter it is again.
    repeat_of: int | None = Field(default=None, ge=1)
    suggestion: dict[str, Any] | None = None
    dispatch: bool = True
    # 核实 before the filing. An urgent safety class is dispatched all the same and verified meanwhile.
    verify: bool = False


class CaseEdit(BaseModel):
    """Fields left out stay as they are. Class and condition of a filed case are not edited: limits hang on them."""

    model_config = ConfigDict(extra="forbid")

    description: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=2000)] | None = None
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)] | None = None
    lng: float | None = Field(default=None, ge=120.0, le=123.0)
    lat: float | None = Field(default=None, ge=28.5, le=31.0)
    urgency: Literal["normal", "urgent", "critical"] | None = None


class ActionFacts(BaseModel):
    """What a step of the workflow is given; which of them it needs is said by the action itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Paragraph = ""
    result: Paragraph = ""
    unit_id: int | None = Field(default=None, ge=1)
    co_unit_ids: tuple[int, ...] = Field(default=(), max_length=5)
    suggested_unit_id: int | None = Field(default=None, ge=1)
    until: AwareDatetime | None = None
    crew: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    class_code: Annotated[str, StringConstraints(pattern=r"^[CE]\d{4}$")] | None = None
    condition_no: int | None = Field(default=None, ge=1, le=99)


class RoutingQuestion(BaseModel):
    class_code: Annotated[str, StringConstraints(pattern=r"^[CE]\d{4}$")]
    condition_no: int = Field(ge=1, le=99)
    district: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    street: Annotated[str, StringConstraints(pattern=r"^\d{9}$")] | None = None
    community: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] | None = None


class PreviewUnit(BaseModel):
    id: int
    name: str
    duty_phone: str | None
    open: int
    on_time: float | None


class RoutingAnswer(BaseModel):
    unit: PreviewUnit
    rule: str
    explanation: str
    runner_up: str | None
    due_at: Moment
    limit_text: str
    steps: list[str]


class CaseQuery(BaseModel):
    """`request`: cases that wait for the decision of an extension, suspension or appeal (or any of them).

    `verification`: "asked" lists what is to be looked at before or beside the filing. `returned`: waiting for a
    dispatcher for the second time and more.
    """

    state: State | Literal["open"] | None = None
    request: Literal["extension", "suspension", "appeal", "any"] | None = None
    verification: Literal["asked", "confirmed", "denied"] | None = None
    returned: bool = False
    unit: int | None = None
    lamp: Literal["green", "yellow", "red", "grey"] | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    mine: bool = False
    cursor: str | None = Field(default=None, max_length=80)
    limit: int = Field(default=50, ge=1, le=200)


class FolderQuery(BaseModel):
    """One folder of a console; without a name its first."""

    folder: str = Field(default="", max_length=20)
    lamp: Literal["green", "yellow", "red"] | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    cursor: str | None = Field(default=None, max_length=80)
    limit: int = Field(default=50, ge=1, le=200)


class NearbyQuery(BaseModel):
    class_code: Annotated[str, StringConstraints(pattern=r"^[CE]\d{4}$")]
    district: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    street: Annotated[str, StringConstraints(pattern=r"^\d{9}$")] | None = None
    community: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] | None = None
    address: Line = ""
    text: Annotated[str, StringConstraints(max_length=500)] = ""
    lng: float | None = None
    lat: float | None = None
    call_id: int | None = None
    draft_id: int | None = None
