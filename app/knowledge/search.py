"""Which articles answer what a caller says: BM25 over jieba's words and pairs of characters. Pure.

Pairs beside words: what a dictionary does not know ("犬证") falls apart into single characters that say nothing.
A hit in title or keywords counts for several in the body.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

Words = Callable[[str], Sequence[str]]

K, B = 1.2, 0.6  # the usual saturation; bodies are of similar length, so length counts less
TITLE, PAIR = 4, 0.5
# Of several hits those much weaker than the best are noise.
WORTH = 0.45
LONGEST_QUESTION = 600


@dataclass(frozen=True, slots=True)
class Text:
    id: int
    title: str
    keywords: str
    body: str


class Index:
    """Built once per state of the articles; a few hundred of them are searched in a millisecond."""

    def __init__(self, texts: Iterable[Text], words: Words) -> None:
        self._words = words
        self._bags = [(text.id, _bag(text, words)) for text in texts]
        held = Counter(term for _, bag in self._bags for term in bag)
        count = len(self._bags)
        self._rarity = {term: log(1 + (count - n + 0.5) / (n + 0.5)) for term, n in held.items()}
        self._usual = sum(sum(bag.values()) for _, bag in self._bags) / count if count else 1.0

    def find(self, question: str, at_most: int) -> list[int]:
        """Ids, best first. The end of a long talk counts: that is what the caller asks now."""
        asked = set(_terms(question[-LONGEST_QUESTION:], self._words))
        scored = [(self._score(bag, asked), -which) for which, bag in self._bags]
        best = max((score for score, _ in scored), default=0.0)
        hits = [(score, which) for score, which in scored if score > 0 and score >= best * WORTH]
        return [-which for _, which in sorted(hits, reverse=True)[:at_most]]

    def _score(self, bag: Counter[str], asked: set[str]) -> float:
        longer = 1 - B + B * sum(bag.values()) / self._usual
        return sum(
            _weight(term) * self._rarity[term] * bag[term] * (K + 1) / (bag[term] + K * longer)
            for term in asked
            if term in bag
        )


def _bag(text: Text, words: Words) -> Counter[str]:
    bag = Counter(_terms(text.body, words))
    for term in _terms(f"{text.title}\n{text.keywords}", words):
        bag[term] += TITLE
    return bag


def _terms(text: str, words: Words) -> list[str]:
    whole = [word for word in words(text) if len(word) > 1]
    pairs = [f"{a}{b}" for a, b in pairwise(text) if _is_chinese(a) and _is_chinese(b)]
    return [*whole, *(f"~{pair}" for pair in pairs)]


def _weight(term: str) -> float:
    return PAIR if term.startswith("~") else 1.0


def _is_chinese(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
