"""One version of the catalogue in memory: frozen, shared by all threads of the process. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.catalogue.clocks import Limit
from app.errors import NotFound


class Kind(StrEnum):
    """A thing that can break, or a thing that people do."""

    COMPONENT = "component"  # 部件
    EVENT = "event"  # 事件


class ClassUrgency(StrEnum):
    """How soon the class as a whole asks for hands."""

    NORMAL = "normal"
    SAME_DAY = "same_day"
    URGENT = "urgent"
    LONG = "long"


class Certainty(StrEnum):
    """Whether a limit was seen in a standard, derived from a neighbouring class, or judged."""

    SEEN = "seen"
    DERIVED = "derived"
    JUDGED = "judged"


class Frequency(StrEnum):
    """How often citizens call about the class."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Condition:
    """A filing condition of a class. `limit` holds where the area's category has none of its own."""

    no: int
    text: str
    limit: Limit
    closing: str
    certainty: Certainty
    limit_b: Limit | None = None
    limit_c: Limit | None = None

    def limit_in(self, category: str) -> Limit:
        """The limit in an area of category A, B or C (区域类别)."""
        return {"B": self.limit_b, "C": self.limit_c}.get(category) or self.limit


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A minor class with its filing conditions, the first being the gravest."""

    code: str
    kind: Kind
    major_code: str
    major_name: str
    display_major: str
    minor_code: str
    name: str
    name_en: str
    national_code: str
    primary_unit_type: str
    secondary_unit_type: str
    urgency: ClassUrgency
    safety_critical: bool
    frequency: Frequency
    standard: str
    certainty: Certainty
    conditions: tuple[Condition, ...]

    @property
    def major(self) -> str:
        """Kind and major class, as routing rules name it: "E01". Major codes alone repeat between the kinds."""
        return self.code[:1] + self.major_code

    def condition(self, no: int) -> Condition:
        for each in self.conditions:
            if each.no == no:
                return each
        raise NotFound(f"{self.name}没有第 {no} 个立案条件")


class Catalogue:
    """Classes of one version by code. `stamp` tells this content from that of another database with the same ids."""

    def __init__(self, version_id: int, number: int, classes: Iterable[ClassEntry], stamp: str = "") -> None:
        self.stamp = stamp
        self.version_id = version_id
        self.number = number
        self.classes: Mapping[str, ClassEntry] = MappingProxyType({each.code: each for each in classes})

    def __iter__(self) -> Iterator[ClassEntry]:
        return iter(self.classes.values())

    def __len__(self) -> int:
        return len(self.classes)

    def __contains__(self, code: str) -> bool:
        return code in self.classes

    def class_of(self, code: str) -> ClassEntry:
        try:
            return self.classes[code]
        except KeyError:
            raise NotFound(f"目录中没有类别 {code[:12]}") from None

    def conditions_of(self, code: str) -> tuple[Condition, ...]:
        return self.class_of(code).conditions

    def condition(self, code: str, no: int) -> Condition:
        return self.class_of(code).condition(no)

    def search(self, text: str, limit: int = 20) -> list[ClassEntry]:
        """Classes whose code begins with, or whose name, English name or major class contains the text; best first."""
        wanted = text.strip().lower()
        if not wanted:
            return []
        ranked = [(rank, each.code, each) for each in self if (rank := _rank(each, wanted)) is not None]
        return [each for _, _, each in sorted(ranked, key=lambda found: found[:2])[:limit]]


def _rank(entry: ClassEntry, wanted: str) -> int | None:
    if entry.code.lower().startswith(wanted) or entry.name == wanted:
        return 0
    if entry.name.startswith(wanted):
        return 1
    if wanted in entry.name:
        return 2
    return 3 if wanted in entry.display_major or wanted in entry.name_en.lower() else None
