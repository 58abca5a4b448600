"""The five elements of a complaint: who, when, where, what, how it came about; each a span of the words."""

import re
from collections.abc import Iterator, Sequence

from nlp.numerals import NUMBER
from nlp.types import Candidate, Place, Slot, SlotName
from nlp.wording import any_of

_MOST = 3  # spans per element: the first ones are what the caller began with

_DAYS = any_of(
    """
    今天 今早 今晚 昨天 昨晚 昨夜 前天 大前天 前晚 上周[一二三四五六日天]? 上个?(?:星期|礼拜)[一二三四五六日天]?
    上个?月 上次 去年 今年 这个月 这周 周[一二三四五六日末天] (?:星期|礼拜)[一二三四五六日天] 节假日 工作日
    [春夏秋冬]天 [雨雪]天 暑假 寒假 国庆 春节 过年
    """
)
_PARTS = any_of(
    """
    凌晨 清晨 一大早 大清早 早上 早晨 上午 中午 下午 傍晚 晚上 夜里 夜间 半夜 深夜 后半夜 大半夜 白天 通宵 早高峰
    晚高峰 上下班时间 (?:上学|放学)(?:时间|的时候|时)
    """
)
_HOUR = rf"{NUMBER}点(?!动静|儿|点|都|也|没)(?:半|一刻|三刻|钟|多|左右|{NUMBER}分?)?"
# "一点" alone is "a little".
_CLOCK = rf"(?!一点(?![钟半多左到]))(?<![a-z\d]){_HOUR}(?:[到至-]{_HOUR})?"
_DATE = rf"(?:\d{{4}}年)?{NUMBER}月(?:{NUMBER}[日号])?"
_AMOUNT = rf"(?:好几|好多|大半|几|半|{NUMBER})个?多?"
_SINCE = rf"(?:已经|都|有|快)?{_AMOUNT}(?:小时|星期|礼拜|分钟|天|周|月|年)多?(?:了|以来|之久|前)?"
_OFTEN = any_of(
    """
    每天 每晚 天天 经常 常常 时不时 老是 总是 一直 长期 隔三差五 一到(?:晚上|下雨|夏天|周末) 最近 这几天 这两天
    前几天 刚才 刚刚 现在 目前
    """
)
_WHEN = re.compile(rf"(?:(?:{_OFTEN}|{_DATE}|{_DAYS}|{_PARTS}|{_CLOCK})的?){{1,5}}(?<!的)|{_SINCE}")

_TRADE = any_of(
    """
    饭店 酒店 酒吧 餐馆 面馆 餐厅 烧烤店 烧烤摊 烧烤 早餐店 早点铺 水果店 理发店 麻将馆 棋牌室 网吧 超市 便利店 菜场
    健身房 舞厅 ktv 洗车店 修车店 废品站 大排档 快递站 培训班 诊所 加工厂 工厂 厂 公司 工地 楼盘 物业 开发商 施工队
    施工单位 施工方 门店 店铺 店家 商家 商铺 摊贩 小贩 商贩 菜贩
    """
)
_PEOPLE = any_of(
    """
    邻居 住户 业主 租客 房东 老板 大妈 大爷 老人 小孩 孩子 小朋友 年轻人 工人 保安 司机 车主 骑手 外卖员 保洁 城管
    学生 家长 乞丐 流浪汉 师傅 男的 女的 孕妇 盲人 老奶奶 老大爷 阿姨 大叔 小姑娘 小伙子 我[爸妈爷奶]
    我(?:老公|老婆|儿子|女儿) 婴儿 残疾人 病人
    """
)
_CAR = any_of(
    """
    面包车 公交车 出租车 轿车 货车 渣土车 搅拌车 三轮车 电动车 电瓶车 共享单车 僵尸车 大巴 工程车 洒水车 垃圾车
    私家车 泥头车
    """
)
_CARS = rf"(?:[白黑红蓝灰银黄绿]色?的?)?(?:{_CAR})"
_SIDE = r"(?:楼上|楼下|隔壁|对门|对面|旁边|一楼|二楼|三楼|顶楼|\d{1,2}楼)的?"
_GROUP = any_of("有个 有几个 几个 一群 一伙 一帮 一些 好多 很多 好几个 一个 两个 一辆 几辆 有辆 一家 那家 这家 有家")
_PARTY = re.compile(
    rf"{_SIDE}(?:(?:{_GROUP})?(?:{_TRADE}|{_PEOPLE}|那?户人家|人家|那户|那家)|\d{{3,4}}室?)|(?:{_GROUP})[\u4e00-\u9fff]{{0,2}}?(?:{_TRADE}|{_PEOPLE}|{_CARS}|人)"
    rf"|(?:店名叫|名叫|店叫|家叫)[\u4e00-\u9fff]{{2,6}}(?=[，。,]|的|$)|{_CARS}|{_TRADE}|{_PEOPLE}"
)
_STATUS = any_of("业主 居民 住户 家长 司机 送外卖的 租户 租客 商户 村民 店主 老师 学生 路人 物业 保安")
_CALLER = re.compile(rf"我们?是[^，。,]{{0,10}}?(?:{_STATUS})|作为[^，。,]{{0,8}}?(?:{_STATUS}|市民)")

_SPOT = any_of(
    """
    人行道 盲道 楼道 楼梯口 车库 地下车库 电梯 河道 河边 河里 化粪池 下水道 绿化带 停车场 消防通道 公交站台? 加油站
    工地 垃圾房 垃圾站 学校 公园 小区 公厕 公园厕所 顶楼 外墙 桥[上下面] 菜场 医院 地铁站 路口 广场 超市 幼儿园 村口
    非机动车道 机动车道 隧道 地下通道 天桥 高架 马路 路中间 路上 村里 河边 地铁口 配电房 脚手架 河堤 楼顶 阳台 步道
    亭子 雨水[井管] 凉亭 门前 家门前
    """
)
_AT = any_of("门口 楼下 楼上 旁边 对面 后面 前面 附近 里面 中间 边上 北门 南门 东门 西门 大门口? 路口 入口 出口")
_NEAR = re.compile(
    rf"(?:我家|我们?)?(?:{_SPOT})(?:{_AT}|里|上)?(?:口)?|(?:我家|家)?(?:{_AT})|(?:[一二三四五六七八九十]|\d{{1,2}})楼"
)

_CLAUSE = re.compile(r"[^，。,；;！!？?\n]+")
_COURSE = re.compile(
    any_of(
        """
        因为 由于 导致 造成 引起 使得 害得 搞得 弄得 结果 所以 以至
        被[^，。,]{1,8}?(?:撞|压|挖|偷|砸|刮|吹|淹|堵|拆|占) 撞(?:坏|倒|断|歪) 摔(?:了|倒|伤|跤) 绊倒 差点 影响 没法
        不能 不敢 睡不 过不去 出不去 进不 走不 怕 担心 危险 满地 到处
        """
    )
)
_OPENERS = any_of(
    """
    喂 你好 您好 请问 那个 就是 呃 嗯 啊 我要? 我们 想 投诉 反映 举报 一下 说 这里 这边 那边 那里 的 上 有 是 在 里
    ， ,
    """
)
_OPENING = re.compile(rf"^(?:{_OPENERS}|\s)+")


def find_slots(text: str, plain: str, places: Sequence[Place], candidates: Sequence[Candidate]) -> tuple[Slot, ...]:
    """In the order of the elements, then of the words. `plain` may be cut short: nothing behind it is looked at."""
    what = _what(plain, places, candidates)
    return tuple(
        [
            *_some(SlotName.WHO, _who(plain), text),
            *_some(SlotName.WHEN, ((f.start(), f.end()) for f in _WHEN.finditer(plain)), text),
            *_some(SlotName.WHERE, _where(plain, places), text),
            *_some(SlotName.WHAT, what, text),
            *_some(SlotName.HOW, _how(plain, what), text),
        ]
    )


_Span = tuple[int, int]


def _some(name: SlotName, spans: Iterator[_Span] | Sequence[_Span], text: str) -> list[Slot]:
    return [Slot(name, text[start:end], start, end) for start, end in sorted(set(spans))[:_MOST]]


def _who(plain: str) -> Iterator[_Span]:
    for pattern in (_CALLER, _PARTY):
        for found in pattern.finditer(plain):
            yield found.start(), found.end()


def _where(plain: str, places: Sequence[Place]) -> list[_Span]:
    """The places found; if there are none, words like 小区门口."""
    known = [(place.start, place.end) for place in places if place.end <= len(plain)]
    return known or [(found.start(), found.end()) for found in _NEAR.finditer(plain)]


def _what(plain: str, places: Sequence[Place], candidates: Sequence[Candidate]) -> list[_Span]:
    """The clause that holds the first word for the likeliest class, without the place and the politeness before it."""
    terms = [term for term in (candidates[0].terms if candidates else ()) if term.end <= len(plain)]
    if not terms:
        return []
    for clause in _CLAUSE.finditer(plain):
        if clause.start() <= terms[0].start < clause.end():
            before = [p.end for p in places if clause.start() <= p.start and p.end <= terms[0].start]
            start = max([clause.start(), *before])
            opening = _OPENING.match(plain[start : terms[0].start])
            return [(start + (opening.end() if opening else 0), max(clause.end(), terms[0].end))]
    return []


def _how(plain: str, what: list[_Span]) -> Iterator[_Span]:
    """Clauses that tell how it came or what it does; the clause of the matter only from such a word on."""
    for clause in _CLAUSE.finditer(plain):
        found = _COURSE.search(plain, clause.start(), clause.end())
        if found is None:
            continue
        is_matter = any(start < clause.end() and clause.start() < end for start, end in what)
        yield (found.start() if is_matter else clause.start()), clause.end()
