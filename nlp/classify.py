"""Ranking of the classes: what the linear model thinks, plus what lexicon and combinations find."""

import math
import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.features import char_features, word_features
from nlp.lexicon import (
    Combination,
    Combinations,
    Hit,
    Lexicon,
    WordLists,
    own_words,
    read_rows,
    words_per_class,
)
from nlp.model import OUT_OF_SCOPE, Floats, LinearModel
from nlp.segment import Segmenter
from nlp.speech import Hearing
from nlp.types import Candidate, Term

_TOP = 5
_IN_QUESTION = 20
_MOST_TERMS = 4

# Chosen on texts outside the development set: all lie on a wide plateau (docs/understanding.md). The parts are added
# as they are: brought to a common spread, one weak word in an otherwise silent text would shout.
_FOUND = 0.35  # margins of the model that one unit of what was found is worth
_KIND_BONUS = 0.08  # margins, for classes on the side the verbs speak for
_PAIR, _PAIR_FADE = 3.5, 0.95  # weight of a combination, and what each character of its gap leaves of it
_FURTHER = 0.5  # what a second word for the same class adds
_FURTHER_PAIR = 0.3  # a second combination of the same class says much the same again
_WORD_CAP, _PAIR_CAP = 1.5, 4.0  # more of the same says little more about the scope

# A thing told only to say where: what follows makes it a bystander.
_BYSTANDER = re.compile(
    r"[^\s，。、]{0,3}?(旁|附近|对面|门口|后面|前面|边上|周边|隔壁|楼下|路口|入口|出口|[东南西北]侧)"
)
_BYSTANDER_SHARE = 0.4
_OWN_VEHICLE = re.compile(r"(骑|开着|坐)(着|个|辆|了)?.?$")  # how the caller came is not the matter
_OWN_VEHICLE_SHARE = 0.2
_DENIED = re.compile(r"(不是|没有说|并非|(?<!没)(?<!未)修好了?|已经处理|已经清)[^，。]{0,4}$")
_DENIED_SHARE = 0.3
# No lamp is out when somebody shouts before dawn, and nobody fishes or dries nets on a slow building site.
_IDIOM = re.compile(r"天还?(不|没|刚|蒙蒙)亮|三天打[鱼渔][,，]?两天晒网")

_DAMAGE = re.compile(
    r"坏|破|断|歪|缺|丢了|不见|没了|被偷|不亮|松动|松了|锈|裂|塌|翘|倾斜|倒在|倒了|撞|掉|散架|失灵|故障|损|碎|凹|敞|漏"
)
_BEHAVIOUR = re.compile(
    r"乱|占道|占用|摆|违停|扔|倾倒|倒污|烧|吵|扰民|噪|违章|违规|私自|擅自|施工|偷排|搭建|卖|养|发传单|收废"
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All classes scored, best first, and what is needed to explain and to calibrate it."""

    order: NDArray[np.intp]
    scores: Floats
    signs: tuple[float, ...]  # of being a matter of the catalogue, weighed by the calibration
    in_scope: float
    hits: tuple[Hit, ...]
    combinations: tuple[Combination, ...]
    words: tuple[tuple[str, int, int], ...]


class Ranker:
    def __init__(self, model: LinearModel, words: WordLists | None = None) -> None:
        """`words`: a city's own per class, at work without training; None: those the model was trained with."""
        self.model = model
        self._lexicon = Lexicon(words_per_class(model.card.words if words is None else words))
        self._combinations = Combinations()
        # Cut as in training, whatever was added since: other cuts would be other features.
        self._segmenter = Segmenter(own_words(words_per_class(model.card.words)))
        self.hearing = Hearing(self._lexicon.words, self._segmenter)
        self.codes = tuple(label for label in model.labels if label != OUT_OF_SCOPE)
        self._column = {code: column for column, code in enumerate(self.codes)}
        self._model_columns = np.array([model.labels.index(code) for code in self.codes], dtype=np.intp)
        self._foreign_column = model.labels.index(OUT_OF_SCOPE)
        kinds = {row["code"]: row["kind"] for row in read_rows("catalogue.csv")}
        self._sides = np.array([1.0 if kinds[code] == "component" else -1.0 for code in self.codes], dtype=np.float32)

    def words(self, plain: str) -> tuple[str, ...]:
        return tuple(word for word, _, _ in self._segmenter.words(plain))

    def rank(self, told: str) -> Ranking:
        """`told` is normalised, places blanked out. What is found counts its characters."""
        plain, place = self.hearing.tidy(told)
        plain = _IDIOM.sub(lambda found: " " * len(found.group()), plain)
        hits, combinations = self._lexicon.hits(plain), self._combinations.find(plain)
        words = self._segmenter.words(plain)
        margins = self.model.scores(*self.model.weigh(word_features(words), char_features(plain)))
        mine = margins[self._model_columns]
        named, paired = self._name(plain, hits), self._pair(plain, combinations)
        scores = mine + _FOUND * _join(named, paired) + _KIND_BONUS * _lean(plain) * self._sides
        signs = _signs(float(mine.max()), float(margins[self._foreign_column]), float(named.max()), float(paired.max()))
        in_scope = _in_scope(self.model.calibration.scope, signs)
        order = np.argsort(-scores, kind="stable")
        ends = [start + 1 for start in place]
        return Ranking(
            order,
            scores,
            signs,
            in_scope,
            tuple(replace(hit, start=place[hit.start], end=ends[hit.end - 1]) for hit in hits),
            tuple(_moved(pair, place, ends) for pair in combinations),
            tuple((word, place[start], ends[end - 1]) for word, start, end in words),
        )

    def candidates(self, text: str, ranking: Ranking) -> tuple[Candidate, ...]:
        """The five best with their deciding terms, as `text` writes them."""
        best = ranking.order[:_TOP]
        chances = chances_of(ranking, self.model.calibration.sharpness)
        return tuple(
            Candidate(self.codes[column], round(float(chance), 4), self._terms(text, int(column), ranking))
            for column, chance in zip(best, chances, strict=False)
        )

    def _name(self, plain: str, hits: list[Hit]) -> Floats:
        """What the words say: long ones more, those of many classes less."""
        found: Floats = np.zeros(len(self.codes), dtype=np.float32)
        for hit in hits:
            weight = (len(hit.word) - 0.5) ** 0.75 / len(hit.codes) ** 0.7 * _standing(plain, hit.start, hit.end)
            for code in hit.codes:
                column = self._column[code]
                strong, weak = max(float(found[column]), weight), min(float(found[column]), weight)
                found[column] = strong + _FURTHER * weak
        return found

    def _pair(self, plain: str, combinations: list[Combination]) -> Floats:
        found: Floats = np.zeros(len(self.codes), dtype=np.float32)
        for pair in combinations:
            weight = _PAIR * _PAIR_FADE ** max(0, pair.end - pair.start - 4) * _standing(plain, pair.start, pair.end)
            column = self._column[pair.code]
            strong, weak = max(float(found[column]), weight), min(float(found[column]), weight)
            found[column] = strong + _FURTHER_PAIR * weak
        return found

    def _terms(self, text: str, column: int, ranking: Ranking) -> tuple[Term, ...]:
        """The words found for the class; if the model alone spoke, the words that pulled it there."""
        code = self.codes[column]
        named = [(hit.start, hit.end) for hit in ranking.hits if code in hit.codes]
        parts = [span for pair in ranking.combinations if pair.code == code for span in pair.parts]
        named += [span for span in parts if not _covered(span, named)]
        spans = named or self._pulling(int(self._model_columns[column]), ranking)
        kept = list(dict.fromkeys(spans))[:_MOST_TERMS]  # several combinations may share a word
        return tuple(Term(text[start:end], start, end) for start, end in sorted(kept))

    def _pulling(self, label: int, ranking: Ranking) -> list[tuple[int, int]]:
        pulls = [(self.model.pull(word, label), start, end) for word, start, end in ranking.words if end - start > 1]
        strong = sorted((pull for pull in pulls if pull[0] > 0.1), key=lambda pull: (-pull[0], pull[1]))
        return [(start, end) for _, start, end in strong[:3]]


def _moved(pair: Combination, place: list[int], ends: list[int]) -> Combination:
    (a, b), (c, d) = pair.parts
    parts = ((place[a], ends[b - 1]), (place[c], ends[d - 1]))
    return Combination(pair.code, place[pair.start], ends[pair.end - 1], parts)


def _covered(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _join(named: Floats, paired: Floats) -> Floats:
    joined: Floats = (np.maximum(named, paired) + _FURTHER * np.minimum(named, paired)).astype(np.float32)
    return joined


def _standing(plain: str, start: int, end: int) -> float:
    """Share of its weight that a finding keeps: bystanders, own vehicles and denied things count less."""
    if _OWN_VEHICLE.search(plain, max(0, start - 4), start + 1):
        return _OWN_VEHICLE_SHARE
    if _BYSTANDER.match(plain, end):
        return _BYSTANDER_SHARE
    if _DENIED.search(plain, max(0, start - 10), start):
        return _DENIED_SHARE
    return 1.0


def _lean(plain: str) -> float:
    """+1: something is broken (component), -1: somebody does something (event), 0: cannot tell."""
    return float(bool(_DAMAGE.search(plain))) - float(bool(_BEHAVIOUR.search(plain)))


def chances_of(ranking: Ranking, sharpness: float) -> Floats:
    """Of the first twenty in their order; the rest could not change what is shown."""
    scores = ranking.scores[ranking.order[:_IN_QUESTION]]
    powers: Floats = np.exp(sharpness * (scores - scores[0]))
    chances: Floats = powers / powers.sum()
    return chances


def _signs(mine: float, foreign: float, named: float, paired: float) -> tuple[float, ...]:
    return 1.0, mine, foreign, min(named, _WORD_CAP), min(paired, _PAIR_CAP)


def _in_scope(weights: tuple[float, ...], signs: tuple[float, ...]) -> float:
    return round(1 / (1 + math.exp(-sum(weight * sign for weight, sign in zip(weights, signs, strict=True)))), 4)
