"""Names of classes and citizens' words for them in an Aho-Corasick automaton: microseconds a text."""

import csv
from collections.abc import Iterable
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


def words_per_class() -> dict[str, list[str]]:
    """Code → name, synonyms and short everyday phrases, in the order of the files."""
    found: dict[str, list[str]] = {}
    for row in read_rows("synonyms.csv"):
        found[row["code"]] = [row["name"], *row["words"].split("|")]
    for row in read_rows("phrases.csv"):
        found[row["code"]] += row["words"].split("|") if row["words"] else []
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
        self._automaton = ahocorasick.Automaton()
        for word, codes in owners.items():
            self._automaton.add_word(word, (word, tuple(codes)))
        self._automaton.make_automaton()

    def hits(self, plain: str) -> list[Hit]:
        """Longest matches, left to right, none overlapping another, in a normalised text."""
        return [
            Hit(word, end + 1 - len(word), end + 1, codes)
            for end, (word, codes) in self._automaton.iter_long(plain)
        ]


def own_words(words: dict[str, list[str]]) -> Iterable[str]:
    """What the segmenter should keep whole. Long phrases stay out: their parts say more than the rare whole."""
    return sorted({word for entries in words.values() for word in entries if 2 <= len(word) <= 4})
