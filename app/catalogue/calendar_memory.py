"""A calendar as it stood at some time, kept as JSON. Pure."""

from datetime import date, time
from typing import Any

from app.catalogue.calendars import DayKind, Special, WorkCalendar, WorkingHours


def remember(calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "hours": [
            {
                "starts": each.starts.isoformat(),
                "ends": each.ends.isoformat(),
                "from": each.valid_from and each.valid_from.isoformat(),
                "to": each.valid_to and each.valid_to.isoformat(),
                "weekdays": sorted(each.weekdays),
            }
            for each in calendar.hours
        ],
        "special": [[day.isoformat(), each.kind.value, each.name] for day, each in calendar.special.items()],
    }


def recall(kept: dict[str, Any]) -> WorkCalendar:
    hours = [
        WorkingHours(
            time.fromisoformat(each["starts"]),
            time.fromisoformat(each["ends"]),
            date.fromisoformat(each["from"]) if each["from"] else None,
            date.fromisoformat(each["to"]) if each["to"] else None,
            frozenset(each["weekdays"]),
        )
        for each in kept["hours"]
    ]
    special = [Special(date.fromisoformat(day), DayKind(kind), name) for day, kind, name in kept["special"]]
    return WorkCalendar(hours, special)
