"""How urgent, and why: danger words first, then who is at risk, repetition, weather and the class itself."""

import re

from nlp.lexicon import read_rows
from nlp.types import Intent, Urgency

_CRITICAL: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(煤气|燃气|天然气|液化气).{0,6}(泄[漏露]|漏|味|破|挖断)|漏煤气|闻到.{0,6}[煤燃]气"), "疑似燃气泄漏"),
    (re.compile(r"着火|起火|失火|爆炸|冒火|打火花|(?:电|箱|房|车|垃圾).{0,8}冒烟"), "火情或爆炸危险"),
    (re.compile(r"触电|漏电|带电|电死|电到人|被电"), "触电危险"),
    (re.compile(r"塌陷|塌了|坍塌|倒塌|塌下|塌方|陷下去"), "塌陷或坍塌"),
    (re.compile(r"溺|落水|掉.{0,3}(河|江|井|水|坑)里了|淹死"), "有人落水或坠落"),
    (re.compile(r"(?<!没)砸(到|伤|死)了?.{0,3}人|撞(伤|死)|受伤|流血|骨折|有人(摔|跌|掉|伤)"), "已有人受伤"),
    (re.compile(r"(危化|化学品|液氨|油罐|有毒).{0,6}(泄|漏|冒)|毒气"), "危险品泄漏"),
)
# Told as a fact even by those who fear what it may do.
_WEATHER = re.compile(r"台风|暴雨|大雪|结冰|冰冻|雷雨|洪水")
_URGENT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"井盖.{0,8}(没了|不见|丢|偷|缺|塌|断|翻|移位)|(没有?|丢了|缺)井盖|没有?盖子"), "井口敞开，有坠落危险"),
    (re.compile(r"(爆管|管.{0,3}爆|爆裂|喷水|水柱)"), "水管爆裂"),
    (re.compile(r"(电线|电缆|线缆|光缆|缆线|线).{0,6}(掉|垂|断|拖地|低)"), "线缆坠落"),
    (
        re.compile(
            r"(广告牌|广告字|太阳能板?|招牌|牌子|玻璃|墙皮|瓷砖|树枝|外墙).{0,8}(掉|砸|坠|摇摇?晃|一吹就晃|松了|脱落|刮下|挂在半空)|高空"
        ),
        "高空坠物危险",
    ),
    (re.compile(r"(围墙|墙|树|电线杆|灯杆|杆子).{0,4}(要|快)倒"), "有倒塌危险"),
    (re.compile(r"消防通道|消防车"), "消防通道受阻"),
    (re.compile(r"(红绿灯|信号灯).{0,6}(不亮|坏|乱|故障)"), "信号灯故障"),
    (re.compile(r"差点|很危险|太危险|非常危险|危险|安全隐患|要出人命|人命"), "来电人称有危险"),
    (_WEATHER, "恶劣天气"),
    (re.compile(r"(绊|摔|滑|跌)(倒|跤|伤)?(过|了).{0,4}人|(绊|摔|滑|跌).{0,6}(破|伤|骨折)"), "已有人绊倒或摔伤"),
    (re.compile(r"走丢|走失|失踪|找不到(孩子|老人|人|妈妈|爸爸|家人|家长)"), "有人走失"),
    (re.compile(r"停[电水气].{0,14}(婴儿|老人|病人|孕妇|氧气)"), "停水停电危及老弱"),
    (re.compile(r"(孩子|小孩|学生|儿童|幼儿|婴儿).{0,12}(摔|掉|踩|危险|碰|怕|受伤|绊|吓人|掉下)"), "儿童面临危险"),
    (
        re.compile(r"(老人|老年|孕妇|残疾|盲人|轮椅).{0,12}(摔|掉|踩|危险|碰|怕|绊|滑|心脏|喘|发病)"),
        "老人等易受伤者面临危险",
    ),
    (
        re.compile(r"第[三四五六七八九十]次|(打|反映|投诉|说|报)了?(好多|无数|好几|[三四五六七八九十]+)几?[次遍回]"),
        "多次反映未解决",
    ),
)
_FEARED = re.compile(r"(怕|担心|万一|会不会|防止|避免|以免|容易|可能|会|差点)[^，。,]{0,3}$")
# A blocked or dirty cover of a safety class threatens nobody; a missing or broken one does.
_UNCLEAN = re.compile(r"堵|满|脏|臭|味|烟|排|倒|捞")
_BROKEN = re.compile(r"没了|不见|丢|缺|破|坏|塌|裂|松|翘|断|敞|倒了|倾|掉|爆|冒火|漏电|裸露|没有盖")
_SURE = 0.5  # below, the class alone does not make a matter urgent


class UrgencyJudge:
    def __init__(self) -> None:
        rows = read_rows("catalogue.csv")
        self._safety = {r["code"]: r["name"] for r in rows if r["urgency"] == "urgent" and r["safety_critical"] == "1"}

    def judge(self, plain: str, intent: Intent, best: tuple[str, float] | None) -> tuple[Urgency, str]:
        """Urgency and its reason in Chinese, "" when normal; `best`: first class, and how sure it is one of ours."""
        if intent is Intent.EMERGENCY:
            return Urgency.CRITICAL, _reason(_CRITICAL, plain) or "生命危险，请立即转110/119/120"
        if intent in (Intent.CONSULT, Intent.PRAISE, Intent.PRANK, Intent.STATUS_QUERY):
            return Urgency.NORMAL, ""
        for table, urgency in ((_CRITICAL, Urgency.CRITICAL), (_URGENT, Urgency.URGENT)):
            reason = _reason(table, plain)
            if reason:
                return urgency, reason
        is_harmless = intent is Intent.SUGGESTION or (_UNCLEAN.search(plain) and not _BROKEN.search(plain))
        if not is_harmless and best and best[1] >= _SURE and best[0] in self._safety:
            return Urgency.URGENT, f"安全类小类：{self._safety[best[0]]}"
        return Urgency.NORMAL, ""


def _reason(table: tuple[tuple[re.Pattern[str], str], ...], plain: str) -> str:
    """Of the first danger that is told as a fact: what somebody only fears is weighed by the class instead."""
    for pattern, reason in table:
        for found in pattern.finditer(plain):
            if pattern is _WEATHER or not _FEARED.search(plain, max(0, found.start() - 6), found.start()):
                return reason
    return ""
