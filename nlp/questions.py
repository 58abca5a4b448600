"""The one thing the agent should ask next: what is missing, in the order in which a unit needs it."""

import re
from collections.abc import Sequence

from nlp.types import Candidate, Intent, Place, PlaceKind, Slot, SlotName

_EXACT = re.compile(r"\d+\s*(号|弄|栋|幢|室|米|路口)|交叉口|路口|[东南西北]门|旁|对面|附近|门口|与.{1,8}路")
_EXACT_KINDS = frozenset(
    {PlaceKind.LANDMARK, PlaceKind.STOP, PlaceKind.CROSSING, PlaceKind.DOOR, PlaceKind.POLE, PlaceKind.COMPONENT}
)
_WHEN_MATTERS = ("E0301", "E0508", "E2122", "E0116", "E0510", "E0115", "E2109", "E0501", "E2124")
_WHO_MATTERS = {
    "E0508": "请问是哪家店或哪个单位发出的声音？",
    "E0301": "请问是哪个工地，哪家在施工？",
    "E0116": "请问是哪家店，店名叫什么？",
    "E2128": "请问是什么车，看得到车牌号吗？",
    "E2122": "请问看得到车牌号或车身上的公司名吗？",
    "E2110": "请问是哪家单位在排放？",
    "E0101": "请问是哪一户在搭建？",
}
_COVERS = re.compile(r"井盖|窨井|盖板")
_COVER_OF_NOBODY = "C0114"
_UNSURE = 0.5
_FOREIGN = 0.2
_CASE_NUMBER = re.compile(r"[a-z]{2}\d{6}|\d{5,}")

# Cities a caller may have been connected from by mistake; followed by these they name a road or a shop of ours.
_ELSEWHERE = re.compile(
    r"(?:我在|我们在|这里是|这边是|在|^)(?P<city>杭州|绍兴|温州|台州|嘉兴|湖州|金华|衢州|舟山|丽水|上海|苏州|南京|北京|广州|深圳|长沙|武汉)"
    r"(?![路街巷弄湾]|大道|[东南西北中]路|人|菜|银行|大厦|商厦|花园|小区)"
)


def next_question(
    plain: str,
    intent: Intent,
    candidates: tuple[Candidate, ...],
    places: tuple[Place, ...],
    in_scope: float,
    slots: Sequence[Slot] = (),
) -> str:
    """A question in Chinese or "" if nothing is missing."""
    if intent is Intent.EMERGENCY:
        return "现场有人受伤或被困吗？请先拨打110、119或120，我们同时转接。"
    if intent in (Intent.PRANK, Intent.PRAISE, Intent.CONSULT):
        return ""
    if intent is Intent.STATUS_QUERY:
        return "" if _CASE_NUMBER.search(plain) else "请问案件编号是多少？"
    if in_scope < _FOREIGN:
        return "请问您要反映的是什么问题，发生在什么地方？"
    told = {slot.name for slot in slots}
    return (
        _ask_place(plain, places)
        or _ask_class(plain, candidates)
        or _ask_who(candidates, told)
        or _ask_time(candidates, told)
    )


def which_of(places: Sequence[Place]) -> str:
    """The question that settles a name which two districts, or two streets, bear; "" if there is no such doubt."""
    if not places:
        return ""
    equals = [place for place in places if place.start == places[0].start]
    districts = sorted({place.district.name for place in equals if place.district})
    if len(districts) > 1:
        return f"请问“{places[0].text}”是在{'还是'.join(districts)}？"
    streets = sorted({place.street.name for place in equals if place.street})
    if len(streets) > 1:
        return f"请问“{places[0].text}”属于{'还是'.join(streets)}？"
    return _contradiction(places[0], places[1:])


def _contradiction(first: Place, others: Sequence[Place]) -> str:
    """鄞州区中山西路: the road is known in another district only."""
    for other in others:
        beside = other.end == first.start or first.end == other.start
        if beside and first.district and other.district and first.district.code != other.district.code:
            road, district = sorted((first, other), key=lambda place: place.kind is PlaceKind.DISTRICT)
            known = road.district.name if road.district else ""
            return f"“{road.text}”在我们的记录里属于{known}，请问是{known}还是{district.name}？"
    return ""


def _ask_place(plain: str, places: tuple[Place, ...]) -> str:
    elsewhere = _ELSEWHERE.search(plain) if not places else None
    if elsewhere:
        return f"请问您说的地方是在{elsewhere['city']}吗？本热线受理宁波市范围内的问题。"
    if not places:
        return "请问在哪个区、哪条路，靠近什么标志物？"
    if places[0].district is None:
        return f"请问“{places[0].text}”在哪个区、哪个街道？"
    doubt = which_of(places)
    if doubt:
        return doubt
    is_exact = any(place.kind in _EXACT_KINDS for place in places) or _EXACT.search(plain)
    return "" if is_exact else "请问具体位置在哪里，附近有门牌号或路口吗？"


def _ask_class(plain: str, candidates: tuple[Candidate, ...]) -> str:
    if candidates and _COVERS.search(plain) and candidates[0].code == _COVER_OF_NOBODY:
        return "井盖上写着什么字（雨、污、电、通信、燃气）？"
    if not candidates or candidates[0].confidence < _UNSURE:
        return "请问具体是什么东西坏了，或者是谁在做什么？"
    return ""


def _ask_who(candidates: tuple[Candidate, ...], told: set[SlotName]) -> str:
    return "" if SlotName.WHO in told or not candidates else _WHO_MATTERS.get(candidates[0].code, "")


def _ask_time(candidates: tuple[Candidate, ...], told: set[SlotName]) -> str:
    if candidates and candidates[0].code in _WHEN_MATTERS and SlotName.WHEN not in told:
        return "请问一般在什么时间发生？"
    return ""
