"""Times, spans and shares as people read them."""

from datetime import datetime, timedelta

from app import clock
from app.web.texts import translate


def local(moment: datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else "—"


def lasted(span: timedelta, *, in_hours: bool = False) -> str:
    """ "3 天 4 小时", "25 分": the two greatest parts. Working time is counted in hours: "64 小时"."""
    minutes = int(span.total_seconds() // 60)
    days, minutes = (0, minutes) if in_hours else divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        translate(f"moment.{name}", n=count)
        for name, count in (("days", days), ("hours", hours), ("minutes", minutes))
        if count
    ]
    return " ".join(parts[:2]) or translate("moment.minutes", n=0)


def percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f}%"
