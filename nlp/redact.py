"""Masking of what identifies a person, before a text is logged, kept for training or shown without the right."""

import re
from collections.abc import Iterator
from datetime import date

from nlp.numerals import SPOKEN, as_digits
from nlp.text import normalise

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10x98765432"

# The look-behind lets a run of letters be tried once, not from each of its letters.
_EMAIL = re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
# Digits or their spoken names in groups, as they are written and as speech recognition hands them over.
_FIGURE = rf"[\d{SPOKEN}]"
_RUN = re.compile(rf"(?<![a-z\d]){_FIGURE}+(?:[ \-.,，、·]{_FIGURE}+)*x?(?![a-z\d])")
_GROUP = re.compile(rf"{_FIGURE}+x?")
_MOST_GROUPS = 9  # 3-1-2-… : a number is seldom told in more pieces
_UNEXPLAINED = 17  # digits without a break that nothing but a card, or two numbers run together, has
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][·. ]?[a-z0-9]{4,5}[a-z0-9挂学警港澳]"
)
_NAME = re.compile(
    r"(?:我的?名字(?:叫|是)|我叫做?|(?<=[\s,，])叫做?|我是|我姓名是|姓名[::]?|联系人[::]?|本人)(?P<name>[\u4e00-\u9fff]{2,4})"
)
_ADDRESSED = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,3})(?:先生|女士|小姐)")
_SURNAME = re.compile(r"(?:我|免贵|本人|贵)姓(?P<name>[\u4e00-\u9fff])")
# 我叫 tells a name even without a known surname (阿芳), unless it is the verb (我叫人来修).
_VERB = "人|他|她|它|你|了|过|不|来|物业|保安|师傅|社区|大家|孩子|醒|停|车|做"
_CALLED = re.compile(rf"我叫(?!{_VERB})(?P<name>[\u4e00-\u9fff]{{2,3}})(?=[\s,，。.!！]|$)")
# A second given name is none of these: what follows a name goes on with them.
_NO_GIVEN = frozenset("电手住的在家今昨现来打我是有想说反要这那他她从身、，。,. 啊呀呢哦")
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂"
    "丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵欧阳"
)
_DOUBLE = frozenset(
    (
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "司徒",
        "令狐",
        "夏侯",
        "东方",
        "端木",
        "南宫",
        "闻人",
    )
)
# Words that follow 我是 without being a name, though their first character is also a surname.
_NO_NAME = re.compile(
    r"(高层|高新|路过|路边|江东|江北|江厦|宁波|宁海|余姚|文教|方便|于|向|时|成|常|段塘|白云|石碶|安置|金融|单位|管理|施工|华|司机"
    r"|明楼|邱隘|姜山|洪塘|庄桥|庄市|孔浦|骆驼|贵驷|柴桥|梅山|邻居|应该|温州|龙山|周巷|范市|古林|包工|包括|左邻|左右|水|向你)"
)


def redact(text: str) -> str:
    """The text with phones, identity cards, plates, e-mail addresses, bank cards and told names starred out.

    Same length as the text, so offsets of other findings stay true.
    """
    plain = normalise(text)
    figures = as_digits(plain)
    chars = list(text)
    for found in _EMAIL.finditer(plain):
        _star(chars, found.start(), found.end(), 0)
    for found in _PLATE.finditer(figures):
        _star(chars, found.start(), found.end(), 1)
    for run in _RUN.finditer(plain):
        for start, end in _personal_parts(figures, run.start(), run.end()):
            _star(chars, start, end, _SHOWN if plain[start].isdecimal() else 1)
    _star_names(chars, plain)
    return "".join(chars)


_SHOWN = 3  # of a number that is written: enough to tell a mobile from a landline


def _personal_parts(figures: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Of groups of digits beside each other, the longest rows that make a number of a person: 168，138 1234 5678."""
    groups = [(found.start(), found.end()) for found in _GROUP.finditer(figures, start, end)]
    first = 0
    while first < len(groups):
        last = _longest(figures, groups, first)
        if last > first:
            yield groups[first][0], groups[last - 1][1]
        first = max(last, first + 1)


def _longest(figures: str, groups: list[tuple[int, int]], first: int) -> int:
    """Index behind the last group of the number that begins with group `first`; `first` if none does."""
    for last in range(min(len(groups), first + _MOST_GROUPS), first, -1):
        number = "".join(figures[start:end] for start, end in groups[first:last])
        if _is_personal(number) or (last == first + 1 and _is_unexplained(number)):
            return last
    return first


def _is_personal(number: str) -> bool:
    if len(number) > _LONGEST or is_location_code(number):
        return False
    return is_identity_card(number) or _is_phone(number) or is_bank_card(number)


def _is_unexplained(number: str) -> bool:
    return len(number) >= _UNEXPLAINED and not is_location_code(number)


_LONGEST = 19
_CITY = "3302"  # no card issuer's range begins so


def is_location_code(number: str) -> bool:
    """Sixteen digits of a component, or fifteen of a unit grid, of the city: where something is, not who somebody is.

    An old identity card has fifteen digits, too, and a birthday where the grid has street and community. The few
    grids that could be birthdays would be those of centenarians.
    """
    if not re.fullmatch(rf"{_CITY}\d{{11,12}}", number):
        return False
    return len(number) == 16 or not _is_day("19" + number[6:12]) or number[6:8] < "20"


def _is_phone(number: str) -> bool:
    bare = number.removeprefix("0086").removeprefix("86") if len(number) > 11 else number
    if re.fullmatch(r"1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7}|400\d{7}", bare):
        return True
    return bool(re.fullmatch(r"[2-9]\d{7}", bare)) and not _is_day(bare)


def _is_day(number: str) -> bool:
    try:
        date(int(number[:4]), int(number[4:6]), int(number[6:8]))
    except ValueError:
        return False
    return number[:2] in ("19", "20")


def is_identity_card(number: str) -> bool:
    """Eighteen characters whose last is the ISO 7064 check of the others, or fifteen with a birthday in them."""
    if re.fullmatch(r"[1-9]\d{14}", number):
        return _is_day("19" + number[6:12])
    if not re.fullmatch(r"[1-9]\d{16}[\dx]", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECKS[total % 11] == number[17]


def is_bank_card(number: str) -> bool:
    """Sixteen to nineteen digits that pass Luhn's check."""
    if not re.fullmatch(r"[3-9]\d{15,18}", number):
        return False
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _star(chars: list[str], start: int, end: int, shown: int) -> None:
    for place in range(start + shown, end):
        chars[place] = "*"


def _star_names(chars: list[str], plain: str) -> None:
    for found in (*_NAME.finditer(plain), *_ADDRESSED.finditer(plain)):
        _star_name(chars, plain, found.start("name"), found.end("name"))
    for found in _SURNAME.finditer(plain):
        if found["name"] in _SURNAMES:
            _star(chars, found.start("name"), found.end("name"), 0)
    for found in _CALLED.finditer(plain):
        if found["name"][0] not in _SURNAMES:
            _star(chars, found.start("name"), found.end("name"), 0)


def _star_name(chars: list[str], plain: str, start: int, end: int) -> None:
    """Surname kept, given name starred; 我是小区业主 is no name."""
    surname = 2 if plain[start : start + 2] in _DOUBLE else 1
    if (surname == 1 and plain[start] not in _SURNAMES) or _NO_NAME.match(plain, start):
        return
    # Given names have one or two characters; what follows is the sentence.
    last = min(end, start + surname + 2)
    if last - start == surname + 2 and plain[last - 1] in _NO_GIVEN:
        last -= 1
    _star(chars, start, last, surname)
