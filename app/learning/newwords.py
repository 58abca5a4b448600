"""Words that people use for a class and no list knows. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SHORTEST, LONGEST = 2, 5
LEAST_TEXTS = 4
LEAST_SHARE = 0.8  # of the texts with the word, those of its class: a word said everywhere names nothing
MOST_PER_CLASS = 5
LEAST_NEIGHBOURS = 2  # on each side: what always stands beside the same character is a piece of a longer word
# Between two of these words are looked for; none of them is inside a thing's name.
_RUN = re.compile(r"[^\W\d_的了在是有也都很就还被把吗呢吧啊我你他她它们这那一二三四五六七八九十百两几]+")
# A name may hold these, but neither begins nor ends with one.
_JOINTS = frozenset("不没和与及从到对给请上下里中前后来去又再人号")


@dataclass(frozen=True, slots=True)
class NewWord:
    class_code: str
    word: str
    texts: int


@dataclass
class _Seen:
    """What stood left and right of a run, "" for an edge; an edge is never the same twice."""

    left: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)
    left_edges: int = 0
    right_edges: int = 0

    def is_whole(self) -> bool:
        left, right = len(self.left) + self.left_edges, len(self.right) + self.right_edges
        return min(left, right) >= LEAST_NEIGHBOURS


def find_new_words(told: Iterable[tuple[str, str]], known: Mapping[str, Sequence[str]]) -> list[NewWord]:
    """`told`: (text, class). Runs of 2 to 5 characters that end where people end them; of nested ones the longest."""
    in_class: dict[str, Counter[str]] = defaultdict(Counter)
    everywhere: Counter[str] = Counter()
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for text, code in told:
        found = _runs(text, seen)
        in_class[code].update(found)
        everywhere.update(found)
    return [
        NewWord(code, word, count)
        for code, counts in sorted(in_class.items())
        for word, count in _best(counts, everywhere, seen, known.get(code, ()))
    ]


def _best(
    counts: Counter[str], everywhere: Counter[str], seen: Mapping[str, _Seen], known: Sequence[str]
) -> list[tuple[str, int]]:
    fitting = {
        word: count
        for word, count in counts.items()
        if count >= LEAST_TEXTS
        and count / everywhere[word] >= LEAST_SHARE
        and seen[word].is_whole()
        and not _is_known(word, known)
    }
    whole = [(word, count) for word, count in fitting.items() if not _is_part(word, count, fitting)]
    return sorted(whole, key=lambda one: (-one[1], -len(one[0]), one[0]))[:MOST_PER_CLASS]


def _is_known(word: str, known: Sequence[str]) -> bool:
    """A listed word, a piece of one, or one with something around it brings nothing new."""
    return any(word in one or one in word for one in known if len(one) >= SHORTEST)


def _is_part(word: str, count: int, fitting: Mapping[str, int]) -> bool:
    return any(word != other and word in other and times >= count * 0.9 for other, times in fitting.items())


def _runs(text: str, seen: dict[str, _Seen]) -> set[str]:
    found = set()
    for run in _RUN.findall(text):
        for start, end in _spans(run):
            word = run[start:end]
            found.add(word)
            _note(seen[word], run[start - 1 : start] if start else "", run[end : end + 1])
    return found


def _spans(run: str) -> Iterator[tuple[int, int]]:
    for start in range(len(run)):
        for end in range(start + SHORTEST, min(start + LONGEST, len(run)) + 1):
            if run[start] not in _JOINTS and run[end - 1] not in _JOINTS and not run[start:end].isascii():
                yield start, end


def _note(seen: _Seen, left: str, right: str) -> None:
    seen.left_edges += not left
    seen.right_edges += not right
    if left:
        seen.left.add(left)
    if right:
        seen.right.add(right)
