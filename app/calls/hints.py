"""Words the carrier's speech recognition should expect at the greeting."""

from functools import lru_cache

from app.calls.plan import hints
from app.catalogue.entries import Frequency
from app.catalogue.queries import catalogue
from app.errors import Unavailable
from app.network.queries import areas

# What citizens say; the catalogue's own names are stiffer than speech.
SPOKEN = ("井盖", "路灯", "垃圾", "占道经营", "违章停车", "噪声", "油烟", "积水", "渣土", "小广告", "违章建筑")


def greeting_hints() -> str:
    """Frequent classes and the districts; only the spoken words before a catalogue is imported."""
    try:
        known = catalogue()
    except Unavailable:
        return hints(SPOKEN)
    return _hints_of(known.version_id)


@lru_cache(maxsize=4)
def _hints_of(_version_id: int) -> str:
    frequent = [entry.name for entry in catalogue() if entry.frequency is Frequency.HIGH]
    return hints([*SPOKEN, *_districts(), *frequent])


def _districts() -> list[str]:
    return [district.name for district in areas().children("3302")]
