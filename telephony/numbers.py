"""Telephone numbers as a Chinese city hotline meets them: one spelling, one mask, one hash.

A number is kept in one of two spellings only: E.164 ("+8613800138000", also landlines) or, for numbers without a
country-wide E.164 form (110, 12345, 96310, 95588), the plain digits.
"""

import hmac
import re
from hashlib import sha256

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

WITHHELD_MASK = "未显示号码"
EMERGENCY_NUMBERS = frozenset({"110", "119", "120", "122"})  # police, fire, ambulance, traffic accidents

_DEFAULT_AREA_CODE = "574"  # Ningbo; a caller on the city's own trunk may arrive without one
# What carriers put where a number should be: words, and Twilio's numeric spellings of ANONYMOUS, RESTRICTED, BLOCKED,
# UNKNOWN and UNAVAILABLE. The last would parse as a landline of Chengdu.
_WITHHELD = frozenset(
    {"anonymous", "restricted", "private", "unknown", "unavailable", "blocked", "withheld"}
    | {"266696687", "86266696687", "7378742883", "2562533", "8566696", "86282452253"}
)
_NOT_A_TELEPHONE = re.compile(r"^(client|sips?|whatsapp|messenger|app|rcs):|@", re.IGNORECASE)
_EXTENSION = re.compile(r"(转|轉|ext\.?|x|,|;|(?<=\d{7})-(?=\d{1,5}$)).*$", re.IGNORECASE)
# Service numbers: 1xx, 12345, 95588, 96310, the 8-digit 95/96 series and SMS gateways (106 + at least 8 digits; with
# 7 it is a number in Beijing). Landlines never begin with 1 or 9.
_SHORT = re.compile(r"1\d{2,5}|9[56]\d{3,6}|106\d{8,17}")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_LOCAL_LANDLINE = re.compile(r"[2-8]\d{6,7}")
_CITY_AREA_CODES = ("10", "20", "21", "22", "23", "24", "25", "27", "28", "29")  # two digits, all others have three
_PLACE_SUFFIX = re.compile("省|市|维吾尔自治区|壮族自治区|回族自治区|自治区")
_LONGEST_RAW = 64


def normalise(raw: str | None, region: str = "CN", area_code: str = _DEFAULT_AREA_CODE) -> str | None:
    """E.164, or plain digits for a service number; None if withheld or no telephone (`client:`, `sip:`).

    Accepts what people and carriers write: separators, full-width digits, 0086, IP-dialling prefixes, extensions
    (dropped). Never raises. `area_code` without the leading 0 completes a bare local landline.
    """
    text = _tidy(raw)
    if text is None:
        return None
    digits = "".join(re.findall(r"\d", text))
    if region == "CN" and not text.startswith("+"):
        if _SHORT.fullmatch(digits):
            return digits
        if _LOCAL_LANDLINE.fullmatch(digits):
            text = f"0{area_code}{digits}"
    return _to_e164(text, region)


def mask(number: str | None) -> str:
    """What may be shown or logged: "138****6207", "0574-8719****", "+1650****00"; service numbers stay readable."""
    if not number:
        return WITHHELD_MASK
    if not number.startswith("+"):
        return number if _SHORT.fullmatch(number) else "****"
    if not number.startswith("+86"):
        return f"{number[:5]}****{number[-2:]}" if len(number) > 8 else "+****"
    return _mask_chinese(number.removeprefix("+86"))


def hash_number(number: str, key: bytes) -> str:
    """Keyed hash (HMAC-SHA256, hex) to find a caller again without storing the number.

    Keyed because eleven digits are few enough to try them all.
    """
    if not key:
        raise ValueError("hashing telephone numbers needs a key")
    return hmac.new(key, number.encode(), sha256).hexdigest()


def describe(number: str | None) -> str:
    """Where a number belongs and whose it is, as far as known: "浙江宁波 移动", "浙江宁波", "美国" or ""."""
    if number is None or not number.startswith("+"):
        return ""
    # Imported on first use: their tables take seconds to load, and most processes never ask.
    from phonenumbers import carrier, geocoder

    parsed = _parse(number, None)
    if parsed is None:
        return ""
    place = _PLACE_SUFFIX.sub("", geocoder.description_for_number(parsed, "zh"))
    operator = carrier.name_for_number(parsed, "zh").removeprefix("中国")
    return f"{place} {operator}".strip()


def is_emergency(number: str | None) -> bool:
    """Whether this is one of the national emergency numbers."""
    return number in EMERGENCY_NUMBERS


def is_service_number(number: str | None) -> bool:
    """Whether this is a number of an authority or company (110, 12345, 95588) rather than a subscriber's."""
    return number is not None and _SHORT.fullmatch(number) is not None


def is_mobile(number: str | None) -> bool:
    """Whether a text message can reach it: a Chinese mobile, or a foreign number that may be one."""
    parsed = _parse(number, None) if number and number.startswith("+") else None
    if parsed is None:
        return False
    if parsed.country_code == 86:
        # By China's numbering plan, not by the list of allotted prefixes: a message to a new one would silently not go.
        return _CHINESE_MOBILE.fullmatch(phonenumbers.national_significant_number(parsed)) is not None
    kind = phonenumbers.number_type(parsed)
    return kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def _tidy(raw: str | None) -> str | None:
    text = (raw or "").strip()[:_LONGEST_RAW]
    text = text[4:] if text.lower().startswith("tel:") else text
    if not text or _NOT_A_TELEPHONE.search(text):
        return None
    if text.lower().lstrip("+") in _WITHHELD:
        return None
    text = "".join(_ascii_digit(char) for char in text.replace("＋", "+"))
    return _EXTENSION.sub("", text) or None


def _ascii_digit(char: str) -> str:
    # Full-width digits come from Chinese input methods. isdecimal keeps "²" out, which int() refuses.
    return str(int(char)) if char.isdecimal() else char


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _to_e164(text: str, region: str) -> str | None:
    parsed = _parse(text, region)
    if parsed is None:
        return None
    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == 86 and _SHORT.fullmatch(national):
        return national  # some trunks write +8612345 for the hotline's own number
    # Possible, not valid: the list of allotted ranges is always older than the newest SIM card.
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def _mask_chinese(national: str) -> str:
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    if len(national) == 10 and national.startswith(("400", "800")):
        return f"{national[:3]}-{national[3:6]}-****"
    area = 2 if national.startswith(_CITY_AREA_CODES) else 3
    if len(national) < area + 7:
        return "****"
    return f"0{national[:area]}-{national[area:-4]}****"
