"""Whether a new complaint is a matter already known. Pure; the caller brings the few cases that come into question.

A known case comes into question if it is of the same family of classes, in the same street (or district) and not older
than WINDOW_DAYS. Within such a block the matter's own words say little, so each piece of text weighs by its rarity in
the block; numbers, roads and landmarks are compared on their own, because 15号 and 85号 differ in one character.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from nlp.lexicon import read_rows
from nlp.numerals import NUMBER, value_of
from nlp.text import normalise

WINDOW_DAYS = 30
LIKELY = 0.5  # from here on more often the same matter than not
_LOOKED_INTO = 30  # of a large block, those that share most words are weighed

_NO_WORD = re.compile(
    r"请尽快.*|希望.{0,6}(?:处理|解决|管管)|麻烦.{0,6}(?:处理|修一下|看看|看一下)|没人管|赶紧来人|[^\u4e00-\u9fffa-z0-9]|[的了啊呢吧呃嗯]"
)
_UNITS = {"栋": "幢", "号楼": "幢", "号": "号", "弄": "弄", "幢": "幢", "单元": "单元"}
_NUMBER = re.compile(rf"(?P<number>{NUMBER})(?P<unit>号楼|号(?!线|晚|早|上午|下午)|弄|幢|栋|单元)")
_ROAD = re.compile(r"[\u4e00-\u9fff]{2}(?:路|街|巷|大道)(?![灯面边])")
_COMMON_ROAD = re.compile(r"马路|道路|公路|条路|的路|段路|在路|修路|走路|一路|过路|路路|行路|楼路|号路|口路|家路")
_ESTATE = re.compile(
    r"[\u4e00-\u9fff]{2}(?:小区|花园|家园|新村|公寓|大厦|广场|社区|小学|中学|医院|公园|菜场|市场|饭店|酒店|桥(?!梁)|工地)"
)
_COMMON_ESTATE = re.compile(r"我们|我家|这个|那个|整个|门口|对面|旁边|附近|农贸|在|的")


@dataclass(frozen=True, slots=True)
class Report:
    """`text`: address and description. `spot`: (lng, lat) of a pin somebody set. `caller`: a fingerprint, no number."""

    text: str
    class_code: str
    community: str = ""
    spot: tuple[float, float] | None = None
    caller: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score`: 0..1, how likely it is the same matter. `reasons`: what spoke for it, in Chinese, strongest first."""

    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sketch:
    grams: frozenset[str]
    numbers: dict[str, frozenset[str]]
    roads: frozenset[str]
    landmarks: frozenset[str]


def family(class_code: str) -> tuple[str, ...]:
    """Classes under which another agent may have filed the same matter, the class itself included."""
    return _families().get(class_code, (class_code,))


def landmarks(text: str) -> tuple[str, ...]:
    """Roads, estates and buildings that a text names, for a search among addresses."""
    sketch = _sketch(text)
    return tuple(sorted(sketch.roads | sketch.landmarks))


def rank(asked: Report, known: Sequence[Report], at_most: int = 10) -> list[tuple[int, Likeness]]:
    """Positions in `known` with their likeness, likest first. `known` is the block, whose words set their rarity."""
    mine = _sketch(asked.text)
    places = _worth_a_look(asked, known)
    sketches = [_sketch(known[place].text) for place in places]
    rarity = _Rarity(mine, sketches)
    scored = [
        (place, _likeness(evidence(asked, known[place], mine, theirs, rarity)))
        for place, theirs in zip(places, sketches, strict=True)
    ]
    return sorted(scored, key=lambda pair: (-pair[1].score, pair[0]))[:at_most]


def _worth_a_look(asked: Report, known: Sequence[Report]) -> list[int]:
    """Of a large block those that share most pairs of characters, and the caller's own: sketching all takes long."""
    if len(known) <= _LOOKED_INTO:
        return list(range(len(known)))
    pairs = _pairs(asked.text)
    shared = [
        len(pairs & _pairs(report.text)) + 100 * (bool(asked.caller) and report.caller == asked.caller)
        for report in known
    ]
    return sorted(range(len(known)), key=lambda place: (-shared[place], place))[:_LOOKED_INTO]


def _pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(text))


def _likeness(found: dict[str, float]) -> Likeness:
    pulls = {name: _WEIGHTS[name] * value for name, value in found.items()}
    told = sorted((pull, name) for name, pull in pulls.items() if name in _REASONS and pull > 0)
    score = 1 / (1 + math.exp(-_BIAS - sum(pulls.values())))
    return Likeness(round(score, 3), tuple(_REASONS[name] for _, name in reversed(told)))


# Logistic regression on tests/nlp/duplicates.csv, one half's weights judged on the other (docs/understanding.md); the
# last three, of which that file knows nothing, are judged.
_BIAS = -4.7
_WEIGHTS = {
    "text": 7.0,
    "mass": 7.3,
    "class": 1.1,
    "road": 1.2,
    "door": 3.3,
    "building": 2.2,
    "landmark": 0.8,
    "community": 0.5,
    "distance": 1.5,
    "caller": 1.0,
}
_REASONS = {
    "text": "描述相近",
    "class": "同一小类",
    "road": "同一道路",
    "door": "同一门牌",
    "building": "同一幢",
    "landmark": "同一标志物",
    "community": "同一社区",
    "distance": "位置相近",
    "caller": "同一来电人",
}


class _Rarity:
    """Weights of pieces of text: rare in the block, and rare in what people say about such matters anyway."""

    def __init__(self, mine: _Sketch, sketches: Sequence[_Sketch]) -> None:
        counts = Counter(mine.grams)
        counts.update(chain.from_iterable(sketch.grams for sketch in sketches))
        everyday, texts = _everyday(), len(sketches) + 1 + _EVERYDAY_TEXTS
        self._weights = {
            gram: -math.log(min(1.0, (count + everyday.get(gram, 0.0)) / texts)) for gram, count in counts.items()
        }
        self._mine, self._my_weight = mine.grams, self.of(mine.grams)

    def of(self, grams: Iterable[str]) -> float:
        return sum(map(self._weights.__getitem__, grams))

    def compare(self, other: frozenset[str]) -> tuple[float, float]:
        """Weight they share over the weight of the poorer, so that a short complaint inside a long one counts whole;
        and how much they share at all, 0..1, as two short texts may be alike by one everyday word."""
        shared = self.of(self._mine & other)
        poorer = min(self._my_weight, self.of(other))
        return (shared / poorer if poorer else 0.0), min(1.0, shared / _MUCH)


_MUCH = 60.0
_EVERYDAY_TEXTS = 40  # how many cases of a block the everyday words weigh as much as


@lru_cache(maxsize=1)
def _everyday() -> dict[str, float]:
    """Pieces of the words and phrases for all classes, as if they were heard in _EVERYDAY_TEXTS cases."""
    texts = [row["phrases"] for row in read_rows("phrases.csv")] + [row["words"] for row in read_rows("synonyms.csv")]
    parts = [frozenset(_grams(normalise(part))) for text in texts for part in text.split("|") if part]
    counts = Counter(gram for part in parts for gram in part)
    # The share of the parts, so that longer lists of words change little; one part in fifty is in every mouth.
    return {gram: _EVERYDAY_TEXTS * min(1.0, 50 * count / len(parts)) for gram, count in counts.items()}


@lru_cache(maxsize=1)
def _families() -> dict[str, tuple[str, ...]]:
    together: dict[str, set[str]] = {}
    for row in read_rows("families.csv"):
        members = row["codes"].split("|")
        for code in members:
            together.setdefault(code, set()).update(members)
    return {code: tuple(sorted(codes)) for code, codes in together.items()}


@lru_cache(maxsize=2_000)  # about 8 KB each; the console asks for the same block again and again
def _sketch(text: str) -> _Sketch:
    plain = normalise(text)
    roads = {found.group()[-4:] for found in _ROAD.finditer(plain) if not _COMMON_ROAD.search(found.group())}
    marks = {found.group() for found in _ESTATE.finditer(plain) if not _COMMON_ESTATE.search(found.group())}
    numbers: dict[str, set[str]] = {}
    for found in _NUMBER.finditer(plain):
        numbers.setdefault(_UNITS[found["unit"]], set()).add(value_of(found["number"]))
    return _Sketch(
        frozenset(_grams(_NO_WORD.sub("", plain))),
        {unit: frozenset(values) for unit, values in numbers.items()},
        frozenset(roads),
        frozenset(marks),
    )


def _grams(plain: str) -> list[str]:
    """Characters and pairs of them: what is told in other words still shares its rare characters."""
    return [*plain, *(plain[at : at + 2] for at in range(len(plain) - 1))]


# Most of a block lies in one road: the same one says little, another one much.
_ROADS = {1.0: 0.15, 0.0: 0.0, -1.0: -1.0}
# Another number outweighs any likeness of the words.
_DOORS = {1.0: 1.0, 0.0: 0.0, -1.0: -1.8}


def evidence(asked: Report, known: Report, mine: _Sketch, theirs: _Sketch, rarity: _Rarity) -> dict[str, float]:
    """What speaks for the same matter (above 0) or against it (below), by name."""
    alike, mass = rarity.compare(theirs.grams)
    return {
        "text": alike,
        "mass": mass,
        "class": float(asked.class_code == known.class_code),
        "road": _ROADS[_agreement(mine.roads, theirs.roads)],
        "door": _DOORS[_numbers(mine, theirs, ("号", "弄"))],
        "building": _numbers(mine, theirs, ("幢", "单元")),
        "landmark": _agreement(mine.landmarks, theirs.landmarks),
        "community": _agreement(frozenset(filter(None, [asked.community])), frozenset(filter(None, [known.community]))),
        "distance": _nearness(asked.spot, known.spot),
        "caller": float(bool(asked.caller) and asked.caller == known.caller),
    }


def _numbers(mine: _Sketch, theirs: _Sketch, units: Sequence[str]) -> float:
    values = [_agreement(mine.numbers.get(u, frozenset()), theirs.numbers.get(u, frozenset())) for u in units]
    return max(values, key=abs)


def _agreement(one: frozenset[str], other: frozenset[str]) -> float:
    """+1: they share one, -1: both name some and share none, 0: one of them names none."""
    if not one or not other:
        return 0.0
    return 1.0 if one & other else -1.0


def _nearness(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float:
    """+1 on the spot, 0 at 150 m, -1 from 500 m. The same coordinates to the last digit are an area's middle: 0."""
    if not one or not other or one == other:
        return 0.0
    east = (one[0] - other[0]) * 96_500  # metres a degree at 30° north
    metres = math.hypot(east, (one[1] - other[1]) * 110_900)
    return max(-1.0, 1 - metres / 150 if metres < 150 else -(metres - 150) / 350)
