"""Times, spans and shares as people read them."""

from datetime import datetime, timedelta

from app import clock
from app.web.texts import translate


def local(moment: datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else "—"


def lasted(span: timedelta) -> str:
    """ "3 天 4 小时", "25 分": the two greatest parts."""
    minutes = int(span.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        translate(f"moment.{name}", n=count)
        for name, count in (("days", days), ("hours", hours), ("minutes", minutes))
        if count
    ]
    return " ".join(parts[:2]) or translate("moment.minutes", n=0)


def percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f}%"
