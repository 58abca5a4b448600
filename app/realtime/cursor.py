"""Where a reader of the event table stands. Pure.

On PostgreSQL ids become visible out of order: event 8 may be committed before event 7, and 7 may never come at all
(its transaction was rolled back). So the reader remembers the ids it jumped over and asks for them again for a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

PATIENCE = 60.0  # seconds; far beyond the longest transaction the database allows


@dataclass
class Cursor:
    high: int
    gaps: dict[int, float] = field(default_factory=dict)

    def take(self, ids: Iterable[int], now: float) -> None:
        """Ids that were read just now, from above `high` and from among the gaps. `now`: seconds of any clock."""
        for event_id in sorted(ids):
            if event_id > self.high:
                for skipped in range(self.high + 1, event_id):
                    self.gaps[skipped] = now
                self.high = event_id
            else:
                self.gaps.pop(event_id, None)
        self.gaps = {each: since for each, since in self.gaps.items() if now - since < PATIENCE}
