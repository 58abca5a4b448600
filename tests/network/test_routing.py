"""Routing rules: order, areas, validity, the territorial principle, and words that explain."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Unavailable
from app.network.routing import ANYTHING, RouteQuery, Rule, RuleIndex, SubjectKind, Territory, UnitRef, route

TODAY = date(2026, 11, 24)
SANITATION, SQUAD, CITY_TEAM = UnitRef(1, "鄞州区环卫中心"), UnitRef(2, "百丈中队"), UnitRef(3, "市环卫处")
OFFICE, CENTRE, CITY = UnitRef(7, "百丈街道办事处"), UnitRef(8, "鄞州区指挥中心"), UnitRef(9, "市智慧城管中心")
TERRITORIES = [
    Territory("330212008", "鄞州区百丈街道", OFFICE),
    Territory("330212", "鄞州区", CENTRE),
    Territory("3302", "全市", CITY),
]


def rule(
    position: int,
    unit: UnitRef,
    kind: SubjectKind = SubjectKind.UNIT_TYPE,
    subject: str = "环卫作业单位",
    area: str = "330212",
    valid_from: date | None = None,
    valid_to: date | None = None,
    note: str = "",
) -> Rule:
    return Rule(
        position,
        position,
        area,
        {"": "全市", "330212": "鄞州区"}.get(area, area),
        kind,
        subject,
        unit,
        valid_from,
        valid_to,
        note,
    )


def asked(
    class_code: str = "E0102",
    primary: str = "环卫作业单位",
    secondary: str = "属地街道（镇乡）",
    district: str | None = "330212",
    street: str | None = "330212008",
    community: str | None = "330212008001",
    on: date = TODAY,
) -> RouteQuery:
    return RouteQuery(class_code, primary, secondary, district, street, community, on, "暴露垃圾")


def test_the_first_rule_that_fits_decides_whatever_it_looks_at() -> None:
    rules = [
        rule(20, SQUAD, SubjectKind.CLASS, "E0102"),
        rule(10, SANITATION),
        rule(30, CITY_TEAM, SubjectKind.ANY, ANYTHING, ""),
    ]
    found = route(asked(), RuleIndex(rules, TERRITORIES))
    assert (found.unit_id, found.rule_id) == (SANITATION.id, 10)
    assert found.runner_up == "百丈中队（规则 20：鄞州区 · “暴露垃圾”）"


@pytest.mark.parametrize("area", ["", "3302", "330212", "330212008", "330212008001"])
def test_a_rule_holds_for_everything_below_its_area(area: str) -> None:
    found = route(asked(), RuleIndex([rule(10, SANITATION, area=area)], TERRITORIES))
    assert found.unit_id == SANITATION.id


@pytest.mark.parametrize("area", ["330203", "330212009", "330212008002"])
def test_a_rule_of_another_area_does_not_fit(area: str) -> None:
    assert route(asked(), RuleIndex([rule(10, SANITATION, area=area)], TERRITORIES)).unit_id == OFFICE.id


@pytest.mark.parametrize(
    ("kind", "subject", "fits"),
    [
        (SubjectKind.CLASS, "E0102", True),
        (SubjectKind.CLASS, "E0103", False),
        (SubjectKind.MAJOR, "E01", True),
        (SubjectKind.MAJOR, "C01", False),  # major codes repeat between components and events
        (SubjectKind.UNIT_TYPE, "环卫作业单位", True),
        (SubjectKind.ANY, ANYTHING, True),
    ],
)
def test_a_rule_looks_at_class_major_class_unit_type_or_everything(kind: SubjectKind, subject: str, fits: bool) -> None:
    found = route(asked(), RuleIndex([rule(10, SANITATION, kind, subject)], TERRITORIES))
    assert (found.rule_id == 10) is fits


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "fits"),
    [
        (TODAY, None, True),
        (None, TODAY, True),
        (TODAY, TODAY, True),
        (date(2026, 11, 25), None, False),
        (None, date(2026, 11, 23), False),
    ],
)
def test_validity_includes_both_its_days(valid_from: date | None, valid_to: date | None, fits: bool) -> None:
    ruled = RuleIndex([rule(10, SANITATION, valid_from=valid_from, valid_to=valid_to)], TERRITORIES)
    assert (route(asked(), ruled).rule_id == 10) is fits


def test_the_secondary_type_is_asked_only_when_the_primary_has_no_rule() -> None:
    helper = rule(5, OFFICE, subject="属地街道（镇乡）", area="330212008")
    primary = rule(10, SANITATION)
    both = route(asked(), RuleIndex([helper, primary], TERRITORIES))
    assert (both.unit_id, both.runner_up_id) == (SANITATION.id, OFFICE.id)
    alone = route(asked(), RuleIndex([helper], TERRITORIES))
    assert alone.unit_id == OFFICE.id
    assert alone.explanation.startswith("此地没有“环卫作业单位”的对应单位，改由协同的属地街道（镇乡）负责")


@pytest.mark.parametrize(
    ("district", "street", "community", "unit"),
    [
        ("330212", "330212008", "330212008001", OFFICE),
        ("330212", "330212008", None, OFFICE),
        ("330212", "330212099", None, CENTRE),
        ("330212", None, None, CENTRE),
        ("330225", "330225001", None, CITY),
        ("999999", None, None, CITY),
        (None, None, None, CITY),
    ],
)
def test_without_a_rule_the_nearest_territory_leads(
    district: str | None, street: str | None, community: str | None, unit: UnitRef
) -> None:
    found = route(asked(district=district, street=street, community=community), RuleIndex([], TERRITORIES))
    assert (found.unit_id, found.rule_id) == (unit.id, None)
    assert "属地首接负责" in found.explanation
    assert unit.name in found.explanation


def test_the_runner_up_of_the_last_resort_is_nobody() -> None:
    assert route(asked(district="330225", street=None, community=None), RuleIndex([], TERRITORIES)).runner_up is None


def test_the_runner_up_is_never_the_same_unit() -> None:
    rules = [rule(10, SANITATION), rule(20, SANITATION, SubjectKind.ANY, ANYTHING)]
    assert route(asked(), RuleIndex(rules, TERRITORIES)).runner_up_id == OFFICE.id


def test_without_any_city_centre_the_missing_unit_is_named() -> None:
    with pytest.raises(Unavailable, match="市级指挥中心"):
        route(asked(), RuleIndex([], []))


def test_the_explanation_names_class_type_area_unit_and_note() -> None:
    found = route(asked(), RuleIndex([rule(10, SANITATION, note="试点")], TERRITORIES))
    assert found.rule == "规则 10：鄞州区 · 环卫作业单位"
    assert found.explanation == "“暴露垃圾”由环卫作业单位负责，鄞州区的对应单位是鄞州区环卫中心（试点）"


def test_equal_positions_are_decided_by_age() -> None:
    older = Rule(1, 10, "330212", "鄞州区", SubjectKind.ANY, ANYTHING, SQUAD)
    newer = Rule(2, 10, "330212", "鄞州区", SubjectKind.ANY, ANYTHING, SANITATION)
    assert route(asked(), RuleIndex([newer, older], TERRITORIES)).unit_id == SQUAD.id


KINDS = {
    SubjectKind.CLASS: ["E0102", "E0103"],
    SubjectKind.MAJOR: ["E01", "E02"],
    SubjectKind.UNIT_TYPE: ["环卫作业单位", "园林绿化单位"],
    SubjectKind.ANY: [ANYTHING],
}
subjects = st.sampled_from([(kind, subject) for kind, names in KINDS.items() for subject in names])
areas = st.sampled_from(["", "3302", "330212", "330212008", "330212008001", "330203"])
days = st.sampled_from([None, date(2026, 11, 1), date(2026, 12, 1)])


@given(st.lists(st.tuples(subjects, areas, days, days), max_size=12))
def test_the_index_finds_what_reading_the_rules_one_by_one_finds(
    drawn: list[tuple[tuple[SubjectKind, str], str, date | None, date | None]],
) -> None:
    rules = [
        Rule(place, place, area, area, kind, subject, UnitRef(100 + place, f"单位{place}"), start, end)
        for place, ((kind, subject), area, start, end) in enumerate(drawn, start=1)
    ]
    query = asked(secondary="")
    wanted = {
        SubjectKind.CLASS: "E0102",
        SubjectKind.MAJOR: "E01",
        SubjectKind.UNIT_TYPE: "环卫作业单位",
        SubjectKind.ANY: "*",
    }
    first = next(
        (
            each.unit.id
            for each in rules
            if each.subject == wanted[each.subject_kind]
            and "330212008001".startswith(each.area_code)
            and (each.valid_from or TODAY) <= TODAY <= (each.valid_to or TODAY)
        ),
        OFFICE.id,
    )
    assert route(query, RuleIndex(rules, TERRITORIES)).unit_id == first
