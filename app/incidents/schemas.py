"""What the API says and takes about incidents. `IncidentCard` is also the payload that is pushed to the consoles."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.cases.schemas import Area, CaseCard, Moment

Announcement = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=120)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]


class MainCase(BaseModel):
    id: int
    number: str
    state: str
    state_label: str
    unit: str


class IncidentCard(BaseModel):
    """An incident at a glance, without a word about any caller.

    `reports` of different people made it up, in `minutes_so_far`; `joined` are attached since it was confirmed.
    `classes`: which case classes belong to it, as beginnings of codes. `told`: what an agent reads to a further caller.
    """

    id: int
    number: str
    version: int
    edition: int
    state: str
    state_label: str
    title: str
    matter: str
    classes: list[str]
    class_code: str
    class_name: str
    area: Area
    reports: int
    joined: int
    people_needed: int
    minutes: int
    first_at: Moment
    last_at: Moment
    opened_at: Moment
    decided_at: Moment | None
    announcement: str
    expected_until: Moment | None
    ended_at: Moment | None
    is_fixed: bool
    reason: str
    main_case: MainCase | None
    told: str


class ReportLine(BaseModel):
    """One of the calls or messages that made it up. `case` is None for a call that is no case yet."""

    at: Moment
    source: str
    text: str
    call_id: int | None
    case: CaseCard | None
    attached: bool


class IncidentDetail(IncidentCard):
    lines: list[ReportLine]
    spoken: str


class IncidentList(BaseModel):
    items: list[IncidentCard]


class ReporterLine(BaseModel):
    """A further reporter of a known case; the number masked unless the viewer may see it whole."""

    at: Moment
    via: str
    phone: str | None
    confidential: bool
    words: str
    own_case_id: int | None
    told_at: Moment | None


class Reporters(BaseModel):
    items: list[ReporterLine]


class Confirmation(BaseModel):
    """`case_ids`: which of the cases belong to it; left out, all. `main_case_id`: the one that is worked on."""

    model_config = ConfigDict(extra="forbid")

    announcement: Announcement
    expected_until: AwareDatetime | None = None
    main_case_id: int | None = Field(default=None, ge=1)
    case_ids: list[Annotated[int, Field(ge=1)]] | None = Field(default=None, max_length=500)


class Change(BaseModel):
    """Both are set: an empty time takes the expected time away."""

    model_config = ConfigDict(extra="forbid")

    announcement: Announcement
    expected_until: AwareDatetime | None = None


class Dismissal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Ending(BaseModel):
    """`fixed`: everybody attached is told; else nobody is."""

    model_config = ConfigDict(extra="forbid")

    fixed: bool
    reason: Reason


class CasesToAttach(BaseModel):
    model_config = ConfigDict(extra="forbid")

    case_ids: list[Annotated[int, Field(ge=1)]] = Field(min_length=1, max_length=500)


class Target(BaseModel):
    """The known case that a text message is about."""

    model_config = ConfigDict(extra="forbid")

    case_id: int = Field(ge=1)


class Joined(BaseModel):
    """`told`: what to say; `people`: how many have reported it by now."""

    told: str
    people: int
    incident_id: int | None
