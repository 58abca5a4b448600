import pytest

from nlp.redact import is_bank_card, is_identity_card, redact


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678找我", "电话138********找我"),
        ("打 138-1234-5678", "打 138**********"),
        ("座机0574-87654321", "座机057**********"),
        ("身份证11010519491231002X。", "身份证110***************。"),
        ("卡号6222020200112233446", "卡号622****************"),
        ("邮箱wang.li@example.com谢谢", "邮箱*******************谢谢"),
        ("浙B12345挡住了", "浙******挡住了"),
        ("浙BD12345新能源", "浙*******新能源"),
        ("我叫王小明，住三楼", "我叫王**，住三楼"),
        ("我是李强，路灯坏了", "我是李*，路灯坏了"),
        ("号码幺三八零零零零幺二三四", "号码幺**********"),
    ],
)
def test_what_identifies_a_person_is_starred(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    ["百丈路168号门口", "案件NB261124-00001", "限速40公里", "我是小区业主", "我是江北的", "2026年11月24日", "96310"],
)
def test_what_identifies_nobody_is_kept(text: str) -> None:
    assert redact(text) == text


def test_identity_cards_are_known_by_their_check_digit() -> None:
    assert is_identity_card("11010519491231002x")
    assert not is_identity_card("110105194912310021")


def test_bank_cards_are_known_by_luhns_check() -> None:
    assert is_bank_card("4111111111111111")
    assert not is_bank_card("4111111111111112")
