"""What is wrong with a set of rules: those that can never decide, and the places where none does. Pure.

A rule is dead if nothing can ever fit it, and shadowed if others are always there before it. The router itself is
asked at every point where the rules can differ, so what it says here is what it will do.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property

from app.network.routing import RouteQuery, Rule, RuleIndex, SubjectKind, first_rule
from app.network.whens import ALWAYS

_DAY = timedelta(days=1)
HORIZON = timedelta(days=730)
_FULL = 10**9


class Fault(StrEnum):
    UNIT_OFF = "unit_off"  # its unit is switched off
    OVER = "over"  # no longer valid
    NO_SUBJECT = "no_subject"  # no class has this code, major class or kind of unit
    NO_AREA = "no_area"  # no such area
    NEVER = "never"  # condition, weekdays and season never come together
    SHADOWED = "shadowed"  # others always come first
    EVERYTHING = "everything"  # takes every case of the city before the rules behind it


@dataclass(frozen=True, slots=True)
class Subject:
    """What the catalogue says of a class, as far as rules look at it."""

    code: str
    primary_unit_type: str
    secondary_unit_type: str
    conditions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """`by`: the rules that decide instead, at most three."""

    rule_id: int
    fault: Fault
    by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A class for which an area (with all below it that no rule names) falls to the territory.

    `is_partly`: some rule fits, but only at certain hours, seasons, conditions or loads. `places`: how many areas.
    """

    class_code: str
    area_code: str
    is_partly: bool
    places: int


class Analysis:
    """`areas`: codes of all districts, streets and communities. Faults are those from `today` on, for two years."""

    def __init__(self, index: RuleIndex, subjects: Sequence[Subject], areas: Collection[str], today: date) -> None:
        self._index, self._subjects, self._today = index, subjects, today
        self._areas = {code for code in areas if len(code) >= 6}
        self._known_turns: dict[frozenset[int], tuple[list[date], list[time]]] = {}
        self._known = self._areas | {code[:length] for code in self._areas for length in (2, 4)}

    def findings(self, rules: Iterable[Rule] | None = None) -> list[Finding]:
        """Of all rules, or of those given, which may be handed over at leisure."""
        asked = self._index.rules if rules is None else rules
        return [found for rule in asked if (found := self._finding(rule)) is not None]

    def gaps(self) -> list[Gap]:
        """In the order of classes and areas. Classes that rules cannot tell apart are looked at once."""
        always = self._index.with_rules(rule for rule in self._index.rules if rule.when is ALWAYS)
        ever = self._index.with_rules(replace(rule, when=ALWAYS) for rule in self._index.rules)
        places = self._places_by_cell()
        seen: dict[tuple[str, ...], list[tuple[str, bool, int]]] = {}
        found = []
        for subject in self._subjects:
            kind = self._signature(subject)
            if kind not in seen:
                seen[kind] = list(self._holes(subject, places, always, ever))
            found += [Gap(subject.code, code, is_partly, count) for code, is_partly, count in seen[kind]]
        return found

    # --- rules that never decide ---

    def _finding(self, rule: Rule) -> Finding | None:
        if fault := self._dead(rule):
            return Finding(rule.id, fault)
        winners: dict[int, None] = {}
        for query in self._points(rule):
            winner = first_rule(query, self._index)
            if winner is not None and winner.id == rule.id:
                return self._too_greedy(rule)
            if winner is not None and self._fits(rule, query):
                winners[winner.id] = None
        return Finding(rule.id, Fault.SHADOWED if winners else Fault.NEVER, tuple(winners)[:3])

    def _fits(self, rule: Rule, query: RouteQuery) -> bool:
        types = (query.primary_unit_type, query.secondary_unit_type)
        return any(rule in self._index.fitting(query, each) for each in types if each)

    def _dead(self, rule: Rule) -> Fault | None:
        if rule.valid_to is not None and rule.valid_to < self._today:
            return Fault.OVER
        if not any(_looks_at(rule, each) for each in self._subjects):
            return Fault.NO_SUBJECT
        if rule.area_code and rule.area_code not in self._known:
            return Fault.NO_AREA
        return None

    def _too_greedy(self, rule: Rule) -> Finding | None:
        """Everything everywhere, always: whatever stands behind it in the order is dead."""
        takes_all = rule.subject_kind is SubjectKind.ANY and len(rule.area_code) <= 4 and rule.when is ALWAYS
        behind = [each.id for each in self._index.rules if each.order > rule.order]
        return Finding(rule.id, Fault.EVERYTHING, tuple(behind[:3])) if takes_all and behind else None

    def _points(self, rule: Rule) -> Iterator[RouteQuery]:
        """Every combination that rules can tell apart and this rule looks at."""
        load = _Fullest(rule)
        cells = [code for code in self._cells if code.startswith(rule.area_code)]
        for subject in self._told_apart(each for each in self._subjects if _looks_at(rule, each)):
            conditions = self._conditions(rule, subject)
            for code in cells:
                days, times = self._turns(self._timed_rules(subject, code))
                for day in (each for each in days if rule.holds_on(each) and rule.when.holds_on(each)):
                    for moment in (each for each in times if rule.when.holds_at(each)):
                        for condition in conditions:
                            yield replace(_query(subject, code, day), condition_no=condition, at=moment, load=load)

    def _timed_rules(self, subject: Subject, code: str) -> frozenset[int]:
        """Those by which one day or hour can differ from another for this class at this place: mostly none."""
        query = _query(subject, code, self._today)
        types = {each for each in (subject.primary_unit_type, subject.secondary_unit_type) if each}
        return frozenset(rule.id for each in types for rule in self._timed.fitting(query, each))

    @cached_property
    def _timed(self) -> RuleIndex:
        timed = (each for each in self._index.rules if each.when is not ALWAYS or each.valid_from or each.valid_to)
        return self._index.with_rules(replace(each, when=ALWAYS, valid_from=None, valid_to=None) for each in timed)

    def _turns(self, rule_ids: frozenset[int]) -> tuple[list[date], list[time]]:
        if rule_ids not in self._known_turns:
            rules = [each for each in self._index.rules if each.id in rule_ids]
            self._known_turns[rule_ids] = self._days(rules), _times(rules)
        return self._known_turns[rule_ids]

    def _conditions(self, rule: Rule, subject: Subject) -> tuple[int, ...]:
        if rule.when.condition_no is not None:
            return tuple(no for no in subject.conditions if no == rule.when.condition_no)
        named = {each.when.condition_no for each in self._index.rules} - {None}
        rest = [no for no in subject.conditions if no not in named][:1]
        return (*rest, *(no for no in subject.conditions if no in named))

    def _told_apart(self, subjects: Iterable[Subject]) -> list[Subject]:
        return list({self._signature(each): each for each in subjects}.values())

    def _signature(self, subject: Subject) -> tuple[str, ...]:
        code, major = subject.code, subject.code[:3]
        return (
            code if code in self._named_classes else "",
            major if major in self._named_majors else "",
            subject.primary_unit_type,
            subject.secondary_unit_type,
            ",".join(map(str, subject.conditions)) if self._looks_at_conditions else "",
        )

    @cached_property
    def _named_classes(self) -> set[str]:
        return {rule.subject for rule in self._index.rules if rule.subject_kind is SubjectKind.CLASS}

    @cached_property
    def _named_majors(self) -> set[str]:
        return {rule.subject for rule in self._index.rules if rule.subject_kind is SubjectKind.MAJOR}

    @cached_property
    def _looks_at_conditions(self) -> bool:
        return any(rule.when.condition_no is not None for rule in self._index.rules)

    @cached_property
    def _cells(self) -> list[str]:
        """Areas that some rule names, and all districts: every other area is routed as the nearest of them above it."""
        named = {rule.area_code for rule in self._index.rules}
        return sorted(code for code in self._areas if code in named or len(code) == 6)

    def _days(self, rules: Sequence[Rule]) -> list[date]:
        """Today and every day on which validity or season changes; a week of each where weekdays count."""
        last = self._today + HORIZON
        turns = {self._today}
        for rule in rules:
            # Many write "for ever" as the last day there is.
            turns |= {rule.valid_from or self._today, min(rule.valid_to or date.max, date.max - _DAY) + _DAY}
            turns |= set(_season_turns(rule, self._today.year, last.year))
        week = 7 if any(rule.when.weekdays for rule in rules) else 1
        days = {turn + _DAY * step for turn in turns if turn <= last for step in range(week)}
        return sorted(day for day in days if self._today <= day)

    # --- places where no rule decides ---

    def _places_by_cell(self) -> dict[str, int]:
        cells = set(self._cells)
        counts = dict.fromkeys(self._cells, 0)
        for code in self._areas:
            nearest = next(code[:length] for length in (12, 9, 6) if len(code) >= length and code[:length] in cells)
            counts[nearest] += 1
        return counts

    def _holes(
        self, subject: Subject, places: dict[str, int], always: RuleIndex, ever: RuleIndex
    ) -> Iterator[tuple[str, bool, int]]:
        for code, count in places.items():
            query = _query(subject, code, self._today)
            if first_rule(query, always) is None:
                yield code, first_rule(query, ever) is not None, count


def _times(rules: Iterable[Rule]) -> list[time]:
    edges = {time()}
    for rule in rules:
        edges |= {each for each in (rule.when.time_from, rule.when.time_to) if each is not None}
    return sorted(edges)


def _looks_at(rule: Rule, subject: Subject) -> bool:
    match rule.subject_kind:
        case SubjectKind.CLASS:
            return rule.subject == subject.code
        case SubjectKind.MAJOR:
            return rule.subject == subject.code[:3]
        case SubjectKind.UNIT_TYPE:
            return rule.subject in (subject.primary_unit_type, subject.secondary_unit_type)
        case SubjectKind.ANY:
            return True


def _query(subject: Subject, code: str, on: date) -> RouteQuery:
    district, street = code[:6], code[:9] if len(code) >= 9 else None
    community = code if len(code) == 12 else None
    return RouteQuery(
        subject.code, subject.primary_unit_type, subject.secondary_unit_type, district, street, community, on
    )


class _Fullest:
    """The load under which a rule has its best chance: its own unit just below the limit, all others full."""

    def __init__(self, rule: Rule) -> None:
        self._unit_id, self._most = rule.unit.id, rule.when.most_load

    def __call__(self, unit_id: int) -> int:
        return self._most - 1 if self._most is not None and unit_id == self._unit_id else _FULL


def _season_turns(rule: Rule, first_year: int, last_year: int) -> Iterator[date]:
    if not rule.when.season_from:
        return
    for year in range(first_year, last_year + 1):
        yield _day_in(year, rule.when.season_from)
        yield _day_in(year, rule.when.season_to) + _DAY


def _day_in(year: int, month_day: str) -> date:
    try:
        return date.fromisoformat(f"{year}-{month_day}")
    except ValueError:  # 29 February of a common year
        return date(year, 3, 1)
