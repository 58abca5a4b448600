"""What the API says and takes about calls. `CallCard` is also pushed to the agents' and supervisors' consoles."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.calls.models import CallState, Disposition, PartyKind, PartyState
from app.cases.schemas import CaseCard, Moment
from app.cases.understanding import Suggestion
from app.desk.cards import SeatCard
from app.desk.models import SeatState, Status


class AgentName(BaseModel):
    id: int
    name: str


class PartyCard(BaseModel):
    """Somebody beside caller and agent. `until`: when the ringing is given up."""

    id: int
    kind: PartyKind
    state: PartyState
    account_id: int | None
    label: str
    asked_by: int | None
    until: Moment | None
    joined_at: Moment | None


class CallCard(BaseModel):
    """`phone` is masked, `phone_id` tells two callers apart. `note`: why the call stands where it stands."""

    id: int
    sid: str
    version: int
    state: CallState
    phone: str
    phone_id: str
    location: str
    started_at: Moment
    waiting_since: Moment | None
    offered_to: int | None
    offered_until: Moment | None
    answered_at: Moment | None
    ended_at: Moment | None
    agent: AgentName | None
    hold: bool
    muted: bool
    disposition: Disposition | None
    prior_calls: int
    note: str
    position: int | None
    is_voicemail: bool
    hung_up_by: str | None
    is_outbound: bool
    party: PartyCard | None = None


class UtteranceLine(BaseModel):
    seq: int
    track: Literal["caller", "agent"]
    text: str
    final: bool
    at: Moment


class CallerStats(BaseModel):
    calls_year: int
    cases: int
    open_overdue: int
    avg_rating: float | None


class EarlierCall(BaseModel):
    id: int
    started_at: Moment
    state: CallState
    disposition: Disposition | None
    agent: str


class Caller(BaseModel):
    """Who is calling, as far as earlier calls and cases tell. `phone` is whole for those who may see it."""

    name: str
    phone: str
    home: str
    stats: CallerStats
    cases: list[CaseCard]
    calls: list[EarlierCall]


class TalkMoment(BaseModel):
    """A line of the call's history: who had it when, and how it changed hands."""

    at: Moment
    kind: str
    actor: str
    text: str


class CallDetail(CallCard):
    heard: str
    transcript: list[UtteranceLine]
    suggestion: dict[str, Any] | None
    draft: dict[str, Any] | None
    draft_version: int
    caller: Caller
    case: CaseCard | None
    disposition_note: str
    article_id: int | None
    has_recording: bool
    recording_seconds: int | None
    history: list[TalkMoment]


class TransferWish(BaseModel):
    """To `account_id` at a seat or to `number` outside. Warm: the agent stays until all have spoken. Cold: at once."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["warm", "cold"] = "warm"
    account_id: int | None = None
    number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class CaseRecording(BaseModel):
    """A recorded call behind a case; `url` is asked for when somebody presses play, and noted then."""

    call_id: int
    at: Moment
    seconds: int | None
    agent: str
    is_voicemail: bool
    url: str


class Colleague(BaseModel):
    account_id: int
    name: str
    work_no: str
    status: Status
    state: SeatState
    is_supervisor: bool
    is_reachable: bool


class OutsideLine(BaseModel):
    number: str
    name: str
    is_emergency: bool


class TransferTargets(BaseModel):
    colleagues: list[Colleague]
    outside: list[OutsideLine]


class CallList(BaseModel):
    items: list[CallCard]


class Switch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: bool


class StatusChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Status
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class DispositionChoice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Disposition
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    case_id: int | None = None
    article_id: int | None = None


class DraftForm(BaseModel):
    """`version`: the one the console last saw; left out, the newer text wins."""

    model_config = ConfigDict(extra="forbid")

    form: dict[str, Any]
    version: int | None = Field(default=None, ge=0)


class PhoneToken(BaseModel):
    token: str
    identity: str
    ttl: int


class Figures(BaseModel):
    waiting: int
    longest_wait_since: Moment | None
    service_level: float | None
    talking: int
    ready: int
    online: int
    seats: int


class Shift(BaseModel):
    """The agent's own day: seconds of talk on average, the share of ratings of 4 and 5."""

    calls: int
    cases: int
    avg_talk: int | None
    satisfaction: float | None


class SeatAnswer(BaseModel):
    seat: SeatCard


class CallAnswer(BaseModel):
    """The call after what was asked, and the seat of who asked."""

    call: CallCard
    seat: SeatCard


class Understood(Suggestion):
    """A suggestion and the microseconds it took."""

    latency_us: int


class TextToUnderstand(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
