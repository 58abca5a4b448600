"""What the API says and takes about call-backs, promises and callers who ring again."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.cases.schemas import CaseCard, Moment, Paragraph


class Person(BaseModel):
    id: int
    name: str


class CallBackCard(BaseModel):
    """Pushed to agents and supervisors; nothing in it names the citizen. `promised`: what they were told, in words."""

    id: int
    version: int
    kind: str
    reason: str
    state: str
    round: int
    case: CaseCard
    promised: str
    created_at: Moment
    due_at: Moment
    next_at: Moment
    attempts: int
    most_attempts: int
    claimed_by: Person | None
    call_id: int | None
    contacted: bool | None
    solved: bool | None
    satisfied: int | None
    remark: str
    done_at: Moment | None


class CallBackQuery(BaseModel):
    state: Literal["waiting", "done", "unreachable", "cancelled"] = "waiting"
    case_id: int | None = Field(default=None, ge=1)
    limit: int = Field(default=100, ge=1, le=200)


class CallBackList(BaseModel):
    """`waiting`: how many wait in all; those whose time has not come are not among the items."""

    items: list[CallBackCard]
    waiting: int


class CallBackResult(BaseModel):
    """`solved` and `satisfied` (1 to 5) are asked of whoever was reached. `reopen`: not solved, so do it again.

    `promised_until`: the new time that was told after a missed promise.
    """

    model_config = ConfigDict(extra="forbid")

    contacted: bool
    solved: bool | None = None
    satisfied: int | None = Field(default=None, ge=1, le=5)
    remark: Paragraph = ""
    reopen: bool = False
    promised_until: AwareDatetime | None = None


class NewPromise(BaseModel):
    """`text`: the words used, if they were others than the usual ones."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""


class PromiseLine(BaseModel):
    case: CaseCard
    lamp: Literal["yellow", "red"]
    text: str


class PromiseQuery(BaseModel):
    lamp: Literal["yellow", "red"] | None = None
    limit: int = Field(default=100, ge=1, le=200)


class RepeatLine(BaseModel):
    """A case of the same caller, closed `days` days ago. `may_reopen`: the window is still open."""

    case: CaseCard
    days: int
    similarity: float
    reasons: list[str]
    may_reopen: bool


class RepeatReport(BaseModel):
    """What the caller says now. `draft_id`: the SMS that said so, which needs no case of its own then."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    call_id: int | None = Field(default=None, ge=1)
    draft_id: int | None = Field(default=None, ge=1)


class FollowUpFigures(BaseModel):
    """Rates 0..1, None without anybody to count: 响应率, 解决率, 满意率 of the last 30 days."""

    contact_rate: float | None
    solved_rate: float | None
    satisfaction: float | None
    answers: int
    repeats: int
    waiting: int
    overdue: int
