"""What a line of the workflow table says. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from app.accounts.roles import Role
from app.cases.terms import Fact, State


class Level(StrEnum):
    """市级监督考核, 区级受理指挥: the lowest level whose people may act."""

    CITY = "city"
    DISTRICT = "district"


class Own(StrEnum):
    """Which of the case's units a handler must belong to."""

    MAIN = "main"
    CO = "co"


class Tick(StrEnum):
    """What happens to the handling clock."""

    NONE = "none"
    START = "start"  # a whole limit from now on
    STOP = "stop"  # stands still; what is left is kept
    ADD = "add"  # one original limit more
    RESUME = "resume"  # goes on with what was left
    DROP = "drop"  # there is no limit any more


class Guard(StrEnum):
    """What must hold besides the state; `guards.py` knows how."""

    NOT_OVERDUE = "not_overdue"
    EXTENSIONS_LEFT = "extensions_left"
    NEVER_SUSPENDED = "never_suspended"
    NO_EXTENSION_PENDING = "no_extension_pending"
    EXTENSION_PENDING = "extension_pending"
    NO_SUSPENSION_PENDING = "no_suspension_pending"
    SUSPENSION_PENDING = "suspension_pending"
    APPEAL_PENDING = "appeal_pending"
    OTHER_THAN_ASKER = "other_than_asker"
    OTHER_REVIEWER = "other_reviewer"
    OTHER_PERSON = "other_person"
    OVERDUE_MARK = "overdue_mark"
    VERIFICATION_OPEN = "verification_open"
    NOT_BEING_VERIFIED = "not_being_verified"
    DUTY_MANAGER = "duty_manager"
    ROOM_FOR_CO_UNITS = "room_for_co_units"
    CO_UNIT_OPEN = "co_unit_open"
    SUPERVISED = "supervised"
    WITHIN_WINDOW = "within_window"


class Demand(StrEnum):
    """What the facts must satisfy together with the case; `guards.py` knows how."""

    REASON_IF_RETURNED_BEFORE = "reason_if_returned_before"
    REASON_IF_CO_UNITS_OPEN = "reason_if_co_units_open"
    UNTIL_WITHIN_A_YEAR = "until_within_a_year"
    PHOTO_UNLESS_BY_TELEPHONE = "photo_unless_by_telephone"
    LOOK_IF_UNSEEN = "look_if_unseen"


class Confirmation(StrEnum):
    """What the city may keep for itself in a two-level city."""

    NON_FILING = "non_filing"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Wait:
    """Where the case waits instead, while the city keeps the confirmation."""

    confirmation: Confirmation
    target: State
    event: str


@dataclass(frozen=True, slots=True)
class Step:
    """`requires` must be given, `takes` may be. `should_resolve`: whether the case counts as 应处置 from now on."""

    target: State
    roles: frozenset[Role]
    event: str
    requires: frozenset[Fact] = frozenset()
    takes: frozenset[Fact] = frozenset()
    level: Level = Level.DISTRICT
    own: Own = Own.MAIN
    clock: Tick = Tick.NONE
    guards: tuple[Guard, ...] = ()
    demands: tuple[Demand, ...] = ()
    waits: Wait | None = None
    should_resolve: bool | None = None
