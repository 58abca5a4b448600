"""The one thing the agent should ask next."""

import re

from nlp.types import Candidate, Intent, Place

_EXACT = re.compile(r"\d+\s*(号|弄|栋|幢|室|米|路口)|交叉口|路口|[东南西北]门|旁|对面|附近|门口|与.{1,8}路")
_TIME = re.compile(r"今天|昨天|早上|晚上|凌晨|半夜|中午|下午|上午|点|天天|每天|经常|一直|长期|周末|\d+月|几天")
_WHEN_MATTERS = ("E0301", "E0508", "E2122", "E0116", "E0510", "E0115", "E2109", "E0501", "E2124")
_COVERS = re.compile(r"井盖|窨井|盖板")
_COVER_OF_NOBODY = "C0114"
_UNSURE = 0.5
_FOREIGN = 0.2


def next_question(
    plain: str, intent: Intent, candidates: tuple[Candidate, ...], places: tuple[Place, ...], in_scope: float
) -> str:
    """A question in Chinese or "" if nothing is missing."""
    if intent is Intent.EMERGENCY:
        return "现场有人受伤或被困吗？请先拨打110、119或120，我们同时转接。"
    if intent in (Intent.PRANK, Intent.PRAISE, Intent.CONSULT):
        return ""
    if intent is Intent.STATUS_QUERY:
        return "" if re.search(r"[a-z]{2}\d{6}|\d{5,}", plain) else "请问案件编号是多少？"
    if in_scope < _FOREIGN:
        return "请问您要反映的是什么问题，发生在什么地方？"
    return _ask_place(plain, places) or _ask_class(plain, candidates) or _ask_time(plain, candidates)


def _ask_place(plain: str, places: tuple[Place, ...]) -> str:
    if not places:
        return "请问在哪个区、哪条路，靠近什么标志物？"
    same = sorted({p.district.name for p in places if p.start == places[0].start and p.district})
    if len(same) > 1:
        return f"请问“{places[0].text}”是在{'还是'.join(same)}？"
    streets = sorted({p.street.name for p in places if p.start == places[0].start and p.street})
    if len(streets) > 1:
        return f"请问“{places[0].text}”属于{'还是'.join(streets)}？"
    return "" if _EXACT.search(plain) else "请问具体位置在哪里，附近有门牌号或路口吗？"


def _ask_class(plain: str, candidates: tuple[Candidate, ...]) -> str:
    if candidates and _COVERS.search(plain) and candidates[0].code == _COVER_OF_NOBODY:
        return "井盖上写着什么字（雨、污、电、通信、燃气）？"
    if not candidates or candidates[0].confidence < _UNSURE:
        return "请问具体是什么东西坏了，或者是谁在做什么？"
    return ""


def _ask_time(plain: str, candidates: tuple[Candidate, ...]) -> str:
    if candidates and candidates[0].code in _WHEN_MATTERS and not _TIME.search(plain):
        return "请问一般在什么时间发生？"
    return ""
