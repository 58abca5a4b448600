"""Reading what was learnt and what there is to learn from."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app import clock
from app.db import session
from app.errors import NotFound
from app.learning.models import (
    CityPlace,
    CityWord,
    ClassAllowance,
    LearningStamp,
    ModelVersion,
    SuggestionOutcome,
    TrainingRun,
    WordProposal,
)
from app.learning.port import Words
from app.learning.terms import UNDERWAY, ModelState, ProposalState
from nlp.types import GazetteerEntry, PlaceKind

MOST_OUTCOMES = 20_000


def stamps() -> dict[str, str]:
    rows = session().execute(select(LearningStamp.name, LearningStamp.stamp))
    return {row.name: row.stamp for row in rows}


def active_model() -> ModelVersion | None:
    """None: the shipped model serves."""
    return session().scalar(
        select(ModelVersion).where(ModelVersion.state == ModelState.ACTIVE).order_by(ModelVersion.id.desc()).limit(1)
    )


def model(model_id: int) -> ModelVersion:
    found = session().get(ModelVersion, model_id)
    if found is None:
        raise NotFound("没有这个模型版本")
    return found


def models(limit: int = 50) -> Sequence[ModelVersion]:
    return session().scalars(select(ModelVersion).order_by(ModelVersion.id.desc()).limit(limit)).all()


def run(run_id: int) -> TrainingRun:
    found = session().get(TrainingRun, run_id)
    if found is None:
        raise NotFound("没有这次训练")
    return found


def run_underway() -> TrainingRun | None:
    return session().scalar(select(TrainingRun).where(TrainingRun.state.in_(UNDERWAY)))


def last_run() -> TrainingRun | None:
    return session().scalar(select(TrainingRun).order_by(TrainingRun.id.desc()).limit(1))


def outcomes_since(since: datetime) -> Sequence[SuggestionOutcome]:
    """What counts as truth, newest first: filed by people and not taken back, or judged by a supervisor."""
    query = select(SuggestionOutcome).where(
        SuggestionOutcome.at >= since,
        ~SuggestionOutcome.is_void,
        ~SuggestionOutcome.filed_alone | SuggestionOutcome.reviewed_at.is_not(None),
    )
    return session().scalars(query.order_by(SuggestionOutcome.at.desc()).limit(MOST_OUTCOMES)).all()


def count_new(since: datetime | None) -> int:
    """Decisions made, changed or reviewed since; all of them with None."""
    query = select(func.count()).select_from(SuggestionOutcome)
    if since is not None:
        query = query.where(
            (SuggestionOutcome.at > since)
            | (SuggestionOutcome.changed_at > since)
            | (SuggestionOutcome.reviewed_at > since)
        )
    return session().scalar(query) or 0


def words() -> Words:
    """The city's own, class by class."""
    found: dict[str, list[str]] = {}
    for row in session().execute(select(CityWord.class_code, CityWord.word).order_by(CityWord.class_code, CityWord.id)):
        found.setdefault(row.class_code, []).append(row.word)
    return found


def proposals(class_code: str = "", limit: int = 200) -> Sequence[WordProposal]:
    """Open ones, the most frequent first."""
    query = select(WordProposal).where(WordProposal.state == ProposalState.OPEN)
    if class_code:
        query = query.where(WordProposal.class_code == class_code)
    return session().scalars(query.order_by(WordProposal.texts.desc(), WordProposal.id).limit(limit)).all()


def places(text: str = "", *, active_only: bool = False) -> Sequence[CityPlace]:
    query = select(CityPlace).order_by(CityPlace.name, CityPlace.id)
    if text.strip():
        query = query.where(CityPlace.name.contains(text.strip(), autoescape=True))
    if active_only:
        query = query.where(CityPlace.is_active)
    return session().scalars(query).all()


def place(place_id: int) -> CityPlace:
    found = session().get(CityPlace, place_id)
    if found is None:
        raise NotFound("没有这个地名")
    return found


def gazetteer() -> tuple[GazetteerEntry, ...]:
    return tuple(
        GazetteerEntry(
            name=row.name,
            kind=PlaceKind(row.kind),
            area_code=row.area_code,
            aliases=tuple(row.aliases),
            lng=row.lng,
            lat=row.lat,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            note=row.note,
        )
        for row in places(active_only=True)
    )


def allowed_classes() -> frozenset[str]:
    return frozenset(session().scalars(select(ClassAllowance.class_code).where(ClassAllowance.is_allowed)))


def suggested(class_code: str, days: int, least: float) -> Sequence[SuggestionOutcome]:
    """Confident suggestions of one class that a person decided on."""
    query = select(SuggestionOutcome).where(
        SuggestionOutcome.suggested_code == class_code,
        SuggestionOutcome.at >= clock.now() - timedelta(days=days),
        SuggestionOutcome.confidence >= least,
        SuggestionOutcome.in_scope >= least,
        ~SuggestionOutcome.is_void,
        ~SuggestionOutcome.filed_alone | SuggestionOutcome.reviewed_at.is_not(None),
    )
    return session().scalars(query.order_by(SuggestionOutcome.at.desc()).limit(MOST_OUTCOMES)).all()


def without_unknown_share(limit: int) -> list[tuple[int, str]]:
    query = select(SuggestionOutcome.id, SuggestionOutcome.text).where(SuggestionOutcome.unknown_share.is_(None))
    rows = session().execute(query.order_by(SuggestionOutcome.id.desc()).limit(limit))
    return [(row.id, row.text) for row in rows]


def outcome(outcome_id: int) -> SuggestionOutcome:
    found = session().get(SuggestionOutcome, outcome_id)
    if found is None:
        raise NotFound("没有这条记录")
    return found


def all_suggested(days: int, least: float) -> dict[str, list[SuggestionOutcome]]:
    """The same for every class at once."""
    query = select(SuggestionOutcome).where(
        SuggestionOutcome.suggested_code.is_not(None),
        SuggestionOutcome.at >= clock.now() - timedelta(days=days),
        SuggestionOutcome.confidence >= least,
        SuggestionOutcome.in_scope >= least,
        ~SuggestionOutcome.is_void,
        ~SuggestionOutcome.filed_alone | SuggestionOutcome.reviewed_at.is_not(None),
    )
    found: dict[str, list[SuggestionOutcome]] = {}
    for row in session().scalars(query.order_by(SuggestionOutcome.at.desc()).limit(MOST_OUTCOMES)):
        found.setdefault(row.suggested_code or "", []).append(row)
    return found
