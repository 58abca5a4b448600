"""Words of the learning: states, stamps, and the numbers by which is decided. Pure."""

from datetime import timedelta
from enum import StrEnum


class ModelState(StrEnum):
    CANDIDATE = "candidate"  # 候选
    ACTIVE = "active"  # 使用中
    RETIRED = "retired"  # 已停用
    REFUSED = "refused"  # 未采用


class RunState(StrEnum):
    WAITING = "waiting"  # 等待
    RUNNING = "running"  # 进行中
    DONE = "done"  # 完成
    FAILED = "failed"  # 失败
    INTERRUPTED = "interrupted"  # 中断


class RunStep(StrEnum):
    """In their order, as the administrator sees them."""

    WAITING = "waiting"
    GATHERING = "gathering"
    WORDS = "words"
    TRAINING = "training"
    JUDGING = "judging"
    REFITTING = "refitting"
    DECIDING = "deciding"
    ENDED = "ended"


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class Stamp(StrEnum):
    """What processes keep in memory and must drop when it changes."""

    MODEL = "model"
    WORDS = "words"
    PLACES = "places"


UNDERWAY = (RunState.WAITING, RunState.RUNNING)
OUT_OF_SCOPE = "OOS"
# Between two steps of a training lies a minute at most; after this long without a sign its worker is dead.
SILENCE = timedelta(minutes=5)
WEEK = timedelta(days=7)
