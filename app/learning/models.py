"""What is kept to learn from, what was learnt, and what a city adds itself."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Id, Json, JsonList
from app.learning.terms import ModelState, ProposalState, RunState, RunStep


class SuggestionOutcome(Base):
    """What was suggested for a case and what the agent chose; one row for each filed case.

    `chosen_code` is the choice at filing, `truth_code` what is held right today: a later re-classification or a
    supervisor's review moves it. `seconds`: from the suggestion to the filing. `unknown_share`: of the words, those
    the shipped model never saw. `filed_alone`: no person chose, so the row proves nothing.
    """

    __tablename__ = "suggestion_outcome"
    __table_args__ = (
        Index("ix_suggestion_outcome_at", "at"),
        Index("ix_suggestion_outcome_suggested", "suggested_code", "at"),
        Index("ix_suggestion_outcome_truth", "truth_code", "at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    call_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    model_version: Mapped[str] = mapped_column(String(40), default="")
    candidates: Mapped[JsonList] = mapped_column(default=list)
    suggested_code: Mapped[str | None] = mapped_column(String(8))
    confidence: Mapped[float | None]
    margin: Mapped[float | None]
    in_scope: Mapped[float | None]
    chosen_code: Mapped[str] = mapped_column(String(8))
    condition_no: Mapped[int | None]
    truth_code: Mapped[str] = mapped_column(String(8))
    is_overridden: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[int | None]
    agent_id: Mapped[int | None]
    at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]
    is_void: Mapped[bool] = mapped_column(default=False)
    filed_alone: Mapped[bool] = mapped_column(default=False)
    unknown_share: Mapped[float | None]


class ModelVersion(Base):
    """A trained model. With none active, the one shipped with the product serves.

    `previous_id`: what served before it, None for the shipped one: the way back. `figures` is the model card.
    """

    __tablename__ = "model_version"

    id: Mapped[Id]
    version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default=ModelState.CANDIDATE, index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    file: Mapped[str] = mapped_column(String(80))
    trained_at: Mapped[datetime]
    trained_by: Mapped[int | None]
    generated: Mapped[int]
    corrected: Mapped[int]
    figures: Mapped[Json] = mapped_column(default=dict)
    active_since: Mapped[datetime | None]
    previous_id: Mapped[int | None]


class TrainingRun(Base):
    """`slot` is 1 while the run is underway and NULL afterwards: being unique, it lets one run in at a time."""

    __tablename__ = "training_run"

    id: Mapped[Id]
    slot: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(12), default=RunState.WAITING)
    step: Mapped[str] = mapped_column(String(12), default=RunStep.WAITING)
    percent: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(300), default="")
    started_by: Mapped[int | None]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model_version.id"))


class CityWord(Base):
    """A word that this city's people use for a class, beside the shipped ones."""

    __tablename__ = "city_word"
    __table_args__ = (UniqueConstraint("class_code", "word"),)

    id: Mapped[Id]
    class_code: Mapped[str] = mapped_column(String(8))
    word: Mapped[str] = mapped_column(String(20))
    added_by: Mapped[int | None]
    at: Mapped[datetime]


class WordProposal(Base):
    """A word frequent in a class's corrected texts that no list knows; a person accepts or dismisses it once."""

    __tablename__ = "word_proposal"
    __table_args__ = (UniqueConstraint("class_code", "word"),)

    id: Mapped[Id]
    class_code: Mapped[str] = mapped_column(String(8))
    word: Mapped[str] = mapped_column(String(20))
    texts: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=ProposalState.OPEN)
    at: Mapped[datetime]
    decided_by: Mapped[int | None]


class CityPlace(Base):
    """A name in the gazetteer that the city added. Switched off, never deleted: cases may speak of it."""

    __tablename__ = "city_place"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    area_code: Mapped[str] = mapped_column(String(12))
    aliases: Mapped[JsonList] = mapped_column(default=list)
    lng: Mapped[float | None]
    lat: Mapped[float | None]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(120), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ClassAllowance(Base):
    """Whether an administrator lets text messages of a class be filed without a person; no row means no."""

    __tablename__ = "class_allowance"

    class_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    is_allowed: Mapped[bool]
    changed_by: Mapped[int | None]
    changed_at: Mapped[datetime]


class LearningStamp(Base):
    """Changes with every new model, word or place: processes take them without a restart."""

    __tablename__ = "learning_stamp"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(32))
