from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.places import Gazetteer
from nlp.questions import which_of
from nlp.types import Area, Classifier, GazetteerEntry, PlaceKind
from nlp.understand import TextUnderstanding, load_model
from tests.support.shipped import shipped


@pytest.mark.parametrize(
    ("text", "district", "street", "community"),
    [
        ("江东区百丈路井盖丢失", "鄞州区", "百丈街道", None),
        ("百丈街道划船社区楼道堆满杂物", "鄞州区", "百丈街道", "划船社区"),
        ("中山西路水管爆了", "海曙区", None, None),
        ("天一广场垃圾桶满了", "海曙区", "江厦街道", None),
        ("大沙泥街路灯不亮", "海曙区", "江厦街道", None),
        ("鄞州区首南街道路灯不亮", "鄞州区", "首南街道", None),
        ("慈海南路路灯坏了", "镇海区", None, None),
        ("东钱湖边上有人钓鱼", "鄞州区", "东钱湖镇", None),
        ("保税区渣土车超载", "北仑区", "保税区", None),
        ("北仑新碶明州路有个大坑", "北仑区", "新碶街道", None),
        ("余姚阳明西路红绿灯坏了", "余姚市", None, None),
        ("海曙区高桥镇垃圾成堆", "海曙区", "高桥镇", None),
        ("杭州湾新区工地扬尘", "慈溪市", None, None),
    ],
)
def test_a_place_is_found_with_its_line_of_areas(
    classifier: Classifier, text: str, district: str, street: str | None, community: str | None
) -> None:
    place = classifier.find_places(text)[0]
    line = (place.district, place.street, place.community)
    assert tuple(area.name if area else None for area in line) == (district, street, community)
    assert place.text == text[place.start : place.end]


def test_a_road_through_two_districts_gives_both_and_neither_is_sure(classifier: Classifier) -> None:
    places = classifier.find_places("中山东路路灯不亮")
    assert [place.name for place in places] == ["海曙区", "鄞州区"]
    assert all(place.confidence <= 0.5 for place in places)


def test_a_district_beside_it_settles_a_name_that_two_bear(classifier: Classifier) -> None:
    places = classifier.find_places("鄞州区中山东路路灯不亮")
    assert [place.name for place in places] == ["鄞州区"]


@pytest.mark.parametrize("text", ["小桥头有个坑", "一条长街都没路灯", "高桥上护栏断了", "路灯坏了", "桥头村的井盖"])
def test_everyday_words_are_no_streets(classifier: Classifier, text: str) -> None:
    assert all(place.level == "community" for place in classifier.find_places(text))


def test_the_district_and_its_street_are_one_place(classifier: Classifier) -> None:
    (place,) = classifier.find_places("江东区百丈路井盖丢失")
    assert (place.text, place.level, place.code) == ("江东区百丈路", "street", "330212008")


@pytest.mark.parametrize(
    ("text", "kind", "told", "address"),
    [
        ("百丈路123号门口路灯坏了", PlaceKind.DOOR, "百丈路123号", "百丈路123号"),
        ("划船社区8栋2单元楼道灯坏了", PlaceKind.DOOR, "划船社区8栋2单元", "划船社区8栋2单元"),
        ("江东百丈路一百二十三号", PlaceKind.DOOR, "江东百丈路一百二十三号", "鄞州区百丈路一百二十三号"),
        ("百丈路与中兴路交叉口有坑", PlaceKind.CROSSING, "百丈路与中兴路交叉口", "百丈路与中兴路交叉口"),
        ("江东区百丈路和中兴路口有坑", PlaceKind.CROSSING, "江东区百丈路和中兴路口", "鄞州区百丈路和中兴路口"),
        ("百丈路路口红绿灯坏了", PlaceKind.CROSSING, "百丈路路口", "百丈路路口"),
        ("中兴路公交站牌倒了", PlaceKind.STOP, "中兴路公交站", "中兴路公交站"),
        ("宁大门口堵车", PlaceKind.LANDMARK, "宁大", "宁波大学"),
        ("在福庆西二路上有个坑", PlaceKind.ROAD, "福庆西二路", "福庆西二路"),
        ("我家在梅兰佳苑小区，楼下很吵", PlaceKind.LANDMARK, "梅兰佳苑小区", "梅兰佳苑小区"),
        ("灯杆编号ZX-0123的灯不亮", PlaceKind.POLE, "灯杆编号ZX-0123", "灯杆编号ZX-0123"),
        ("部件3302120103001234坏了", PlaceKind.COMPONENT, "3302120103001234", "3302120103001234"),
        ("网格330212008001003有垃圾", PlaceKind.GRID, "330212008001003", "330212008001003"),
    ],
)
def test_the_fine_end_of_an_address_is_found(
    classifier: Classifier, text: str, kind: PlaceKind, told: str, address: str
) -> None:
    place = classifier.find_places(text)[0]
    assert (place.kind, place.text, place.address) == (kind, told, address)
    assert text[place.start : place.end] == place.text


def test_codes_name_their_area_and_their_class(classifier: Classifier) -> None:
    grid, component = (classifier.find_places(text)[0] for text in ("330212008001003", "3302120103001234"))
    assert grid.code == "330212008001"
    assert grid.community is not None
    assert component.district == Area("330212", "鄞州区")
    assert "雨水井盖" in component.note


@pytest.mark.parametrize(
    ("text", "district", "address", "note"),
    [
        ("江东区路灯不亮", "鄞州区", "鄞州区", "2016年并入鄞州区"),
        ("鄞州区集士港镇垃圾成堆", "海曙区", "海曙区集士港镇", "划归海曙区"),
        ("鄞县高桥镇芦港村河水发臭", "海曙区", "海曙区高桥镇芦港村", "划归海曙区"),
        ("奉化市大成路有坑", "奉化区", "奉化区大成路", "2016年改为奉化区"),
        ("高新区工地扬尘", "鄞州区", "高新区", "行政区划在鄞州区"),
    ],
)
def test_old_and_functional_names_lead_to_todays_district_with_a_note(
    classifier: Classifier, text: str, district: str, address: str, note: str
) -> None:
    (place,) = classifier.find_places(text)
    assert place.district is not None
    assert (place.district.name, place.address) == (district, address)
    assert note in place.note


def test_the_other_road_of_a_crossing_settles_the_district(classifier: Classifier) -> None:
    (place,) = classifier.find_places("中山东路与灵桥路交叉口红绿灯坏了")
    assert (place.kind, place.name) == (PlaceKind.CROSSING, "海曙区")


@pytest.mark.parametrize(
    ("text", "district"), [("中山西路水管爆了", "海曙区"), ("黄山路有坑", "北仑区"), ("长江路堵车", "北仑区")]
)
def test_roads_named_after_other_places_are_ours(classifier: Classifier, text: str, district: str) -> None:
    assert classifier.find_places(text)[0].name == district


@pytest.mark.parametrize(
    "text", ["马路上有垃圾", "路上全是水", "走路不方便", "步行街很脏", "我们小区门口", "3号线很吵", "5号晚上停电"]
)
def test_ordinary_words_are_no_names(classifier: Classifier, text: str) -> None:
    assert classifier.find_places(text) == ()


def entry(name: str, code: str, **fields: Any) -> GazetteerEntry:
    return GazetteerEntry(name, PlaceKind.LANDMARK, code, **fields)


def test_a_citys_own_names_are_found_by_alias_with_their_pin() -> None:
    gazetteer = Gazetteer([entry("星梦天街", "330203002", aliases=("星梦", "天街店"), lng=121.55, lat=29.87)])
    (place,) = gazetteer.find("星梦门口堵车", "星梦门口堵车")
    assert (place.address, place.code, place.lng, place.lat) == ("星梦天街", "330203002", 121.55, 29.87)


def test_the_same_name_twice_gives_two_candidates_of_equal_standing() -> None:
    gazetteer = Gazetteer([entry("星梦天街", "330203"), entry("星梦天街", "330205")])
    first, second = gazetteer.find("星梦天街堵车", "星梦天街堵车")
    assert first.confidence == second.confidence
    assert which_of((first, second)) == "请问“星梦天街”是在江北区还是海曙区？"


def test_names_count_from_their_first_day_and_are_told_as_former_after_their_last() -> None:
    known = [entry("星梦天街", "330203", valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 30))]
    text = "星梦天街堵车"
    assert Gazetteer(known, date(2025, 12, 31)).find(text, text) == ()
    assert Gazetteer(known, date(2026, 6, 30)).find(text, text)[0].note == ""
    assert "停用" in Gazetteer(known, date(2026, 7, 1)).find(text, text)[0].note


def test_entries_that_lie_nowhere_or_would_be_found_everywhere_are_left_out() -> None:
    odd = [entry("星梦天地", "999999"), entry("的", "330203"), entry("", "330203"), entry(" ", "330203")]
    assert Gazetteer(odd).find("星梦天地的路灯", "星梦天地的路灯") == ()


PARTS = [
    "江东区",
    "百丈路",
    "和",
    "中兴路",
    "口",
    "123号",
    "12弄",
    "公交站",
    "鄞州区",
    "集士港镇",
    "3302120103001234",
    "１号",
    "灯杆编号",
    "😀",
    "\ud800",
    " ",
    "在",
]
ANY_TEXT = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PARTS), max_size=14).map("".join))


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_places_of_any_text_point_into_it_best_first(text: str) -> None:
    places = shipped().find_places(text)
    assert len(places) <= 8
    for place in places:
        assert text[place.start : place.end] == place.text
        assert 0 < place.confidence <= 1
        assert place.address
        line = [area for area in (place.district, place.street, place.community) if area]
        assert (place.code, place.name) == ((line[-1].code, line[-1].name) if line else ("", ""))
    assert len({(p.start, p.code, p.kind) for p in places}) == len(places)


def test_the_loaded_understanding_knows_which_of_a_citys_names_are_over() -> None:
    known = [
        entry("星梦天街", "330203", valid_until=date(2020, 1, 1)),
        entry("月亮大厦", "330203", valid_from=date(2999, 1, 1)),
    ]
    understanding = TextUnderstanding(load_model(), places=known)
    assert "停用" in understanding.find_places("星梦天街堵车")[0].note
    assert all(place.district is None for place in understanding.find_places("月亮大厦堵车"))
