"""What a reminder says. Short: it also goes out as a text message. Never a caller's name or number, never the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import clock
from app.cases.contacts import Contact
from app.letterhead import SIGN

# Not limits that run out: the unit does not hear of its case, or wants to be rung.
CONTACTS = {Contact.PHONE: "值班电话未接通", Contact.SMS: "工单短信未送达", Contact.BACK: "请求回电"}
CLOCKS = {
    "accept": "受理时限",
    "verify": "核实时限",
    "dispatch": "派遣时限",
    "limit": "处置时限",
    "check": "核查时限",
    "order": "督办答复时限",
}


@dataclass(frozen=True, slots=True)
class Due:
    """One case in a digest."""

    case_id: int
    number: str
    class_name: str
    clock: str
    percent: int
    due_at: datetime
    is_late: bool

    def as_payload(self) -> dict[str, Any]:
        return {
            "id": self.case_id,
            "number": self.number,
            "clock": self.clock,
            "percent": self.percent,
            "due_at": self.due_at.isoformat().replace("+00:00", "Z"),
            "late": self.is_late,
        }


def digest(dues: Sequence[Due]) -> str:
    """The one case, or how many there are and which is the most urgent."""
    first = dues[0]
    if len(dues) == 1:
        return f"{SIGN}{_named(first)}{_standing(first)}，请尽快处理。"
    limits = [each for each in dues if each.clock not in CONTACTS]
    late = sum(each.is_late for each in limits)
    contacts = ((words, sum(each.clock == clock for each in dues)) for clock, words in CONTACTS.items())
    counted = (("已超期", late), ("临近到期", len(limits) - late), *contacts)
    parts = [f"{what}{count}件" for what, count in counted if count]
    return f"{SIGN}您有{len(dues)}件案件需处理：{'、'.join(parts)}。最早的{_named(first)}{_standing(first)}。"


def _named(due: Due) -> str:
    return f"{due.number}“{due.class_name or '待分类'}”"


def _standing(due: Due) -> str:
    name, at = CLOCKS.get(due.clock, "时限"), clock.local(due.due_at)
    if due.clock in CONTACTS:
        return f"承办单位{CONTACTS[Contact(due.clock)]}（{at:%H:%M}）"
    if due.is_late:
        return f"{name}已过（{at:%m月%d日%H:%M}）"
    return f"{name}已用{due.percent}%，{at:%m月%d日%H:%M}到期"
