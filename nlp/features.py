"""What the linear model sees of a text: words, and runs of two and three characters that repair wrong cuts."""

import re
from collections import Counter
from itertools import pairwise

from nlp.segment import Segmenter

_RUN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+")


def word_features(words: list[tuple[str, int, int]]) -> Counter[str]:
    """Words and neighbouring pairs: 垃圾桶|倒 is another matter than 垃圾|倒."""
    kept = [word for word, _, _ in words if _RUN.match(word) and not _NUMBER.fullmatch(word)]
    found = Counter("w" + word for word in kept)
    found.update(f"p{a}|{b}" for a, b in pairwise(kept))
    return found


def char_features(plain: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for run in _RUN.findall(_NUMBER.sub(" ", plain)):
        found.update("c" + run[i : i + 2] for i in range(len(run) - 1))
        found.update("c" + run[i : i + 3] for i in range(len(run) - 2))
    return found


def features(plain: str, segmenter: Segmenter) -> tuple[Counter[str], Counter[str]]:
    return word_features(segmenter.words(plain)), char_features(plain)
