"""Masking of what identifies a person, before a text is logged, kept for training or shown without the right."""

import re

from nlp.text import normalise

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10x98765432"

# The look-behind lets a run of letters be tried once, not from each of its letters.
_EMAIL = re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_DIGITS = re.compile(r"(?<![\da-z])\d(?:[ \-]?\d){5,21}x?(?![\da-z])")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][·. ]?[a-z0-9]{4,5}[a-z0-9挂学警港澳]"
)
_NAME = re.compile(r"(?:我叫|我是|我姓名是|姓名[::]?|联系人[::]?|本人)(?P<name>[\u4e00-\u9fff]{2,4})")
_SPOKEN_PHONE = re.compile(
    r"(?<!\d)(?=\d*[零一二三四五六七八九幺两])(?<![零一二三四五六七八九幺])[一幺1][三四五六七八九3-9][零一二三四五六七八九幺两\d]{9}(?![零一二三四五六七八九幺])"
)
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂"
    "丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵欧阳"
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
    chars = list(text)
    for pattern in (_EMAIL, _PLATE, _SPOKEN_PHONE):
        for found in pattern.finditer(plain):
            _star(chars, found.start(), found.end(), 1 if pattern is not _EMAIL else 0)
    for found in _DIGITS.finditer(plain):
        if _is_personal(re.sub(r"[ \-]", "", found.group())):
            _star(chars, found.start(), found.end(), 3)
    for found in _NAME.finditer(plain):
        _star_name(chars, plain, found.start("name"), found.end("name"))
    return "".join(chars)


def _is_personal(number: str) -> bool:
    return is_identity_card(number) or _is_phone(number) or is_bank_card(number)


def _is_phone(number: str) -> bool:
    bare = number.removeprefix("0086").removeprefix("86") if len(number) > 11 else number
    return bool(re.fullmatch(r"1[3-9]\d{9}|0\d{2,3}[2-9]\d{6,7}|400\d{7}|[2-9]\d{7}", bare))


def is_identity_card(number: str) -> bool:
    """Eighteen characters whose last is the ISO 7064 check of the others."""
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


def _star_name(chars: list[str], plain: str, start: int, end: int) -> None:
    """Surname kept, given name starred; 我是小区业主 is no name."""
    if plain[start] not in _SURNAMES or _NO_NAME.match(plain, start):
        return
    # Given names have one or two characters; what follows is the sentence.
    _star(chars, start, min(end, start + 3), 1)
