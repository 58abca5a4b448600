"""The fine end of an address: door numbers, crossings, bus stops, codes, and names that no gazetteer lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.numerals import NUMBER
from nlp.types import PlaceKind

# 百丈路123号, 12弄5号3幢, 划船社区8栋2单元, 一百二十号; 1号线 is a metro line, 3号楼 a building, 5号晚上 a date.
_DOOR = re.compile(
    rf"\s?(?:{NUMBER}弄)?\s?(?:{NUMBER}(?:-{NUMBER})?号(?!线|晚|早|上午|下午|中午|台风)楼?)?"
    rf"(?:\s?{NUMBER}(?:幢|栋|座|号楼|单元|室|层))*"
)
_STOP = re.compile(r"(?:[东南西北]?站)?的?(?:公交站|公交车站|公交站台|公交站牌|候车亭|候车站|公交港湾站?)|站台|公交")
_JOINT = re.compile(r"\s?(?:和|与|跟|同|、|/|-)?\s?")
_CROSSING = re.compile(
    r"(?:的)?(?:十字|丁字|三岔|t字)?(?:交叉路?口|路口|交叉|交汇处?|交界处?|交接处|相交|口|转角|拐角)"
)
_OWN_CROSSING = re.compile(r"(?:的)?(?:十字|丁字|三岔)?(?:路口|交叉路?口)")

_CODE = re.compile(r"(?<![\da-z])\d{15,16}(?![\da-z])")
_POLE = re.compile(
    r"(?:(?:路|街)?灯(?:杆|柱)?|电?线?杆|灯杆)子?(?:上|上面)?的?(?:编号|号码|号牌|牌号|杆号|编码|号)(?:是|为|写着|[::])?\s?"
    r"(?P<number>[a-z]{0,4}-?\d{2,10}(?:-\d{1,6})?)"
)

# After its ending, these make another word of it: 路灯, 路面, 街道, 弄坏.
_NO_ROAD = "灯面口边政段人过程障况牙基肩沿缘道机标堵卡得个不子坊头"
_ROAD_END = rf"(?:[东南西北中]?(?:路|街|大道|大街|巷|弄))(?![{_NO_ROAD}])"
_ESTATE_END = (
    r"(?:小区|花园|家园|新村|公寓|大厦|广场|小学|中学|高中|医院|幼儿园|菜场|菜市场|农贸市场|公园|商场|酒店|宾馆"
    r"|地铁站|加油站|工业区|产业园|花苑|嘉园|佳苑|名苑|雅苑|华庭|名邸|大桥|新城)(?:小区)?"
)
_ENDING = re.compile(rf"(?P<road>{_ROAD_END})|(?P<estate>{_ESTATE_END})")
_HAN = re.compile(r"[\u4e00-\u9fff]*$")
_WINDOW = 7
# What stands before a name in a sentence; everything up to its last occurrence is no part of the name.
_BEFORE = re.compile(
    r".*(?:[在到于是从沿的和与跟及去我你他们这那条家个有把被让叫离近边往靠进出里就过了着来对位住喂啊呃嗯]"
    r"|反映|投诉|举报|咨询|请问|关于|街道|社区|发生|今天|昨天|晚上|早上|最近|附近|旁边|门口|你好|麻烦|师傅|整个|区(?=..)|镇(?=..)|市(?=..))"
)
_COMMON = re.compile(
    r"(?:骑车|开车|走|夜|迷|山|马|公|道|铁|水|电|线|网|气|小|大|主|支|辅|土|石子|石板|水泥|柏油|泥巴|煤渣|一|半|走|修|问|带|拦|占|堵|断|断头|烂|破|坏|坑洼|上下班|上班|下班|上学|放学"
    r"|回家|必经|人行|内部|进村|进出|高速|快速|消防|十字|丁字|盲|整|几|每|各|多|两|三|另外|别|同|全|本|该|老|旧|新|乡|村|沿|临|逛|步行|商业|美食|小吃|夜市|背|后|前|街|里"
    r"|通往|下雨|雨天|晚上|前面|后面|旁边|中间|门前|门口|学校|公司|市政|绿化|隔离|高架|机动车|非机动车)(?:小|大|支|主)?(?:路|街|大道|大街|巷|弄|道)$"
)
_COMMON_ESTATE = re.compile(
    r"^(?:我们?|这个?|那个?|整个?|本|老旧?|旧|安置|拆迁|封闭|开放|隔壁|对面|居民|住宅|高档|附近|所在|旁边|全|各|每个?|新建?|同一?|某|一个|几个|好多|很多|多个|学校|人民|社区|城市|体育"
    r"|中心|私立|公立|公办|民办|附属|重点|市民|口袋|街心|商业|大型|建材|水产|综合|单身|人才|青年|员工|职工|跨江|立交|高架|人行|石|木|小|大)*"
    r"(?:小区|花园|家园|新村|公寓|大厦|广场|小学|中学|高中|医院|幼儿园|菜场|菜市场|农贸市场|公园|商场|酒店|宾馆|地铁站|加油站|工业区|产业园|大桥|新城)$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    kind: PlaceKind
    start: int
    end: int


def door_end(plain: str, at: int) -> int:
    """Where the door number that begins at `at` ends; `at` itself if none does."""
    found = _DOOR.match(plain, at)
    return found.end() if found and found.group().strip() else at


def stop_end(plain: str, at: int) -> int:
    found = _STOP.match(plain, at)
    return found.end() if found else at


def crossing_end(plain: str, first_end: int, second_start: int, second_end: int) -> int:
    """Where the crossing of two roads ends, -1 if the words between and after them make none.

    路和路的路灯 are two roads: only a word for the crossing makes one of them.
    """
    between = _JOINT.fullmatch(plain, first_end, second_start)
    after = _CROSSING.match(plain, second_end)
    return after.end() if between and after else -1


def own_crossing_end(plain: str, at: int) -> int:
    """百丈路路口: a crossing whose other road nobody named."""
    found = _OWN_CROSSING.match(plain, at)
    return found.end() if found else at


def codes(plain: str) -> Iterator[tuple[Piece, str]]:
    """Numbers that identify a component or a unit grid, and the numbers painted on lamp-poles."""
    for found in _CODE.finditer(plain):
        kind = PlaceKind.COMPONENT if len(found.group()) == 16 else PlaceKind.GRID
        yield Piece(kind, found.start(), found.end()), found.group()
    for found in _POLE.finditer(plain):
        yield Piece(PlaceKind.POLE, found.start(), found.end()), found["number"]


def unlisted(plain: str, start: int, end: int) -> Iterator[Piece]:
    """Roads and estates by their endings, in a stretch that holds no listed name."""
    for found in _ENDING.finditer(plain, start, end):
        window = plain[max(start, found.start() - _WINDOW) : found.start()]
        run = _HAN.search(window)
        before = run.group() if run else ""
        cut = _BEFORE.match(before)
        begin = found.start() - len(before) + (cut.end() if cut else 0)
        start = found.end()  # the next name begins behind this one
        name = plain[begin : found.end()]
        common = _COMMON if found["road"] else _COMMON_ESTATE
        least = 3 if found["road"] else 4
        if least <= len(name) <= 9 and begin < found.start() and not common.search(name) and name[0] not in "号线":
            yield Piece(PlaceKind.ROAD if found["road"] else PlaceKind.LANDMARK, begin, found.end())
