"""Whether the model still fits: overrides, confidence, unknown words and the mix of classes, week by week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app import clock
from app.db import session
from app.learning.models import SuggestionOutcome

WEEKS = 12
SHOWN_CLASSES = 6
OTHERS = ""


@dataclass(frozen=True, slots=True)
class Week:
    """Shares from 0 to 1, None where nothing was decided; `mix`: class → share, "" for all others."""

    monday: date
    decided: int
    suggested: int
    overridden: float | None
    confidence: float | None
    unknown: float | None
    mix: dict[str, float]


@dataclass(frozen=True, slots=True)
class Drift:
    weeks: tuple[Week, ...]
    classes: tuple[str, ...]
    versions: tuple[tuple[str, int, float], ...]  # model, suggestions, share overridden


@dataclass(frozen=True, slots=True)
class _Row:
    monday: date
    code: str
    is_suggested: bool
    is_overridden: bool
    confidence: float | None
    unknown: float | None
    model: str


def drift(weeks: int = WEEKS) -> Drift:
    today = clock.local(clock.now()).date()
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    rows = _read(first)
    common = tuple(code for code, _ in Counter(row.code for row in rows).most_common(SHOWN_CLASSES))
    mondays = [first + timedelta(weeks=number) for number in range(weeks)]
    return Drift(tuple(_week(day, [r for r in rows if r.monday == day], common) for day in mondays), common, _by(rows))


def _read(first: date) -> list[_Row]:
    since = datetime.combine(first, datetime.min.time(), clock.CITY)
    query = select(
        SuggestionOutcome.at,
        SuggestionOutcome.truth_code,
        SuggestionOutcome.suggested_code,
        SuggestionOutcome.is_overridden,
        SuggestionOutcome.confidence,
        SuggestionOutcome.unknown_share,
        SuggestionOutcome.model_version,
    ).where(SuggestionOutcome.at >= since, ~SuggestionOutcome.is_void)
    return [
        _Row(_monday(at), code, bool(suggested), overridden, confidence, unknown, version)
        for at, code, suggested, overridden, confidence, unknown, version in session().execute(query)
    ]


def _monday(at: datetime) -> date:
    day = clock.local(at).date()
    return day - timedelta(days=day.weekday())


def _week(monday: date, rows: Sequence[_Row], common: Sequence[str]) -> Week:
    suggested = [row for row in rows if row.is_suggested]
    counted = Counter(row.code if row.code in common else OTHERS for row in rows)
    return Week(
        monday=monday,
        decided=len(rows),
        suggested=len(suggested),
        overridden=_mean([float(row.is_overridden) for row in suggested]),
        confidence=_mean([row.confidence for row in suggested if row.confidence is not None]),
        unknown=_mean([row.unknown for row in rows if row.unknown is not None]),
        mix={code: counted[code] / len(rows) for code in (*common, OTHERS)} if rows else {},
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _by(rows: Sequence[_Row]) -> tuple[tuple[str, int, float], ...]:
    """A version that the registry does not know is listed like any other: decisions outlive models."""
    groups: dict[str, list[float]] = {}
    for row in rows:
        if row.is_suggested:
            groups.setdefault(row.model, []).append(float(row.is_overridden))
    return tuple((model, len(of), sum(of) / len(of)) for model, of in sorted(groups.items()))
