"""When a rule holds beside its place and subject: filing condition, hours, weekdays, season, load. Pure."""

from dataclasses import dataclass
from datetime import date, time

from app.errors import Invalid

EVERY_DAY = "1234567"
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class When:
    """Empty fields ask for nothing.

    Hours may pass midnight (22:00–06:00, the end excluded), a season the new year ("11-15"–"03-15", both included).
    `most_load`: the rule holds while its unit has fewer cases at hand.
    """

    condition_no: int | None = None
    time_from: time | None = None
    time_to: time | None = None
    weekdays: str = ""
    season_from: str = ""
    season_to: str = ""
    most_load: int | None = None

    def __bool__(self) -> bool:
        return self != ALWAYS

    def holds_on(self, day: date) -> bool:
        if self.weekdays and str(day.isoweekday()) not in self.weekdays:
            return False
        if not self.season_from:
            return True
        return _between(f"{day:%m-%d}", self.season_from, self.season_to, f"{day:%m-%d}" == self.season_to)

    def holds_at(self, moment: time) -> bool:
        if self.time_from is None or self.time_to is None:
            return True
        return _between(moment, self.time_from, self.time_to, False)

    @property
    def text(self) -> str:
        parts = [
            f"立案条件 {self.condition_no}" if self.condition_no else "",
            f"每日 {self.time_from:%H:%M}–{self.time_to:%H:%M}" if self.time_from and self.time_to else "",
            f"周{'、'.join(_WEEKDAYS[int(each) - 1] for each in self.weekdays)}" if self.weekdays else "",
            f"每年 {self.season_from} 至 {self.season_to}" if self.season_from else "",
            f"在办少于 {self.most_load} 件时" if self.most_load else "",
        ]
        return "，".join(part for part in parts if part)

    def check(self) -> None:
        """Raises Invalid with a message per field."""
        faults = {}
        if (self.time_from is None) != (self.time_to is None) or (self.time_from and self.time_from == self.time_to):
            faults["time_to"] = "时段的起止都要填写，且不能相同"
        if set(self.weekdays) - set(EVERY_DAY) or len(set(self.weekdays)) != len(self.weekdays):
            faults["weekdays"] = "星期用 1 到 7 表示，不能重复"
        if bool(self.season_from) != bool(self.season_to) or not all(map(_is_day, (self.season_from, self.season_to))):
            faults["season_to"] = "季节的起止都要填写，写作 月-日，如 11-15"
        if self.condition_no is not None and self.condition_no < 1:
            faults["condition_no"] = "立案条件从 1 开始"
        if self.most_load is not None and not 1 <= self.most_load <= 9999:
            faults["most_load"] = "在办上限为 1 到 9999"
        if faults:
            raise Invalid("规则有误：" + "；".join(faults.values()), fields=faults)


def _between(value: time | str, first: time | str, last: time | str, is_last: bool) -> bool:
    if first <= last:  # type: ignore[operator]
        return first <= value < last or is_last  # type: ignore[operator]
    return value >= first or value < last or is_last  # type: ignore[operator]


def _is_day(text: str) -> bool:
    if not text:
        return True
    try:
        return f"{date.fromisoformat(f'2024-{text}'):%m-%d}" == text
    except ValueError:
        return False


ALWAYS = When()
