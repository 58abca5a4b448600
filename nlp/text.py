"""Normalising that keeps every character in its place: the result has the text's length, offsets need no mapping."""

import unicodedata

# Longer texts are cut for the ranking only: what a caller wants is said at the beginning, and time must be bounded.
ANALYSED = 1200

# Common traditional forms; callers' phones and Hong Kong input methods write them.
_TRADITIONAL = (
    "頭頂門開關電燈橋樓臺車馬東邊處壞蓋溝漏塵灑濁髒亂貼廣號碼機動鐵欄桿樹葉燒煙塗鴉圍擋築違營業場廠廁間"
    "讓還這裡們來個從為與對過沒說話誰時間請問報舉訴復辦紅綠線纜纖網絡訊設備護屏顯聲響噪擾鄰區鎮鄉縣寧舊"
    "垃圾運輸壓裝潢擺攤販賣買飯館烤雞鴨鵝豬貓養鴿滿溢堵倉庫團體陽節點幾條張塊賃長髮發無氣煤燃爐熱凍結冰雪"
    "颱風災險傷醫藥針單雙輪瓶離遠進遊戲園林寬窄變質層積滲牆劃標識誌誤錯園嗎給讀書學應該據實際種經濟納"
)
_SIMPLIFIED = (
    "头顶门开关电灯桥楼台车马东边处坏盖沟漏尘洒浊脏乱贴广号码机动铁栏杆树叶烧烟涂鸦围挡筑违营业场厂厕间"
    "让还这里们来个从为与对过没说话谁时间请问报举诉复办红绿线缆纤网络讯设备护屏显声响噪扰邻区镇乡县宁旧"
    "垃圾运输压装潢摆摊贩卖买饭馆烤鸡鸭鹅猪猫养鸽满溢堵仓库团体阳节点几条张块赁长发发无气煤燃炉热冻结冰雪"
    "台风灾险伤医药针单双轮瓶离远进游戏园林宽窄变质层积渗墙划标识志误错园吗给读书学应该据实际种经济纳"
)


class _PlainForms(dict[int, str | int]):
    """What each character becomes, found when it is first met: a million code points looked at in advance would cost
    every process a third of a second."""

    def __missing__(self, point: int) -> str | int:
        found = self[point] = _plain_form(point)
        return found


def _plain_form(point: int) -> str | int:
    """The plainer form of exactly one character; a space for what cannot be shown; otherwise the character itself."""
    if 0xD800 <= point <= 0xDFFF:
        return " "  # lone surrogates cannot be encoded, and no dictionary has them
    if point >= 0x20000:
        return point  # rare ideographs, also those that are newer than this Python's tables
    plain = unicodedata.normalize("NFKC", chr(point)).lower()
    if not plain.isprintable():
        return " "
    return plain if len(plain) == 1 else point


_PLAIN = _PlainForms({ord(t): s for t, s in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)})


def normalise(text: str) -> str:
    """Plain form of a text: half-width, lower case, simplified where common; `len(normalise(t)) == len(t)`."""
    return text.translate(_PLAIN)


def mask(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with each span blanked, its length kept."""
    if not spans:
        return text
    chars = list(text)
    for start, end in spans:
        chars[start:end] = " " * (end - start)
    return "".join(chars)
