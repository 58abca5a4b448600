"""What the API says and takes about cases. `CaseCard` is also the payload that is pushed to the consoles."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

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
    rating: int | None
    lng: float | None
    lat: float | None
    confidential: bool


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


class Condition(BaseModel):
    no: int
    text: str
    closing: str
    limit_text: str


class Reporter(BaseModel):
    name: str | None
    phone: str | None


class OfferedAction(BaseModel):
    action: str
    label: str
    requires: list[str]


class CaseDetail(CaseCard):
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


class MessageDraft(CaseCard):
    """An SMS that waits for an agent."""

    description: str
    suggestion: dict[str, Any] | None


class CasePage(BaseModel):
    items: list[CaseCard]
    next_cursor: str | None


class SimilarCase(BaseModel):
    case: CaseCard
    similarity: float
    same_caller: bool


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
    suggestion: dict[str, Any] | None = None
    dispatch: bool = True


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
    state: Literal["reported", "filed", "dispatched", "handling", "checking", "closed", "void", "open"] | None = None
    unit: int | None = None
    lamp: Literal["green", "yellow", "red"] | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    mine: bool = False
    cursor: str | None = Field(default=None, max_length=60)
    limit: int = Field(default=50, ge=1, le=200)


class NearbyQuery(BaseModel):
    class_code: Annotated[str, StringConstraints(pattern=r"^[CE]\d{4}$")]
    district: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    street: Annotated[str, StringConstraints(pattern=r"^\d{9}$")] | None = None
    community: Annotated[str, StringConstraints(pattern=r"^\d{12}$")] | None = None
    text: Annotated[str, StringConstraints(max_length=500)] = ""
    call_id: int | None = None
