"""Figures of a classifier on labelled texts: hits, calibration, coverage, scope, classes, confusions.

`evaluate(model or classifier, cases) → Evaluation`; a model is judged as it would serve, with lexicon and places.
"""

import csv
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from nlp.model import OUT_OF_SCOPE, LinearModel
from nlp.types import Classifier, Understanding
from nlp.understand import TextUnderstanding

_BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
_WANTED_PRECISION = 0.9
_CURVE = tuple(step / 20 for step in range(1, 21))
_MOST_CONFUSIONS = 15


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    accepted: frozenset[str]  # every code that is right; empty: not a matter of the catalogue
    primary: str


@dataclass(frozen=True, slots=True)
class ClassFigures:
    code: str
    texts: int
    top1: float
    top3: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose best candidate's confidence lies in one tenth: `said` on average, `right` in truth."""

    texts: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The surest share of the texts, how many of them are right, and the confidence at the border."""

    coverage: float
    precision: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Confusion:
    wanted: str
    said: str
    texts: int


@dataclass(frozen=True, slots=True)
class Latency:
    median: float
    p95: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    texts: int  # of the catalogue; only `auc` knows of the others
    outside: int
    top1: float
    top3: float
    top5: float
    macro_top1: float  # mean over classes, so that rare ones count as much
    auc: float | None  # chance that a text inside is held more in scope than one outside
    coverage_at_90: float  # largest share, surest first, of which nine in ten are right
    ece: float  # expected calibration error: mean distance of said and right
    calibration: tuple[Bin, ...]
    curve: tuple[CurvePoint, ...]
    per_class: tuple[ClassFigures, ...]
    confusions: tuple[Confusion, ...]
    latency_us: Latency
    model_version: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Scored:
    case: Labelled
    known: Understanding

    def is_right(self, within: int = 1) -> bool:
        return any(candidate.code in self.case.accepted for candidate in self.known.candidates[:within])

    def confidence(self) -> float:
        return self.known.candidates[0].confidence if self.known.candidates else 0.0


def read_labelled(path: Path) -> list[Labelled]:
    """A CSV with the columns text and label_codes (`|` between codes, OOS = outside the catalogue)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["label_codes"].split("|")) for row in csv.DictReader(file)]
    return [Labelled(text, frozenset(codes) - {OUT_OF_SCOPE}, codes[0]) for text, codes in rows]


def evaluate(judged: LinearModel | Classifier, cases: Sequence[Labelled]) -> Evaluation:
    """Every case is classified once; half a millisecond a case."""
    classifier = TextUnderstanding(judged) if isinstance(judged, LinearModel) else judged
    scored = [_Scored(case, classifier.understand(case.text)) for case in cases]
    inside = [one for one in scored if one.case.accepted]
    outside = [one.known.in_scope for one in scored if not one.case.accepted]
    took = [one.known.latency_us for one in scored] or [0]
    bins, per_class = _calibration(inside), _per_class(inside)
    return Evaluation(
        texts=len(inside),
        outside=len(outside),
        top1=_hits(inside, 1),
        top3=_hits(inside, 3),
        top5=_hits(inside, 5),
        macro_top1=_mean([one.top1 for one in per_class]),
        auc=_auc([one.known.in_scope for one in inside], outside),
        coverage_at_90=_coverage(inside, _WANTED_PRECISION),
        ece=_expected_error(bins),
        calibration=bins,
        curve=_curve(inside),
        per_class=per_class,
        confusions=_confusions(inside),
        latency_us=Latency(statistics.median(took), _percentile(took, 0.95)),
        model_version=scored[0].known.model_version if scored else "",
    )


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 4) if values else 0.0


def _hits(scored: Sequence[_Scored], within: int) -> float:
    return _mean([one.is_right(within) for one in scored])


def _per_class(inside: Sequence[_Scored]) -> tuple[ClassFigures, ...]:
    groups: dict[str, list[_Scored]] = {}
    for one in inside:
        groups.setdefault(one.case.primary, []).append(one)
    return tuple(ClassFigures(code, len(of), _hits(of, 1), _hits(of, 3)) for code, of in sorted(groups.items()))


def _auc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """None without both."""
    if not inside or not outside:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return round(wins / (len(inside) * len(outside)), 4)


def _surest_first(inside: Sequence[_Scored]) -> list[_Scored]:
    return sorted(inside, key=_Scored.confidence, reverse=True)


def _coverage(inside: Sequence[_Scored], precision: float) -> float:
    right, best = 0, 0
    for count, one in enumerate(_surest_first(inside), 1):
        right += one.is_right()
        if right / count >= precision:
            best = count
    return round(best / len(inside), 4) if inside else 0.0


def _curve(inside: Sequence[_Scored]) -> tuple[CurvePoint, ...]:
    ranked = _surest_first(inside)
    counts = sorted({max(1, round(share * len(ranked))) for share in _CURVE}) if ranked else []
    return tuple(
        CurvePoint(round(n / len(ranked), 4), _hits(ranked[:n], 1), ranked[n - 1].confidence()) for n in counts
    )


def _calibration(inside: Sequence[_Scored]) -> tuple[Bin, ...]:
    bins = ([one for one in inside if low <= one.confidence() < high] for low, high in pairwise(_BINS))
    return tuple(Bin(len(of), _mean([one.confidence() for one in of]), _hits(of, 1)) for of in bins if of)


def _expected_error(bins: Sequence[Bin]) -> float:
    texts = sum(one.texts for one in bins)
    return round(sum(one.texts * abs(one.said - one.right) for one in bins) / texts, 4) if texts else 0.0


def _confusions(inside: Sequence[_Scored]) -> tuple[Confusion, ...]:
    wrong = [one for one in inside if one.known.candidates and not one.is_right()]
    pairs = Counter((one.case.primary, one.known.candidates[0].code) for one in wrong)
    return tuple(Confusion(wanted, said, count) for (wanted, said), count in pairs.most_common(_MOST_CONFUSIONS))


def _percentile(values: Sequence[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def as_text(figures: Evaluation) -> str:
    auc = "—" if figures.auc is None else f"{figures.auc:.3f}"
    lines = [
        f"texts {figures.texts} (+ {figures.outside} outside)   model {figures.model_version}",
        f"top-1 {figures.top1:.3f}   top-3 {figures.top3:.3f}   top-5 {figures.top5:.3f}   "
        f"macro top-1 {figures.macro_top1:.3f}",
        f"scope AUC {auc}   coverage at 90 % precision {figures.coverage_at_90:.3f}   "
        f"calibration error {figures.ece:.3f}",
        f"latency: median {figures.latency_us.median:.0f} µs, p95 {figures.latency_us.p95} µs",
        "confidence: " + "  ".join(f"{one.said:.2f}→{one.right:.2f} ({one.texts})" for one in figures.calibration),
        "coverage → precision: " + "  ".join(f"{p.coverage:.2f}→{p.precision:.2f}" for p in figures.curve[1::2]),
    ]
    weak = [one for one in figures.per_class if one.top1 < 1]
    lines += [f"  {one.code}: top-1 {one.top1:.2f}, top-3 {one.top3:.2f} of {one.texts}" for one in weak]
    lines += [f"  wanted {one.wanted}, said {one.said}: {one.texts}" for one in figures.confusions]
    return "\n".join(lines)
