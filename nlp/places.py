"""Places of Ningbo in a text: one automaton over districts, streets, communities, known roads and old names.

Names repeat (127 of them) and some are ordinary words: a name alone is a guess, with its parent beside it it is sure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import ahocorasick

from nlp.lexicon import read_rows
from nlp.types import Area, GazetteerEntry, Place

_MOST = 8
_SEEN = 10_000  # characters searched
_MENTIONS = 40  # each is weighed against each other: a text of nothing but names must not cost its square
_LEVELS = ("district", "street", "community")
_STREET_END = re.compile(r"(街道|镇|乡)$")
_COMMUNITY_END = re.compile(r"(生活区)?(社区居委会|居委会|村委会|村民委员会|居民委员会)$")

# Short forms that are words of every day ("at the bridge end", "a long street"): they need their parent beside them.
_EVERYDAY = """
桥头 长街 横街 新桥 方桥 江口 中河 白云 文教 东郊 龙山 长河 横河 白沙路 桃源 梅林 前江 新明 福明 聚贤 江厦 鼓楼
西门 南门 外滩 一市 高桥 洞桥 白鹤 白峰 东胜 阳明 丹东 西周 墙头 锦屏 凤山 河姆渡 低塘 春晓 江北 古塘 胜山 新浦 西店
"""
_WEAK = frozenset(_EVERYDAY.split())
# After a short form these say it is another thing: 百丈|路 is a road, 白云|山 a hill, 象山|港路 another name.
_OTHER_THING = re.compile(r"[路街弄巷桥山河江湖港浦园站校厂店村镇乡县]|社区|大道|公园|花园|小区|广场")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a name points: the areas down to the finest, and how sure the name alone is."""

    district: Area
    street: Area | None
    community: Area | None
    sureness: float
    is_short: bool = False
    is_weak: bool = False

    def codes(self) -> tuple[str, ...]:
        return tuple(area.code for area in (self.district, self.street, self.community) if area)

    def finest(self) -> Area:
        return self.community or self.street or self.district

    def level(self) -> str:
        return _LEVELS[len(self.codes()) - 1]


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    targets: tuple[_Target, ...]


class Gazetteer:
    def __init__(self, extra: Sequence[GazetteerEntry] = ()) -> None:
        """`extra`: a city's own names beside the shipped ones; those of unknown areas are left out."""
        self._automaton = ahocorasick.Automaton()
        names: dict[str, list[_Target]] = {}
        for name, target in _entries(extra):
            known = names.setdefault(name, [])
            if all(other.codes() != target.codes() for other in known):
                known.append(target)
        for name, targets in names.items():
            self._automaton.add_word(name, (len(name), tuple(targets)))
        self._automaton.make_automaton()

    def find(self, text: str, plain: str) -> tuple[Place, ...]:
        """Best first: finer and surer before coarser, those that only repeat a finer one left out."""
        mentions = [m for m in self._mentions(plain[:_SEEN]) if m.targets]
        places = [place for mention in mentions for place in _weigh(mention, mentions, text)]
        return tuple(sorted(_without_parents(places), key=_rank)[:_MOST])

    def spans(self, plain: str) -> list[tuple[int, int]]:
        """What the classifier should not read: place names hold 桥, 路, 公园 without meaning them."""
        return [(mention.start, mention.end) for mention in self._mentions(plain[:_SEEN])]

    def _mentions(self, plain: str) -> list[_Mention]:
        found: list[_Mention] = []
        for end, (length, targets) in self._automaton.iter_long(plain):
            stop = end + 1
            kept = tuple(t for t in targets if not (t.is_short and _OTHER_THING.match(plain, stop)))
            if kept:
                found.append(_Mention(stop - length, stop, kept))
            if len(found) == _MENTIONS:
                break
        return _supported(found)


def _supported(mentions: list[_Mention]) -> list[_Mention]:
    """Weak short names stay only where another mention names their parent."""
    firm = {code for mention in mentions for target in mention.targets if not target.is_weak for code in target.codes()}
    kept = (
        replace(m, targets=tuple(t for t in m.targets if not t.is_weak or t.district.code in firm)) for m in mentions
    )
    return [mention for mention in kept if mention.targets]


def _entries(extra: Sequence[GazetteerEntry]) -> Iterator[tuple[str, _Target]]:
    areas: dict[str, Area] = {}
    parents: dict[str, str] = {}
    for row in read_rows("places.csv"):
        name = row["name"]
        if row["level"] == "community":
            name = _community_name(name)
        areas[row["code"]], parents[row["code"]] = Area(row["code"], name), row["parent_code"]
        yield from _official(row["level"], row["code"], name, areas, parents)
    for row in read_rows("roads.csv"):
        yield from _local(row, areas)
    for entry in extra:
        district, street, community = (areas.get(entry.area_code[:digits].ljust(digits, "-")) for digits in (6, 9, 12))
        if district:
            yield entry.name, _Target(district, street, community, 0.8)


def _official(
    level: str, code: str, name: str, areas: dict[str, Area], parents: dict[str, str]
) -> Iterator[tuple[str, _Target]]:
    if level == "district":
        yield name, _Target(areas[code], None, None, 0.95)
        yield name[:-1], _Target(areas[code], None, None, 0.75, is_short=True, is_weak=name[:-1] in _WEAK)
    elif level == "street":
        district = areas[parents[code]]
        yield name, _Target(district, areas[code], None, 0.95)
        short = _STREET_END.sub("", name)
        if short != name and len(short) >= 2:
            yield short, _Target(district, areas[code], None, 0.6, is_short=True, is_weak=short in _WEAK)
    elif len(name) >= 3:
        street = areas[parents[code]]
        yield name, _Target(areas[parents[parents[code]]], street, areas[code], 0.85)


def _community_name(name: str) -> str:
    """划船社区居委会 → 划船社区, 前潘村村委会 → 前潘村, 山岭村委会 → 山岭村."""
    bare = _COMMUNITY_END.sub("", name)
    if bare == name or bare.endswith(("村", "社区")):
        return bare
    return bare + ("社区" if "社区" in name else "村" if "村" in name[len(bare) :] else "社区")


def _local(row: dict[str, str], areas: dict[str, Area]) -> Iterator[tuple[str, _Target]]:
    sureness = {"road": 0.8, "landmark": 0.8, "old": 0.9, "area": 0.85}[row["kind"]]
    street = areas[row["street_code"]] if row["street_code"] else None
    for code in row["district_code"].split("|"):
        yield row["name"], _Target(areas[code], street, None, sureness)


def _weigh(mention: _Mention, mentions: list[_Mention], text: str) -> list[Place]:
    """One place per target; the context splits or settles a name that several places bear."""
    support = [_support(target, mention, mentions) for target in mention.targets]
    best = max(support)
    chosen = [(t, s) for t, s in zip(mention.targets, support, strict=True) if s == best]
    places = []
    for target, agreement in chosen:
        confidence = target.sureness / len(chosen)
        confidence = min(0.98, confidence + 0.12) if agreement > 0 else confidence * (0.5 if agreement < 0 else 1.0)
        finest = target.finest()
        places.append(
            Place(
                target.level(),
                finest.code,
                finest.name,
                text[mention.start : mention.end],
                mention.start,
                mention.end,
                round(confidence, 3),
                target.district,
                target.street,
                target.community,
            )
        )
    return places


def _support(target: _Target, mention: _Mention, mentions: list[_Mention]) -> int:
    """+1 for each other mention on the same line of areas, -1 if one names another district for sure."""
    score = 0
    for other in mentions:
        if other is mention:
            continue
        agreeing = any(set(t.codes()) & set(target.codes()) for t in other.targets)
        finer_agrees = any(len(set(t.codes()) & set(target.codes())) > 1 for t in other.targets)
        score += (1 + finer_agrees) if agreeing else -1 if len(other.targets) == 1 else 0
    return score


def _without_parents(places: list[Place]) -> list[Place]:
    """A district that a found street lies in says nothing more; its span joins the street's if they touch."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda p: (-_LEVELS.index(p.level), -p.confidence, p.start)):
        children = [k for k in kept if place.code in _line(k)]
        if not children:
            kept.append(place)
        for child in children:
            kept[kept.index(child)] = _join(child, place)
    return kept


def _join(finer: Place, coarser: Place) -> Place:
    first, second = sorted((finer, coarser), key=lambda p: p.start)
    if first.end != second.start:
        return finer
    return replace(finer, text=first.text + second.text, start=first.start, end=second.end)


def _line(place: Place) -> tuple[str, ...]:
    return tuple(area.code for area in (place.district, place.street, place.community) if area)


def _rank(place: Place) -> tuple[float, int, str]:
    return (-place.confidence - 0.1 * _LEVELS.index(place.level), place.start, place.code)
