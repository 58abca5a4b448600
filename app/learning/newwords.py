"""Words that people use for a class and no list knows. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_RUN = re.compile(r"[\u4e00-\u9fff]+")
SHORTEST, LONGEST = 2, 5
LEAST_TEXTS = 4
LEAST_SHARE = 0.8  # of the texts with the word, those of its class: a word said everywhere names nothing
MOST_PER_CLASS = 5
# Nobody's word for a class begins or ends with one of these.
_JOINTS = frozenset("的了在是有和与及都也很就还被把给从到对这那个们吗呢吧啊请我你他她它不没上下里中前后")


@dataclass(frozen=True, slots=True)
class NewWord:
    class_code: str
    word: str
    texts: int


def find_new_words(told: Iterable[tuple[str, str]], known: Mapping[str, Sequence[str]]) -> list[NewWord]:
    """`told`: (text, class). Runs of 2 to 5 characters; of runs always said together the longest."""
    texts = list(told)
    in_class: dict[str, Counter[str]] = defaultdict(Counter)
    everywhere: Counter[str] = Counter()
    for text, code in texts:
        found = set(_runs(text))
        in_class[code].update(found)
        everywhere.update(found)
    return [
        NewWord(code, word, count)
        for code, counts in sorted(in_class.items())
        for word, count in _best(counts, everywhere, known.get(code, ()))
    ]


def _best(counts: Counter[str], everywhere: Counter[str], known: Sequence[str]) -> list[tuple[str, int]]:
    fitting = {
        word: count
        for word, count in counts.items()
        if count >= LEAST_TEXTS and count / everywhere[word] >= LEAST_SHARE and not _is_known(word, known)
    }
    whole = [(word, count) for word, count in fitting.items() if not _is_part(word, count, fitting)]
    return sorted(whole, key=lambda one: (-one[1], -len(one[0]), one[0]))[:MOST_PER_CLASS]


def _is_known(word: str, known: Sequence[str]) -> bool:
    """A listed word, a piece of one, or one with something around it brings nothing new."""
    return any(word in one or one in word for one in known if len(one) >= SHORTEST)


def _is_part(word: str, count: int, fitting: Mapping[str, int]) -> bool:
    return any(word != other and word in other and times >= count * 0.9 for other, times in fitting.items())


def _runs(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        for length in range(SHORTEST, LONGEST + 1):
            for start in range(len(run) - length + 1):
                word = run[start : start + length]
                if word[0] not in _JOINTS and word[-1] not in _JOINTS:
                    yield word
