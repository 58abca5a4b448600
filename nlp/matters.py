"""Several problems in one text: clauses that speak of different things, each with its own suggestion."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.classify import Ranking
from nlp.duplicates import family
from nlp.text import ANALYSED, mask
from nlp.types import Candidate, Matter

_FULL_STOPS = "。！？!?;；\n"
_FURTHER = (
    "另外|还有(?![个一几好很])|再有|再一个|还要反映|再反映|顺便|其次"
    "|第二(?![天次遍回层])|第三(?![天次遍回层])|二是|三是|同时还|而且还"
)
_BREAK = re.compile(rf"(?P<stop>[{_FULL_STOPS}])|(?P<more>{_FURTHER})|(?P<comma>[，,、])")
_MOST = 3
_MOST_CLAUSES = 24
_LEAST_CHANCE, _LEAST_SCOPE = 0.35, 0.45

Rank = Callable[[str], tuple[Ranking, tuple[Candidate, ...]]]


@dataclass(frozen=True, slots=True)
class _Clause:
    start: int
    end: int
    opened_by: str  # stop, more, comma: how firmly it is parted from the one before
    named: frozenset[str]  # classes its words speak for
    paired: frozenset[str]  # classes of which it names both the thing and what is the matter


class MatterSplitter:
    def __init__(self, majors: dict[str, str]) -> None:
        """`majors`: class code → kind and major class."""
        self._majors = majors

    def split(
        self, text: str, told: str, ranking: Ranking, candidates: tuple[Candidate, ...], rank: Rank
    ) -> tuple[Matter, ...]:
        """The matters in their order; one that is the whole text unless its parts are surely about different things.

        `told` is what was ranked; `rank` ranks a part of it (the rest blanked out, so that offsets hold).
        """
        whole = (_matter(text, 0, len(text), candidates),)
        spans = self._apart(_clauses(told, ranking))
        if len(spans) < 2:
            return whole
        parts = [_Part(start, end, *_judge(told, start, end, rank)) for start, end in spans]
        joined = self._join(parts)
        if len(joined) < 2:
            return whole
        joined[-1] = _Part(joined[-1].start, len(text), joined[-1].candidates, joined[-1].is_firm)
        return tuple(_matter(text, part.start, part.end, part.candidates) for part in joined)

    def _apart(self, clauses: Sequence[_Clause]) -> list[tuple[int, int]]:
        """Neighbouring clauses put together where their words do not part them: cheap, most texts end here."""
        groups: list[list[_Clause]] = []
        for clause in clauses:
            if groups and not self._is_new(groups[-1], clause):
                groups[-1].append(clause)
            else:
                groups.append([clause])
        return [(group[0].start, group[-1].end) for group in groups][:_MOST_CLAUSES]

    def _is_new(self, group: Sequence[_Clause], clause: _Clause) -> bool:
        before = frozenset[str]().union(*(one.named for one in group))
        if not before or not clause.named or before & clause.named:
            return False
        if clause.opened_by == "more":
            return True
        if clause.opened_by == "stop":
            return not self._majors_of(before) & self._majors_of(clause.named)
        had = frozenset[str]().union(*(one.paired for one in group))
        return bool(had and clause.paired) and not any(set(family(code)) & clause.paired for code in had)

    def _majors_of(self, codes: frozenset[str]) -> set[str]:
        return {self._majors[code] for code in codes}

    def _join(self, parts: list["_Part"]) -> list["_Part"]:
        """Parts that turn out to be of one matter, or of none, go to the one before them."""
        joined: list[_Part] = []
        for part in parts:
            before = joined[-1] if joined else None
            if before and (not part.is_firm or not before.is_firm or _is_same(before, part) or len(joined) == _MOST):
                kept = before if before.is_firm or not part.is_firm else part
                joined[-1] = _Part(before.start, part.end, kept.candidates, kept.is_firm)
            else:
                joined.append(part)
        return joined


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    candidates: tuple[Candidate, ...]
    is_firm: bool


def _judge(told: str, start: int, end: int, rank: Rank) -> tuple[tuple[Candidate, ...], bool]:
    ranking, candidates = rank(mask(told, [(0, start), (end, len(told))]))
    firm = bool(candidates) and candidates[0].confidence >= _LEAST_CHANCE and ranking.in_scope >= _LEAST_SCOPE
    return candidates, firm


def _is_same(first: "_Part", second: "_Part") -> bool:
    return first.candidates[0].code == second.candidates[0].code


def _clauses(told: str, ranking: Ranking) -> list[_Clause]:
    breaks = [
        (found.start() if found.lastgroup == "more" else found.end(), str(found.lastgroup))
        for found in _BREAK.finditer(told, 0, ANALYSED)
    ]
    borders = [(0, "stop"), *breaks, (len(told), "stop")]
    return [
        _Clause(start, end, opened_by, *_found(start, end, ranking))
        for (start, opened_by), (end, _) in pairwise(borders)
        if told[start:end].strip()
    ]


def _found(start: int, end: int, ranking: Ranking) -> tuple[frozenset[str], frozenset[str]]:
    named = {code for hit in ranking.hits if start <= hit.start < end for code in hit.codes}
    paired = {pair.code for pair in ranking.combinations if start <= pair.start and pair.end <= end}
    return frozenset(named | paired), frozenset(paired)


def _matter(text: str, start: int, end: int, candidates: tuple[Candidate, ...]) -> Matter:
    while start < end and (text[start].isspace() or text[start] in "，。,；;、"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "，,、"):
        end -= 1
    return Matter(text[start:end], start, end, candidates)
