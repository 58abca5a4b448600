"""Which unit gets a case: ordered rules, first match, and the territorial principle below them. Pure.

The index answers with about twenty dictionary look-ups, whatever the number of rules.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from typing import Any

from app.errors import Unavailable
from app.network.whens import ALWAYS, When

ANYTHING = "*"
_AREA_DIGITS = (12, 9, 6, 4, 2)


class SubjectKind(StrEnum):
    """What a rule looks at."""

    CLASS = "class"  # 小类, "E0102"
    MAJOR = "major"  # 大类, "E01"
    UNIT_TYPE = "unit_type"  # 责任单位类型
    ANY = "any"  # 全部, "*"


@dataclass(frozen=True, slots=True)
class UnitRef:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is switched on and whose unit works."""

    id: int
    position: int
    area_code: str
    area_name: str
    subject_kind: SubjectKind
    subject: str
    unit: UnitRef
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    when: When = ALWAYS
    co_units: tuple[UnitRef, ...] = ()
    crew: str = ""

    def fits(self, query: "RouteQuery") -> bool:
        """Whether it holds at the moment and under the conditions of the query; place and subject are the index's."""
        if not self.holds_on(query.on):
            return False
        when = self.when
        if when is ALWAYS:
            return True
        return (
            (when.condition_no is None or when.condition_no == query.condition_no)
            and when.holds_on(query.on)
            and when.holds_at(query.at)
            and (when.most_load is None or query.load(self.unit.id) < when.most_load)
        )

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @property
    def order(self) -> tuple[int, int]:
        return self.position, self.id


@dataclass(frozen=True, slots=True)
class Territory:
    """The unit that leads in an area when nobody else is responsible (首接负责)."""

    area_code: str
    area_name: str
    unit: UnitRef


def nothing_at_hand(_unit_id: int) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """What is known of a case. `class_name` only makes the explanation readable.

    `load` counts the cases a unit has at hand; it is asked only by rules that look at it.
    """

    class_code: str
    primary_unit_type: str
    secondary_unit_type: str
    district: str | None
    street: str | None
    community: str | None
    on: date
    class_name: str = ""
    condition_no: int | None = None
    at: time = time(12)
    load: Callable[[int], int] = field(default=nothing_at_hand, compare=False, repr=False)

    @property
    def area_codes(self) -> tuple[str, ...]:
        """Every prefix under which a rule for this place may stand, the narrowest first; "" is everywhere."""
        finest = self.community or self.street or self.district or ""
        return (*(finest[:digits] for digits in _AREA_DIGITS if len(finest) >= digits), "")


@dataclass(frozen=True, slots=True)
class Route:
    """The decision and its reasons, in words that an agent can read out. `rule_id` is None for the territorial way.

    `load`: how many cases the unit had at hand, where the rule looked at it.
    """

    unit_id: int
    unit_name: str
    rule_id: int | None
    rule: str
    explanation: str
    runner_up_id: int | None = None
    runner_up: str | None = None
    co_units: tuple[UnitRef, ...] = ()
    crew: str = ""
    load: int | None = None
    query: RouteQuery | None = field(default=None, compare=False, repr=False)

    @property
    def record(self) -> dict[str, Any]:
        """What a case keeps of it: the rule, what it looked at, and who would have been second."""
        return {
            "rule_id": self.rule_id,
            "rule": self.rule,
            "explanation": self.explanation,
            "runner_up": self.runner_up,
            "runner_up_id": self.runner_up_id,
            "co_units": [each.name for each in self.co_units],
            "crew": self.crew,
            "inputs": _inputs(self.query, self.load) if self.query else {},
        }


Key = tuple[SubjectKind, str, str]


class RuleIndex:
    """Rules by what they look at and where they hold; territories by area."""

    def __init__(self, rules: Iterable[Rule], territories: Iterable[Territory]) -> None:
        self.rules = tuple(sorted(rules, key=lambda each: each.order))
        self._rules: dict[Key, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            self._rules[rule.subject_kind, rule.subject, rule.area_code].append(rule)
        self._rules.default_factory = None  # a look-up must not grow the index
        self._territories = {each.area_code: each for each in territories}

    def with_rules(self, rules: Iterable[Rule]) -> "RuleIndex":
        """Other rules over the same territories: what a change would do can be tried before it is made."""
        return RuleIndex(rules, self._territories.values())

    def fitting(self, query: RouteQuery, unit_type: str) -> list[Rule]:
        """Rules that fit, best first."""
        subjects = (
            (SubjectKind.CLASS, query.class_code),
            (SubjectKind.MAJOR, query.class_code[:3]),
            (SubjectKind.UNIT_TYPE, unit_type),
            (SubjectKind.ANY, ANYTHING),
        )
        areas = query.area_codes
        found = [
            rule
            for kind, subject in subjects
            for area in areas
            for rule in self._rules.get((kind, subject, area), ())
            if rule.fits(query)
        ]
        return sorted(found, key=lambda each: each.order) if len(found) > 1 else found

    def territories(self, query: RouteQuery) -> Iterator[Territory]:
        """From the street upwards. A place outside every known area falls to the city: nothing is unroutable."""
        for code in query.area_codes:
            if code in self._territories:
                yield self._territories[code]
        city = min(self._territories, key=len, default=None)
        if city is not None and city not in query.area_codes:
            yield self._territories[city]


def route(query: RouteQuery, rules: RuleIndex) -> Route:
    """Rules for the class or its primary unit type, then for the secondary type, then the territory.

    Raises Unavailable only when not even a city-level command centre exists.
    """
    options = _options(query, rules)
    best = next(options, None)
    if best is None:
        raise Unavailable("没有可用的处置单位：请先建立市级指挥中心")
    second = next((each for each in options if each.unit.id != best.unit.id), None)
    return Route(
        unit_id=best.unit.id,
        unit_name=best.unit.name,
        rule_id=best.rule_id,
        rule=best.title,
        explanation=best.explanation,
        runner_up_id=second.unit.id if second else None,
        runner_up=f"{second.unit.name}（{second.title}）" if second else None,
        co_units=tuple(each for each in best.co_units if each.id != best.unit.id),
        crew=best.crew,
        load=query.load(best.unit.id) if best.looks_at_load else None,
        query=query,
    )


def first_rule(query: RouteQuery, rules: RuleIndex) -> Rule | None:
    """The rule that decides; None when only the territory is left. The short form of `route`, without words."""
    for unit_type in (query.primary_unit_type, query.secondary_unit_type):
        if unit_type and (found := rules.fitting(query, unit_type)):
            return found[0]
    return None


def _inputs(query: RouteQuery, load: int | None) -> dict[str, Any]:
    asked = {
        "class_code": query.class_code,
        "condition_no": query.condition_no,
        "unit_types": [each for each in (query.primary_unit_type, query.secondary_unit_type) if each],
        "area_code": query.area_codes[0],
        "at": f"{query.on.isoformat()} {query.at:%H:%M}",
    }
    return asked if load is None else {**asked, "load": load}


@dataclass(frozen=True, slots=True)
class _Option:
    unit: UnitRef
    rule_id: int | None
    title: str
    explanation: str
    co_units: tuple[UnitRef, ...] = ()
    crew: str = ""
    looks_at_load: bool = False


def _options(query: RouteQuery, rules: RuleIndex) -> Iterator[_Option]:
    primary = rules.fitting(query, query.primary_unit_type)
    for rule in primary:
        yield _by_rule(rule, query, query.primary_unit_type, "")
    why = "" if primary else f"此地没有“{query.primary_unit_type}”的对应单位，"
    for rule in rules.fitting(query, query.secondary_unit_type) if query.secondary_unit_type else ():
        yield _by_rule(rule, query, query.secondary_unit_type, why)
    for territory in rules.territories(query):
        text = f"{why or '没有更具体的规则，'}按属地首接负责，由{territory.unit.name}牵头处置"
        yield _Option(territory.unit, None, f"属地首接：{territory.area_name}", text)


def _by_rule(rule: Rule, query: RouteQuery, unit_type: str, why: str) -> _Option:
    where = rule.area_name or "全市"
    name = query.class_name or query.class_code
    told = [part for part in (rule.when.text if rule.when else "", rule.note) if part]
    note = f"（{'；'.join(told)}）" if told else ""
    match rule.subject_kind:
        case SubjectKind.UNIT_TYPE:
            subject = unit_type
            text = f"“{name}”由{unit_type}负责，{where}的对应单位是{rule.unit.name}"
            if why:
                text = f"改由协同的{unit_type}负责，{where}的对应单位是{rule.unit.name}"
        case SubjectKind.CLASS:
            subject, text = f"“{name}”", f"{where}的“{name}”由{rule.unit.name}处置"
        case SubjectKind.MAJOR:
            subject, text = f"大类 {rule.subject}", f"{where}的大类 {rule.subject} 由{rule.unit.name}处置"
        case SubjectKind.ANY:
            subject, text = "全部案件", f"{where}的全部案件由{rule.unit.name}处置"
    return _Option(
        unit=rule.unit,
        rule_id=rule.id,
        title=f"规则 {rule.position}：{where} · {subject}",
        explanation=f"{why}{text}{note}",
        co_units=rule.co_units,
        crew=rule.crew,
        looks_at_load=rule.when.most_load is not None,
    )
