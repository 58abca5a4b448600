"""When n people in m minutes tell of one matter at one place, that is a surge. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Level(StrEnum):
    """How near each other the reports must lie."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True)
class Rule:
    """`classes`: codes or beginnings of codes; none: each class by itself. `spoken`: the matter in the greeting."""

    key: str
    name: str
    classes: tuple[str, ...]
    level: Level
    people: int
    minutes: int
    spoken: str = ""
    is_active: bool = True

    def takes(self, class_code: str) -> bool:
        return not self.classes or class_code.startswith(self.classes)

    def group(self, class_code: str) -> str:
        return self.key if self.classes else f"{self.key}:{class_code}"


@dataclass(frozen=True, slots=True)
class Report:
    """One call or message. `caller`: a fingerprint; without one each report is somebody else's."""

    at: datetime
    class_code: str
    district: str | None
    street: str | None
    community: str | None
    caller: str | None = None
    case_id: int | None = None
    call_id: int | None = None

    def place(self, level: Level) -> str | None:
        return {Level.DISTRICT: self.district, Level.STREET: self.street}.get(level, self.community)

    @property
    def person(self) -> str:
        return self.caller or f"{self.case_id}/{self.call_id}"


@dataclass(frozen=True, slots=True)
class Surge:
    """`reports`: from the first window that was full on, oldest first."""

    rule: Rule
    group: str
    area_code: str
    class_code: str
    reports: tuple[Report, ...]

    @property
    def people(self) -> int:
        return len({report.person for report in self.reports})


Place = tuple[str, str]  # (group, area code)

# Supply and safety nearest to the minute, nuisances by the hour [judged]; an administrator edits all of them.
DEFAULT_RULES = (
    Rule("water", "供水", ("E0402",), Level.STREET, 4, 15, "供水管道故障"),
    Rule("gas", "燃气", ("E0403", "C0135", "C2108"), Level.STREET, 3, 15, "燃气管道故障"),
    Rule("heat", "供热", ("E0405",), Level.STREET, 4, 30, "供热管道故障"),
    Rule("power", "电力设施", ("C0116", "C0134", "E0408"), Level.STREET, 3, 20, "电力设施故障"),
    Rule("flood", "积水与管道堵塞", ("E0404", "E0406"), Level.STREET, 4, 20, "道路积水"),
    Rule("road", "路面塌陷", ("E0401",), Level.STREET, 3, 20, "路面塌陷"),
    Rule("snow", "道路积雪结冰", ("E0407",), Level.DISTRICT, 5, 30, "道路积雪结冰"),
    Rule("signal", "交通信号", ("C0210", "C0214"), Level.STREET, 4, 20, "交通信号故障"),
    Rule("light", "路灯", ("C0118", "C0119"), Level.STREET, 5, 60, "路灯不亮"),
    Rule("river", "水体污染", ("E0105", "E2109", "E2110"), Level.STREET, 4, 60, "水体污染"),
    Rule("noise", "噪声", ("E0301", "E0508"), Level.COMMUNITY, 5, 60, "噪声扰民"),
    Rule("smoke", "油烟与焚烧", ("E0115", "E0116"), Level.COMMUNITY, 5, 60, "焚烧异味"),
    Rule("other", "其他同类问题", (), Level.COMMUNITY, 6, 60),
)


def rule_for(class_code: str, rules: Sequence[Rule]) -> Rule | None:
    """The first that takes the class. Of one that is switched off nothing else takes its classes over."""
    found = next((rule for rule in rules if rule.takes(class_code)), None)
    return found if found is not None and found.is_active else None


def find_surges(
    reports: Iterable[Report], rules: Sequence[Rule], settled: Mapping[Place, datetime] | None = None
) -> list[Surge]:
    """One for each matter and place at most. `settled`: until when a place was dealt with; older reports are done."""
    heaps: dict[Place, list[Report]] = defaultdict(list)
    by_group: dict[str, Rule] = {}
    for report in reports:
        rule = rule_for(report.class_code, rules)
        area = report.place(rule.level) if rule else None
        if rule is None or area is None:
            continue
        place = (rule.group(report.class_code), area)
        if settled is None or place not in settled or report.at > settled[place]:
            by_group[place[0]] = rule
            heaps[place].append(report)
    found = (_surge(by_group[place[0]], place, heap) for place, heap in heaps.items())
    return [surge for surge in found if surge is not None]


def _surge(rule: Rule, place: Place, heap: list[Report]) -> Surge | None:
    heap.sort(key=lambda report: (report.at, report.case_id or 0, report.call_id or 0))
    start = _first_full_window(rule, heap)
    if start is None:
        return None
    reports = tuple(heap[start:])
    class_code, _ = Counter(report.class_code for report in reports).most_common(1)[0]
    return Surge(rule, *place, class_code, reports)


def _first_full_window(rule: Rule, heap: Sequence[Report]) -> int | None:
    """Where the earliest stretch of `minutes` begins in which `people` different people reported."""
    inside: Counter[str] = Counter()
    length, left = timedelta(minutes=rule.minutes), 0
    for report in heap:
        inside[report.person] += 1
        while report.at - heap[left].at >= length:
            leaving = heap[left].person
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            left += 1
        if len(inside) >= rule.people:
            return left
    return None
