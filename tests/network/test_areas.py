"""The tree of areas."""

from app.network.areas import AreaEntry, AreaTree, Level

TREE = AreaTree(
    [
        AreaEntry("33", "浙江省", Level.PROVINCE, None, None, None),
        AreaEntry("3302", "宁波市", Level.CITY, "33", 121.5, 29.8),
        AreaEntry("330212", "鄞州区", Level.DISTRICT, "3302", 121.5, 29.8),
        AreaEntry("330203", "海曙区", Level.DISTRICT, "3302", 121.5, 29.8),
        AreaEntry("330212008", "百丈街道", Level.STREET, "330212", 121.5, 29.8),
        AreaEntry("330212008001", "百丈社区", Level.COMMUNITY, "330212008", 121.5, 29.8),
    ]
)


def test_an_address_begins_below_the_city() -> None:
    assert TREE.text("330212008001") == "鄞州区百丈街道百丈社区"
    assert [each.code for each in TREE.path("330212008")] == ["33", "3302", "330212", "330212008"]


def test_the_code_of_a_merged_district_leads_to_its_successor() -> None:
    found = TREE.find("330204")
    assert found is not None
    assert found.name == "鄞州区"


def test_a_place_holds_only_if_its_parts_exist_and_nest() -> None:
    assert TREE.holds("330212", "330212008", "330212008001")
    assert TREE.holds("330212", None, None)
    assert TREE.holds("330212", None, "330212008001")
    assert not TREE.holds("330203", "330212008", None)
    assert not TREE.holds("330212", "330212099", None)
    assert not TREE.holds(None, None, None)


def test_a_search_puts_names_that_begin_with_the_text_and_larger_areas_first() -> None:
    assert [each.code for each in TREE.search("百丈")] == ["330212008", "330212008001"]
    assert [each.code for each in TREE.search("区")][:2] == ["330203", "330212"]
    assert TREE.search("宁波") == []


def test_children_come_in_the_order_of_their_codes() -> None:
    assert [each.name for each in TREE.children("3302")] == ["海曙区", "鄞州区"]
    assert TREE.children("330212008001") == ()
