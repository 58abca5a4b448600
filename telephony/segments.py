"""How many SMS segments a text costs, and in which alphabet it travels (3GPP TS 23.038)."""

from dataclasses import dataclass
from enum import StrEnum

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("\f^{}\\[~]|€")  # sent as ESC + character


class Encoding(StrEnum):
    GSM_7 = "gsm-7"
    UCS_2 = "ucs-2"


@dataclass(frozen=True, slots=True)
class SmsSize:
    """`units`: septets or UTF-16 code units. An empty text has no segment."""

    encoding: Encoding
    units: int
    segments: int


def measure(text: str) -> SmsSize:
    """Size of `text` as an SMS: one foreign character switches the whole text from 160 to 70 units per segment."""
    if all(char in _GSM_BASIC or char in _GSM_ESCAPED for char in text):
        return _pack(Encoding.GSM_7, [2 if char in _GSM_ESCAPED else 1 for char in text], alone=160, joined=153)
    return _pack(Encoding.UCS_2, [2 if ord(char) > 0xFFFF else 1 for char in text], alone=70, joined=67)


def count_segments(text: str) -> int:
    return measure(text).segments


def _pack(encoding: Encoding, costs: list[int], alone: int, joined: int) -> SmsSize:
    units = sum(costs)
    if units <= alone:
        return SmsSize(encoding, units, segments=min(units, 1))
    segments, room = 1, joined
    for cost in costs:
        # Neither an escape sequence nor a surrogate pair is cut in two: it moves on whole.
        if cost > room:
            segments, room = segments + 1, joined
        room -= cost
    return SmsSize(encoding, units, segments)
