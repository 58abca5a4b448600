"""Word cutting by jieba with a dictionary of our own; jieba's global tokenizer is never touched.

`NLP_SEGMENTER=rjieba` takes the compiled twin, given the same dictionary, if it is installed: it cuts the same
(tests/nlp/test_segment.py) in a tenth of the time, and takes a second longer to start.
"""

import logging
import os
import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba 0.42.1 holds invalid escapes and asks for pkg_resources
    import jieba
    from jieba import Tokenizer

_log = logging.getLogger(__name__)
# Rarer words of jieba's dictionary are names and terms no caller uses; leaving them out halves load time and memory.
_MIN_FREQUENCY = 5
# High enough that an own word is never cut apart by its more frequent halves.
_OWN_FREQUENCY = 20_000

Words = list[tuple[str, int, int]]


class _Engine(Protocol):
    def words(self, text: str) -> Words: ...


class _Jieba(Tokenizer):  # type: ignore[misc]
    """A tokenizer whose prefix dictionary is handed in: no temp-file cache another user of the machine could forge."""

    def __init__(self, frequencies: dict[str, int]) -> None:
        super().__init__()
        self.total = sum(frequencies.values())
        # jieba walks the dictionary prefix by prefix, so every prefix must be a key.
        prefixes = {word[:end] for word in frequencies for end in range(1, len(word))}
        self.FREQ, self.initialized = dict.fromkeys(prefixes, 0) | frequencies, True

    def words(self, text: str) -> Words:
        return [*self.tokenize(text, HMM=False)]


class _CompiledJieba:
    def __init__(self, frequencies: dict[str, int]) -> None:
        from rjieba import Jieba

        self._jieba: Jieba = Jieba.empty()  # type: ignore[no-untyped-call]
        for word, frequency in frequencies.items():
            self._jieba.add_word(word, frequency, None)

    def words(self, text: str) -> Words:
        return [*self._jieba.tokenize(text, hmm=False)]


def frequencies_with(own: Iterable[str]) -> dict[str, int]:
    """jieba's common words, and our own ones as if they were very common."""
    found: dict[str, int] = {}
    with (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            frequency = int(count)
            if frequency >= _MIN_FREQUENCY:
                found[word] = frequency
    for word in own:
        found[word] = max(found.get(word, 0), _OWN_FREQUENCY)
    return found


class Segmenter:
    def __init__(self, own_words: Iterable[str], engine: str | None = None) -> None:
        """`engine`: jieba or rjieba; None: what the environment says."""
        frequencies = frequencies_with(own_words)
        self._engine = _engine(engine or os.environ.get("NLP_SEGMENTER", "jieba"), frequencies)

    def words(self, text: str) -> Words:
        """Words with their offsets. Without the hidden Markov model: character n-grams see unknown words better."""
        return [(word, start, end) for word, start, end in self._engine.words(text) if not word.isspace()]


def _engine(name: str, frequencies: dict[str, int]) -> _Engine:
    if name == "rjieba" and find_spec("rjieba"):
        return _CompiledJieba(frequencies)
    if name != "jieba":
        _log.warning("segmenter %s is not installed or unknown: jieba cuts the words", name)
    return _Jieba(frequencies)
