"""Who may do what: roles, permissions, and the person on whose behalf something is done. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"  # 坐席
    SUPERVISOR = "supervisor"  # 值班长
    DISPATCHER = "dispatcher"  # 派遣员
    INSPECTOR = "inspector"  # 监督员
    HANDLER = "handler"  # 处置人员
    LEADER = "leader"  # 领导
    ADMINISTRATOR = "administrator"  # 管理员
    CITIZEN = "citizen"  # 来电人, never an account
    SYSTEM = "system"  # sweeps and imports, never an account


STAFF = frozenset(Role) - {Role.CITIZEN, Role.SYSTEM}


class Permission(StrEnum):
    TAKE_CALLS = "take_calls"
    CREATE_CASES = "create_cases"
    SEE_ALL_CASES = "see_all_cases"
    SEE_REPORTERS = "see_reporters"
    SEE_FULL_NUMBERS = "see_full_numbers"
    SEE_WALL = "see_wall"
    WORK_UNIT_DESK = "work_unit_desk"
    CHECK_CASES = "check_cases"
    HEAR_RECORDINGS = "hear_recordings"
    ADMINISTER = "administer"


A, S, D, I, H, L, M = (
    Role.AGENT,
    Role.SUPERVISOR,
    Role.DISPATCHER,
    Role.INSPECTOR,
    Role.HANDLER,
    Role.LEADER,
    Role.ADMINISTRATOR,
)

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.TAKE_CALLS: frozenset({A}),
    Permission.CREATE_CASES: frozenset({A, S, D}),
    Permission.SEE_ALL_CASES: frozenset({A, S, D, M}),
    Permission.SEE_REPORTERS: frozenset({A, S, D}),
    Permission.SEE_FULL_NUMBERS: frozenset({A, S}),
    Permission.SEE_WALL: frozenset({A, S, D, L, M}),
    Permission.WORK_UNIT_DESK: frozenset({H}),
    Permission.CHECK_CASES: frozenset({I, S}),
    Permission.HEAR_RECORDINGS: frozenset({A, S}),
    Permission.ADMINISTER: frozenset({M}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone acting: an account, a citizen through a link or SMS, or the system itself (id None)."""

    id: int | None
    name: str
    roles: frozenset[Role]
    work_no: str = ""
    area_code: str = "3302"
    unit_id: int | None = None

    def may(self, permission: Permission) -> bool:
        return bool(self.roles & GRANTS[permission])

    def covers(self, area_code: str | None) -> bool:
        """Whether a place lies in this person's area: codes nest by prefix (city 4, district 6, street 9, community 12)."""
        return bool(area_code) and str(area_code).startswith(self.area_code)


SYSTEM = Principal(id=None, name="系统", roles=frozenset({Role.SYSTEM}))
CITIZEN = Principal(id=None, name="来电人", roles=frozenset({Role.CITIZEN}))
