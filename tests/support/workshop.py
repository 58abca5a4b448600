"""A workshop that trains in no time: its model is what the examples said, word for word, as JSON with a signature."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.learning.port import ClassFigures, Figures, Labelled, ModelRefused, Trained, Words
from nlp.types import Area, Candidate, Classifier, Example, GazetteerEntry, Place, Term, Understanding
from tests.support.classifier import FakeClassifier

KEY = "of this installation"
GOLD = (
    Labelled("路口井盖不见了", frozenset({"C0103"})),
    Labelled("路灯不亮了", frozenset({"C0118"})),
    Labelled("楼下堆着垃圾", frozenset({"E0102"})),
    Labelled("怎么办社保卡", frozenset()),
)


@dataclass
class ToyClassifier(FakeClassifier):
    """Texts that hold a learnt text, or a word of the city, are of its class; the dozen words come after that."""

    learnt: Mapping[str, str] = field(default_factory=dict)
    city_words: Words = field(default_factory=dict)
    places: Sequence[GazetteerEntry] = ()
    version: str = "shipped"

    def understand(self, text: str) -> Understanding:
        known = super().understand(text)
        own = [(word, code) for code, listed in self.city_words.items() for word in listed if word in text]
        own += [(part, code) for part, code in self.learnt.items() if part in text]
        first = [Candidate(code, 0.95, (_term(text, word),)) for word, code in own[:1]]
        others = [each for each in known.candidates if not first or each.code != first[0].code]
        return replace(
            known,
            candidates=(*first, *others),
            in_scope=0.97 if first else known.in_scope,
            places=(*(_place(text, each) for each in self.places if each.name in text), *known.places),
            model_version=self.version,
        )


@dataclass
class FakeWorkshop:
    """`spoil`: what the next models make of the gold set, by text; `die_at`: raises there, as a killed worker stops."""

    spoil: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    trained: list[list[Example]] = field(default_factory=list)
    during: list[object] = field(default_factory=list)

    def gold(self) -> Sequence[Labelled]:
        return GOLD

    def shipped_words(self) -> Words:
        return {"C0103": ["井盖"], "C0118": ["路灯"], "E0102": ["垃圾"]}

    def train(
        self,
        path: Path,
        examples: Sequence[Example],
        held_out: Sequence[Labelled],
        *,
        words: Words,
        trained_at: str,
        calibration: Sequence[float] = (),
    ) -> Trained:
        self.trained.append(list(examples))
        for act in self.during:
            act()  # type: ignore[operator]
        weights: Counter[tuple[str, str]] = Counter()
        for each in examples:
            weights[each.text, each.code] += each.weight  # type: ignore[assignment]
        learnt = {text: code for (text, code), _ in sorted(weights.items(), key=lambda one: one[1])} | self.spoil
        told = json.dumps({"learnt": learnt, "version": _digest(json.dumps(learnt))[:12]}, ensure_ascii=False)
        path.write_text(json.dumps({"told": told, "signature": _digest(KEY + told)}), encoding="utf-8")
        return Trained(json.loads(told)["version"], 3, len(examples), tuple(calibration) or (0.8,))

    def open(self, path: Path | None, words: Words, places: Sequence[GazetteerEntry]) -> Classifier:
        if path is None:
            return ToyClassifier(city_words=words, places=places)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["signature"] != _digest(KEY + kept["told"]):
                raise ModelRefused("签名不符")
            told = json.loads(kept["told"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelRefused(f"文件损坏：{type(error).__name__}") from None
        return ToyClassifier(learnt=told["learnt"], city_words=words, places=places, version=told["version"])

    def evaluate(self, classifier: Classifier, cases: Sequence[Labelled]) -> Figures:
        inside = [case for case in cases if case.codes]
        right = [(min(case.codes), *_hits(classifier, case)) for case in inside]
        codes = sorted({code for code, _, _ in right})
        return Figures(
            texts=len(inside),
            top1=_mean([one for _, one, _ in right]),
            top3=_mean([three for _, _, three in right]),
            auc=None,
            ece=0.0,
            coverage_at_90=1.0,
            per_class=tuple(_class(code, [each for each in right if each[0] == code]) for code in codes),
        )

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        return [0.25 for _ in texts]


def _hits(classifier: Classifier, case: Labelled) -> tuple[float, float]:
    said = [each.code for each in classifier.understand(case.text).candidates]
    return float(bool(case.codes & set(said[:1]))), float(bool(case.codes & set(said[:3])))


def _class(code: str, rows: Sequence[tuple[str, float, float]]) -> ClassFigures:
    return ClassFigures(code, len(rows), _mean([one for _, one, _ in rows]), _mean([three for _, _, three in rows]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _term(text: str, word: str) -> Term:
    start = text.index(word)
    return Term(word, start, start + len(word))


def _place(text: str, entry: GazetteerEntry) -> Place:
    term = _term(text, entry.name)
    area = Area(entry.area_code[:6], entry.area_code[:6])
    return Place("district", area.code, area.name, term.text, term.start, term.end, 0.8, area, kind=entry.kind)
