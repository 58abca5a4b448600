"""Word cutting by jieba with a dictionary of our own; jieba's global tokenizer is never touched."""

import warnings
from collections.abc import Iterable
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba 0.42.1 holds invalid escapes and asks for pkg_resources
    import jieba
    from jieba import Tokenizer

# Rarer words of jieba's dictionary are names and terms no caller uses; leaving them out halves load time and memory.
_MIN_FREQUENCY = 5
# High enough that an own word is never cut apart by its more frequent halves.
_OWN_FREQUENCY = 20_000


class _OwnDictionary(Tokenizer):  # type: ignore[misc]
    """A tokenizer whose prefix dictionary is handed in: no temp-file cache another user of the machine could forge."""

    def __init__(self, frequencies: dict[str, int], total: int) -> None:
        super().__init__()
        self.FREQ, self.total, self.initialized = frequencies, total, True


def _frequencies(own: Iterable[str]) -> tuple[dict[str, int], int]:
    found: dict[str, int] = {}
    with (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, _ = line.split(" ", 2)
            frequency = int(count)
            if frequency >= _MIN_FREQUENCY:
                found[word] = frequency
    for word in own:
        found[word] = max(found.get(word, 0), _OWN_FREQUENCY)
    total = sum(found.values())
    # jieba walks the dictionary prefix by prefix, so every prefix must be a key.
    prefixes = {word[:end] for word in found for end in range(1, len(word))}
    return dict.fromkeys(prefixes, 0) | found, total


class Segmenter:
    def __init__(self, own_words: Iterable[str]) -> None:
        self._jieba = _OwnDictionary(*_frequencies(own_words))

    def words(self, text: str) -> list[tuple[str, int, int]]:
        """Words with their offsets. Without the hidden Markov model: character n-grams see unknown words better."""
        return [(word, start, end) for word, start, end in self._jieba.tokenize(text, HMM=False) if not word.isspace()]
