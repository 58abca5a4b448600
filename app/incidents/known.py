"""A confirmed incident as every process keeps it: what callers hear, and what belongs to it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.incidents import texts
from app.incidents.models import Incident

MOST_ANNOUNCED = 2


@dataclass(frozen=True, slots=True)
class Known:
    id: int
    title: str
    area_code: str
    classes: tuple[str, ...]
    announcement: str
    expected_until: datetime | None

    @classmethod
    def of(cls, row: Incident) -> "Known":
        return cls(row.id, row.title, row.area_code, tuple(row.classes), row.announcement, row.expected_until)

    def takes(self, class_code: str, places: Iterable[str | None]) -> bool:
        """Whether a matter at a place, told by its codes, is this one."""
        return class_code.startswith(self.classes) and self.area_code in places

    def spoken(self, now: datetime) -> str:
        return self.announcement + texts.until(self.expected_until, now)


def matching(known: Iterable[Known], class_code: str, places: tuple[str | None, ...]) -> Known | None:
    return next((each for each in known if each.takes(class_code, places)), None)
