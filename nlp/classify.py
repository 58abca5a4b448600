"""Ranking of the classes: what the lexicon finds and what the linear model thinks, blended by z-score."""

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.features import char_features, word_features
from nlp.lexicon import Hit, Lexicon, own_words, read_rows, words_per_class
from nlp.model import OUT_OF_SCOPE, Floats, LinearModel
from nlp.segment import Segmenter
from nlp.types import Candidate, Term

_TOP = 5
_LEXICON_SHARE = 0.35  # of the blend; the model has the rest
_KIND_BONUS = 0.25  # z-scores, for classes on the side the verbs speak for
_SHARPNESS = 1.0

# A thing told only to say where: what follows makes it a bystander.
_BYSTANDER = re.compile(r"[^\s，。、]{0,3}?(旁|附近|对面|门口|后面|前面|边上|周边|隔壁|楼下|路口|入口|出口|东侧|西侧|南侧|北侧)")
_BYSTANDER_SHARE = 0.4
_DENIED = re.compile(r"(不是|没有说|并非|已经修好|已修好|修好了|已经处理|已经清)[^，。]{0,4}$")
_DENIED_SHARE = 0.3
_DAMAGE = re.compile(
    r"坏|破|断|歪|缺|丢了|不见|没了|被偷|不亮|松动|松了|生锈|锈|裂|塌|翘|倾斜|倒在|倒了|撞|掉|散架|失灵|故障|损|碎|凹|敞|漏"
)
_BEHAVIOUR = re.compile(r"乱|占道|占用|摆|乱停|违停|扔|倾倒|倒污|焚烧|烧|吵|扰民|噪|违章|违规|私自|擅自|施工|偷排|搭建|卖|养|发传单|收废")


@dataclass(frozen=True, slots=True)
class Ranking:
    """All classes scored, best first, and what is needed to explain it."""

    order: NDArray[np.intp]
    scores: Floats
    in_scope: float
    hits: list[Hit]
    words: list[tuple[str, int, int]]


class Ranker:
    def __init__(self, model: LinearModel) -> None:
        words = words_per_class()
        self.model = model
        self.lexicon = Lexicon(words)
        self.segmenter = Segmenter(own_words(words))
        self.codes = tuple(label for label in model.labels if label != OUT_OF_SCOPE)
        self._column = {code: column for column, code in enumerate(self.codes)}
        self._model_columns = np.array([model.labels.index(code) for code in self.codes], dtype=np.intp)
        self._foreign_column = model.labels.index(OUT_OF_SCOPE)
        kinds = {row["code"]: row["kind"] for row in read_rows("catalogue.csv")}
        self._components = np.array([kinds[code] == "component" for code in self.codes])

    def rank(self, plain: str) -> Ranking:
        """`plain` is normalised, places blanked out."""
        hits, words = self.lexicon.hits(plain), self.segmenter.words(plain)
        margins = self.model.scores(*self.model.weigh(word_features(words), char_features(plain)))
        mine, foreign = margins[self._model_columns], float(margins[self._foreign_column])
        named = self._name(plain, hits)
        scores = _LEXICON_SHARE * _standard(named) + (1 - _LEXICON_SHARE) * _standard(mine)
        scores = scores + _KIND_BONUS * self._lean(plain) * np.where(self._components, 1.0, -1.0)
        order = np.argsort(-scores, kind="stable")
        return Ranking(order, scores, _in_scope(float(mine.max()), foreign, float(named.max())), hits, words)

    def candidates(self, text: str, ranking: Ranking) -> tuple[Candidate, ...]:
        """The five best with their deciding terms, as `text` writes them."""
        best = ranking.order[:_TOP]
        chances = _chances(ranking.scores[ranking.order[:20]])
        return tuple(
            Candidate(self.codes[column], round(float(chance), 4), self._terms(text, int(column), ranking))
            for column, chance in zip(best, chances, strict=False)
        )

    def _name(self, plain: str, hits: list[Hit]) -> Floats:
        """What the lexicon says: long words say more, words of many classes less, further words of one class little."""
        found: Floats = np.zeros(len(self.codes), dtype=np.float32)
        for hit in hits:
            weight = (len(hit.word) - 0.5) ** 0.75 / len(hit.codes) ** 0.7 * _standing(plain, hit)
            for code in hit.codes:
                column = self._column[code]
                strong, weak = max(found[column], weight), min(found[column], weight)
                found[column] = strong + 0.35 * weak
        return found

    def _lean(self, plain: str) -> float:
        """+1: something is broken (component), -1: somebody does something (event), 0: cannot tell."""
        damage, behaviour = bool(_DAMAGE.search(plain)), bool(_BEHAVIOUR.search(plain))
        return float(damage) - float(behaviour)

    def _terms(self, text: str, column: int, ranking: Ranking) -> tuple[Term, ...]:
        code = self.codes[column]
        named = [Term(text[hit.start : hit.end], hit.start, hit.end) for hit in ranking.hits if code in hit.codes]
        if named:
            return tuple(named[:4])
        label = int(self._model_columns[column])
        pulls = [(self.model.pull(word, label), Term(text[start:end], start, end)) for word, start, end in ranking.words]
        strong = sorted((pull for pull in pulls if pull[0] > 0.1), key=lambda pull: (-pull[0], pull[1].start))
        return tuple(sorted((term for _, term in strong[:3]), key=lambda term: term.start))


def _standing(plain: str, hit: Hit) -> float:
    if _BYSTANDER.match(plain, hit.end):
        return _BYSTANDER_SHARE
    if _DENIED.search(plain, max(0, hit.start - 10), hit.start):
        return _DENIED_SHARE
    return 1.0


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-6 else np.zeros_like(values)


def _chances(scores: Floats) -> Floats:
    powers: Floats = np.exp(_SHARPNESS * (scores - scores.max()))
    return powers / powers.sum()


def _in_scope(mine: float, foreign: float, named: float) -> float:
    return round(1 / (1 + math.exp(-(0.2 + 2.0 * (mine - foreign) + 0.5 * (named - 1.0)))), 4)
