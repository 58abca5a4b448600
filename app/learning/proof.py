"""How sure a share is that was counted on few cases. Pure."""

import math
from dataclasses import dataclass

WANTED = 0.95
_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Proof:
    """`right` of `cases` confident suggestions of a class were what people decided."""

    cases: int
    right: int

    @property
    def share(self) -> float | None:
        return self.right / self.cases if self.cases else None

    @property
    def lower(self) -> float:
        return lower_bound(self.right, self.cases)

    @property
    def holds(self) -> bool:
        """By the lower bound, so that a lucky dozen proves nothing: 73 right ones without a mistake just do."""
        return self.lower >= WANTED


def lower_bound(right: int, cases: int) -> float:
    """Wilson's score interval, lower end (Wilson 1927)."""
    if cases == 0:
        return 0.0
    share, square = right / cases, _Z * _Z
    middle = share + square / (2 * cases)
    spread = _Z * math.sqrt(share * (1 - share) / cases + square / (4 * cases * cases))
    return max(0.0, (middle - spread) / (1 + square / cases))
