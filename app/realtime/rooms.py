"""Which rooms a person sits in by right, and which they may ask to enter. Pure."""

from app.accounts.roles import SYSTEM, Permission, Principal, Role

CITY_DIGITS = 4


def rooms_for(principal: Principal) -> frozenset[str]:
    """Joined on connecting. Whoever records an event names rooms; nobody receives anything else."""
    rooms = {f"account:{principal.id}"}
    if principal.may(Permission.CREATE_CASES):
        rooms.add("agents")
    if Role.AGENT in principal.roles:
        rooms.add(f"seat:{principal.id}")
    if Role.SUPERVISOR in principal.roles:
        rooms.add("supervisors")
    if Role.ADMINISTRATOR in principal.roles:
        rooms.add("administrators")
    if Role.HANDLER in principal.roles and principal.unit_id is not None:
        rooms.add(f"unit:{principal.unit_id}")
    if principal.roles & {Role.INSPECTOR, Role.LEADER}:
        rooms.add(f"area:{principal.area_code}")
    if principal.may(Permission.SEE_WALL):
        rooms.add(wall_room(principal))
    return frozenset(rooms)


def wall_room(principal: Principal) -> str:
    """The figures name overdue cases: a leader of a district gets those of the district."""
    sees_the_city = principal.may(Permission.SEE_ALL_CASES) or len(principal.area_code) <= CITY_DIGITS
    return "wall" if sees_the_city else f"wall:{principal.area_code}"


def viewer_in(room: str) -> Principal | None:
    """On whose behalf the figures of a wall's room are counted; None for any other room."""
    if room == "wall":
        return SYSTEM
    kind, _, area_code = room.partition(":")
    if kind != "wall":
        return None
    return Principal(id=0, name="", roles=frozenset({Role.LEADER}), area_code=area_code)


def may_watch_calls(principal: Principal) -> bool:
    return principal.may(Permission.TAKE_CALLS) or Role.SUPERVISOR in principal.roles
