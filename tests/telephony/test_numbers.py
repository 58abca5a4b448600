import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.numbers import describe, hash_number, is_emergency, is_mobile, is_service_number, mask, normalise


@pytest.mark.parametrize(
    "raw",
    [
        "+8613857461234",
        "13857461234",
        "8613857461234",
        "008613857461234",
        "+86 138-5746-1234",
        "１３８５７４６１２３４",
        "tel:+8613857461234",
        "17951 13857461234",
        " 138 5746 1234 ",
    ],
)
def test_every_spelling_of_a_mobile_is_one_number(raw: str) -> None:
    assert normalise(raw) == "+8613857461234"


@pytest.mark.parametrize(
    "raw",
    [
        "0574-87191234",
        "057487191234",
        "(0574)87191234",
        "+86 574 87191234",
        "+86 0574 87191234",
        "86-574-87191234",
        "0574-87191234转8001",
        "0574-87191234-8001",
        "0574 8719 1234 ext 3",
        "87191234",
    ],
)
def test_every_spelling_of_a_landline_is_one_number(raw: str) -> None:
    assert normalise(raw) == "+8657487191234"


def test_a_local_number_is_completed_with_the_given_area_code() -> None:
    assert normalise("87191234", area_code="571") == "+8657187191234"


@pytest.mark.parametrize("raw", ["110", "119", "12345", "12319", "96310", "95588", "95105105", "10086", "106575001234"])
def test_service_numbers_stay_plain_digits(raw: str) -> None:
    assert normalise(raw) == raw


def test_a_trunk_that_writes_a_country_code_before_a_service_number_is_understood() -> None:
    assert normalise("+8612345") == "12345"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "  ",
        "anonymous",
        "Anonymous",
        "RESTRICTED",
        "+266696687",
        "+86282452253",
        "client:agent_1",
        "sip:13857461234@trunk.example",
        "13857461234@trunk.example",
        "whatsapp:+8613857461234",
        "没有号码",
        "+",
        "²",
        "1",
        "9" * 500,
    ],
)
def test_what_is_withheld_or_no_telephone_is_nobody(raw: str | None) -> None:
    assert normalise(raw) is None


def test_a_beijing_landline_is_no_sms_gateway() -> None:
    assert normalise("+86 10 6575 0012") == "+861065750012"


def test_foreign_numbers_are_kept() -> None:
    assert normalise("+1 650-253-0000") == "+16502530000"


@given(st.text() | st.from_regex(r"[+]?[0-9 ()\-转x;]{0,30}", fullmatch=True))
def test_normalising_never_fails_and_is_stable(raw: str) -> None:
    number = normalise(raw)
    assert number is None or normalise(number) == number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800006207", "138****6207"),
        ("+8657487191234", "0574-8719****"),
        ("+861087191234", "010-8719****"),
        ("+864008123456", "400-812-****"),
        ("+16502530000", "+1650****00"),
        ("+861234", "****"),
        ("12345", "12345"),
        ("agent_1", "****"),
        (None, "未显示号码"),
        ("", "未显示号码"),
    ],
)
def test_a_masked_number_hides_the_subscriber(number: str | None, shown: str) -> None:
    assert mask(number) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mask_never_shows_a_whole_mobile_number(mobile: str) -> None:
    number = normalise(mobile)
    assert number is not None
    assert mobile not in mask(number)


def test_a_hash_depends_on_the_number_and_the_key() -> None:
    one = hash_number("+8613857461234", b"key")
    assert one == hash_number("+8613857461234", b"key")
    assert len({one, hash_number("+8613857461235", b"key"), hash_number("+8613857461234", b"other")}) == 3
    assert len(one) == 64
    with pytest.raises(ValueError, match="key"):
        hash_number("+8613857461234", b"")


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("+8613857461234", "浙江宁波 移动"),
        ("+8657487191234", "浙江宁波"),
        ("+16502530000", "美国"),
        ("12345", ""),
        ("+99", ""),
        (None, ""),
    ],
)
def test_a_number_tells_where_it_belongs(number: str | None, place: str) -> None:
    assert describe(number) == place


def test_kinds_of_numbers_are_told_apart() -> None:
    assert is_emergency("110")
    assert not is_emergency("12345")
    assert not is_emergency(None)
    assert is_service_number("12345")
    assert not is_service_number("+8613857461234")
    assert is_mobile("+8613857461234")
    assert is_mobile("+8616405740001")  # a prefix that is given to no network as yet
    assert not is_mobile("+861012345678")
    assert not is_mobile("+861385746123")
    assert not is_mobile("+8657487191234")
    assert not is_mobile("12345")
    assert not is_mobile(None)
