"""Dead and shadowed rules and holes, against trying everything on small random sets of rules."""

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.network.analysis import Analysis, Fault, Subject
from app.network.routing import RouteQuery, Rule, RuleIndex, SubjectKind, Territory, UnitRef, first_rule, route
from app.network.whens import ALWAYS, When

TODAY = date(2026, 11, 24)
CLASSES = [
    Subject("E0102", "环卫作业单位", "属地街道（镇乡）", (1, 2)),
    Subject("E0103", "环卫作业单位", "", (1,)),
    Subject("C0102", "排水管理单位", "环卫作业单位", (1, 2)),
]
AREAS = ["330203", "330203001", "330212", "330212008", "330212008001", "330212009"]
CITY = [Territory("3302", "全市", UnitRef(99, "市级指挥中心"))]
SUBJECTS = [
    (SubjectKind.CLASS, "E0102"),
    (SubjectKind.CLASS, "C0102"),
    (SubjectKind.MAJOR, "E01"),
    (SubjectKind.UNIT_TYPE, "环卫作业单位"),
    (SubjectKind.UNIT_TYPE, "排水管理单位"),
    (SubjectKind.ANY, "*"),
]
whens = st.one_of(
    st.just(ALWAYS),
    st.builds(When, condition_no=st.sampled_from([1, 2])),
    st.builds(When, time_from=st.just(time(8)), time_to=st.just(time(18))),
    st.builds(When, time_from=st.just(time(22)), time_to=st.just(time(6))),
    st.builds(When, most_load=st.sampled_from([1, 3])),
    st.builds(When, weekdays=st.sampled_from(["12345", "67"])),
    st.builds(When, season_from=st.just("11-15"), season_to=st.just("03-15")),
)
days = st.sampled_from([None, None, date(2026, 12, 1), date(2027, 2, 1)])
drawn_rules = st.lists(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(["", "3302", *AREAS]), whens, days, days, st.integers(1, 3)),
    min_size=1,
    max_size=6,
)


def rules_of(drawn: list[tuple[tuple[SubjectKind, str], str, When, date | None, date | None, int]]) -> list[Rule]:
    return [
        Rule(place, place, area, area, kind, subject, UnitRef(unit, f"单位{unit}"), start, end, when=when)
        for place, ((kind, subject), area, when, start, end, unit) in enumerate(drawn, start=1)
    ]


def everything(with_loads: bool) -> list[RouteQuery]:
    moments = [TODAY + timedelta(days=each) for each in (0, 4, 7, 11, 12, 13, 69, 70, 75, 111, 112, 117)]
    loads = list(product((0, 2, 5), repeat=3)) if with_loads else [(0, 0, 0)]
    queries = []
    for subject, code, day, moment, load in product(CLASSES, AREAS, moments, (time(3), time(12), time(23)), loads):
        places = (code[:6], code[:9] if len(code) > 6 else None, code if len(code) == 12 else None)
        types = (subject.primary_unit_type, subject.secondary_unit_type)
        for no in subject.conditions:
            by_unit = dict(zip((1, 2, 3), load, strict=True))
            query = RouteQuery(subject.code, *types, *places, day, "", no, moment, by_unit.__getitem__)
            queries.append(query)
    return queries


# Without shrinking: each example tries tens of thousands of cases.
@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(drawn_rules)
def test_a_rule_is_called_live_exactly_if_trying_everything_finds_a_case_for_it(drawn: list) -> None:  # type: ignore[type-arg]
    index = RuleIndex(rules_of(drawn), CITY)
    wins = set()
    for query in everything(any(each[2].most_load for each in drawn)):
        if found := first_rule(query, index):
            wins.add(found.id)
    findings = Analysis(index, CLASSES, AREAS, TODAY).findings()
    never = {each.rule_id for each in findings if each.fault != Fault.EVERYTHING}
    assert never == {rule.id for rule in index.rules} - wins


@settings(deadline=None)
@given(drawn_rules)
def test_a_gap_is_where_no_lasting_rule_decides(drawn: list) -> None:  # type: ignore[type-arg]
    rules = [replace(rule, valid_from=None, valid_to=None) for rule in rules_of(drawn)]
    index = RuleIndex(rules, CITY)
    lasting = RuleIndex([rule for rule in rules if rule.when is ALWAYS], CITY)
    gaps = Analysis(index, CLASSES, AREAS, TODAY).gaps()
    counted = sum(gap.places for gap in gaps)
    wanted = 0
    for subject, code in product(CLASSES, AREAS):
        places = (code[:6], code[:9] if len(code) > 6 else None, code if len(code) == 12 else None)
        query = RouteQuery(subject.code, subject.primary_unit_type, subject.secondary_unit_type, *places, TODAY)
        wanted += route(query, lasting).rule_id is None
    assert counted == wanted


def rule(place: int, kind: SubjectKind, subject: str, area: str = "", **more: object) -> Rule:
    return replace(Rule(place, place, area, area, kind, subject, UnitRef(place, f"单位{place}")), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dead", "fault"),
    [
        (rule(1, SubjectKind.ANY, "*", valid_to=date(2026, 11, 23)), Fault.OVER),
        (rule(1, SubjectKind.CLASS, "E9999"), Fault.NO_SUBJECT),
        (rule(1, SubjectKind.ANY, "*", "330204"), Fault.NO_AREA),
        (rule(1, SubjectKind.CLASS, "E0103", when=When(condition_no=2)), Fault.NEVER),
    ],
)
def test_a_rule_that_nothing_can_fit_says_why(dead: Rule, fault: Fault) -> None:
    assert [each.fault for each in Analysis(RuleIndex([dead], CITY), CLASSES, AREAS, TODAY).findings()] == [fault]


def test_a_shadowed_rule_names_who_is_before_it_and_a_greedy_one_who_is_behind() -> None:
    index = RuleIndex([rule(1, SubjectKind.ANY, "*"), rule(2, SubjectKind.CLASS, "E0102", "330212")], CITY)
    greedy, shadowed = Analysis(index, CLASSES, AREAS, TODAY).findings()
    assert (greedy.rule_id, greedy.fault, greedy.by) == (1, Fault.EVERYTHING, (2,))
    assert (shadowed.rule_id, shadowed.fault, shadowed.by) == (2, Fault.SHADOWED, (1,))


def test_a_rule_behind_streets_that_together_fill_its_district_still_has_the_district_itself() -> None:
    streets = [rule(place, SubjectKind.ANY, "*", code) for place, code in enumerate(("330212008", "330212009"), 1)]
    index = RuleIndex([*streets, rule(3, SubjectKind.ANY, "*", "330212", valid_to=date.max)], CITY)
    assert Analysis(index, CLASSES, AREAS, TODAY).findings() == []
