"""The pure rule: n people in m minutes about one matter at one place."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.incidents.rules import DEFAULT_RULES, Level, Report, Rule, Surge, find_surges

BEGIN = datetime(2026, 11, 24, 8, tzinfo=UTC)
WATER = Rule("water", "供水", ("E0402",), Level.STREET, 3, 15, "供水管道故障")
LIGHTS = Rule("light", "路灯", ("C0118", "C0119"), Level.STREET, 3, 60)
OTHER = Rule("other", "其他", (), Level.COMMUNITY, 3, 60)
RULES = (WATER, LIGHTS, OTHER)
DISTRICT, STREET, COMMUNITY = "330203", "330203008", "330203008001"


def report(minute: float, who: str | None = None, code: str = "E0402", **changes: str | None) -> Report:
    at = BEGIN + timedelta(minutes=minute)
    place = {"district": DISTRICT, "street": STREET, "community": COMMUNITY, **changes}
    report.made += 1  # type: ignore[attr-defined]
    return Report(at, code, place["district"], place["street"], place["community"], who, report.made)  # type: ignore[attr-defined]


report.made = 0  # type: ignore[attr-defined]


def found(reports: Iterable[Report]) -> list[tuple[str, str, int]]:
    return [(each.group, each.area_code, each.people) for each in find_surges(reports, RULES)]


def test_as_many_people_as_the_rule_asks_within_its_minutes_are_a_surge() -> None:
    assert found([report(0, "a"), report(7, "b"), report(14, "c")]) == [("water", STREET, 3)]


def test_one_fewer_is_none_and_neither_are_the_same_in_a_longer_time() -> None:
    assert found([report(0, "a"), report(14, "b")]) == []
    assert found([report(0, "a"), report(7, "b"), report(15, "c")]) == []


def test_one_person_who_calls_ten_times_is_one_person() -> None:
    assert found(report(minute, "a") for minute in range(10)) == []


def test_withheld_numbers_count_each_on_its_own() -> None:
    assert found([report(0), report(1), report(2)]) == [("water", STREET, 3)]


def test_classes_of_one_group_count_together_and_other_streets_apart() -> None:
    lights = [report(0, "a", "C0118"), report(9, "b", "C0119"), report(40, "c", "C0118")]
    assert found(lights) == [("light", STREET, 3)]
    assert found([*lights[:2], report(40, "c", "C0118", street="330203001")]) == []


def test_what_no_group_takes_counts_by_its_own_class_and_nearer_together() -> None:
    covers = [report(minute, who, "C0103") for minute, who in enumerate("abc")]
    assert found(covers) == [("other:C0103", COMMUNITY, 3)]
    assert found([*covers[:2], report(3, "c", "E0102")]) == []


def test_a_report_whose_place_is_known_too_roughly_counts_nowhere() -> None:
    assert found([report(0, "a"), report(1, "b"), report(2, "c", street=None)]) == []


def test_all_later_reports_belong_to_the_surge_and_stragglers_before_it_do_not() -> None:
    early, *crowd = [report(0, "x"), report(30, "a"), report(31, "b"), report(32, "c"), report(55, "d")]
    (surge,) = find_surges([*reversed(crowd), early], RULES)
    assert [each.case_id for each in surge.reports] == [each.case_id for each in crowd]


def test_what_people_have_dealt_with_is_not_proposed_again_for_the_same_reports() -> None:
    old = [report(minute, who) for minute, who in enumerate("abc")]
    settled = {("water", STREET): BEGIN + timedelta(minutes=2)}
    assert find_surges(old, RULES, settled) == []
    again = [report(minute, who) for minute, who in ((3, "a"), (4, "b"), (5, "c"))]
    (surge,) = find_surges([*old, *again], RULES, settled)
    assert surge.reports == tuple(again)


def test_the_default_rules_leave_no_class_without_a_rule() -> None:
    assert DEFAULT_RULES[-1].classes == ()
    assert len({rule.key for rule in DEFAULT_RULES}) == len(DEFAULT_RULES)


reports = st.lists(
    st.builds(
        report,
        st.integers(0, 100),
        st.sampled_from([None, "a", "b", "c", "d"]),
        st.sampled_from(["E0402", "C0118", "C0103"]),
        street=st.sampled_from([STREET, "330203001", None]),
        community=st.sampled_from([COMMUNITY, None]),
    ),
    max_size=30,
)


@given(reports)
def test_it_finds_exactly_the_places_that_counting_every_window_finds(made: list[Report]) -> None:
    surges = {(each.group, each.area_code): each for each in find_surges(made, RULES)}
    assert set(surges) == set(slowly(made))
    for place, surge in surges.items():
        heap = slowly(made)[place]
        assert surge.people >= surge.rule.people
        assert all(one.at <= other.at for one, other in pairwise(surge.reports))
        assert surge.reports[0].at == heap


@given(reports, st.randoms())
def test_the_order_in_which_reports_arrive_changes_nothing(made: list[Report], random: object) -> None:
    mixed = made[:]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert key(find_surges(made, RULES)) == key(find_surges(mixed, RULES))


def key(surges: list[Surge]) -> set[tuple[str, str, tuple[int | None, ...]]]:
    return {(each.group, each.area_code, tuple(r.case_id for r in each.reports)) for each in surges}


def slowly(made: list[Report]) -> dict[tuple[str, str], datetime]:
    """Every place with a full window, and when the first report of the first such window came: minute by minute."""
    full: dict[tuple[str, str], datetime] = {}
    for rule in RULES:
        mine = [r for r in made if next(each for each in RULES if each.takes(r.class_code)) is rule]
        for place in {(rule.group(r.class_code), area) for r in mine if (area := r.place(rule.level))}:
            here = [r for r in mine if (rule.group(r.class_code), r.place(rule.level)) == place]
            for last in sorted(here, key=lambda r: r.at):
                since = last.at - timedelta(minutes=rule.minutes)
                window = [r for r in here if since < r.at <= last.at]
                if len({r.person for r in window}) >= rule.people:
                    full[place] = min(r.at for r in window)
                    break
    return full
