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
    COMMAND_CASES = "command_cases"
    HEAR_RECORDINGS = "hear_recordings"
    REVIEW_SUGGESTIONS = "review_suggestions"
    ADMINISTER = "administer"


GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.TAKE_CALLS: frozenset({Role.AGENT, Role.SUPERVISOR}),
    Permission.CREATE_CASES: frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER}),
    Permission.SEE_ALL_CASES: frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.SYSTEM}),
    Permission.SEE_REPORTERS: frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER}),
    Permission.SEE_FULL_NUMBERS: frozenset({Role.AGENT, Role.SUPERVISOR}),
    Permission.SEE_WALL: frozenset({Role.AGENT, Role.SUPERVISOR, Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR}),
    Permission.WORK_UNIT_DESK: frozenset({Role.HANDLER}),
    Permission.CHECK_CASES: frozenset({Role.INSPECTOR, Role.SUPERVISOR}),
    Permission.COMMAND_CASES: frozenset({Role.DISPATCHER, Role.SUPERVISOR}),
    Permission.HEAR_RECORDINGS: frozenset({Role.AGENT, Role.SUPERVISOR}),
    Permission.REVIEW_SUGGESTIONS: frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    Permission.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
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


SYSTEM = Principal(id=None, name="系统", roles=frozenset({Role.SYSTEM}))
CITIZEN = Principal(id=None, name="来电人", roles=frozenset({Role.CITIZEN}))
