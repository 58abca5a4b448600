"""The thread between the centre and a citizen, as the API shows and takes it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.cases.schemas import CaseCard, Moment


class ThreadLine(BaseModel):
    """`delivery`: of an SMS that went out. `waits`: the citizen has no answer yet."""

    id: int
    by: Literal["citizen", "centre"]
    author: str
    channel: str
    text: str
    at: Moment
    delivery: str | None
    waits: bool


class Thread(BaseModel):
    """`opening` stands before every SMS and counts; `why_not`: why none can be sent. `phone` is masked."""

    items: list[ThreadLine]
    may_write: bool
    why_not: str
    opening: str
    phone: str
    longest: int


class NewThreadMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class OpenThreadCard(BaseModel):
    """A case whose citizen waits for an answer."""

    case: CaseCard
    text: str
    at: Moment
    count: int
