import pytest

from nlp.types import Classifier


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
