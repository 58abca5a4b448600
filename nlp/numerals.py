"""Numbers as people say and write them, one character for one: 幺三八 is 138, 一百二十三 is 123."""

import re

SPOKEN = "零〇一二三四五六七八九幺两洞拐勾"
_VALUES = "0012345678912079"
_DIGITS = dict(zip(SPOKEN, _VALUES, strict=True))
_TABLE = str.maketrans(_DIGITS)
_UNITS = {"十": 10, "百": 100, "千": 1000}
NUMBER = rf"(?:\d{{1,5}}|[{SPOKEN}十百千]{{1,7}})"
_SPELT = re.compile(rf"[{SPOKEN}十百千]+")


def as_digits(spoken: str) -> str:
    """Digit by digit, the length kept: 幺三八 → 138. What is no digit stays."""
    return spoken.translate(_TABLE)


def value_of(said: str) -> str:
    """The number as it is written: 一百二十三 → 123, 一二三 → 123, 12 → 12; unreadable ones stay as they are."""
    if not _SPELT.fullmatch(said):
        return said
    if not any(unit in said for unit in _UNITS):
        return as_digits(said)
    total, digit, last = 0, None, 0
    for char in said:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit, last = None, _UNITS[char]
        else:
            digit = int(_DIGITS[char])
    tail = 0 if digit is None else digit
    # 一百二 is 120 in speech, 一百零二 is 102.
    return str(total + (tail * last // 10 if tail and last >= 100 and "零" not in said[-2:] else tail))
