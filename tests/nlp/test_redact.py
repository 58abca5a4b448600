import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
        ("门牌168，138 1234 5678", "门牌168，138**********"),
        ("电话138，1234，5678", "电话138**********"),
        ("电话零五七四八七六五四三二一", "电话零***********"),
        ("1381234567813912345678", "138*******************"),
        ("卡号6222 0202 0011 2233 446", "卡号622********************"),
        ("老身份证330203540612123", "老身份证330************"),
        ("浙B一二三四五挡路", "浙******挡路"),
        ("我姓王，叫王小明", "我姓*，叫王**"),
        ("免贵姓陈", "免贵姓*"),
        ("我叫阿芳，住三楼", "我叫**，住三楼"),
        ("我是欧阳锋", "我是欧阳*"),
        ("李小红女士打来的", "李**女士打来的"),
        ("联系人张三电话", "联系人张*电话"),
    ],
)
def test_what_identifies_a_person_is_starred(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "我叫人来修了",
        "张先生反映路灯不亮",
        "网格330212008001003",
        "部件3302120103001234",
        "日期20261124前",
        "订单号20261124001",
        "第一百二十三号，两千三百户",
        "百丈路168号门口",
        "案件NB261124-00001",
        "限速40公里",
        "我是小区业主",
        "我是江北的",
        "2026年11月24日",
        "96310",
    ],
)
def test_what_identifies_nobody_is_kept(text: str) -> None:
    assert redact(text) == text


def test_identity_cards_are_known_by_their_check_digit() -> None:
    assert is_identity_card("11010519491231002x")
    assert not is_identity_card("110105194912310021")


def test_bank_cards_are_known_by_luhns_check() -> None:
    assert is_bank_card("4111111111111111")
    assert not is_bank_card("4111111111111112")


SPOKEN = "零幺二三四五六七八九"
AROUND = st.text("路灯坏了找我的电话是，。 😀", max_size=12)
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


def card(head: str) -> str:
    """The number with the check digit of ISO 7064 behind it."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(w * int(d) for w, d in zip(weights, head, strict=True)) % 11]


def bank_card(head: str) -> str:
    """The number with Luhn's digit behind it."""
    doubled = [int(d) * (2 - place % 2) for place, d in enumerate(reversed(head))]
    return head + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


NUMBER = st.one_of(
    MOBILE,
    MOBILE.map(lambda number: f"{number[:3]}-{number[3:7]} {number[7:]}"),
    MOBILE.map(lambda number: "".join(SPOKEN[int(digit)] for digit in number)),
    MOBILE.map(lambda number: f"+86 {number}"),
    MOBILE.map(lambda number: "".join(chr(ord("０") + int(digit)) for digit in number)),
    st.from_regex(r"0574-?[2-9][0-9]{7}", fullmatch=True),
    st.from_regex(r"33020[3-6](19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9])[0-9]{3}", fullmatch=True).map(card),
    st.from_regex(r"(62|4[0-9])[0-9]{13}", fullmatch=True).map(bank_card),
    st.from_regex(r"浙[A-L][0-9]{5}", fullmatch=True),
    st.from_regex(r"[a-z]{3,9}@[a-z]{2,8}\.com", fullmatch=True),
)


@settings(max_examples=400, deadline=None)
@given(AROUND, NUMBER, AROUND)
def test_no_number_of_a_person_survives_wherever_it_stands(before: str, number: str, after: str) -> None:
    masked = redact(before + number + after)
    place = masked[len(before) : len(before) + len(number)]
    assert number not in masked
    assert place.count("*") >= len(number) - 4
    assert (masked[: len(before)], masked[len(before) + len(number) :]) == (redact(before), redact(after))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), NUMBER)
def test_what_is_masked_stays_masked(text: str, number: str) -> None:
    once = redact(text + number)
    assert all(again == "*" for first, again in zip(once, redact(once), strict=True) if first == "*")
    assert len(once) == len(text + number)
