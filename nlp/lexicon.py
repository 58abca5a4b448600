"""Names of classes and citizens' words for them in an Aho-Corasick automaton: microseconds a text."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick

from nlp.data import data_path
from nlp.text import normalise


@dataclass(frozen=True, slots=True)
class Hit:
    word: str
    start: int
    end: int
    codes: tuple[str, ...]


def read_rows(name: str) -> list[dict[str, str]]:
    with data_path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


WordLists = Mapping[str, Sequence[str]]


def words_per_class(extra: WordLists | None = None) -> dict[str, list[str]]:
    """Code → name, synonyms and short everyday phrases, in the order of the files; then the `extra` of a city."""
    found: dict[str, list[str]] = {}
    for row in read_rows("synonyms.csv"):
        found[row["code"]] = [row["name"], *row["words"].split("|")]
    for row in read_rows("phrases.csv"):
        found[row["code"]] += row["words"].split("|") if row["words"] else []
    for code, words in (extra or {}).items():
        found.get(code, []).extend(words)
    return {code: list(dict.fromkeys(normalise(word) for word in words if word)) for code, words in found.items()}


def phrases_per_class() -> dict[str, list[str]]:
    """Code → whole everyday sentences without a place, seeds of the generated complaints."""
    return {row["code"]: [p for p in row["phrases"].split("|") if p] for row in read_rows("phrases.csv")}


class Lexicon:
    def __init__(self, words: dict[str, list[str]]) -> None:
        owners: dict[str, list[str]] = {}
        for code, entries in words.items():
            for word in entries:
                owners.setdefault(word, []).append(code)
        self.words = tuple(owners)
        self._automaton = ahocorasick.Automaton()
        for word, codes in owners.items():
            self._automaton.add_word(word, (word, tuple(codes)))
        self._automaton.make_automaton()

    def hits(self, plain: str) -> list[Hit]:
        """Longest matches, left to right, none overlapping another, in a normalised text."""
        return [
            Hit(word, end + 1 - len(word), end + 1, codes) for end, (word, codes) in self._automaton.iter_long(plain)
        ]


def own_words(words: dict[str, list[str]]) -> Iterable[str]:
    """What the segmenter should keep whole. Long phrases stay out: their parts say more than the rare whole."""
    return sorted({word for entries in words.values() for word in entries if 2 <= len(word) <= 4})


@dataclass(frozen=True, slots=True)
class Combination:
    """A thing and what is the matter with it, near each other: 河 … 臭. Neither alone says the class."""

    code: str
    start: int
    end: int
    parts: tuple[tuple[int, int], tuple[int, int]]


_Spans = list[tuple[int, int]]


def combination_words() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Code, things and deeds of each rule; `@name` in the file stands for all words of that concept."""
    concepts = {row["name"]: row["words"] for row in read_rows("concepts.csv")}

    def words(told: str) -> tuple[str, ...]:
        spelt = (concepts[word[1:]] if word.startswith("@") else word for word in told.split("|"))
        return tuple(dict.fromkeys(normalise("|".join(spelt)).split("|")))

    return [(row["code"], words(row["things"]), words(row["deeds"])) for row in read_rows("combinations.csv")]


class Combinations:
    """Pairs of combinations.csv found within one clause, by one automaton."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        roles: dict[str, list[tuple[int, bool]]] = {}
        for rule, (code, things, deeds) in enumerate(combination_words()):
            self._codes.append(code)
            for words, is_thing in ((things, True), (deeds, False)):
                for word in words:
                    roles.setdefault(word, []).append((rule, is_thing))
        self._automaton = ahocorasick.Automaton()
        for word, parts in roles.items():
            self._automaton.add_word(word, (len(word), tuple(parts)))
        self._automaton.make_automaton()

    def find(self, plain: str) -> list[Combination]:
        """At most one per rule: the closest pair, and of equally close ones the first."""
        things: dict[int, _Spans] = {}
        deeds: dict[int, _Spans] = {}
        plain = _OTHER_SENSE.sub(lambda found: " " * len(found.group()), plain)
        for last, (length, parts) in self._automaton.iter(plain):
            if length == 1 and _NAME.match(plain, last + 1):
                continue
            for rule, is_thing in parts:
                (things if is_thing else deeds).setdefault(rule, []).append((last + 1 - length, last + 1))
        found = []
        for rule in sorted(things.keys() & deeds.keys()):
            pair = _closest(things[rule][:_MOST_REPEATS], deeds[rule][:_MOST_REPEATS], plain)
            if pair:
                found.append(Combination(self._codes[rule], pair[0][0], pair[1][1], pair))
        return found


# One character before these is part of a name, not a thing: 西湖|小区, 楚江|路.
_NAME = re.compile(
    r".?(路|街|巷|弄|小区|社区|镇|乡|村|苑|花园|家园|城|大厦|广场|大道|学校|小学|中学|国际|新村|公寓|府|公馆|世家|名|景)"
)
# Their characters are deeds elsewhere (响, 黑, 臭, 拖) and mean nothing of it here.
_OTHER_SENSE = re.compile("影响|反响|响应|黑恶|臭豆腐|水平|拖欠")
_NEAR = 12  # characters between the two at most
_MOST_REPEATS = 20  # a text of thousands of repeats must not cost their square
_BREAK = frozenset("。！？!?;；\n")


def _closest(things: _Spans, deeds: _Spans, plain: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    pairs = (sorted((thing, deed)) for thing in things for deed in deeds)
    near = [
        (second[0] - first[1], first, second)
        for first, second in pairs
        if 0 <= second[0] - first[1] <= _NEAR and not _BREAK & set(plain[first[1] : second[0]])
    ]
    return min(near)[1:] if near else None
