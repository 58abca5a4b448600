"""Names of places and what they point to: shipped areas, roads, landmarks and old names, and what a city adds itself.

Names repeat (127 of them) and some are ordinary words: a name alone is a guess, with its parent beside it it is sure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nlp.lexicon import read_rows
from nlp.text import normalise
from nlp.types import Area, GazetteerEntry, PlaceKind

_STREET_END = re.compile(r"(街道|镇|乡)$")
_COMMUNITY_END = re.compile(r"(生活区)?(社区居委会|居委会|村委会|村民委员会|居民委员会)$")
LOCAL = frozenset({PlaceKind.ROAD, PlaceKind.LANDMARK, PlaceKind.STOP})
_SURENESS = {PlaceKind.ROAD: 0.8, PlaceKind.LANDMARK: 0.8, PlaceKind.STOP: 0.8, PlaceKind.AREA: 0.85}

# Short forms that are words of every day ("at the bridge end", "a long street"): they need their parent beside them.
_EVERYDAY = """
桥头 长街 横街 新桥 方桥 江口 中河 白云 文教 东郊 龙山 长河 横河 白沙路 桃源 梅林 前江 新明 福明 聚贤 江厦 鼓楼
西门 南门 外滩 一市 高桥 洞桥 白鹤 白峰 东胜 阳明 丹东 西周 墙头 锦屏 凤山 河姆渡 低塘 春晓 江北 古塘 胜山 新浦 西店
"""
_WEAK = frozenset(_EVERYDAY.split())


@dataclass(frozen=True, slots=True)
class Target:
    """Where a name points: the areas from the district down (none if unknown), and how sure the name alone is.

    `written`: how the product writes it today, "" for as it was said. `former`: the district it once belonged to.
    """

    line: tuple[Area, ...]
    kind: PlaceKind
    sureness: float
    is_short: bool = False
    is_weak: bool = False
    written: str = ""
    note: str = ""
    former: str = ""
    spot: tuple[float, float] | None = None

    def codes(self) -> tuple[str, ...]:
        return tuple(area.code for area in self.line)


Names = dict[str, list[Target]]


class Areas:
    """The tree of areas: code → line from the district down."""

    def __init__(self) -> None:
        self._areas: dict[str, Area] = {}
        self._parents: dict[str, str] = {}

    def add(self, code: str, name: str, parent: str) -> None:
        self._areas[code], self._parents[code] = Area(code, name), parent

    def line(self, code: str) -> tuple[Area, ...]:
        """() if the code is unknown."""
        found: list[Area] = []
        while code in self._areas:
            found.insert(0, self._areas[code])
            code = self._parents[code]
        return tuple(found)


def read_names(extra: Sequence[GazetteerEntry], on: date | None) -> tuple[Names, Areas]:
    """Every name (normalised) with its targets. Entries of unknown areas are left out: nobody could route them."""
    areas, names = Areas(), Names()
    moved = {row["name"]: row for row in read_rows("old_places.csv")}
    for row in read_rows("places.csv"):
        name = _community_name(row["name"]) if row["level"] == "community" else row["name"]
        areas.add(row["code"], name, row["parent_code"])
        for said, target in _official(row["level"], name, areas.line(row["code"]), moved):
            _add(names, said, target)
    for said, target in [*_old(moved, areas), *_shipped(areas), *_own(extra, areas, on)]:
        _add(names, said, target)
    return names, areas


def _add(names: Names, said: str, target: Target) -> None:
    known = names.setdefault(normalise(said), [])
    if all((other.codes(), other.kind) != (target.codes(), target.kind) for other in known):
        known.append(target)


def _official(
    level: str, name: str, line: tuple[Area, ...], moved: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, Target]]:
    if level == "district":
        yield name, Target(line, PlaceKind.DISTRICT, 0.95)
        yield name[:-1], Target(line, PlaceKind.DISTRICT, 0.75, is_short=True, is_weak=name[:-1] in _WEAK)
    elif level == "street":
        was = moved.get(name, {})
        former, note = was.get("former", ""), was.get("note", "")
        yield name, Target(line, PlaceKind.STREET, 0.95, note=note, former=former)
        short = _STREET_END.sub("", name)
        if short != name and len(short) >= 2:
            weak = short in _WEAK
            yield short, Target(line, PlaceKind.STREET, 0.6, is_short=True, is_weak=weak, note=note, former=former)
    elif len(name) >= 3:
        former = moved.get(line[1].name, {}).get("former", "")
        yield name, Target(line, PlaceKind.COMMUNITY, 0.85, former=former)


def _old(moved: Mapping[str, Mapping[str, str]], areas: Areas) -> Iterator[tuple[str, Target]]:
    """Names of districts that are no more; today's name is written."""
    for name, row in moved.items():
        if not row["former"]:
            for code in row["code"].split("|"):
                line = areas.line(code)
                weak = row["weak"] == "1"
                written = line[-1].name if "|" not in row["code"] else ""
                note = row["note"]
                yield name, Target(line, PlaceKind.DISTRICT, 0.9, weak, weak, written, note)


def _shipped(areas: Areas) -> Iterator[tuple[str, Target]]:
    for row in read_rows("roads.csv"):
        kind = PlaceKind(row["kind"])
        for code in row["code"].split("|"):
            for said in (row["name"], *filter(None, row["aliases"].split("|"))):
                written = row["name"] if said != row["name"] else ""
                yield said, Target(areas.line(code), kind, _SURENESS[kind], written=written, note=row["note"])


def _own(extra: Sequence[GazetteerEntry], areas: Areas, on: date | None) -> Iterator[tuple[str, Target]]:
    """A city's own entries. A name that is no longer valid is still said by callers: it is found, with a note."""
    for entry in extra:
        line = areas.line(entry.area_code)
        if not line or (on and entry.valid_from and on < entry.valid_from):
            continue
        gone = on and entry.valid_until and on > entry.valid_until
        note = entry.note or (f"“{entry.name}”自{entry.valid_until:%Y年%m月%d日}起停用" if gone else "")
        spot = (entry.lng, entry.lat) if entry.lng is not None and entry.lat is not None else None
        sureness = _SURENESS.get(entry.kind, 0.85)
        for said in (entry.name, *entry.aliases):
            if len(said.strip()) >= 2:  # a single character would be found everywhere
                written = entry.name if said != entry.name else ""
                yield said.strip(), Target(line, entry.kind, sureness, written=written, note=note, spot=spot)


def _community_name(name: str) -> str:
    """划船社区居委会 → 划船社区, 前潘村村委会 → 前潘村, 山岭村委会 → 山岭村."""
    bare = _COMMUNITY_END.sub("", name)
    if bare == name or bare.endswith(("村", "社区")):
        return bare
    return bare + ("社区" if "社区" in name else "村" if "村" in name[len(bare) :] else "社区")
