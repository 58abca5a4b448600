"""What callers hear and read of an incident."""

from datetime import datetime, timedelta

from app import clock
from app.letterhead import SIGN
from app.letterhead import number as hotline

NOT_THIS = "不是"


def announcement(place: str, matter: str) -> str:
    """What is proposed to whoever confirms it."""
    return f"目前{place}发生{matter}，抢修人员正在处理。"


def until(expected: datetime | None, now: datetime) -> str:
    """ "预计今天18时前恢复。"; a time that has passed is no longer promised."""
    if expected is None or expected <= now:
        return ""
    local, today = clock.local(expected), clock.local(now).date()
    day = {today: "今天", today + timedelta(days=1): "明天"}.get(local.date(), f"{local.month}月{local.day}日")
    minute = f"{local.minute}分" if local.minute else ""
    return f"预计{day}{local.hour}时{minute}前恢复。"


def joined(people: int, standing: str, *, will_tell: bool) -> str:
    tell = "恢复后将发短信告知您。" if will_tell else "您的号码收不到短信，恢复后可来电查询。"
    return f"已为您登记，同一事件已有{people}人反映，{standing}{tell}"


def answered(title: str, number: str, people: int, standing: str) -> str:
    """The reply to a text message that tells of a known incident."""
    return (
        f"{SIGN}已登记您的反映：{title}，编号{number}，已有{people}人反映，{standing}恢复后短信告知。"
        f"如不是此事，请回复“{NOT_THIS}”加您的问题。"
    )


def fixed(title: str) -> str:
    return f"{SIGN}您反映的“{title}”已处置完毕，感谢您的反映。如仍未恢复，请致电{hotline()}。"
