"""Making status callbacks as disorderly as a real network may: late, shuffled, repeated; and refusals on demand."""

from dataclasses import dataclass
from random import Random

SHUFFLE_WINDOW = 2.0


@dataclass(slots=True)
class Chaos:
    """`refuse_rest`: that many REST requests are answered 429. `sms_error`: every SMS ends undelivered with it."""

    delay: float = 0.0
    shuffle: bool = False
    repeat: int = 0
    refuse_rest: int = 0
    sms_error: int = 0

    @property
    def is_calm(self) -> bool:
        return not (self.delay or self.shuffle or self.repeat)

    @property
    def window(self) -> float:
        """How long shuffled callbacks are collected before they go out."""
        return self.delay or SHUFFLE_WINDOW

    def take_refusal(self) -> bool:
        if self.refuse_rest <= 0:
            return False
        self.refuse_rest -= 1
        return True


def disorder(items: list[int], random: Random) -> list[int]:
    """A shuffle that never leaves two or more in their old order: a switch that does nothing proves nothing."""
    shuffled = items[:]
    while len(items) > 1 and shuffled == items:
        random.shuffle(shuffled)
    return shuffled
