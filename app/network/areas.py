"""The tree of areas in memory. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from app.errors import NotFound

CITY_CODE = "3302"
CATEGORIES = ("A", "B", "C")
DEFAULT_CATEGORY = "A"
# 江东区 became part of 鄞州区 in 2016, 鄞县 and 奉化市 became districts: old documents still carry their codes.
MERGED = {"330204": "330212", "330227": "330212", "330283": "330213"}


class Level(StrEnum):
    """The five levels of the social management system."""

    PROVINCE = "province"  # 省
    CITY = "city"  # 市
    DISTRICT = "district"  # 区县
    STREET = "street"  # 街道 镇 乡
    COMMUNITY = "community"  # 社区 村


@dataclass(frozen=True, slots=True)
class AreaEntry:
    code: str
    name: str
    level: Level
    parent_code: str | None
    lng: float | None
    lat: float | None
    category: str = ""


class AreaTree:
    """All areas by code; children in the order of their codes."""

    def __init__(self, entries: Iterable[AreaEntry]) -> None:
        self._by_code = {each.code: each for each in sorted(entries, key=lambda each: each.code)}
        self._children: dict[str, list[AreaEntry]] = {}
        for each in self._by_code.values():
            if each.parent_code is not None:
                self._children.setdefault(each.parent_code, []).append(each)

    def __iter__(self) -> Iterator[AreaEntry]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def find(self, code: str | None) -> AreaEntry | None:
        if code is None:
            return None
        return self._by_code.get(MERGED.get(code, code))

    def area(self, code: str) -> AreaEntry:
        found = self.find(code)
        if found is None:
            raise NotFound(f"没有区域 {code[:12]}")
        return found

    def children(self, code: str) -> tuple[AreaEntry, ...]:
        return tuple(self._children.get(code, ()))

    def at_level(self, level: Level) -> tuple[AreaEntry, ...]:
        return tuple(each for each in self if each.level is level)

    def path(self, code: str) -> tuple[AreaEntry, ...]:
        """From the province down to the area itself."""
        steps: list[AreaEntry] = []
        found = self.find(code)
        while found is not None:
            steps.append(found)
            found = self.find(found.parent_code)
        return tuple(reversed(steps))

    def category(self, code: str | None) -> str:
        """A, B or C: the area's own, else that of the nearest area above it, else A."""
        found = self.find(code)
        while found is not None and not found.category:
            found = self.find(found.parent_code)
        return found.category if found is not None else DEFAULT_CATEGORY

    def text(self, code: str) -> str:
        """ "鄞州区百丈街道": the address below the city."""
        return "".join(each.name for each in self.path(code) if each.level not in (Level.PROVINCE, Level.CITY))

    def holds(self, district: str | None, street: str | None, community: str | None) -> bool:
        """Whether the parts of a place exist and lie within each other."""
        parts = [code for code in (district, street, community) if code]
        nested = all(inner.startswith(outer) for outer, inner in pairwise(parts))
        return bool(parts) and nested and all(self.find(code) is not None for code in parts)

    def search(self, text: str, limit: int = 10) -> list[AreaEntry]:
        """Areas inside the city whose name contains the text; names that begin with it and larger areas first."""
        found = [each for each in self if text in each.name and len(each.code) > len(CITY_CODE)]
        return sorted(found, key=lambda each: (not each.name.startswith(text), len(each.code), each.code))[:limit]
