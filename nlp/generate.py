"""Training complaints from facts alone: catalogue, filing conditions, citizens' words, everyday phrases, places.

On the day a city installs the product nobody has labelled complaints. Everything here is drawn from one seeded
generator, so the same facts give the same texts on every machine.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.lexicon import WordLists, phrases_per_class, read_rows, words_per_class
from nlp.model import OUT_OF_SCOPE
from nlp.types import Example

_PER_FREQUENCY = {"high": 62, "medium": 42, "low": 28}
_OUT_OF_SCOPE_TEXTS = 1100
_SEED = 96310

# How people say what a filing condition calls by its office name: first match wins.
_EVERYDAY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("缺失", ("没了", "不见了", "丢了", "被偷了", "少了一块", "缺了", "丢失", "没有了")),
    ("缺损", ("缺了", "坏了一块", "缺损", "少了一角")),
    ("断亮", ("只亮一半", "不亮了", "一闪一闪的")),
    ("不亮", ("不亮", "不亮了", "灭了", "黑着", "坏了不亮", "一直没亮", "时亮时不亮")),
    ("未按时开关", ("大白天还亮着", "开得太晚", "关得太早")),
    ("倾斜", ("歪了", "斜了", "快倒了", "倾斜严重", "歪得厉害")),
    ("倾倒", ("倒了", "倒在地上", "翻倒了", "被撞倒了")),
    ("倒伏", ("倒了", "被撞倒", "倒在路上", "歪倒了")),
    ("折断", ("断了", "断成两截", "被撞断了")),
    ("断裂", ("断了", "裂成两半", "断掉了")),
    ("松动", ("松了", "松动", "晃来晃去", "一碰就动", "有响声")),
    ("破损", ("坏了", "破了", "烂了", "碎了", "裂了", "破损严重", "损坏了", "破了个洞", "坏掉了没人修")),
    ("损坏", ("坏了", "损坏", "用不了", "不能用了", "坏了好久")),
    ("锈蚀", ("生锈了", "锈得厉害", "锈穿了", "锈烂了")),
    ("变形", ("变形了", "弯了", "被撞弯", "瘪了")),
    ("脏污", ("很脏", "脏得不行", "脏兮兮没人擦", "又脏又旧")),
    ("张贴", ("上面贴满了纸", "被乱贴东西")),
    ("废弃", ("废弃了", "没人用了", "早不用了还放着", "荒废了")),
    ("残桩", ("只剩个铁桩", "锯了留半截")),
    ("堵塞", ("堵了", "堵死了", "不通", "被堵住")),
    ("沉陷", ("周围陷下去了", "旁边的路沉了", "凹下去了")),
    ("敞开", ("门开着", "敞着没人关", "没锁")),
    ("漏水", ("漏水", "一直漏水", "滴水", "往外喷水")),
    ("外露", ("线露在外面", "露出电线", "电线裸露")),
    ("裸露", ("线露在外面", "电线裸露")),
    ("遮挡", ("被挡住了", "被遮住看不见")),
    ("有误", ("写错了", "指错了", "信息不对")),
    ("积水", ("积水", "全是水", "里面都是水")),
    ("坑洼", ("坑坑洼洼", "有坑", "不平")),
    ("异味", ("有味道", "臭得很", "味道很大", "气味刺鼻")),
    ("枯死", ("枯死了", "死了", "干死了")),
    ("脏乱", ("又脏又乱", "乱七八糟", "环境很差")),
    ("占用", ("被占了", "被人占用")),
    ("开裂", ("裂开了", "有裂缝", "裂了大口子")),
    ("溢", ("满出来了", "溢出来", "往外冒")),
)
_OPENINGS = (
    *([""] * 4),
    "投诉",
    "反映",
    "请问",
    "举报",
    "请求解决",
    "希望处理",
    "我要投诉",
    "强烈要求解决",
    "关于",
    "建议整治",
    "喂你好，",
    "你好我反映一下，",
    "呃那个",
    "就是",
    "师傅，",
    "再次反映",
    "请有关部门管管",
    "呼吁",
)
_CLOSINGS = (
    *([""] * 5),
    "，请尽快处理",
    "，希望有人来管",
    "，影响出行",
    "，很危险",
    "，没人管",
    "，已经好几天了",
    "，望处理",
    "，怎么办",
    "，麻烦来看一下",
    "啊你们快来",
    "，好几个月了",
    "，严重影响居民生活",
    "，希望相关部门重视",
    "的问题",
    "，投诉多次没有解决",
    "，存在安全隐患",
    "，老人小孩走路不方便",
    "，天天这样",
    "，特此投诉，望部门介入处理",
)
_TIMES = (
    *([""] * 6),
    "今天早上",
    "昨天晚上",
    "最近",
    "每天晚上",
    "长期",
    "一直",
    "这几天",
    "半夜",
    "经常",
    "周末",
    "凌晨",
)
_NEAR = (
    *([""] * 2),
    "旁边",
    "对面",
    "附近",
    "门口",
    "后面",
    "路口",
    "边上",
    "楼下",
    "旁",
    "南侧",
    "北门",
    "里",
    "前面",
    "这边",
)
_TOWN = (
    "小区",
    "花园",
    "路",
    "街",
    "社区",
    "广场",
    "大道",
    "村",
    "家园",
    "新城",
    "苑",
    "公寓",
    "大厦",
    "小学",
    "中学",
    "医院",
    "菜市场",
    "公园",
    "超市",
    "地铁站",
    "酒店",
    "学校",
    "大桥",
    "公交站",
    "河",
    "镇",
    "街道",
    "国际",
    "安置小区",
    "幼儿园",
    "商场",
    "工业区",
)
_SYLLABLES = (
    "东西南北中新金银华盛龙凤云海江湖山水春秋和平安康宁福泰丰明光文化星月桂"
    "梅兰竹松柏枫荷锦绣翠碧玉天元万长永兴隆建设民生"
)
_EVENT_ENDS = ("", "严重", "没人管", "现象严重", "问题", "扰民", "很多", "影响居民", "太厉害了", "无人管理")
_FOREIGN_OPENINGS = ("咨询", "请问", "反映", "投诉", "", "想了解")
_FOREIGN_ENDS = ("问题", "怎么办理", "的事", "政策", "乱收费", "")


@dataclass(frozen=True)
class _Class:
    code: str
    is_component: bool
    words: tuple[str, ...]
    phrases: tuple[str, ...]
    conditions: tuple[str, ...]
    texts: int


def generate(seed: int = _SEED, words: WordLists | None = None) -> Iterator[Example]:
    """About 9,400 labelled texts, class by class, then those outside the catalogue; `words`: a city's own."""
    dice = random.Random(seed)
    classes = _read_classes(words)
    landmarks = [word for one in classes if one.is_component for word in one.words[:6]]
    streets = [row["name"].removesuffix("居委会").removesuffix("村委会") for row in read_rows("places.csv")]
    for one in classes:
        for matter in _matters(one, dice):
            yield Example(_tell(matter, _place(dice, streets, landmarks), dice), one.code)
    foreign = [(phrase, row["words"]) for row in read_rows("out_of_scope.csv") for phrase in row["phrases"].split("|")]
    for turn in range(_OUT_OF_SCOPE_TEXTS):
        phrase, topics = foreign[turn % len(foreign)]
        matter = phrase if dice.random() < 0.6 else _about(dice.choice(topics.split("|")), dice)
        yield Example(_tell(matter, _place(dice, streets, [""]), dice), OUT_OF_SCOPE)


def _read_classes(extra: WordLists | None) -> list[_Class]:
    words, phrases = words_per_class(extra), phrases_per_class()
    conditions: dict[str, list[str]] = {}
    for row in read_rows("filing_conditions.csv"):
        conditions.setdefault(row["code"], []).append(row["filing_condition"])
    return [
        _Class(
            row["code"],
            row["kind"] == "component",
            tuple(words[row["code"]]),
            tuple(phrases.get(row["code"], ())),
            tuple(conditions.get(row["code"], ())),
            _PER_FREQUENCY[row["call_frequency"]],
        )
        for row in read_rows("catalogue.csv")
    ]


def _matters(one: _Class, dice: random.Random) -> Iterator[str]:
    """The bare problem, said in different ways: every phrase and word at least once, the rest by chance."""
    said = [*one.phrases, *one.words]
    yield from said
    for _ in range(max(one.texts - len(said), one.texts // 2)):
        yield _component_matter(one, dice) if one.is_component else _event_matter(one, dice)


def _component_matter(one: _Class, dice: random.Random) -> str:
    if one.phrases and dice.random() < 0.25:
        return dice.choice(one.phrases)
    thing = dice.choice(one.words[: max(6, len(one.words) // 2)])
    return thing + _damage(dice.choice(one.conditions), dice)


def _event_matter(one: _Class, dice: random.Random) -> str:
    if one.phrases and dice.random() < 0.45:
        return dice.choice(one.phrases)
    word = dice.choice(one.words)
    roll = dice.random()
    if roll < 0.35:
        return word + dice.choice(_EVENT_ENDS)
    if roll < 0.6:
        return "有人" + word
    return word + "，" + dice.choice(one.phrases or one.conditions)


def _damage(condition: str, dice: random.Random) -> str:
    fitting = [ways for office, ways in _EVERYDAY if office in condition]
    return dice.choice(dice.choice(fitting)) if fitting and dice.random() < 0.85 else condition


def _about(word: str, dice: random.Random) -> str:
    return dice.choice(_FOREIGN_OPENINGS) + word + dice.choice(_FOREIGN_ENDS)


def _place(dice: random.Random, streets: list[str], landmarks: list[str]) -> str:
    """A place, real or made up, sometimes told by a thing beside it: the bystander must not decide."""
    roll = dice.random()
    if roll < 0.15:
        return ""
    if roll < 0.35:
        name = dice.choice(streets)
    else:
        name = "".join(dice.sample(_SYLLABLES, dice.choice((2, 2, 3)))) + dice.choice(_TOWN)
    if dice.random() < 0.3:
        name += f"{dice.randint(1, 99)}{dice.choice(('号', '栋', '弄', '幢', '号楼'))}"
    if dice.random() < 0.12:
        name += dice.choice(landmarks) + dice.choice(("旁边", "对面", "边上"))
    return name + dice.choice(_NEAR)


def _tell(matter: str, place: str, dice: random.Random) -> str:
    time, opening, closing = dice.choice(_TIMES), dice.choice(_OPENINGS), dice.choice(_CLOSINGS)
    if dice.random() < 0.12:
        return f"{opening}{time}{matter}，在{place or '我家楼下'}{closing}"
    if dice.random() < 0.1:
        return matter
    return f"{opening}{place}{'的' if place and dice.random() < 0.3 else ''}{time}{matter}{closing}"
