"""Figures of a classifier on labelled texts: hits in the first one, three, five, calibration, scope, confusions."""

import csv
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from nlp.model import OUT_OF_SCOPE
from nlp.types import Classifier, Understanding

_BINS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    accepted: frozenset[str]  # every code that is right; empty: not a matter of the catalogue
    primary: str


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


def evaluate(classifier: Classifier, cases: Sequence[Labelled]) -> dict[str, Any]:
    scored = [_Scored(case, classifier.understand(case.text)) for case in cases]
    inside = [one for one in scored if one.case.accepted]
    outside = [one.known.in_scope for one in scored if not one.case.accepted]
    took = [one.known.latency_us for one in scored] or [0]
    return {
        "texts": len(inside),
        "outside": len(outside),
        **{f"top{within}": _share([one.is_right(within) for one in inside]) for within in (1, 3, 5)},
        "macro_top1": _macro(inside),
        "auc": _auc([one.known.in_scope for one in inside], outside),
        "coverage_at_90": _coverage(inside, 0.9),
        "calibration": _calibration(inside),
        "confusions": _confusions(inside),
        "latency_us": {"median": statistics.median(took), "p95": _percentile(took, 0.95)},
        "model_version": scored[0].known.model_version if scored else "",
    }


def _share(answers: Sequence[bool]) -> float:
    return round(sum(answers) / len(answers), 4) if answers else 0.0


def _macro(inside: Sequence[_Scored]) -> float:
    per_class: dict[str, list[bool]] = {}
    for one in inside:
        per_class.setdefault(one.case.primary, []).append(one.is_right())
    return round(statistics.fmean(map(_share, per_class.values())), 4) if per_class else 0.0


def _auc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Chance that a text inside scores above one outside; None without both."""
    if not inside or not outside:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return round(wins / (len(inside) * len(outside)), 4)


def _coverage(inside: Sequence[_Scored], precision: float) -> float:
    """Largest share of texts, surest first, among which the wanted precision holds."""
    right, best = 0, 0
    for count, one in enumerate(sorted(inside, key=_Scored.confidence, reverse=True), 1):
        right += one.is_right()
        if right / count >= precision:
            best = count
    return round(best / len(inside), 4) if inside else 0.0


def _calibration(inside: Sequence[_Scored]) -> list[dict[str, Any]]:
    bins = []
    for low, high in pairwise(_BINS):
        within = [one for one in inside if low <= one.confidence() < high]
        if within:
            said = round(statistics.fmean(one.confidence() for one in within), 3)
            right = _share([one.is_right() for one in within])
            bins.append({"from": low, "texts": len(within), "said": said, "right": right})
    return bins


def _confusions(inside: Sequence[_Scored]) -> list[dict[str, Any]]:
    wrong = [one for one in inside if one.known.candidates and not one.is_right()]
    pairs = Counter((one.case.primary, one.known.candidates[0].code) for one in wrong)
    return [{"wanted": wanted, "said": said, "texts": count} for (wanted, said), count in pairs.most_common(15)]


def _percentile(values: Sequence[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def as_text(figures: dict[str, Any]) -> str:
    auc = "—" if figures["auc"] is None else f"{figures['auc']:.3f}"
    hits = "   ".join(f"top-{within} {figures[f'top{within}']:.3f}" for within in (1, 3, 5))
    took = figures["latency_us"]
    lines = [
        f"texts {figures['texts']} (+ {figures['outside']} outside)   model {figures['model_version']}",
        f"{hits}   macro top-1 {figures['macro_top1']:.3f}",
        f"scope AUC {auc}   coverage at 90 % precision {figures['coverage_at_90']:.3f}",
        f"latency: median {took['median']:.0f} µs, p95 {took['p95']} µs",
        "confidence: " + "  ".join(f"{b['said']:.2f}→{b['right']:.2f} ({b['texts']})" for b in figures["calibration"]),
    ]
    lines += [f"  wanted {c['wanted']}, said {c['said']}: {c['texts']}" for c in figures["confusions"]]
    return "\n".join(lines)
